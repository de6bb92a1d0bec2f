"""How many people stand between a clause and another verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from aggregation.errors import AggregationInputError
from aggregation.types import FloatArray

if TYPE_CHECKING:
    from aggregation.opinion import Support
    from aggregation.tiers import Assignment, Policy

POOLED = -1


@dataclass(frozen=True)
class ThresholdMargin:
    """The least number of people whose change puts a share's lower bound under its threshold.

    removals: supporters who leave; flips: supporters who change sides; additions: newcomers
    against. All 0 where the bound is under it already; None where no number suffices.
    """

    removals: int | None
    flips: int | None
    additions: int | None


def wilson_lower(count: ArrayLike, total: ArrayLike, z: float) -> FloatArray:
    """Lower Wilson bound; 0 where nothing was counted."""
    hits, trials = np.asarray(count, np.float64), np.maximum(np.asarray(total, np.float64), 1.0)
    share = hits / trials
    spread = z * np.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    lower = (share + z * z / (2 * trials) - spread) / (1 + z * z / trials)
    return np.where(np.asarray(total) == 0, 0.0, np.clip(lower, 0.0, 1.0))


def threshold_margin(agree: int, total: int, tau: float, z: float) -> ThresholdMargin:
    """How many people stand between a lower bound and its threshold tau, 0 < tau <= 1."""
    if not 0 <= agree <= total:
        raise AggregationInputError(f"agree {agree} is not between 0 and the total {total}.")
    if not 0 < tau <= 1:
        raise AggregationInputError(f"threshold {tau} is not above 0 and at most 1.")

    def under(count: int, trials: int) -> bool:
        return bool(wilson_lower(count, trials, z) < tau)

    if under(agree, total):
        return ThresholdMargin(0, 0, 0)
    # Each bound falls steadily, so bisection finds the first number of people that suffices.
    removals = _first(lambda r: under(agree - r, total - r), limit=agree)
    flips = _first(lambda r: under(agree - r, total), limit=agree)
    reach = int(np.ceil(agree / tau)) - total + 1  # beyond it even the plain share is under tau
    additions = _first(lambda r: under(agree, total + r), limit=max(reach, 1))
    return ThresholdMargin(removals, flips, additions)


@dataclass(frozen=True)
class ClauseMargin:
    """The least number of people whose change costs a claim its strength, over all conditions.

    removals, flips, additions: as in ThresholdMargin, each the least of any condition
    condition: the one that the fewest changes of side bring down; POOLED, or a group's number
    """

    removals: int | None
    flips: int | None
    additions: int | None
    condition: int


def clause_margins(
    support: Support, assignment: Assignment, policy: Policy, claim: int, *, slack: float = 0.0
) -> ClauseMargin:
    """How many people stand between a claim and a lesser standing.

    claim : column; it is common ground, or provisional (then point estimates must fall)
    slack : by how much the thresholds are lowered for a claim whose strength was held before;
        a provisional claim has no such ease

    Whoever leaves or changes sides counts in one group and in the whole, so the easiest single
    condition gives the least number. Beside the thresholds a claim falls when its opponents are as
    many as its supporters, and a provisional one when too few people answered it.
    """
    strength = assignment.strength[claim]
    if strength is None and not assignment.provisional[claim]:
        raise AggregationInputError(f"claim {support.statements[claim]!r} has no strength to lose.")
    must = strength == "must"
    pooled_tau = policy.must_pooled if must else policy.should_pooled
    group_tau = policy.must_group if must else policy.should_group
    z, ease = (0.0, 0.0) if strength is None else (policy.z, slack)
    agrees = bool(assignment.direction[claim] > 0)
    everyone = support.agree_all, support.disagree_all
    ours, theirs = (int(side[claim]) for side in (everyone if agrees else everyone[::-1]))
    total = int(support.seen_all[claim])
    groups = (support.agree if agrees else support.disagree)[:, claim]
    conditions = [(POOLED, _majority_margin(ours - theirs))]
    if strength is None:
        leave = min(total - policy.min_reactions + 1, ours)
        conditions.append((POOLED, ThresholdMargin(leave, None, None)))
    if pooled_tau > ease:
        conditions.append((POOLED, threshold_margin(ours, total, pooled_tau - ease, z)))
    if group_tau > ease:
        counts = zip(groups.tolist(), support.seen[:, claim].tolist(), strict=True)
        conditions += [
            (group, threshold_margin(count, seen, group_tau - ease, z))
            for group, (count, seen) in enumerate(counts)
        ]
    return _least_margin(conditions)


def least_attack(margin: ClauseMargin, participants: int) -> float | None:
    """The least share of all participants that newcomers against must be to cost it its strength.

    additions / (participants + additions); None where no number of newcomers suffices.
    """
    if participants < 0:
        raise AggregationInputError(f"participants {participants}: give a number of at least 0.")
    if margin.additions is None:
        return None
    return margin.additions / max(participants + margin.additions, 1)


def _majority_margin(lead: int) -> ThresholdMargin:
    """What makes supporters no more than opponents, lead of them less."""
    return ThresholdMargin(removals=lead, flips=-(-lead // 2), additions=lead)


def _least_margin(conditions: list[tuple[int, ThresholdMargin]]) -> ClauseMargin:
    def least(numbers: list[int | None]) -> int | None:
        return min((number for number in numbers if number is not None), default=None)

    flips = [(one.flips, condition) for condition, one in conditions if one.flips is not None]
    return ClauseMargin(
        removals=least([one.removals for _, one in conditions]),
        flips=least([one.flips for _, one in conditions]),
        additions=least([one.additions for _, one in conditions]),
        condition=min(flips)[1],
    )


def _first(fails: Callable[[int], bool], *, limit: int) -> int | None:
    """The least number in 1..limit at which `fails` turns true, by bisection; None if never."""
    if not fails(limit):
        return None
    low, high = 0, limit  # `fails` is false at low and true at high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if fails(middle) else (middle, high)
    return high
