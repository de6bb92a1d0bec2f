"""Checks that need numpy alone: anyone can recompute a spec's numbers without a solver.

Nothing here calls the code it checks; the formulas are written out a second time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from aggregation.errors import AggregationInputError
from aggregation.types import BoolArray, FloatArray

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


def gap(
    utilities: FloatArray,
    weights: FloatArray,
    x: FloatArray,
    *,
    rows: FloatArray,
    limits: FloatArray,
    prices: FloatArray | None = None,
    p: float = 0.0,
    offset: float = 0.5,
) -> float:
    """By how much any allowed x could at most beat this one (welfare per citizen).

    rows (r, m), limits (r,): what is allowed beside 0 <= x <= 1, as rows @ x <= limits
    prices (r,) : dual prices, at least 0; any of them give a true bound, the solver's the least.
        With a single row they may be left out: the best price is found here.

    The derivative g at x bounds the rest, by concavity and weak duality: for every allowed y,
    g . y <= limits . prices + sum_j max(0, g_j - (rows' prices)_j).
    """
    if not np.all(rows @ x <= limits + 1e-9 * np.maximum(np.abs(limits), 1)):
        raise AggregationInputError("x is not allowed: it uses more than a limit.")
    if not np.all((x >= -1e-9) & (x <= 1 + 1e-9)):
        raise AggregationInputError("x is not allowed: a share is outside 0..1.")
    slope = weights / weights.sum() * (offset + utilities @ x) ** (p - 1)
    gradient = slope @ utilities
    if prices is not None:
        if np.any(prices < 0):
            raise AggregationInputError("prices: a price below 0 proves nothing.")
        candidates = prices[None, :]
    elif len(rows) == 1:
        ratios = np.divide(gradient, rows[0], out=np.zeros(len(x)), where=rows[0] > 0)
        candidates = np.append(np.maximum(ratios, 0.0), 0.0)[:, None]
    else:
        raise AggregationInputError("prices: give them where there is more than one row.")
    left = np.maximum(gradient - candidates @ rows, 0.0).sum(axis=1)
    return max(float(np.min(candidates @ limits + left) - gradient @ x), 0.0)


def ejr_plus(
    approvals: BoolArray, committee: Iterable[int], *, seats: int | None = None
) -> tuple[bool, FloatArray]:
    """Whether the chosen clauses satisfy EJR+ (Brill and Peters 2023), and each clause's ratio.

    approvals (n, m); seats: the size that was to be filled, by default the committee's

    Clause j outside is owed to l / seats of the people if that many approve j and each of them has
    fewer than l chosen clauses: ratio_j = max_l seats N_jl / (l n). All below 1 <=> EJR+ holds.
    Chosen clauses have ratio 0.
    """
    chosen = sorted(set(committee))
    n, m = approvals.shape
    places = len(chosen) if seats is None else seats
    ratios = np.zeros(m)
    if places == 0 or n == 0:
        return True, ratios
    approved = approvals.astype(np.int64)
    held = approved[:, chosen].sum(axis=1)
    outside = np.ones(m, dtype=bool)
    outside[chosen] = False
    owed = False
    for level in range(1, places + 1):
        short = (held < level).astype(np.int64) @ approved
        owed = owed or bool(np.any(places * short[outside] >= level * n))
        ratios[outside] = np.maximum(ratios[outside], places * short[outside] / (level * n))
    return not owed, ratios


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
