"""What pages ask about statements and claims."""

from __future__ import annotations

from django.db.models import QuerySet

from civic.consultations.models import Consultation, Membership
from civic.statements.models import Segment, Statement


def statements_of(membership: Membership) -> QuerySet[Statement]:
    """Everything a person wrote, newest first, withdrawn ones included, with its sentences."""
    return (
        membership.statements.select_related("consultation")
        .prefetch_related("segments__claim__statement")
        .order_by("-created_at", "-pk")
    )


def shown_statements(consultation: Consultation) -> QuerySet[Statement]:
    """What everybody may read."""
    return consultation.statements.shown().select_related("consultation").order_by("pk")


def moderation_queue(consultation: Consultation) -> QuerySet[Statement]:
    """What waits for a moderator, oldest first."""
    waiting = consultation.statements.filter(
        moderation=Statement.Moderation.WAITING, withdrawn_at=None
    )
    return waiting.select_related("consultation").order_by("created_at", "pk")


def segments_of(statement: Statement) -> QuerySet[Segment]:
    """A statement's sentences in reading order."""
    return statement.segments.select_related("claim__statement", "statement").order_by("start")
