"""Where a consultation stands, in the numbers and the one next step that its pages show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from civic.analysis.models import Run
from civic.consultations.models import Consultation, Membership
from civic.consultations.phases import Act, Phase
from civic.reactions.models import Reaction
from civic.specs.models import SpecVersion
from civic.statements.models import Claim, Statement

STEPS = (
    (Phase.COLLECT, _("Say what you think")),
    (Phase.REACT, _("React to each other")),
    (Phase.REVIEW, _("Result is prepared")),
    (Phase.PUBLISHED, _("Result is public")),
)
OVER = (Phase.PUBLISHED, Phase.CLOSED)
MINUTES = 6  # about three to write, three to react to ten sentences


@dataclass(frozen=True)
class Step:
    """One step of the phase line; `state` is done, here or later."""

    label: Any
    state: str


@dataclass(frozen=True)
class Numbers:
    """How many take part and what came of it so far."""

    people: int
    statements: int
    claims: int
    reactions: int


def phase_line(consultation: Consultation) -> list[Step]:
    """The phases as a person sees them, with where we are."""
    order = [phase for phase, _label in STEPS]
    if consultation.phase == Phase.CLOSED:
        here = len(order)
    else:
        here = order.index(Phase(consultation.phase)) if consultation.phase in order else -1
    states = ("done", "here", "later")
    return [
        Step(label, states[(position >= here) + (position > here)])
        for position, (_phase, label) in enumerate(STEPS)
    ]


def numbers_of(consultation: Consultation) -> Numbers:
    """Counts for the front page of a consultation, one query each."""
    latest = Reaction.objects.filter(claim__consultation=consultation, is_latest=True)
    return Numbers(
        people=consultation.memberships.taking_part().count(),
        statements=consultation.statements.shown().count(),
        claims=consultation.claims.shown().count(),
        reactions=latest.exclude(value=Reaction.Value.SKIPPED).count(),
    )


def turnout(consultation: Consultation) -> tuple[int, int]:
    """How many people take part, and how many statements everybody may read."""
    people = consultation.memberships.taking_part().count()
    return people, consultation.statements.shown().count()


def standing(consultation: Consultation) -> str:
    """Where it stands for a visitor: draft, early, open, review, published, or over without one."""
    phase = Phase(consultation.phase)
    if phase == Phase.DRAFT:
        return "draft"
    if phase in (Phase.COLLECT, Phase.REACT):
        if consultation.is_too_early:
            return "early"
        return "late" if consultation.is_too_late else "open"
    return str(phase)


def next_act(consultation: Consultation, membership: Membership | None, *, has_spec: bool) -> str:
    """The one thing to offer first: write, react, result, mine, or nothing ("").

    Whoever has written already is led to reacting.
    """
    me = membership if membership is not None and membership.is_participant else None
    may_react = consultation.is_open(Act.CAST_REACTION)
    if consultation.is_open(Act.SUBMIT_STATEMENT):
        wrote = me is not None and me.statements.filter(withdrawn_at=None).exists()
        return "react" if wrote and may_react else "write"
    if may_react:
        return "react"
    if has_spec:
        return "result"
    return "mine" if me is not None else ""


def listed(consultations: QuerySet[Consultation], *, user: Any) -> QuerySet[Consultation]:
    """Consultations with what the front page shows of each, without a query per row."""
    is_mine = Value(False)
    if user.is_authenticated:
        mine = Membership.objects.filter(user=user, is_participant=True)
        is_mine = Exists(mine.filter(consultation=OuterRef("pk")))
    published = SpecVersion.objects.filter(
        consultation=OuterRef("pk"), status=SpecVersion.Status.PUBLISHED
    )
    return consultations.exclude(phase=Phase.DRAFT).annotate(
        people=_count(Membership.objects.taking_part()),
        has_spec=Exists(published),
        is_mine=is_mine,
    )


def with_counts(consultations: QuerySet[Consultation]) -> QuerySet[Consultation]:
    """Consultations with what the organizers' list shows, without a query per row."""

    newest = Run.objects.filter(consultation=OuterRef("pk")).order_by("-pk")
    return consultations.annotate(
        people=_count(Membership.objects.taking_part()),
        statement_count=_count(Statement.objects.filter(withdrawn_at=None)),
        waiting=_count(Statement.objects.filter(withdrawn_at=None, moderation="waiting")),
        claim_count=_count(Claim.objects.all()),
        last_run_status=Subquery(newest.values("status")[:1]),
        last_run_at=Subquery(newest.values("created_at")[:1]),
        spec_count=_count(SpecVersion.objects.filter(status=SpecVersion.Status.PUBLISHED)),
    )


def _count(rows: QuerySet[Any]) -> Coalesce:
    grouped = (
        rows.filter(consultation=OuterRef("pk"))
        .order_by()
        .values("consultation")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return Coalesce(Subquery(grouped, output_field=IntegerField()), 0)
