"""What pages ask about specs, and where each sentence of a citizen ended up."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from civic.consultations.models import Consultation, Membership
from civic.specs.models import Clause, SpecVersion
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
    spec = latest_public(membership.consultation)
    claims = {s.claim_id for statement in statements for s in statement.segments.all()}
    clauses = spec.clauses.filter(claim__in=claims - {None}) if spec and claims else ()
    return [_place(statement, clauses=clauses) for statement in statements]


def _place(statement: Statement, *, clauses: Iterable[Clause]) -> StatementPlace:
    whole = _whole_place(statement)
    by_claim = {clause.claim_id: clause for clause in clauses}
    sentences = tuple(
        _sentence_place(segment, whole=whole, clause=by_claim.get(segment.claim_id))
        for segment in statement.segments.all()
    )
    return StatementPlace(statement=statement, place=whole, sentences=sentences)


def _whole_place(statement: Statement) -> Place | None:
    if statement.withdrawn_at is not None:
        return Place.WITHDRAWN
    if statement.moderation == Statement.Moderation.REJECTED:
        return Place.HIDDEN
    if not statement.is_shown:
        return Place.WAITING
    return Place.PREPARING if statement.prepared_at is None else None


def _sentence_place(
    segment: Segment, *, whole: Place | None, clause: Clause | None
) -> SentencePlace:
    if whole is not None:
        return SentencePlace(segment, whole)
    if segment.claim is None:
        return SentencePlace(segment, Place.CONTEXT)
    if segment.verdict == Segment.Verdict.NO:
        return SentencePlace(segment, Place.TAKEN_BACK)
    merged = segment.is_merged
    if clause is None:
        return SentencePlace(segment, Place.MERGED if merged else Place.SHOWN, is_merged=merged)
    place = Place.NOT_ADOPTED if clause.status == "not_adopted" else Place.QUOTED
    return SentencePlace(segment, place, is_merged=merged, clause=clause)
