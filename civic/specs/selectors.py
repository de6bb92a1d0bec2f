"""What pages ask about specs, and where each sentence of a citizen ended up."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from civic.consultations.models import Consultation, Membership
from civic.curation.selectors import folded
from civic.specs.models import Clause, Evidence, SpecVersion
from civic.statements.models import Segment, Statement
from civic.statements.selectors import statements_of


def public_versions(consultation: Consultation) -> QuerySet[SpecVersion]:
    """Everything ever published, newest first; withdrawn versions included, without clauses."""
    return consultation.specs.exclude(status=SpecVersion.Status.DRAFT).order_by("-number")


def latest_public(consultation: Consultation) -> SpecVersion | None:
    """The newest version that is published and not withdrawn; its bytes wait to be asked for."""
    published = consultation.specs.filter(status=SpecVersion.Status.PUBLISHED).defer("document")
    return published.order_by("-number").first()


def clauses_of(spec: SpecVersion, *, status: str = "") -> QuerySet[Clause]:
    """A version's clauses in reading order with their passages, of one status if asked."""
    clauses = spec.clauses.prefetch_related("evidence__statement").order_by("position")
    return clauses.filter(status=status) if status else clauses


class Place(enum.Enum):
    """Where one sentence of a citizen is now."""

    PREPARING = "preparing"
    WAITING = "waiting"
    HIDDEN = "hidden"
    WITHDRAWN = "withdrawn"
    CONTEXT = "context"
    TAKEN_BACK = "taken_back"
    MERGED = "merged"
    SHOWN = "shown"
    QUOTED = "quoted"
    NOT_ADOPTED = "not_adopted"


@dataclass(frozen=True)
class SentencePlace:
    """One sentence, where it is, and what a page needs to say so.

    `place` is how far it came; `is_merged` says whether somebody else's words stand for it.
    `clause` is set for QUOTED and NOT_ADOPTED, and its `reason` says why.
    """

    segment: Segment
    place: Place
    is_merged: bool = False
    clause: Clause | None = None


@dataclass(frozen=True)
class StatementPlace:
    """One statement of a citizen with the place of each of its sentences."""

    statement: Statement
    place: Place | None  # of the statement as a whole, where all its sentences share it
    sentences: tuple[SentencePlace, ...]


def my_part(
    membership: Membership, *, among: Iterable[Statement] | None = None
) -> list[StatementPlace]:
    """Everything a person wrote, newest first, and where each sentence is now.

    among : some of what `statements_of` gave, where not all is wanted
    """
    statements = list(statements_of(membership) if among is None else among)
    return places_of(membership.consultation, statements)


def places_of(consultation: Consultation, statements: list[Statement]) -> list[StatementPlace]:
    """Where statements of anybody and their sentences are now, in a fixed number of queries.

    statements : with their sentences and claims, as `statements_of` gives them
    """
    ways = _ways(consultation, statements)
    return [_place(statement, ways=ways) for statement in statements]


@dataclass(frozen=True)
class _Ways:
    """How sentences lead to clauses of the newest public version.

    folded : claims that an organizer joined with another -> the claim that stands for them.
    by_claim : claim -> its clause. by_passage : (statement, start, end) -> the clause quoting it
    """

    folded: Mapping[int, int]
    by_claim: Mapping[int, Clause]
    by_passage: Mapping[tuple[int, int, int], Clause]

    def clause_of(self, segment: Segment) -> Clause | None:
        """The clause of its claim; else the one that quotes it, for it may have been joined or
        taken out since; else that of the claim which stands for it."""
        claim = segment.claim_id or 0
        own = self.by_claim.get(claim)
        quoting = self.by_passage.get((segment.statement_id, segment.start, segment.end))
        return own or quoting or self.by_claim.get(self.folded.get(claim, 0))


def _ways(consultation: Consultation, statements: list[Statement]) -> _Ways:
    spec = latest_public(consultation)
    claims = {s.claim_id for statement in statements for s in statement.segments.all()} - {None}
    if not claims:
        return _Ways({}, {}, {})
    joined = folded(consultation)
    if spec is None:
        return _Ways(joined, {}, {})
    quoted = Evidence.objects.filter(clause__spec=spec, statement__in=statements)
    passages = {
        (statement, start, end): clause
        # A clause of one's own counts more than another that quotes the same words beside others.
        for clause, statement, start, end in quoted.order_by(
            "-clause__position", "-pk"
        ).values_list("clause", "statement", "start", "end")
    }
    wanted = claims | {joined[claim] for claim in claims & joined.keys()}
    rows = spec.clauses.filter(Q(claim__in=wanted) | Q(pk__in=set(passages.values())))
    clauses = {clause.pk: clause for clause in rows}
    return _Ways(
        joined,
        {clause.claim_id: clause for clause in clauses.values() if clause.claim_id},
        {passage: clauses[pk] for passage, pk in passages.items()},
    )


def _place(statement: Statement, *, ways: _Ways) -> StatementPlace:
    whole = _whole_place(statement)
    sentences = tuple(
        _sentence_place(segment, whole=whole, ways=ways) for segment in statement.segments.all()
    )
    if whole is None and not sentences:
        whole = Place.CONTEXT  # read, and no sentence was found in it
    return StatementPlace(statement=statement, place=whole, sentences=sentences)


def _whole_place(statement: Statement) -> Place | None:
    if statement.withdrawn_at is not None:
        return Place.WITHDRAWN
    if statement.moderation == Statement.Moderation.REJECTED:
        return Place.HIDDEN
    if not statement.is_shown:
        return Place.WAITING
    return Place.PREPARING if statement.prepared_at is None else None


def _sentence_place(segment: Segment, *, whole: Place | None, ways: _Ways) -> SentencePlace:
    if whole is not None:
        return SentencePlace(segment, whole)
    if segment.claim is None:
        return SentencePlace(segment, Place.CONTEXT)
    if segment.verdict == Segment.Verdict.NO:
        return SentencePlace(segment, Place.TAKEN_BACK)
    merged, clause = segment.is_merged, ways.clause_of(segment)
    if clause is None:
        elsewhere = merged or segment.claim_id in ways.folded
        return SentencePlace(segment, Place.MERGED if elsewhere else Place.SHOWN, is_merged=merged)
    place = Place.NOT_ADOPTED if clause.status == "not_adopted" else Place.QUOTED
    return SentencePlace(segment, place, is_merged=merged, clause=clause)
