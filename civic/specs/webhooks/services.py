"""Acts on webhooks: register, test, send again, turn on, remove; announce an event to all."""

from __future__ import annotations

import json
from collections.abc import Mapping

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from civic.accounts.models import User
from civic.audit.services import record
from civic.consultations.models import Consultation
from civic.errors import Conflict, Invalid
from civic.specs.webhooks import sending, signing, tasks
from civic.specs.webhooks.models import Delivery, Webhook
from civic.specs.webhooks.pipeline import TEST

MOST = 10  # of one consultation


def register(consultation: Consultation, *, url: str, by: User) -> Webhook:
    """Take up an address; the new webhook's `secret` is for the organizer's eyes, once.

    Raises Invalid for an address that no message may go to, Conflict for one too many.
    """
    url = url.strip()
    # Before the transaction: a name server may take its time, and nobody else writes meanwhile.
    try:
        parts = sending.checked(url)
        sending.resolved(str(parts.hostname), parts.port or 443)
    except sending.NotSent as problem:
        raise Invalid(wording(problem)) from problem
    return _register(consultation, url=url, by=by)


@transaction.atomic
def _register(consultation: Consultation, *, url: str, by: User) -> Webhook:
    Consultation.objects.select_for_update().get(pk=consultation.pk)
    if consultation.webhooks.count() >= MOST:
        raise Conflict(_("There are %(most)s webhooks already; remove one.") % {"most": MOST})
    try:
        with transaction.atomic():
            webhook = Webhook.objects.create(
                consultation=consultation, url=url, secret=signing.new_secret(), created_by=by
            )
    except IntegrityError as error:
        raise Conflict(_("This address is registered already.")) from error
    record("webhook.registered", subject=webhook, actor=by.audit_key, content={"url": url})
    return webhook


def wording(problem: sending.NotSent | str) -> str:
    """Why an address is refused or a message did not arrive, in the reader's language."""
    told = {
        "This is not a web address.": _("This is not a web address."),
        "The address must begin with https:// and name a host.": _(
            "The address must begin with https:// and name a host."
        ),
        "The address must hold neither a user nor a password nor a #.": _(
            "The address must hold neither a user nor a password nor a #."
        ),
        "The address must be plain ASCII of at most 500 characters.": _(
            "The address must be plain ASCII of at most 500 characters."
        ),
        "The name of the host could not be resolved.": _(
            "The name of the host could not be resolved."
        ),
        "The host leads to an address that is not of the public internet.": _(
            "The host leads to an address that is not of the public internet."
        ),
        "The name of the host leads nowhere.": _("The name of the host leads nowhere."),
        "The connection failed.": _("The connection failed."),
    }
    return told.get(str(problem), str(problem))


@transaction.atomic
def remove(webhook: Webhook, *, by: User) -> None:
    """Forget an address with its log."""
    record("webhook.removed", subject=webhook, actor=by.audit_key, content={"url": webhook.url})
    webhook.delete()


@transaction.atomic
def renew_secret(webhook: Webhook, *, by: User) -> str:
    """A new secret in the place of the old one, which signs nothing from now on."""
    webhook.secret = signing.new_secret()
    webhook.save(update_fields=["secret"])
    record("webhook.secret_renewed", subject=webhook, actor=by.audit_key)
    return webhook.secret


@transaction.atomic
def turn_on(webhook: Webhook, *, by: User) -> None:
    """Send to an address again that was turned off; what failed can be sent again one by one."""
    if Webhook.objects.filter(pk=webhook.pk, disabled_at__isnull=False).update(disabled_at=None):
        record("webhook.turned_on", subject=webhook, actor=by.audit_key)


@transaction.atomic
def send_test(webhook: Webhook, *, by: User) -> Delivery:
    """Send a message that means nothing, once, to see whether it arrives."""
    if not webhook.is_on:
        raise Conflict(_("This webhook is off; turn it on first."))
    data = {"consultation": webhook.consultation.slug, "webhook": str(webhook.uuid)}
    return _queue(webhook, event=TEST, data=data)


@transaction.atomic
def send_again(delivery: Delivery, *, by: User) -> None:
    """Try a failed message anew, under the id that it has; Conflict where it did not fail."""
    if not delivery.webhook.is_on:
        raise Conflict(_("This webhook is off; turn it on first."))
    failed = Delivery.objects.filter(pk=delivery.pk, status=Delivery.Status.FAILED)
    if not failed.update(
        status=Delivery.Status.WAITING, due_at=timezone.now(), attempts=[], lease_until=None
    ):
        raise Conflict(_("Only a failed message can be sent again."))
    tasks.deliver.delay_on_commit(delivery.pk)


def announce(consultation: Consultation, *, event: str, data: Mapping[str, object]) -> None:
    """Queue a message to every webhook that is on; call it inside the act's own transaction."""
    for webhook in consultation.webhooks.filter(disabled_at=None):
        _queue(webhook, event=event, data=data)


def _queue(webhook: Webhook, *, event: str, data: Mapping[str, object]) -> Delivery:
    now = timezone.now()
    message = {
        "type": event,
        "timestamp": now.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "data": {"site": settings.SITE_URL, **data},
    }
    delivery = Delivery.objects.create(
        webhook=webhook, event=event, body=json.dumps(message, ensure_ascii=False), due_at=now
    )
    tasks.deliver.delay_on_commit(delivery.pk)
    return delivery
