"""Where a consultation stands, in the numbers and the one next step that its pages show."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from civic.analysis.models import Run
from civic.consultations.models import Consultation, Membership
from civic.consultations.phases import Act, Phase
from civic.reactions.models import Reaction
from civic.specs.models import SpecVersion
from civic.statements.models import Claim, Statement

STEPS = (
    (Phase.COLLECT, "Say what you think"),
    (Phase.REACT, "React to each other"),
    (Phase.REVIEW, "Result is prepared"),
    (Phase.PUBLISHED, "Result is public"),
)


@dataclass(frozen=True)
class Step:
    """One step of the phase line; `state` is done, here or later."""

    label: str
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
    order = [phase for phase, _ in STEPS]
    if consultation.phase == Phase.CLOSED:
        here = len(order)
    else:
        here = order.index(Phase(consultation.phase)) if consultation.phase in order else -1
    states = ("done", "here", "later")
    return [
        Step(label, states[(position >= here) + (position > here)])
        for position, (_, label) in enumerate(STEPS)
    ]


def numbers_of(consultation: Consultation) -> Numbers:
    """Counts for the front page of a consultation, one query each."""
    latest = Reaction.objects.filter(claim__consultation=consultation, is_latest=True)
    return Numbers(
        people=consultation.memberships.filter(is_participant=True).count(),
        statements=consultation.statements.shown().count(),
        claims=consultation.claims.shown().count(),
        reactions=latest.exclude(value=Reaction.Value.SKIPPED).count(),
    )


def next_act(consultation: Consultation, membership: Membership | None, *, has_spec: bool) -> str:
    """The one thing to offer first: write, react, spec, mine, or nothing ("")."""
    if consultation.is_open(Act.SUBMIT_STATEMENT):
        return "write"
    if consultation.is_open(Act.CAST_REACTION):
        return "react"
    if has_spec:
        return "spec"
    return "mine" if membership is not None and membership.is_participant else ""


def with_counts(consultations: QuerySet[Consultation]) -> QuerySet[Consultation]:
    """Consultations with what the organizers' list shows, without a query per row."""

    def count(model: type, **conditions: object) -> Coalesce:
        rows = model.objects.filter(consultation=OuterRef("pk"), **conditions)
        grouped = rows.order_by().values("consultation").annotate(n=Count("pk")).values("n")
        return Coalesce(Subquery(grouped, output_field=IntegerField()), 0)

    newest = Run.objects.filter(consultation=OuterRef("pk")).order_by("-pk")
    return consultations.annotate(
        people=count(Membership, is_participant=True),
        statement_count=count(Statement, withdrawn_at=None),
        waiting=count(Statement, withdrawn_at=None, moderation="waiting"),
        claim_count=count(Claim),
        last_run_status=Subquery(newest.values("status")[:1]),
        last_run_at=Subquery(newest.values("created_at")[:1]),
        spec_count=count(SpecVersion, status=SpecVersion.Status.PUBLISHED),
    )
