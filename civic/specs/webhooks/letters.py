"""What owners are told when a webhook was turned off."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils.translation import gettext as _

from civic.specs.webhooks.models import Webhook


def turned_off(webhook: Webhook) -> Iterator[EmailMessage]:
    """One message for each owner with an address."""
    consultation = webhook.consultation
    title = " ".join(consultation.title.split())
    page = reverse("specs:webhook", args=[consultation.slug, webhook.uuid])
    lines = (
        _("A program that wanted to hear of new versions of “%(title)s” could not be reached.")
        % {"title": title},
        webhook.url,
        _("We tried for nearly two days and send it nothing more. Its log, and the way back on:"),
        f"{settings.SITE_URL}{page}",
    )
    owners = consultation.memberships.filter(is_owner=True, user__isnull=False)
    for owner in owners.select_related("user"):
        if owner.user.email:
            subject = _("A webhook was turned off: %(title)s") % {"title": title}
            yield EmailMessage(subject, "\n\n".join(lines) + "\n", None, [owner.user.email])
