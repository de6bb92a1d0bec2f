"""How far a set of shares can be from the best: a proof by prices, rechecked without a solver."""

from __future__ import annotations

import numpy as np

from aggregation.errors import AggregationInputError
from aggregation.types import FloatArray


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
