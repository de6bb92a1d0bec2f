"""Linear programmes over clauses, on instances that once had no answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import optimize, sparse

from aggregation.welfare.linear import Vertex, minimise

# Gradients near an optimum: many clauses are worth almost the same. On these HiGHS's dual simplex
# stops as "unknown" at a tolerance of 1e-10.
NEAR_TIES = json.loads((Path(__file__).parent / "gold" / "near_ties.json").read_text())


def read(recorded: dict[str, Any]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Costs (m,), rows (c, m) of zeros and ones, and their limits (c,)."""
    matrix = np.zeros((len(recorded["limits"]), len(recorded["costs"])))
    for row, columns in enumerate(recorded["rows"]):
        matrix[row, columns] = 1.0
    return np.array(recorded["costs"]), matrix, np.array(recorded["limits"])


def solve(costs: np.ndarray, matrix: np.ndarray, limits: np.ndarray) -> Vertex:
    low, high = np.zeros(len(costs)), np.ones(len(costs))
    return minimise(costs, sparse.csr_array(matrix), limits, low, high)


@pytest.mark.parametrize("recorded", NEAR_TIES)
def test_near_ties_have_a_proved_answer(recorded: dict[str, Any]) -> None:
    """What it answers is allowed, and its own prices prove it the best to 1e-8."""
    costs, matrix, limits = read(recorded)
    answer = solve(costs, matrix, limits)
    assert np.all(matrix @ answer.x <= limits + 1e-9)
    assert np.all((answer.x >= 0) & (answer.x <= 1))
    bound = np.minimum(costs + matrix.T @ answer.prices, 0.0).sum() - limits @ answer.prices
    assert np.all(answer.prices >= 0)
    assert costs @ answer.x == pytest.approx(bound, abs=1e-8)


@pytest.mark.parametrize("recorded", NEAR_TIES)
def test_near_ties_agree_with_whole_numbers(recorded: dict[str, Any]) -> None:
    """No whole choice is better, and the best one is hardly worse: a second way, by branching."""
    costs, matrix, limits = read(recorded)
    answer = solve(costs, matrix, limits)
    whole = optimize.milp(
        costs,
        integrality=np.ones(len(costs), dtype=np.int64),
        bounds=optimize.Bounds(0, 1),
        constraints=[optimize.LinearConstraint(matrix, -np.inf, limits)],
        options={"mip_rel_gap": 0.0},
    )
    assert whole.fun >= answer.cost - 1e-7
    assert whole.fun == pytest.approx(answer.cost, rel=0.05)
