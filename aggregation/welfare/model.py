"""The welfare programme as one reads it, in cvxpy, over a few types of citizen.

    maximise   sum_t w_t phi_p(offset + u_t . x) - penalty . sum of max(x_a + x_b - 1, 0)
    subject to low <= x <= high,  costs . x <= budget,
               x_a + x_b <= 1 for clauses that say nearly the same or contradict each other,
               cover <= sum of x over a theme <= cap,
               coefficients . x >= minimum for each floor

where (a, b) are clauses that may contradict each other; those known to do so are conflicts.
Weights, budget and minima are parameters: what-if questions change them and rebuild nothing.
`solve` answers the same programme exactly over all citizens; this statement is where one reads what
is solved, and what its answer is checked against.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import cvxpy
import numpy as np

from aggregation.errors import AggregationInputError
from aggregation.kmeans import kmeans
from aggregation.types import FloatArray
from aggregation.welfare.problem import ClauseProblem
from aggregation.welfare.solve import (
    Inclusion,
    Utilities,
    inclusion,
    prove,
    pull,
    second_moment,
    utility,
)
from aggregation.welfare.value import Welfare

cp: Any = cvxpy  # It exports its functions in a way that type checkers cannot follow.
TYPES = 64  # at most this many voter types; each one is the mean of the citizens it stands for
LIGHTEST = 1e-4  # a type of no weight leaves its cone without an objective, which solvers dislike
SOLVERS: tuple[tuple[str, dict[str, object]], ...] = (
    ("CLARABEL", {}),
    ("SCS", {"eps": 1e-6, "max_iters": 20_000}),
)


@dataclass(frozen=True, eq=False)
class NashTypes:
    """The statement with its knobs, the programme it states, and the types it is about."""

    statement: Any  # cp.Problem
    x: Any  # cp.Variable (m,)
    weights: Any  # cp.Parameter (K,), each at least LIGHTEST, summing to 1
    budget: Any  # cp.Parameter
    minima: Any  # cp.Parameter (floors,)
    types: FloatArray
    shares: FloatArray  # (K,) of the types as stated
    problem: ClauseProblem
    welfare: Welfare

    def solve(
        self,
        *,
        weights: FloatArray | None = None,
        budget: float | None = None,
        minima: Mapping[str, float] | None = None,
        tol: float = 1e-5,
    ) -> Inclusion:
        """The optimum over the types, with its proof; a knob that is not given stays as stated.

        weights (K,); minima : of floors, by name

        Clarabel is asked first, then SCS, then Newton's steps; an answer is taken for its duality
        gap, whatever its solver says of it. Raises Infeasible where the knobs leave nothing
        allowed, NotCertified where no gap comes down to `tol`.
        """
        shares = self.shares if weights is None else weights / weights.sum()
        problem = self._asked(budget, minima or {})
        self.weights.value, self.budget.value = _floored(shares), problem.budget
        self.minima.value = _minima(problem)
        for answer in self._answers():
            found = prove(self.types, shares, problem, self.welfare, problem.inside(answer))
            if found.gap <= tol:
                return found
        return inclusion(self.types, shares, problem, self.welfare, tol=tol)

    def _asked(self, budget: float | None, minima: Mapping[str, float]) -> ClauseProblem:
        """The programme with its knobs turned; it stays in place for the next question."""
        names = {floor.name for floor in self.problem.floors}
        unknown = sorted(set(minima) - names)
        if unknown:
            raise AggregationInputError(f"minima: there is no floor {unknown[0]}.")
        floors = tuple(
            replace(floor, minimum=float(minima.get(floor.name, floor.minimum)))
            for floor in self.problem.floors
        )
        limit = self.problem.budget if budget is None else budget
        return self.problem.turned(budget=limit, floors=floors)

    def _answers(self) -> Iterator[FloatArray]:
        """What each solver has to say, from the most precise to the most patient."""
        for solver, options in SOLVERS:
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # Of inaccuracy, which the gap measures.
                    self.statement.solve(solver=solver, **options)
            except cp.SolverError:
                continue
            if self.x.value is not None and np.all(np.isfinite(self.x.value)):
                yield np.asarray(self.x.value, dtype=np.float64)


def nash_types(
    types: FloatArray, weights: FloatArray, problem: ClauseProblem, welfare: Welfare
) -> NashTypes:
    """State the programme for K types (K, m) of these weights (K,), ready to solve."""
    count, m = types.shape
    x = cp.Variable(m)
    share = cp.Parameter(count, nonneg=True, value=_floored(weights))
    budget = cp.Parameter(nonneg=True, value=problem.budget)
    minima = cp.Parameter(max(len(problem.floors), 1), value=_minima(problem))
    utility = welfare.offset + types @ x
    if welfare.p == 0:
        value = cp.log(utility)
    elif welfare.p == 1:
        value = utility
    else:
        value = cp.power(utility, welfare.p) / welfare.p
    rules = [x >= problem.low, x <= problem.high, problem.costs @ x <= budget]
    if len(problem.conflicts):
        rules.append(x[problem.conflicts[:, 0]] + x[problem.conflicts[:, 1]] <= 1)
    for theme, (least, most) in enumerate(zip(problem.covers, problem.caps, strict=True)):
        member = np.flatnonzero(problem.themes == theme)
        if len(member) > most:
            rules.append(cp.sum(x[member]) <= most)
        if least > 0:
            rules.append(cp.sum(x[member]) >= least)
    for row, floor in enumerate(problem.floors):
        rules.append(floor.coefficients @ x >= minima[row])
    ends, penalty = problem.tensions.pairs, problem.tensions.penalty
    lost = penalty * cp.sum(cp.pos(x[ends[:, 0]] + x[ends[:, 1]] - 1)) if len(ends) else 0.0
    # Times the number of types: with an objective of order 1 Clarabel stalls on half the instances.
    statement = cp.Problem(cp.Maximize(count * (share @ value - lost)), rules)
    shares = weights / weights.sum()
    return NashTypes(statement, x, share, budget, minima, types, shares, problem, welfare)


def voter_types(
    utilities: Utilities,
    weights: FloatArray,
    *,
    features: FloatArray | None = None,
    seed: int = 0,
) -> tuple[FloatArray, FloatArray]:
    """At most 64 types by k-means: their mean utilities (K, m) and weights (K,).

    features : (n, d) what to compare citizens by, such as a completion's factors; by default the
        leading directions of the utilities themselves
    """
    points = _leading(utilities, weights / weights.sum()) if features is None else features
    if not np.all(weights > 0):
        held = np.flatnonzero(weights > 0)
        utilities, weights, points = utilities[held], weights[held], points[held]
    rng = np.random.default_rng(seed)
    k = min(TYPES, len(points))
    labels, _ = kmeans(points, k, rng=rng, weights=weights, starts=1, rounds=25)
    kinds, labels = np.unique(labels, return_inverse=True)
    member = np.zeros((len(kinds), len(weights)))
    member[labels, np.arange(len(weights))] = weights
    mass = member.sum(axis=1)
    return pull(utilities, member) / mass[:, None], mass


def _leading(utilities: Utilities, shares: FloatArray) -> FloatArray:
    """(n, <=4) coordinates along the directions in which utilities spread most."""
    mean = pull(utilities, shares)
    spread = second_moment(utilities, shares) - np.outer(mean, mean)
    _, vectors = np.linalg.eigh(spread)
    return np.column_stack([utility(utilities, axis) for axis in vectors.T[::-1][:4]])


def _minima(problem: ClauseProblem) -> FloatArray:
    """(floors,) what each floor asks for; a parameter cannot be empty."""
    return np.array([floor.minimum for floor in problem.floors] or [0.0])


def _floored(weights: FloatArray) -> FloatArray:
    share = np.maximum(weights / weights.sum(), LIGHTEST)
    return np.asarray(share / share.sum(), dtype=np.float64)
