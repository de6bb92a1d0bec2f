"""The worker's side: claim a delivery, send it, write down what came of it."""

from __future__ import annotations

import time
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from civic.audit.services import record
from civic.specs.webhooks import letters, sending, signing
from civic.specs.webhooks.models import Delivery, Webhook

TEST = "webhook.test"
WAITS = tuple(
    timedelta(minutes=minutes) for minutes in (1, 5, 30, 2 * 60, 5 * 60, 10 * 60, 24 * 60)
)  # before each further try
LEASE = timedelta(minutes=2)  # far longer than a try takes
KEPT = timedelta(days=90)  # how long what is over stays in the log
GONE = 410  # the receiver says that it wants no more
OFF = "The webhook was turned off."


def waiting() -> list[int]:
    """Deliveries that are due and that no worker is at; what is long over is removed."""
    Delivery.objects.exclude(status=Delivery.Status.WAITING).filter(
        created_at__lt=timezone.now() - KEPT
    ).delete()
    return list(_due().order_by("due_at").values_list("pk", flat=True)[:100])


def _due() -> QuerySet[Delivery]:
    now = timezone.now()
    return Delivery.objects.filter(
        Q(lease_until=None) | Q(lease_until__lt=now),
        status=Delivery.Status.WAITING,
        due_at__lte=now,
        webhook__disabled_at=None,
    )


def deliver(delivery_id: int) -> None:
    """Send one message, unless another worker is at it or it is not due. Safe to repeat."""
    if not _due().filter(pk=delivery_id).update(lease_until=timezone.now() + LEASE):
        return
    delivery = Delivery.objects.select_related("webhook__consultation").get(pk=delivery_id)
    begun = time.monotonic()
    status, told = _sent(delivery)
    attempt = {
        "at": timezone.now().isoformat(timespec="seconds"),
        "status": status,
        "told": told,
        "ms": round(1000 * (time.monotonic() - begun)),
    }
    _note(delivery, attempt)


def _sent(delivery: Delivery) -> tuple[int | None, str]:
    body = delivery.body.encode()
    headers = signing.signed(
        body,
        secret=delivery.webhook.secret,
        message_id=delivery.message_id,
        timestamp=int(time.time()),
    )
    headers |= {"Content-Type": "application/json", "User-Agent": "Concordance"}
    try:
        return sending.post(delivery.webhook.url, body=body, headers=headers), ""
    except sending.NotSent as failure:
        return None, str(failure)


@transaction.atomic
def _note(delivery: Delivery, attempt: dict[str, object]) -> None:
    """Keep what came of a try: done, again later, or given up, which turns the webhook off."""
    status = attempt["status"]
    delivery.attempts = [*delivery.attempts, attempt]
    delivery.lease_until = None
    is_delivered = isinstance(status, int) and 200 <= status < 300
    is_last = status == GONE or len(delivery.attempts) > len(WAITS) or delivery.event == TEST
    if is_delivered:
        delivery.status = Delivery.Status.DELIVERED
    elif is_last:
        delivery.status = Delivery.Status.FAILED
    else:
        delivery.due_at = timezone.now() + WAITS[len(delivery.attempts) - 1]
    delivery.save(update_fields=["attempts", "lease_until", "status", "due_at"])
    if delivery.status == Delivery.Status.FAILED and delivery.event != TEST:
        turn_off(delivery.webhook)


def turn_off(webhook: Webhook) -> None:
    """Send nothing more to an address that failed for long, and tell who answers for it."""
    on = Webhook.objects.filter(pk=webhook.pk, disabled_at=None)
    if not on.update(disabled_at=timezone.now()):
        return
    webhook.deliveries.filter(status=Delivery.Status.WAITING).update(status=Delivery.Status.FAILED)
    record("webhook.turned_off", subject=webhook, content={"url": webhook.url})
    for letter in letters.turned_off(webhook):
        letter.send()
