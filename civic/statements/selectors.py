"""What pages ask about statements and claims."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

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


@dataclass(frozen=True)
class ReadBack:
    """How authors judged what was read in their texts: a measure of the reading, not of them.

    sentences : those put to the vote, whatever anybody said about them. reworded : of `no`, those
    that their author put differently
    """

    sentences: int = 0
    yes: int = 0
    no: int = 0
    reworded: int = 0

    @property
    def judged(self) -> int:
        return self.yes + self.no


def read_back_counts(consultation: Consultation) -> ReadBack:
    """The counts of a consultation; sentences of imported statements have nobody to ask."""
    rows = Segment.objects.filter(
        statement__consultation=consultation,
        statement__is_imported=False,
        statement__withdrawn_at=None,
    ).exclude(claim=None)
    said = Segment.Verdict
    return ReadBack(
        **rows.aggregate(
            sentences=Count("pk"),
            yes=Count("pk", filter=Q(verdict=said.YES)),
            no=Count("pk", filter=Q(verdict=said.NO)),
            reworded=Count("pk", filter=Q(verdict=said.NO, reworded_as__isnull=False)),
        )
    )
