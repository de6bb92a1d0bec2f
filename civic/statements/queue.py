"""What waits for a moderator, and everything she needs to know to decide it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from civic.accounts.models import User
from civic.consultations.models import Consultation
from civic.statements import rules
from civic.statements.forms import hints_of
from civic.statements.models import Appeal, Flag, Ruling, Segment, Statement
from civic.statements.ruling import had_a_part, is_alone, wrote

STATES = {
    "open": _("To decide"),
    "flagged": _("Reported"),
    "waiting": _("Waiting to be read"),
    "second": _("Second reader"),
    "appeals": _("Appeals"),
    "rejected": _("Hidden"),
    "accepted": _("Shown"),
}
TWINS = 5  # of one statement: enough to see that a decision has been made on the same words


@dataclass(frozen=True)
class Twin:
    """Another statement that says the same."""

    statement: Statement

    @property
    def is_hidden(self) -> bool:
        return self.statement.moderation == Statement.Moderation.REJECTED


@dataclass(frozen=True)
class Row:
    """One statement of the queue with all that speaks for and against it."""

    statement: Statement
    since: datetime
    hints: list[str]
    flags: list[tuple[str, int]]  # what it is reported for, by how many
    notes: list[str]  # what those who reported it wrote
    ruling: Ruling | None
    proposal: Ruling | None
    proposed_by_me: bool
    appeal: Appeal | None
    answers_appeal: bool
    is_left_to_others: bool  # the reader's own words, which she may not let through
    twins: list[Twin] = field(default_factory=list)

    @property
    def is_hidden(self) -> bool:
        return self.statement.moderation == Statement.Moderation.REJECTED

    @property
    def can_show(self) -> bool:
        accepted = self.statement.moderation == Statement.Moderation.ACCEPTED
        undecided = not accepted or self.flags or self.proposal
        return self.appeal is None and bool(undecided) and not self.is_left_to_others

    @property
    def can_put_back(self) -> bool:
        waiting = self.statement.moderation == Statement.Moderation.WAITING
        return self.appeal is None and self.proposal is None and not waiting

    @property
    def can_hide(self) -> bool:
        return not self.is_hidden and self.proposal is None


def _with(consultation: Consultation) -> dict[str, Q]:
    """The condition of each state on a statement."""
    flags = Flag.objects.filter(statement__consultation=consultation, settled_at=None)
    rulings = Ruling.objects.filter(
        statement__consultation=consultation, stage=Ruling.Stage.PROPOSED
    )
    appeals = Appeal.objects.filter(
        statement__consultation=consultation, outcome=Appeal.Outcome.OPEN
    )
    states = {
        "flagged": Q(pk__in=flags.values("statement")),
        "waiting": Q(moderation=Statement.Moderation.WAITING),
        "second": Q(pk__in=rulings.values("statement")),
        "appeals": Q(pk__in=appeals.values("statement")),
    }
    opened = states["flagged"] | states["waiting"] | states["second"] | states["appeals"]
    return states | {
        "open": opened,
        "rejected": Q(moderation=Statement.Moderation.REJECTED),
        "accepted": Q(moderation=Statement.Moderation.ACCEPTED),
    }


def statements_in(
    consultation: Consultation, *, state: str, words: str = "", language: str = ""
) -> QuerySet[Statement]:
    """Statements of one state. What is open comes reported ones first, then the oldest."""
    first = {"statement": OuterRef("pk")}
    flags = Flag.objects.filter(**first, settled_at=None).order_by("created_at")
    rulings = Ruling.objects.filter(**first, stage=Ruling.Stage.PROPOSED)
    appeals = Appeal.objects.filter(**first, outcome=Appeal.Outcome.OPEN)
    found = consultation.statements.filter(_with(consultation)[state], withdrawn_at=None)
    if words:
        found = found.filter(text__icontains=words)
    if language:
        found = found.filter(language=language)
    found = found.annotate(
        flagged_at=Subquery(flags.values("created_at")[:1]),
        since=Case(
            When(moderation=Statement.Moderation.WAITING, then=F("created_at")),
            default=Coalesce(
                F("flagged_at"),
                Subquery(appeals.values("created_at")[:1]),
                Subquery(rulings.values("created_at")[:1]),
                F("created_at"),
            ),
        ),
    )
    if state in ("rejected", "accepted"):
        return found.order_by("-pk")
    return found.order_by(Case(When(flagged_at=None, then=1), default=0), "since", "pk")


def counts_of(consultation: Consultation) -> dict[str, int]:
    """How many statements each state holds, in one query."""
    statements = consultation.statements.filter(withdrawn_at=None)
    counted = {
        state: Count("pk", filter=condition) for state, condition in _with(consultation).items()
    }
    return statements.aggregate(**counted)


def oldest_wait(consultation: Consultation) -> datetime | None:
    """Since when the statement that waits longest has waited."""
    waiting = statements_in(consultation, state="open").order_by("since")
    return waiting.values_list("since", flat=True).first()


def languages_in(consultation: Consultation) -> list[str]:
    """The languages that statements are written in, as codes."""
    known = consultation.statements.exclude(language="").order_by("language")
    return list(known.values_list("language", flat=True).distinct())


def rows_of(statements: Iterable[Any], *, reader: User) -> list[Row]:
    """The rows of one page, in a fixed number of queries."""
    listed = list(statements)
    twins = _twins(listed)
    own = {one.pk for one in listed if wrote(one, reader)}
    if own and is_alone(listed[0].consultation, by=reader):
        own = set()
    return [
        _row(one, twins=twins.get(one.pk, []), reader=reader, left_to_others=one.pk in own)
        for one in listed
    ]


def detailed(statements: QuerySet[Statement]) -> QuerySet[Statement]:
    """Statements with their decisions, reports and appeals."""
    flags = Flag.objects.filter(settled_at=None)
    appeals = Appeal.objects.filter(outcome=Appeal.Outcome.OPEN).select_related("ruling")
    return statements.select_related("consultation", "author").prefetch_related(
        "rulings",
        Prefetch("flags", queryset=flags, to_attr="open_flags"),
        Prefetch("appeals", queryset=appeals, to_attr="open_appeals"),
    )


def _row(statement: Any, *, twins: list[Twin], reader: User, left_to_others: bool) -> Row:
    rulings = list(statement.rulings.all())
    flagged = Counter(flag.rule for flag in statement.open_flags)
    proposal = next((one for one in rulings if one.stage == Ruling.Stage.PROPOSED), None)
    in_force = next((one for one in rulings if one.stage == Ruling.Stage.FINAL), None)
    appeal = statement.open_appeals[0] if statement.open_appeals else None
    if appeal is not None:
        appeal.statement = statement
    return Row(
        statement=statement,
        since=statement.since,
        hints=hints_of(statement.text),
        flags=[(rules.named(rule) or rule, count) for rule, count in flagged.most_common()],
        notes=[flag.note for flag in statement.open_flags if flag.note],
        ruling=in_force,
        proposal=proposal,
        proposed_by_me=proposal is not None and proposal.decided_by_id == reader.pk,
        appeal=appeal,
        answers_appeal=appeal is not None and not had_a_part(appeal, by=reader, ruling=in_force),
        is_left_to_others=left_to_others,
        twins=twins,
    )


def _twins(statements: list[Statement]) -> dict[int, list[Twin]]:
    """Other statements with a sentence in the same claim, by the statement they are like."""
    own = Segment.objects.filter(statement__in=statements).exclude(claim=None)
    claims: dict[int, set[int]] = defaultdict(set)
    for statement, claim in own.values_list("statement", "claim"):
        claims[claim].add(statement)
    if not claims:
        return {}
    others = (
        Segment.objects.filter(claim__in=claims, statement__withdrawn_at=None)
        .select_related("statement__consultation")
        .order_by("-statement__pk")[: 200 * TWINS]
    )
    found: dict[int, dict[int, Twin]] = defaultdict(dict)
    for segment in others:
        for statement in claims[segment.claim_id or 0] - {segment.statement_id}:
            if len(found[statement]) < TWINS:
                found[statement].setdefault(segment.statement_id, Twin(segment.statement))
    return {statement: list(twins.values()) for statement, twins in found.items()}
