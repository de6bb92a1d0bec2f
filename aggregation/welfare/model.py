"""The welfare programme as one reads it, in cvxpy, over a few types of citizen.

    maximise   sum_t w_t phi_p(offset + u_t . x)
    subject to 0 <= x <= 1,  costs . x <= budget,
               x_a + x_b <= 1 for clauses that say nearly the same or contradict each other,
               sum of x over a theme <= its cap

`solve` answers the same programme exactly over all citizens; this statement is where one reads what
is solved, where solving starts, and what its answer is checked against.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cvxpy
import numpy as np

from aggregation.errors import NotCertified
from aggregation.kmeans import kmeans
from aggregation.types import FloatArray
from aggregation.welfare.problem import ClauseProblem
from aggregation.welfare.value import Welfare

cp: Any = cvxpy  # It exports its functions in a way that type checkers cannot follow.
TYPES = 64  # at most this many voter types; each one is the mean of the citizens it stands for
LIGHTEST = 1e-4  # a type of no weight leaves its cone without an objective, which solvers dislike


@dataclass(frozen=True, eq=False)
class NashTypes:
    """The statement with its knobs: set `weights` or `budget`, solve again, nothing is rebuilt."""

    statement: Any  # cp.Problem
    x: Any  # cp.Variable (m,)
    weights: Any  # cp.Parameter (K,), each at least LIGHTEST, summing to 1
    budget: Any  # cp.Parameter

    def solve(
        self, *, weights: FloatArray | None = None, budget: float | None = None
    ) -> FloatArray:
        """x (m,) in 0..1; raises NotCertified if the solver gives no answer."""
        if weights is not None:
            self.weights.value = _floored(weights)
        if budget is not None:
            self.budget.value = budget
        try:
            self.statement.solve(solver=cp.CLARABEL)
        except cp.SolverError as error:
            raise NotCertified(f"Clarabel gave no answer: {error}", gap=float("inf")) from error
        if self.x.value is None:
            raise NotCertified(f"Clarabel ended with {self.statement.status}.", gap=float("inf"))
        return np.clip(np.asarray(self.x.value, dtype=np.float64), 0.0, 1.0)


def nash_types(
    types: FloatArray, weights: FloatArray, problem: ClauseProblem, welfare: Welfare
) -> NashTypes:
    """State the programme for K types (K, m) of these weights (K,), ready to solve."""
    count, m = types.shape
    x = cp.Variable(m)
    share = cp.Parameter(count, nonneg=True, value=_floored(weights))
    budget = cp.Parameter(nonneg=True, value=problem.budget)
    utility = welfare.offset + types @ x
    if welfare.p == 0:
        value = cp.log(utility)
    elif welfare.p == 1:
        value = utility
    else:
        value = cp.power(utility, welfare.p) / welfare.p
    rules = [x >= 0, x <= 1, problem.costs @ x <= budget]
    if len(problem.conflicts):
        rules.append(x[problem.conflicts[:, 0]] + x[problem.conflicts[:, 1]] <= 1)
    for theme, cap in enumerate(problem.caps.tolist()):
        member = np.flatnonzero(problem.themes == theme)
        if len(member) > cap:
            rules.append(cp.sum(x[member]) <= cap)
    # Times the number of types: with an objective of order 1 Clarabel stalls on half the instances.
    return NashTypes(cp.Problem(cp.Maximize(count * (share @ value)), rules), x, share, budget)


def voter_types(
    utilities: FloatArray,
    weights: FloatArray,
    *,
    features: FloatArray | None = None,
    seed: int = 0,
) -> tuple[FloatArray, FloatArray]:
    """At most 64 types by k-means: their mean utilities (K, m) and weights (K,).

    features : (n, d) what to compare citizens by, such as a completion's factors; by default the
        leading directions of the utilities themselves
    """
    held = np.flatnonzero(weights > 0)
    points = _leading(utilities) if features is None else features
    points = points[held]
    k = min(TYPES, len(np.unique(points, axis=0)))
    rng = np.random.default_rng(seed)
    labels, _ = kmeans(points, k, rng=rng, weights=weights[held], starts=1, rounds=25)
    kinds, labels = np.unique(labels, return_inverse=True)
    mass = np.bincount(labels, weights=weights[held]).astype(np.float64)
    member = np.zeros((len(kinds), len(held)))
    member[labels, np.arange(len(held))] = weights[held]
    return member @ utilities[held] / mass[:, None], mass


def _leading(utilities: FloatArray) -> FloatArray:
    """(n, <=4) coordinates along the directions in which utilities spread most."""
    centred = utilities - utilities.mean(axis=0)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    return np.asarray(centred @ vectors[:, ::-1][:, :4], dtype=np.float64)


def _floored(weights: FloatArray) -> FloatArray:
    share = np.maximum(weights / weights.sum(), LIGHTEST)
    return np.asarray(share / share.sum(), dtype=np.float64)
