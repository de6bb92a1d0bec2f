"""The convex rules one could choose clauses by, each relaxed, solved, and rounded by its own score.

Four maximise a mean of powers of (1/2 + utility), which `solve` does. Two look at the worst off
alone, as linear programmes:

    maximin over groups   max  min_g  mean utility of group g
    CVaR                  max  mean utility of the worst-off tenth of the citizens
                          = max  eta - sum_i w_i s_i / share   s.t.  s_i >= eta - u_i . x,  s_i >= 0
                          (Rockafellar and Uryasev 2000)

Both leave much undecided, so that ties go to the greater mean utility.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from scipy import sparse

from aggregation.errors import AggregationInputError, NotCertified
from aggregation.types import FloatArray, IntArray
from aggregation.welfare.linear import minimise
from aggregation.welfare.problem import ClauseProblem
from aggregation.welfare.rounding import MeanValue, whole_clauses
from aggregation.welfare.solve import (
    Unproved,
    Utilities,
    check,
    inclusion,
    pull,
    quadratic,
    utility,
)
from aggregation.welfare.value import Welfare

WORST_SHARE = 0.1  # of the citizens' weight, for CVaR
FEW = 3000  # citizens up to whom CVaR is one linear programme
LEVEL_GAP = 1e-6  # how near the optimum CVaR comes for more of them
ROUNDS = 300  # of cutting planes at most
TIE = 1e-8  # weight of the mean utility in the linear programmes, small enough to decide ties only


@dataclass(frozen=True)
class Rule:
    """A way to choose: its name, what it maximises, and its power of utility where it has one."""

    name: str
    aim: str
    power: float | None = None


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        rule.name: rule
        for rule in (
            Rule("utilitarian", "the mean utility", 1.0),
            Rule("p_half", "the mean square root of utility", 0.5),
            Rule("nash", "the mean logarithm of utility, so relative gains count alike", 0.0),
            Rule("harmonic_mean", "the harmonic mean of utility", -1.0),
            Rule("maximin_groups", "the mean utility of the group that gets least"),
            Rule("cvar", "the mean utility of the tenth of the people who get least"),
        )
    }
)


def choose_by(
    rule: Rule | str,
    utilities: Utilities,
    weights: FloatArray,
    labels: IntArray,
    problem: ClauseProblem,
) -> tuple[int, ...]:
    """The members of the clauses that a rule chooses, in canonical order.

    utilities (n, m) in 0..1; weights (n,) at least 0; labels (n,) a group for each citizen, -1 for
    none: whoever has none is in no group's mean, and if nobody has one all are one group

    Raises AggregationInputError for a rule that is not in RULES.
    """
    name = rule.name if isinstance(rule, Rule) else rule
    if name not in RULES:
        raise AggregationInputError(f"rule {name}: give one of {', '.join(RULES)}.")
    if labels.shape != (len(utilities),):
        raise AggregationInputError(f"labels: give {len(utilities)} of them, not {labels.shape}.")
    check(utilities, weights, problem)
    power = RULES[name].power
    if power is not None:
        welfare = Welfare(power)
        try:
            x = inclusion(utilities, weights, problem, welfare).x
        except Unproved as refused:
            x = refused.best.x  # Rounding takes what is nearest to the optimum.
        shares = weights / weights.sum() if len(weights) else weights
        return whole_clauses(x, utilities, problem, MeanValue(shares, welfare))[0]
    if not len(utilities) or not problem.m:
        return tuple(np.flatnonzero(problem.whole(np.full(problem.m, -1.0))).tolist())
    shares = weights / weights.sum()
    if name == "maximin_groups":
        means = group_means(utilities, shares, labels)
        return whole_clauses(maximin(means, problem).x, means, problem, LeastRow())[0]
    relaxed = cvar(utilities, shares, problem)
    return whole_clauses(relaxed.x, utilities, problem, WorstShare(shares))[0]


@dataclass(frozen=True, eq=False)
class Linear:
    """The answer of a linear rule: x (m,), what it reaches, and what no allowed x exceeds."""

    x: FloatArray
    value: float
    upper_bound: float


def group_means(utilities: Utilities, weights: FloatArray, labels: IntArray) -> FloatArray:
    """(groups + 1, m) weighted mean utilities of each group that counts, then of everybody."""
    groups = [labels == group for group in np.unique(labels[labels >= 0]).tolist()]
    held = [np.where(group, weights, 0.0) for group in groups if weights[group].sum() > 0]
    shares = np.stack([one / one.sum() for one in [*(held or [weights]), weights]])
    return pull(utilities, shares)


def maximin(means: FloatArray, problem: ClauseProblem) -> Linear:
    """The allowed x that gives most to the row that gets least; means as of `group_means`."""
    groups, mean = means[:-1], means[-1]
    x, level = _highest(groups, np.zeros((len(groups), 0)), TIE * mean, np.zeros(0), problem)
    return Linear(x, float((groups @ x).min()), level)


def cvar(
    utilities: Utilities, weights: FloatArray, problem: ClauseProblem, *, share: float = WORST_SHARE
) -> Linear:
    """The allowed x whose worst-off `share` of all weight has the greatest mean utility.

    weights (n,) sum to 1. Up to FEW citizens one linear programme with a row for each; for more,
    cutting planes: the worst off at any x give a linear bound on every x, and each next x is the
    nearest to the best so far that the bounds do not yet rule out (the level method of Lemarechal,
    Nemirovskii and Nesterov 1995), until value and bound are within LEVEL_GAP or after ROUNDS:
    the bound says how near.
    """
    score = WorstShare(weights, share)
    if len(utilities) > FEW:
        return _by_levels(utilities, score, problem)
    short = sparse.eye_array(len(utilities), format="csr")
    mean = TIE * (weights @ utilities)
    x, level = _highest(utilities, short, mean, weights / share, problem)
    return Linear(x, score.value(utility(utilities, x)), level)


def _highest(
    rows: Utilities, short: Any, mean: FloatArray, penalty: FloatArray, problem: ClauseProblem
) -> tuple[FloatArray, float]:
    """x and the most of eta + mean . x - penalty . s with rows @ x + short @ s >= eta, s >= 0."""
    matrix: Any
    matrix, limits, _ = problem.rows
    count, extra = len(rows), len(penalty)
    none = sparse.csr_array((len(limits), 1 + extra))
    eta = sparse.csr_array(np.ones((count, 1)))
    stack: Any = sparse.block_array  # Its types know no blocks of unlike kinds.
    falls = stack([[sparse.csr_array(-rows), eta, -short]])
    answer = minimise(
        np.concatenate([-mean, [-1.0], penalty]),
        sparse.vstack([stack([[matrix, none]]), falls], format="csr"),
        np.concatenate([limits, np.zeros(count)]),
        np.concatenate([problem.low, [-np.inf], np.zeros(extra)]),
        np.concatenate([problem.high, [np.inf], np.full(extra, np.inf)]),
    )
    return problem.inside(answer.x[: problem.m]), -answer.cost


def _by_levels(utilities: Utilities, score: WorstShare, problem: ClauseProblem) -> Linear:
    """CVaR for many citizens, who enter through two products with the utilities a round."""
    m = problem.m
    x = problem.maximise(pull(utilities, score.weights))[0]
    best = Linear(x, -np.inf, np.inf)
    cuts, nothing = np.zeros((0, m)), np.zeros(0)
    for _ in range(ROUNDS):
        t = utility(utilities, x)
        tail = score.slopes(t[None, :])[0]
        if tail @ t > best.value:
            best = replace(best, x=x, value=float(tail @ t))
        cuts = np.vstack([cuts, pull(utilities, tail)])
        x, bound = _highest(cuts, np.zeros((len(cuts), 0)), np.zeros(m), nothing, problem)
        best = replace(best, upper_bound=bound)
        if bound - best.value <= LEVEL_GAP:
            return best
        # Without a nearest point the highest, which Kelley's method takes, does as well.
        with suppress(NotCertified):
            x = _nearest(best.x, cuts, best.value + (bound - best.value) / 3, problem)
    return best


def _nearest(x: FloatArray, cuts: FloatArray, level: float, problem: ClauseProblem) -> FloatArray:
    """The allowed point nearest to x at which every cut is at least at the level."""
    matrix: Any
    matrix, limits, _ = problem.rows
    free = np.flatnonzero(problem.high > problem.low)
    held = np.where(problem.high > problem.low, 0.0, problem.low)
    target = held.copy()
    target[free] = quadratic(
        np.eye(len(free)),
        x[free],
        sparse.vstack([matrix[:, free], sparse.csr_array(-cuts[:, free])]),
        np.concatenate([limits - matrix @ held, cuts @ held - level]),
    )
    return problem.inside(target)


@dataclass(frozen=True)
class LeastRow:
    """The least of all utilities but the last, which is everybody's mean and decides ties."""

    def value(self, t: FloatArray) -> float:
        return float(t[:-1].min())

    def slopes(self, t: FloatArray) -> FloatArray:
        slopes = np.zeros(t.shape)
        slopes[np.arange(len(t)), t[:, :-1].argmin(axis=1)] = 1.0
        return slopes

    def tie(self, t: FloatArray) -> float:
        return float(t[-1])


@dataclass(frozen=True, eq=False)
class WorstShare:
    """The mean utility of the worst-off share of all weight; the mean of all decides ties."""

    weights: FloatArray
    share: float = WORST_SHARE

    def value(self, t: FloatArray) -> float:
        return float(self._tail(t) @ t)

    def slopes(self, t: FloatArray) -> FloatArray:
        return np.stack([self._tail(row) for row in t]) if len(t) else np.zeros(t.shape)

    def tie(self, t: FloatArray) -> float:
        return float(self.weights @ t)

    def _tail(self, t: FloatArray) -> FloatArray:
        """(n,) how much each citizen counts: weight / share from the worst off up, summing to 1."""
        order = np.argsort(t, kind="stable")
        filled = np.minimum(np.cumsum(self.weights[order]), self.share)
        tail = np.empty(len(t))
        tail[order] = np.diff(filled, prepend=0.0) / self.share
        return tail
