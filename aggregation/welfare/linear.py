"""Linear programmes, in shares and in whole numbers, by HiGHS through scipy."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy import optimize, sparse

from aggregation.errors import NotCertified
from aggregation.types import BoolArray, FloatArray

FEASIBLE = 1e-8  # constraints whose least total violation is above this cannot all hold

# HiGHS's methods and tolerances, the best first. Among near ties its simplex may stop as "unknown"
# where it guards itself against cycling; what a later one answers is proved or not as any answer.
ATTEMPTS = (("highs-ds", 1e-10), ("highs-ipm", 1e-10), ("highs-ds", 1e-9), ("highs-ds", 1e-7))


class Vertex(NamedTuple):
    """The answer of a linear programme: x, the price of each row, and the least cost."""

    x: FloatArray
    prices: FloatArray
    cost: float


def minimise(
    costs: FloatArray, matrix: Any, limits: FloatArray, low: FloatArray, high: FloatArray
) -> Vertex:
    """Minimise costs . x subject to A x <= b in the box, by HiGHS's dual simplex.

    Where that comes to no end, by its interior point method with crossover, then less exactly.
    Raises NotCertified where none of them gives an answer.
    """
    if not len(limits):
        x = np.where(costs < 0, high, low)
        return Vertex(x, np.zeros(0), float(costs @ x))
    solve: Any = optimize.linprog
    bounds = np.column_stack([low, high])
    for method, tolerance in ATTEMPTS:
        options = {
            "primal_feasibility_tolerance": tolerance,
            "dual_feasibility_tolerance": tolerance,
        }
        answer = solve(
            costs, A_ub=matrix, b_ub=limits, bounds=bounds, method=method, options=options
        )
        if answer.status == 0 and answer.x is not None:
            prices = np.maximum(-answer.ineqlin.marginals, 0.0)
            return Vertex(np.clip(answer.x, low, high), prices, float(answer.fun))
    raise NotCertified(f"The linear programme failed: {answer.message}", gap=float("inf"))


def best_whole(
    gains: FloatArray, matrix: Any, limits: FloatArray, low: FloatArray, high: FloatArray
) -> FloatArray | None:
    """0 or 1 for each clause, within the rows, gains greatest; None where the rows clash."""
    if not gains.size:
        return gains.copy() if np.all(limits >= 0) else None
    rules = [optimize.LinearConstraint(matrix, -np.inf, limits)] if len(limits) else []
    answer = optimize.milp(
        -gains,
        integrality=np.ones(len(gains), dtype=np.int64),
        bounds=optimize.Bounds(low, high),
        constraints=rules,
    )
    if answer.status == 2:
        return None
    if answer.x is None:
        raise NotCertified(f"The integer programme failed: {answer.message}", gap=float("inf"))
    return np.asarray(np.round(answer.x), dtype=np.float64)


def least_violation(
    matrix: Any, limits: FloatArray, low: FloatArray, high: FloatArray
) -> tuple[FloatArray, BoolArray]:
    """The x in the box that breaks A x <= b least in sum, and the rows that prove it must.

    No row proves anything where x breaks none. Each row is scaled to a largest coefficient of 1.
    """
    count, m = matrix.shape
    size = abs(matrix).max(axis=1).toarray().ravel() if count and m else np.ones(count)
    size[size == 0] = 1.0
    scaled = sparse.diags_array(1 / size) @ matrix
    answer = minimise(
        np.concatenate([np.zeros(m), np.ones(count)]),
        sparse.hstack([scaled, -sparse.eye_array(count)], format="csr"),
        limits / size,
        np.concatenate([low, np.zeros(count)]),
        np.concatenate([high, np.full(count, np.inf)]),
    )
    return answer.x[:m], (answer.prices > 1e-9) & (answer.cost > FEASIBLE)
