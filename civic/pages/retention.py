"""What is deleted once its time is over. No spec, run or proof needs any of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Model, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from civic.accounts.models import Session
from civic.accounts.services import forget_newcomers
from civic.analysis.models import RunEvent
from civic.audit.models import Entry, Log
from civic.audit.services import record
from civic.consultations.models import Consultation, Invitation
from civic.consultations.phases import Phase
from civic.judging.models import Showing
from civic.reactions.models import Serving
from civic.specs.webhooks.models import Delivery

BATCH = 1000  # rows in one statement
MOST = 20 * BATCH  # rows of a kind in one sweep: the next one, an hour later, takes the rest
logger = logging.getLogger(__name__)


def sweep(*, now: datetime | None = None) -> Mapping[str, int]:
    """Delete what is over, and record how much; the counts by kind. A second call finds nothing.

    Deletions and their entry are one transaction. A sweep that finds nothing leaves no entry.
    """
    at = timezone.now() if now is None else now
    with transaction.atomic():
        counts = {kind: _delete(over(at)) for kind, over in OVER.items()}
        counts["unconfirmed_addresses"] = forget_newcomers()
        if any(counts.values()):
            record("retention.swept", subject=Log(pk=1), content={"counts": counts})
    if any(counts.values()):
        logger.info("Deleted what is kept no longer: %s", counts)
    return counts


def _delete(rows: QuerySet[Model]) -> int:
    """The first rows, in batches; how many there were."""
    found = list(rows.order_by("pk").values_list("pk", flat=True)[:MOST])
    for start in range(0, len(found), BATCH):
        rows.filter(pk__in=found[start : start + BATCH]).delete()  # those still over
    return len(found)


def _sessions(now: datetime) -> QuerySet[Session]:
    """Sessions that ended, with the drafts in them."""
    return Session.objects.filter(expire_date__lte=now)


def _deliveries(now: datetime) -> QuerySet[Delivery]:
    """Messages to other programs that arrived, or were given up."""
    past = now - timedelta(days=settings.KEEP_DELIVERIES_DAYS)
    waiting = Delivery.Status.WAITING
    return Delivery.objects.filter(created_at__lte=past).exclude(status=waiting)


def _servings(now: datetime) -> QuerySet[Serving]:
    """What was shown to whom in consultations closed for long. An answer keeps how it was asked."""
    return Serving.objects.filter(participant__consultation__in=_closed_for_long(now).values("pk"))


def _showings(now: datetime) -> QuerySet[Showing]:
    """Which answers of machines were shown to whom, in the same consultations."""
    return Showing.objects.filter(participant__consultation__in=_closed_for_long(now).values("pk"))


def _closed_for_long(now: datetime) -> QuerySet[Consultation]:
    past = now - timedelta(days=settings.KEEP_SERVINGS_DAYS)
    opened = Entry.objects.filter(
        action="consultation.phase_opened", consultation=OuterRef("uuid")
    ).order_by("-pk")
    closed = Consultation.objects.filter(phase=Phase.CLOSED).annotate(
        since=Subquery(opened.values("at")[:1])
    )
    return closed.filter(since__lte=past)


def _invitations(now: datetime) -> QuerySet[Invitation]:
    """Invitations that were used, or ran out. Who came in by one stays in."""
    past = now - timedelta(days=settings.KEEP_INVITATIONS_DAYS)
    return Invitation.objects.filter(Q(accepted_at__lte=past) | Q(expires_at__lte=past))


def _run_logs(now: datetime) -> QuerySet[RunEvent]:
    """What was noted while an analysis worked that ended long ago; its findings stay."""
    past = now - timedelta(days=settings.KEEP_RUN_LOGS_DAYS)
    return RunEvent.objects.filter(run__finished_at__lte=past)


OVER: Mapping[str, Callable[[datetime], QuerySet]] = {
    "sessions": _sessions,
    "webhook_messages": _deliveries,
    "servings": _servings,
    "showings": _showings,
    "invitations": _invitations,
    "run_logs": _run_logs,
}
