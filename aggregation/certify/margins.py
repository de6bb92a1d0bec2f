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


def clause_margin(
    support: Support, assignment: Assignment, policy: Policy, claim: int
) -> tuple[int, int]:
    """The least number of supporters whose change of side costs the claim its strength.

    claim : column; it is common ground, or provisional (then point estimates must fall). Returns
    the number and the condition that fails first: POOLED, or a group's number.
    """
    strength = assignment.strength[claim]
    if strength is None and not assignment.provisional[claim]:
        raise AggregationInputError(f"claim {support.statements[claim]!r} has no strength to lose.")
    must = strength == "must"
    pooled_tau = policy.must_pooled if must else policy.should_pooled
    group_tau = policy.must_group if must else policy.should_group
    z = 0.0 if strength is None else policy.z
    agrees = assignment.direction[claim] > 0
    everyone = (support.agree_all if agrees else support.disagree_all)[claim]
    groups = (support.agree if agrees else support.disagree)[:, claim]
    conditions = [(int(everyone), int(support.seen_all[claim]), pooled_tau, POOLED)]
    for group, (count, seen) in enumerate(
        zip(groups.tolist(), support.seen[:, claim].tolist(), strict=True)
    ):
        conditions.append((count, seen, group_tau, group))
    margins = []
    for count, seen, tau, condition in conditions:
        flips = threshold_margin(count, seen, tau, z).flips
        if flips is not None:
            margins.append((flips, condition))
    # Changing sides inside a group moves that group's share and the whole's: the least single
    # condition is the answer. Everybody changing sides always suffices, so there is one.
    return min(margins)


def _first(fails: Callable[[int], bool], *, limit: int) -> int | None:
    """The least number in 1..limit at which `fails` turns true, by bisection; None if never."""
    if not fails(limit):
        return None
    low, high = 0, limit  # `fails` is false at low and true at high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if fails(middle) else (middle, high)
    return high
