"""Polis's statistics over counts: what all groups share, and what sets each of them apart.

All shares are (count + 1) / (seen + 2), as if everybody had met one agreement and one disagreement
before. Formulas: Small et al. 2021, "Polis: Scaling deliberation by mapping high dimensional
opinion spaces".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aggregation.opinion.rules import DEFAULT
from aggregation.opinion.support import Support
from aggregation.types import BoolArray, FloatArray, IntArray

Z80 = 1.2815515655446004  # two-sided 80 %: Polis's bar for calling a statement representative
META_PRIORITY = 49.0  # Polis: for statements about the speakers themselves


@dataclass(frozen=True)
class Representative:
    """A claim that sets a group apart: its column, the group's leaning, and how strongly."""

    column: int
    direction: int  # +1: the group agrees more than the others, -1: it disagrees more
    share: float  # (count + 1) / (seen + 2) within the group
    ratio: float  # that share over the same share outside the group
    z: float  # two-proportion test, group against everyone else grouped


@dataclass(frozen=True)
class Consensus:
    """A claim on which people lean one way whatever their group."""

    column: int
    direction: int  # +1: agreement, -1: disagreement
    share: float  # (count + 1) / (seen + 2) over everyone
    z: float  # one-proportion test against 1/2


def group_consensus(support: Support, *, direction: int = 1) -> FloatArray:
    """Polis's group-informed consensus (m,): prod over groups of (count + 1) / (seen + 2).

    direction : 1 counts agreement, -1 disagreement
    """
    count = support.agree if direction > 0 else support.disagree
    consensus: FloatArray = np.prod(_share(count, support.seen), axis=0)
    return consensus


def difference(support: Support, *, direction: int = 1) -> FloatArray:
    """(k, m) z of the two-proportion test of each group's share against all other groups'.

    With one added to every count (Polis): a = count in + 1, b = count out + 1, q = (a + b) / (n_a
    + n_b), z = (a / n_a - b / n_b) / sqrt(q (1 - q) (1 / n_a + 1 / n_b)); 0 where q = 1.
    """
    count = support.agree if direction > 0 else support.disagree
    inside, inside_n = count + 1, support.seen + 1
    outside = count.sum(axis=0) - count + 1
    outside_n = support.seen.sum(axis=0) - support.seen + 1
    q = (inside + outside) / (inside_n + outside_n)
    spread = np.sqrt(q * (1 - q) * (1 / inside_n + 1 / outside_n))
    gap = inside / inside_n - outside / outside_n
    z: FloatArray = np.divide(gap, spread, out=np.zeros_like(gap), where=spread > 0)
    return z


def consensus(support: Support, *, limit: int = 5) -> tuple[Consensus, ...]:
    """The claims that most people share (Polis): up to `limit` agreed, then as many disagreed.

    A claim counts where its share exceeds 1/2 and z of the test against 1/2 exceeds 1.28; ordered
    by share x z, equal ones by column.
    """
    listed = []
    for direction, count in ((1, support.agree_all), (-1, support.disagree_all)):
        share, z = _share(count, support.seen_all), _against_half(count, support.seen_all)
        columns = np.flatnonzero((share > 0.5) & (z > Z80))
        order = columns[np.argsort(-(share * z)[columns], kind="stable")][:limit].tolist()
        listed += [Consensus(j, direction, float(share[j]), float(z[j])) for j in order]
    return tuple(listed)


def polis_priority(
    support: Support, extremity: FloatArray, *, meta: BoolArray | None = None
) -> FloatArray:
    """(m,) how soon Polis shows a claim: what is agreed, divides, and has few answers comes first.

    ((1 - p_unsure) (1 + extremity) p_agree (1 + 8 x 2^(-seen / 5)))^2, shares over everyone.

    extremity (m,) : of `opinion.extremity`; meta (m,) : claims that Polis gives a fixed 49
    """
    seen = support.seen_all
    unsure = seen - support.agree_all - support.disagree_all
    worth = (1 - _share(unsure, seen)) * (1 + extremity) * _share(support.agree_all, seen)
    priority: FloatArray = (worth * (1 + 8 * 2.0 ** (-seen / 5))) ** 2
    return priority if meta is None else np.where(meta, META_PRIORITY, priority)


def representative(
    support: Support, *, limit: int = 5, agree_first: bool = DEFAULT.agree_first
) -> tuple[tuple[Representative, ...], ...]:
    """For each group the claims that set it apart most, strongest first, at most `limit`.

    A claim counts where both its one-sample test against 1/2 and its test against the other
    groups exceed z = 1.28, ordered by share x ratio x both z (Polis), equal ones by column. With a
    single group only the first test is made.

    agree_first : Polis's order and fallbacks. The claim a group agrees with best has a place
        whatever the tests say; where there is none and no claim counts, the one that differs most
        from the other groups has; and agreement is told before disagreement.
    """
    sides = [_Side.of(support, direction) for direction in (1, -1)]
    return tuple(
        _by_polis(sides, group, limit=limit)
        if agree_first
        else tuple(
            sides[side].told(group, column)
            for side, column in _strongest(sides, group)[:limit].tolist()
        )
        for group in range(support.agree.shape[0])
    )


@dataclass(frozen=True, eq=False)
class _Side:
    """All groups' (k, m) statistics in one direction."""

    direction: int
    share: FloatArray
    own: FloatArray
    ratio: FloatArray
    against: FloatArray
    strength: FloatArray
    answered: BoolArray  # anybody of the group agreed or disagreed

    @classmethod
    def of(cls, support: Support, direction: int) -> _Side:
        count = support.agree if direction > 0 else support.disagree
        seen, alone = support.seen, support.agree.shape[0] == 1
        share, own = _share(count, seen), _against_half(count, seen)
        outside = _share(count.sum(axis=0) - count, seen.sum(axis=0) - seen)
        ratio = np.ones_like(share) if alone else share / outside
        against = np.full_like(share, np.inf) if alone else difference(support, direction=direction)
        strength = share * own * ratio * (1.0 if alone else against)
        answered = support.agree + support.disagree > 0
        return cls(direction, share, own, ratio, against, strength, answered)

    def told(self, group: int, column: int) -> Representative:
        share, ratio, z = (x[group, column] for x in (self.share, self.ratio, self.against))
        return Representative(column, self.direction, float(share), float(ratio), float(z))


def _strongest(sides: list[_Side], group: int) -> IntArray:
    """(claims, 2) of side and column: those that pass both tests, strongest first."""
    strength = np.stack([side.strength[group] for side in sides])
    passes = np.stack([(side.own[group] > Z80) & (side.against[group] > Z80) for side in sides])
    found = np.argwhere(passes)
    order = np.lexsort((found[:, 1], -strength[passes]))
    return found[order]


def _by_polis(sides: list[_Side], group: int, *, limit: int) -> tuple[Representative, ...]:
    found = [(side, column) for side, column in _strongest(sides, group).tolist()]
    agrees, disagrees = sides
    lead: int | None = _best_agreed(agrees, group)
    if lead is None and not found and agrees.share.shape[1]:
        lead = int(np.argmax(np.maximum(agrees.against[group], disagrees.against[group])))
    if lead is not None:
        stands = agrees.against[group, lead] > disagrees.against[group, lead]
        found = [(0 if stands else 1, lead), *(one for one in found if one[1] != lead)]
    told = [sides[side].told(group, column) for side, column in found[:limit]]
    return tuple(sorted(told, key=lambda one: -one.direction))


def _best_agreed(agrees: _Side, group: int) -> int | None:
    """Polis's choice of the claim a group agrees with best, made in the order of columns.

    The first that is agreed (z against 1/2, or a ratio above 1 and a share above 1/2) stands until
    a better one comes: better by strength while the one that stands has a ratio above 1, else by
    share x z.
    """
    share, own, ratio = agrees.share[group], agrees.own[group], agrees.ratio[group]
    agreed = agrees.answered[group] & ((own > Z80) | ((ratio > 1) & (share > 0.5)))
    if not agreed.any():
        return None
    strength, plain = agrees.strength[group].tolist(), (share * own).tolist()
    best = int(np.argmax(agreed))
    for column in np.flatnonzero(agrees.answered[group]).tolist():
        measure = strength if ratio[best] > 1 else plain
        if column > best and measure[column] > measure[best]:
            best = column
    return best


def _share(count: IntArray, seen: IntArray) -> FloatArray:
    share: FloatArray = (count + 1) / (seen + 2)
    return share


def _against_half(count: IntArray, seen: IntArray) -> FloatArray:
    """z of the one-sample test against 1/2, one added to both counts (Polis)."""
    z: FloatArray = 2 * np.sqrt(seen + 1) * ((count + 1) / (seen + 1) - 0.5)
    return z
