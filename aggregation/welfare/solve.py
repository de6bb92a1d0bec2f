"""The welfare programme solved exactly over all citizens, with a proof that needs no solver.

g = U'(w phi'(t)), t = Ux. The objective is concave, so no allowed y is better than x by more than
gap = max_y g . (y - x); that maximum is bounded from above by prices on the constraints.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cvxpy
import numpy as np

from aggregation.errors import AggregationInputError, NotCertified
from aggregation.types import FloatArray, IntArray
from aggregation.welfare.problem import ClauseProblem
from aggregation.welfare.value import Value, Welfare

cp: Any = cvxpy  # It exports its functions in a way that type checkers cannot follow.
FIRST_STEPS = 15  # Frank-Wolfe steps before Newton's
NEWTON_STEPS = 40


@dataclass(frozen=True, eq=False)
class Inclusion:
    """How much of each clause: x (m,) in 0..1, with the proof of how good it is.

    value: the weighted mean of phi over citizens; gap: no allowed x has a value above value + gap
    duals: the price of each row of `problem.rows`, what one unit more of it would be worth
    """

    x: FloatArray
    value: float
    gap: float
    duals: FloatArray
    iterations: int


@dataclass(frozen=True, eq=False)
class _Objective:
    """F(x) = sum_i w_i phi(u_i . x) and its derivatives; weights sum to 1."""

    utilities: FloatArray
    weights: FloatArray
    value: Value

    def at(self, t: FloatArray) -> float:
        return float(self.weights @ self.value.value(t))

    def gradient(self, t: FloatArray) -> FloatArray:
        gradient: FloatArray = (self.weights * self.value.slope(t)) @ self.utilities
        return gradient

    def hessian(self, t: FloatArray, columns: IntArray) -> FloatArray:
        """Minus the second derivative in these clauses: positive semidefinite."""
        scaled = (
            self.utilities[:, columns] * np.sqrt(-self.weights * self.value.curvature(t))[:, None]
        )
        return np.asarray(scaled.T @ scaled, dtype=np.float64)


def inclusion(
    utilities: FloatArray,
    weights: FloatArray,
    problem: ClauseProblem,
    welfare: Value | None = None,
    *,
    tol: float = 1e-6,
    warm: FloatArray | None = None,
) -> Inclusion:
    """Maximise the welfare of all citizens over the allowed clauses.

    utilities : (n, m) finite, at least 0; weights : (n,) at least 0, used as shares of their sum
    welfare : Nash, `Welfare(0)`, by default; warm : an allowed x to start from

    Frank-Wolfe steps, then Newton steps whose quadratic programme has clause variables only.
    Raises NotCertified if the gap does not come down to `tol`.
    """
    shares = _checked(utilities, weights, problem)
    objective = _Objective(utilities, shares, welfare or Welfare())
    x = np.zeros(problem.m)
    if warm is not None and problem.allows(warm):
        x = warm.copy()
    x, steps = _frank_wolfe(objective, problem, x, tol=tol)
    best = _certified(objective, problem, x, iterations=steps)
    while best.gap > tol and best.iterations < steps + NEWTON_STEPS:
        target = _newton_target(objective, problem, best)
        found = min(
            (
                _certified(objective, problem, x, iterations=best.iterations + 1)
                for x in (_toward(objective, best.x, target), target)
            ),
            key=lambda one: one.gap,
        )
        if found.gap >= best.gap and found.value <= best.value:
            break
        best = found
    if best.gap > tol:
        raise NotCertified(
            f"The gap came down to {best.gap:.2g} only, above {tol:g}.", gap=best.gap
        )
    return best


def prove(
    utilities: FloatArray,
    weights: FloatArray,
    problem: ClauseProblem,
    welfare: Value,
    x: FloatArray,
) -> Inclusion:
    """How good any allowed x is: its value, and the gap above it."""
    objective = _Objective(utilities, _checked(utilities, weights, problem), welfare)
    return _certified(objective, problem, x, iterations=0)


def _checked(utilities: FloatArray, weights: FloatArray, problem: ClauseProblem) -> FloatArray:
    if utilities.ndim != 2 or utilities.shape[1] != problem.m:
        raise AggregationInputError(
            f"utilities: the shape is {utilities.shape}, not (citizens, {problem.m})."
        )
    wrong = np.argwhere(~(np.isfinite(utilities) & (utilities >= 0)))
    if wrong.size:
        row, column = wrong[0].tolist()
        raise AggregationInputError(
            f"utilities row {row}, column {column}: not a finite number of at least 0."
        )
    if weights.shape != (len(utilities),) or not np.all(np.isfinite(weights) & (weights >= 0)):
        raise AggregationInputError(f"weights: give {len(utilities)} finite numbers of at least 0.")
    total = weights.sum()
    if total <= 0 and len(weights):
        raise AggregationInputError("weights: their sum is 0, so nobody would count.")
    return weights / total if len(weights) else weights


def _certified(
    objective: _Objective, problem: ClauseProblem, x: FloatArray, *, iterations: int
) -> Inclusion:
    t = objective.utilities @ x
    gradient = objective.gradient(t)
    _, prices = problem.maximise(gradient)
    gap = max(problem.bound(gradient, prices) - float(gradient @ x), 0.0)
    return Inclusion(x, objective.at(t), gap, prices, iterations)


def _frank_wolfe(
    objective: _Objective, problem: ClauseProblem, x: FloatArray, *, tol: float
) -> tuple[FloatArray, int]:
    t = objective.utilities @ x
    for step in range(FIRST_STEPS):
        gradient = objective.gradient(t)
        y, _ = problem.maximise(gradient)
        if float(gradient @ (y - x)) <= tol / 2:
            return x, step
        toward = objective.utilities @ (y - x)
        length = _line_search(objective, t, toward)
        x, t = x + length * (y - x), t + length * toward
    return x, FIRST_STEPS


def _line_search(objective: _Objective, t: FloatArray, toward: FloatArray) -> float:
    """The step in 0..1 at which the slope along `toward` crosses zero, by safeguarded Newton."""

    def slope(length: float) -> float:
        return float((objective.weights * objective.value.slope(t + length * toward)) @ toward)

    if slope(1.0) >= 0:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    return low


def _newton_target(objective: _Objective, problem: ClauseProblem, here: Inclusion) -> FloatArray:
    """The best point of the quadratic model at x, over the clauses that may matter."""
    x = here.x
    t = objective.utilities @ x
    gradient = objective.gradient(t)
    columns = _working_set(problem, x, gradient, here.duals)
    small = problem.restrict(columns)
    z = cp.Variable(len(columns))
    matrix: Any
    matrix, limits, _ = small.rows
    hessian = objective.hessian(t, columns)
    linear = gradient[columns] + hessian @ x[columns]
    # Scaled to order 1, so that the solver's absolute tolerances are far below the gap.
    scale = 1 / max(float(np.abs(linear).max()), 1e-300)
    quadratic = cp.quad_form(z, cp.psd_wrap(hessian * scale))
    statement = cp.Problem(
        cp.Maximize((linear * scale) @ z - quadratic / 2), [z >= 0, z <= 1, matrix @ z <= limits]
    )
    try:
        statement.solve(solver=cp.CLARABEL, tol_gap_abs=1e-11, tol_gap_rel=1e-11, tol_feas=1e-11)
    except cp.SolverError as error:
        raise NotCertified(f"The quadratic step failed: {error}", gap=here.gap) from error
    if z.value is None:
        raise NotCertified(f"The quadratic step ended with {statement.status}.", gap=here.gap)
    target = np.zeros(problem.m)
    target[columns] = z.value
    return problem.inside(target)


def _toward(objective: _Objective, x: FloatArray, target: FloatArray) -> FloatArray:
    step = target - x
    length = _line_search(objective, objective.utilities @ x, objective.utilities @ step)
    return np.asarray(x + length * step, dtype=np.float64)


def _working_set(
    problem: ClauseProblem, x: FloatArray, gradient: FloatArray, prices: FloatArray
) -> IntArray:
    """Clauses in use, and those whose reduced gain is greatest."""
    matrix, _, _ = problem.rows
    reduced = (gradient - matrix.T @ prices) / problem.costs
    count = int(2 * problem.budget / problem.costs.min(initial=1.0)) + 20
    top = np.argsort(-reduced, kind="stable")[:count]
    return np.union1d(np.flatnonzero(x > 0), top).astype(np.int64)
