"""What pages, routing and analyses ask about decisions on claims and themes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeAlias

from django.db.models import Exists, OuterRef, Q, QuerySet

from aggregation.votes import natural_key
from civic.consultations.models import Consultation
from civic.curation.models import APART, VERDICTS, Decision, Kind, Suggestion
from civic.statements.models import Claim

Pair: TypeAlias = tuple[int, int]  # row numbers of two claims, the smaller one first


def pair_of(one: int, other: int) -> Pair:
    """Two row numbers in the order in which pairs are kept."""
    return (one, other) if one < other else (other, one)


def standing(consultation: Consultation) -> QuerySet[Decision]:
    """Decisions that were not undone, newest first."""
    return consultation.decisions.filter(undone_at=None)


def with_words(decisions: QuerySet[Decision]) -> QuerySet[Decision]:
    """With the words of their claims, in one query."""
    return decisions.select_related(
        "first__statement__consultation", "second__statement__consultation"
    )


def joinings(consultation: Consultation) -> QuerySet[Decision]:
    """Standing decisions that one claim's words stand for another's, while those may be read."""
    return standing(consultation).filter(kind=Kind.TOGETHER, first__in=Claim.objects.shown())


def folded(consultation: Consultation) -> dict[int, int]:
    """Claims that were joined with another -> the claim whose words stand for them in the end."""
    steps = dict(joinings(consultation).values_list("second", "first"))
    found = {}
    for claim, kept in steps.items():
        while kept in steps:
            kept = steps[kept]
        found[claim] = kept
    return found


def joined_with(consultation: Consultation, claims: Iterable[int]) -> dict[int, Decision]:
    """Which of these claims an organizer joined with another, with the words that stand for it."""
    rows = joinings(consultation).filter(second__in=set(claims))
    return {one.second_id: one for one in rows.select_related("first__statement")}


def families(consultation: Consultation) -> dict[int, frozenset[int]]:
    """Each claim that was joined with others -> all claims that now say the same, itself too."""
    steps = standing(consultation).filter(kind=Kind.TOGETHER).values_list("first", "second")
    found: dict[int, frozenset[int]] = {}
    for first, second in steps:
        both = found.get(first, frozenset({first})) | found.get(second, frozenset({second}))
        found |= dict.fromkeys(both, both)
    return found


def open_claims(consultation: Consultation) -> QuerySet[Claim]:
    """Claims that people can be shown: readable, and not joined with another."""
    claims = consultation.claims.shown()
    return claims.exclude(Exists(joinings(consultation).filter(second=OuterRef("pk"))))


def curation_of(consultation: Consultation, claims: Iterable[Claim]) -> dict[str, list[Any]]:
    """The decisions as an analysis obeys them: `aggregation.types.Curation` as JSON, sorted.

    claims : those of the analysis. A decision on a claim that nobody may read has no effect.
    """
    keys = {one.pk: one.key for one in claims if one.statement.is_shown}
    rows = list(standing(consultation))
    pairs = [one for one in rows if one.first_id in keys and one.second_id in keys]
    joined = folded(consultation).items()
    moved = {one.theme: one.target for one in rows if one.kind == Kind.THEME_MERGED}
    return {
        "together": _sorted((keys[k], keys[f]) for f, k in joined if f in keys and k in keys),
        "apart": _sorted((keys[o.first_id], keys[o.second_id]) for o in pairs if o.kind in APART),
        "contradictions": _sorted(
            (keys[one.first_id], keys[one.second_id], one.kind == Kind.OPPOSED)
            for one in pairs
            if one.kind in (Kind.OPPOSED, Kind.COMPATIBLE)
        ),
        "titles": _sorted((one.theme, one.target) for one in rows if one.kind == Kind.RENAMED),
        "merged": _sorted((theme, _last(moved, theme)) for theme in moved),
        "placed": _sorted(
            (keys[one.first_id], _last(moved, one.target))
            for one in rows
            if one.kind == Kind.PLACED and one.first_id in keys
        ),
    }


def _sorted(rows: Iterable[tuple[Any, ...]]) -> list[list[Any]]:
    """In canonical order, whatever the order in which people decided."""
    return [list(row) for row in sorted(rows, key=lambda row: [natural_key(str(x)) for x in row])]


def _last(moved: dict[str, str], theme: str) -> str:
    """Where a theme ended up after all joinings."""
    seen = {theme}
    while (further := moved.get(theme)) is not None and further not in seen:
        theme = further
        seen.add(theme)
    return theme


def verdicts(consultation: Consultation) -> dict[Pair, Decision]:
    """What was decided about each pair that was asked about as a contradiction."""
    rows = standing(consultation).filter(kind__in=VERDICTS)
    return {(one.first_id, one.second_id): one for one in rows}


def suggestions(consultation: Consultation, kind: str) -> list[Suggestion]:
    """What the newest analysis suggests and nobody has settled, the most telling first.

    Pairs that were left open come last, in the same order.
    """
    rows = consultation.suggestions.filter(kind=kind).select_related(
        "first__statement__consultation", "second__statement__consultation"
    )
    relatives = families(consultation)
    pairs = standing(consultation).filter(Q(kind__in=APART) | Q(kind__in=VERDICTS))
    decided = {(pair_of(f, s), k) for f, s, k in pairs.values_list("first", "second", "kind")}
    found, left = [], []
    for one in rows:
        pair = pair_of(one.first_id, one.second_id)
        kinds = {kind for kind in Kind if (pair, kind) in decided}
        hidden = not (_is_readable(one.first) and _is_readable(one.second))
        if hidden or one.second_id in relatives.get(one.first_id, ()):
            continue
        if kind == Suggestion.Kind.DUPLICATE and kinds.intersection((*APART, Kind.OPPOSED)):
            continue
        if kind == Suggestion.Kind.CONTRADICTION and kinds & {Kind.OPPOSED, Kind.COMPATIBLE}:
            continue
        (left if Kind.LEFT_OPEN in kinds else found).append(one)
    return found + left


def _is_readable(claim: Claim) -> bool:
    return claim.statement.is_shown and not claim.is_hidden


def about(consultation: Consultation, claim: Claim) -> list[Decision]:
    """Standing decisions that name this claim, with the words of both."""
    rows = with_words(standing(consultation))
    return list(rows.filter(Q(first=claim) | Q(second=claim)))


def about_themes(consultation: Consultation) -> dict[str, dict[str, Decision]]:
    """Standing decisions on themes: theme id -> kind -> decision."""
    found: dict[str, dict[str, Decision]] = {}
    for one in standing(consultation).filter(kind__in=(Kind.RENAMED, Kind.THEME_MERGED)):
        found.setdefault(one.theme, {})[one.kind] = one
    return found


def placed(consultation: Consultation, claims: Iterable[Claim]) -> dict[int, Decision]:
    """Where these claims were moved: row number -> decision."""
    rows = standing(consultation).filter(kind=Kind.PLACED, first__in=[one.pk for one in claims])
    return {one.first_id: one for one in rows}


def since(consultation: Consultation, moment: datetime | None) -> int:
    """How many decisions were made or undone after this moment (None: at any time)."""
    if moment is None:
        return standing(consultation).count()
    later = Q(made_at__gt=moment, undone_at=None) | Q(made_at__lte=moment, undone_at__gt=moment)
    return consultation.decisions.filter(later).count()
