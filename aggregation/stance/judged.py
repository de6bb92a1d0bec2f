"""What people decided about pairs of claims, and what follows for claims that say the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aggregation.stance.evidence import Evidence
from aggregation.stance.search import TELLING
from aggregation.types import Contradiction, IntArray

Rows = tuple[int, int]


@dataclass(frozen=True)
class Judged:
    """Pairs of rows i < j, in order.

    confirmed : as people decided; excluding : those, and every pair of claims that say the same as
        they do, so that no paraphrase slips past a decision
    settled : ids of pairs that are no question any more, paraphrases too
    """

    confirmed: tuple[Rows, ...]
    excluding: tuple[Rows, ...]
    settled: frozenset[frozenset[str]]


def judged(
    contradictions: Iterable[Contradiction], *, ids: Sequence[str], family: IntArray
) -> Judged:
    """What holds for these m claims; ids (m,), family (m,) the row that stands for each row.

    Of two decisions about one pair the later counts. Pairs of which a claim is not there (hidden by
    a moderator, say) have no say meanwhile.
    """
    place = {name: row for row, name in enumerate(ids)}
    said: dict[Rows, bool] = {}
    for one in contradictions:
        if one.first in place and one.second in place and one.first != one.second:
            i, j = sorted((place[one.first], place[one.second]))
            said[i, j] = one.confirmed
    confirmed = tuple(sorted(pair for pair, holds in said.items() if holds))
    refuted = tuple(sorted(pair for pair, holds in said.items() if not holds))
    exact = {pair for pair in spread(confirmed, family) if said.get(pair, True)}
    every = exact | set(spread(refuted, family))
    settled = frozenset(frozenset((ids[i], ids[j])) for i, j in every)
    return Judged(confirmed, tuple(sorted(exact)), settled)


def tense(
    evidence: Iterable[Evidence], found: Judged, *, ids: Sequence[str], family: IntArray
) -> tuple[Rows, ...]:
    """Undecided pairs that weigh in a choice: those as telling as TELLING, paraphrases included.

    Half of the judged candidates of this score were contradictions, so none of them binds.
    """
    place = {name: row for row, name in enumerate(ids)}
    telling = [(place[one.first], place[one.second]) for one in evidence if one.score >= TELLING]
    spreading = spread(telling, family)
    return tuple((i, j) for i, j in spreading if frozenset((ids[i], ids[j])) not in found.settled)


def spread(pairs: Iterable[Rows], family: IntArray) -> tuple[Rows, ...]:
    """The pairs, and every pair of rows of their two families; i < j, each once, in order."""
    members: defaultdict[int, list[int]] = defaultdict(list)
    for row, stands in enumerate(family.tolist()):
        members[stands].append(row)
    found = set()
    for i, j in pairs:
        one, other = int(family[i]), int(family[j])
        relatives = (
            [(i, j)] if one == other else [(a, b) for a in members[one] for b in members[other]]
        )
        found |= {(min(pair), max(pair)) for pair in relatives}
    return tuple(sorted(found))
