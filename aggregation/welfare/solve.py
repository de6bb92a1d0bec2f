"""The welfare programme solved exactly over all citizens, with a proof that needs no solver.

g = U'(w phi'(t)), t = Ux. The objective is concave, so no allowed y is better than x by more than
gap = max_y g . (y - x); that maximum is bounded from above by prices on the constraints. Clauses
that may contradict each other lose a penalty, `tension.lost`: gap = max_y g . (y - x) - lost(y) +
lost(x), bounded alike.

Citizens enter through sums alone, taken a block of rows at a time: gradients (m,) and Hessians
over the few clauses that matter. The quadratic programme of a Newton step has clause variables
only; Clarabel is asked directly, since stating it in cvxpy takes longer than solving it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import clarabel
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from aggregation.errors import AggregationInputError, NotCertified
from aggregation.types import FloatArray, IntArray
from aggregation.welfare.problem import ClauseProblem
from aggregation.welfare.value import Value, Welfare

Utilities = NDArray[np.floating[Any]]  # (n, m), of either precision: sums are of float64

BLOCK = 8192  # citizens at a time
SAMPLE = 1500  # evenly spaced citizens on whom a large programme is solved first, for a start
FIRST_STEPS = 15  # Frank-Wolfe steps before Newton's
NEAR = 0.02  # a gap at which Newton's steps are the better ones
NEWTON_STEPS = 40
FALLBACK_STEPS = 500  # Frank-Wolfe steps where no quadratic programme has an answer


@dataclass(frozen=True, eq=False)
class Inclusion:
    """How much of each clause: x (m,) in 0..1, with the proof of how good it is.

    value: the weighted mean of phi over citizens less what tensions cost; gap: no allowed x has a
        value above value + gap
    duals: the price of each row of `problem.priced`, what one unit more of it would be worth
    """

    x: FloatArray
    value: float
    gap: float
    duals: FloatArray
    iterations: int


class Unproved(NotCertified):
    """The gap did not come down to what was asked for; `best` is the best answer there is."""

    def __init__(self, best: Inclusion, tol: float) -> None:
        super().__init__(f"The gap came down to {best.gap:.2g}, not to {tol:g}.", gap=best.gap)
        self.best = best


def inclusion(
    utilities: Utilities,
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

    Raises Unproved, which carries the best answer, if the gap does not come down to `tol`.
    """
    objective = _objective(utilities, weights, problem, welfare)
    best = _newton(objective, problem, _start(objective, problem, warm, tol), tol=tol)
    if best.gap > tol:
        raise Unproved(best.told(), tol)
    return best.told()


def frank_wolfe(
    utilities: Utilities,
    weights: FloatArray,
    problem: ClauseProblem,
    welfare: Value | None = None,
    *,
    tol: float = 1e-4,
    steps: int = FALLBACK_STEPS,
    start: FloatArray | None = None,
) -> Inclusion:
    """The same programme with no quadratic solver: steps towards the best vertex, same proof.

    Stops at a gap of `tol` or after so many steps, whichever is first: look at the gap.
    """
    objective = _objective(utilities, weights, problem, welfare)
    x = problem.some if start is None else start
    return _walk(objective, problem, _certified(objective, problem, x), tol, steps).told()


def prove(
    utilities: Utilities,
    weights: FloatArray,
    problem: ClauseProblem,
    welfare: Value,
    x: FloatArray,
) -> Inclusion:
    """How good any allowed x is: its value, and the gap above it."""
    return _certified(_objective(utilities, weights, problem, welfare), problem, x).told()


def check(utilities: Utilities, weights: FloatArray, problem: ClauseProblem) -> None:
    """Raise AggregationInputError naming the first entry that no programme can use."""
    if utilities.ndim != 2 or utilities.shape[1] != problem.m:
        raise AggregationInputError(
            f"utilities: the shape is {utilities.shape}, not (citizens, {problem.m})."
        )
    if utilities.size and not (utilities.min() >= 0 and utilities.max() < np.inf):
        wrong = ~(np.isfinite(utilities) & (utilities >= 0))
        row, column = np.argwhere(wrong)[0].tolist()
        raise AggregationInputError(
            f"utilities row {row}, column {column}: not a finite number of at least 0."
        )
    if weights.shape != (len(utilities),):
        raise AggregationInputError(f"weights: give {len(utilities)} of them, not {weights.shape}.")
    bad = np.flatnonzero(~(np.isfinite(weights) & (weights >= 0)))
    if bad.size:
        raise AggregationInputError(
            f"weights row {bad[0]}: {weights[bad[0]]} is not a finite number of at least 0."
        )
    if len(weights) and weights.sum() <= 0:
        raise AggregationInputError("weights: their sum is 0, so nobody would count.")


def utility(utilities: Utilities, x: FloatArray) -> FloatArray:
    """t (n,): what each citizen gets from x (m,), in double precision."""
    t = np.empty(len(utilities))
    for rows, block in _blocks(utilities):
        np.matmul(block, x, out=t[rows])
    return t


def pull(utilities: Utilities, forces: FloatArray) -> FloatArray:
    """(m,) or (k, m): forces (n,) or (k, n) of citizens, times their utilities."""
    total = np.zeros((*forces.shape[:-1], utilities.shape[1]))
    for rows, block in _blocks(utilities):
        total += forces[..., rows] @ block
    return total


def second_moment(
    utilities: Utilities, weights: FloatArray, columns: IntArray | slice = slice(None)
) -> FloatArray:
    """sum_i w_i u_i u_i' over these columns, a block of citizens at a time; weights at least 0."""
    roots = np.sqrt(weights)[:, None]
    total: FloatArray | float = 0.0
    for first in range(0, max(len(roots), 1), BLOCK):
        rows = slice(first, first + BLOCK)
        scaled = utilities[rows, columns] * roots[rows]
        total = total + scaled.T @ scaled
    return np.asarray(total, dtype=np.float64)


def _blocks(utilities: Utilities) -> Iterator[tuple[slice, FloatArray]]:
    """Rows of the utilities in double precision; a matrix that has it is not copied."""
    n = len(utilities)
    size = BLOCK if utilities.dtype != np.float64 else max(n, 1)
    for first in range(0, n, size):
        rows = slice(first, first + size)
        yield rows, utilities[rows].astype(np.float64, copy=False)


@dataclass(frozen=True, eq=False)
class _Objective:
    """F(x) = sum_i w_i phi(u_i . x) and its derivatives; weights sum to 1."""

    utilities: Utilities
    weights: FloatArray
    value: Value

    def utility(self, x: FloatArray) -> FloatArray:
        return utility(self.utilities, x)

    def at(self, t: FloatArray) -> float:
        return float(self.weights @ self.value.value(t))

    def gradient(self, t: FloatArray) -> FloatArray:
        return pull(self.utilities, self.weights * self.value.slope(t))

    def hessian(self, t: FloatArray, columns: IntArray) -> FloatArray:
        """Minus the second derivative in these clauses: positive semidefinite."""
        bend = -self.weights * self.value.curvature(t)
        return second_moment(self.utilities, bend, columns)

    def sample(self, step: int) -> _Objective:
        """Every so many citizens; shares as they are, where anybody counts."""
        shares = self.weights[::step]
        total = shares.sum()
        return _Objective(
            self.utilities[::step],
            shares / total if total > 0 else np.full(len(shares), 1 / len(shares)),
            self.value,
        )


@dataclass(frozen=True, eq=False)
class _Point:
    """An allowed x with all that is known there."""

    x: FloatArray
    t: FloatArray
    gradient: FloatArray
    value: float
    gap: float
    vertex: FloatArray
    prices: FloatArray
    iterations: int

    def told(self) -> Inclusion:
        return Inclusion(self.x, self.value, self.gap, self.prices, self.iterations)


def _objective(
    utilities: Utilities, weights: FloatArray, problem: ClauseProblem, welfare: Value | None
) -> _Objective:
    check(utilities, weights, problem)
    shares = weights / weights.sum() if len(weights) else weights
    return _Objective(utilities, np.asarray(shares, dtype=np.float64), welfare or Welfare())


def _certified(
    objective: _Objective, problem: ClauseProblem, x: FloatArray, *, iterations: int = 0
) -> _Point:
    t = objective.utility(x)
    gradient = objective.gradient(t)
    vertex, prices = problem.maximise(gradient)
    lost = problem.tensions.lost(x)
    gap = max(problem.bound(gradient, prices) - float(gradient @ x) + lost, 0.0)
    return _Point(x, t, gradient, objective.at(t) - lost, gap, vertex, prices, iterations)


def _start(
    objective: _Objective, problem: ClauseProblem, warm: FloatArray | None, tol: float
) -> _Point:
    """Where Newton's steps begin: what was given, the optimum of a sample, or a short walk."""
    if warm is not None and problem.allows(warm):
        return _certified(objective, problem, warm)
    n = len(objective.utilities)
    if n > 2 * SAMPLE:
        few = objective.sample(-(-n // SAMPLE))
        begun = _start(few, problem, None, tol)
        near = _newton(few, problem, begun, tol=max(tol, 1e-3))
        return _certified(objective, problem, near.x, iterations=near.iterations)
    start = _certified(objective, problem, problem.some)
    return _walk(objective, problem, start, max(tol / 2, NEAR), FIRST_STEPS)


def _newton(objective: _Objective, problem: ClauseProblem, here: _Point, *, tol: float) -> _Point:
    """Newton's steps until the gap is `tol` or no longer comes down."""
    last = here.iterations + NEWTON_STEPS
    while here.gap > tol and here.iterations < last:
        try:
            target = _newton_target(objective, problem, here)
        except NotCertified:
            return _walk(objective, problem, here, tol, FALLBACK_STEPS)
        found = _step(objective, problem, here, target, tol=tol)
        if found.gap >= here.gap and found.value <= here.value:
            break
        here = found
    return here


def _step(
    objective: _Objective,
    problem: ClauseProblem,
    here: _Point,
    target: FloatArray,
    *,
    tol: float,
) -> _Point:
    """The target, or the best point on the way to it, whichever is nearer the optimum."""
    count = here.iterations + 1
    toward = target - here.x
    strain = problem.tensions.along(here.x, toward)
    length = _line_search(
        objective, here.t, objective.utility(toward), strain, problem.tensions.penalty
    )
    way = here.x + length * (target - here.x)
    first, second = (target, way) if length > 0.9 else (way, target)
    found = _certified(objective, problem, first, iterations=count)
    if length == 1 or found.gap <= max(tol, here.gap / 10):
        return found
    other = _certified(objective, problem, second, iterations=count)
    return min(found, other, key=lambda one: one.gap)


def _walk(
    objective: _Objective, problem: ClauseProblem, here: _Point, tol: float, steps: int
) -> _Point:
    """Frank-Wolfe: towards the vertex that the gradient likes best, as far as it pays."""
    last = here.iterations + steps
    while here.gap > tol and here.iterations < last:
        toward = objective.utility(here.vertex) - here.t
        strain = problem.tensions.along(here.x, here.vertex - here.x)
        length = _line_search(objective, here.t, toward, strain, problem.tensions.penalty)
        x = here.x + length * (here.vertex - here.x)
        here = _certified(objective, problem, x, iterations=here.iterations + 1)
    return here


def _line_search(
    objective: _Objective,
    t: FloatArray,
    toward: FloatArray,
    strain: tuple[FloatArray, FloatArray],
    penalty: float,
) -> float:
    """The step in 0..1 at which the slope along `toward` crosses zero, by safeguarded Newton.

    strain : of each tension, its excess at the start and what the whole step adds; where one comes
    to bind the slope jumps down, which halving finds.
    """
    excess, added = strain
    pull, bend = objective.weights * toward, objective.weights * toward**2
    low, high, length = 0.0, 1.0, 1.0
    for _ in range(60):
        along = t + length * toward
        slope = float(objective.value.slope(along) @ pull)
        slope -= penalty * float(added[excess + length * added > 0].sum())
        if slope >= 0:
            low = length
        else:
            high = length
        if low == 1.0 or high - low <= 1e-12:
            break
        curvature = float(objective.value.curvature(along) @ bend)
        step = length - slope / curvature if curvature < 0 else -1.0
        if abs(step - length) <= 1e-10:
            break
        length = step if low < step < high else (low + high) / 2
    return length


def _newton_target(objective: _Objective, problem: ClauseProblem, here: _Point) -> FloatArray:
    """The best point of the quadratic model at x, over the clauses that may matter."""
    columns = _working_set(problem, here)
    held = here.x.copy()
    held[columns] = 0.0
    matrix: Any
    matrix, limits, _ = problem.priced
    part = matrix[:, columns]
    touched = np.diff(part.indptr) > 0
    hessian = objective.hessian(here.t, columns)
    linear = here.gradient[columns] + hessian @ here.x[columns]
    rows, room = part[touched], (limits - matrix @ held)[touched]
    soft = int(np.count_nonzero(touched[len(problem.rows[1]) :]))
    if soft:
        hessian, linear, rows = _with_excess(
            hessian, linear, rows, soft=soft, penalty=problem.tensions.penalty
        )
    target = held.copy()
    target[columns] = quadratic(hessian, linear, rows, room)[: len(columns)]
    return problem.inside(target)


def _with_excess(
    hessian: FloatArray, linear: FloatArray, rows: Any, *, soft: int, penalty: float
) -> tuple[FloatArray, FloatArray, Any]:
    """The quadratic programme with y for each of its last `soft` rows: row - y <= 1, at a cost."""
    count, size = rows.shape
    wide = np.zeros((size + soft, size + soft))
    wide[:size, :size] = hessian
    place = (np.arange(count - soft, count), np.arange(soft))
    excess = sparse.csr_array((-np.ones(soft), place), shape=(count, soft))
    return wide, np.append(linear, np.full(soft, -penalty)), sparse.hstack([rows, excess])


def _working_set(problem: ClauseProblem, here: _Point) -> IntArray:
    """Clauses in use, and those whose reduced gain is greatest; none that is fixed."""
    reduced = (here.gradient - problem.priced[0].T @ here.prices) / problem.costs
    count = int(2 * problem.budget / problem.costs.min(initial=1.0)) + 20
    top = np.argsort(-reduced, kind="stable")[:count]
    columns = np.union1d(np.flatnonzero(here.x > 0), top).astype(np.int64)
    return columns[problem.high[columns] > problem.low[columns]]


def quadratic(
    hessian: FloatArray, linear: FloatArray, matrix: Any, limits: FloatArray
) -> FloatArray:
    """z in 0..1 with A z <= b where linear . z - z'Hz / 2 is greatest.

    Whether z is good is for its duality gap to say, so the solver's own verdict is not asked for.
    """
    # Scaled to order 1, so that the solver's absolute tolerances are far below the gap.
    size = max(np.abs(linear).max(initial=0.0), np.abs(hessian).max(initial=0.0))
    scale = 1 / max(float(size), 1e-300)
    m = len(linear)
    box = sparse.eye_array(m)
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.max_threads = 1
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = 1e-11
    solver = clarabel.DefaultSolver(
        sparse.csc_matrix(np.triu(hessian * scale)),
        -linear * scale,
        sparse.csc_matrix(sparse.vstack([matrix, box, -box])),
        np.concatenate([limits, np.ones(m), np.zeros(m)]),
        [clarabel.NonnegativeConeT(len(limits) + 2 * m)],
        settings,
    )
    answer = solver.solve()
    z = np.asarray(answer.x, dtype=np.float64)
    if z.shape != (m,) or not np.all(np.isfinite(z)):
        raise NotCertified(f"The quadratic step ended with {answer.status}.", gap=float("inf"))
    return z
