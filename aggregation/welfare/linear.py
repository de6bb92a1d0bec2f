"""Linear programmes, in shares and in whole numbers, by HiGHS through scipy."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy import optimize, sparse

from aggregation.errors import NotCertified
from aggregation.types import BoolArray, FloatArray

FEASIBLE = 1e-8  # constraints whose least total violation is above this cannot all hold


class Vertex(NamedTuple):
    """The answer of a linear programme: x, the price of each row, and the least cost."""

    x: FloatArray
    prices: FloatArray
    cost: float


def minimise(
    costs: FloatArray, matrix: Any, limits: FloatArray, low: FloatArray, high: FloatArray
) -> Vertex:
    """Minimise costs . x subject to A x <= b in the box, by HiGHS's dual simplex.

    Raises NotCertified where it gives no answer.
    """
    if not len(limits):
        x = np.where(costs < 0, high, low)
        return Vertex(x, np.zeros(0), float(costs @ x))
    solve: Any = optimize.linprog
    answer = solve(
        costs,
        A_ub=matrix,
        b_ub=limits,
        bounds=np.column_stack([low, high]),
        method="highs-ds",
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    if answer.status != 0 or answer.x is None:
        raise NotCertified(f"The linear programme failed: {answer.message}", gap=float("inf"))
    prices = np.maximum(-answer.ineqlin.marginals, 0.0)
    return Vertex(np.clip(answer.x, low, high), prices, float(answer.fun))


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
