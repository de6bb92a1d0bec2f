"""How far a set of shares can be from the best: a proof by prices, rechecked without a solver."""

from __future__ import annotations

import numpy as np

from aggregation.certify.harmonics import harmonic, harmonic_slope
from aggregation.errors import AggregationInputError
from aggregation.types import FloatArray

BLOCK = 8192  # people at a time, so that single precision is never widened for everybody at once
LOOSE = 1e-6  # published shares are rounded, so a limit may be passed by a little


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
    low: FloatArray | None = None,
    high: FloatArray | None = None,
    tensions: FloatArray | None = None,
    penalty: float = 0.0,
) -> float:
    """By how much any allowed x could at most beat this one (welfare per citizen).

    low, high (m,)       : least and greatest share of each clause, by default 0 and 1
    rows (r, m), limits (r,): what is allowed beside, as rows @ x <= limits
    prices (r,) : dual prices, at least 0; any of them give a true bound, the solver's the least.
        With a single row they may be left out: the best price is found here.
    tensions (s, m), penalty : every row with tensions @ x above 1 loses penalty times the excess;
        then prices (r + s,) hold one for each of them too, at most the penalty

    The derivative g at x bounds the rest, by concavity and weak duality: for every allowed y,
    with r = g - rows' prices, g . y <= limits . prices + sum_j max(r_j low_j, r_j high_j). What y
    loses by an excess e is at least price . e, so that tensions count as rows with limit 1.
    """
    slope = weights / weights.sum() * (offset + _reached(utilities, x)) ** (p - 1)
    box, soft = _box(x, low, high), (tensions, penalty)
    return _duality_gap(pulled(utilities, slope), x, rows, limits, prices, box, soft)


def harmonic_bound(
    utilities: FloatArray,
    weights: FloatArray,
    x: FloatArray,
    *,
    rows: FloatArray,
    limits: FloatArray,
    prices: FloatArray | None = None,
    low: FloatArray | None = None,
    high: FloatArray | None = None,
    tensions: FloatArray | None = None,
    penalty: float = 0.0,
) -> float:
    """What no allowed set's harmonic score, the mean of H(t) over citizens, can exceed.

    Less the penalty for every tension that stands. F_H(x) plus its gap at x, with arguments as for
    `gap`; valid at any x, since H is concave.
    """
    shares, t = weights / weights.sum(), _reached(utilities, x)
    gradient = pulled(utilities, shares * harmonic_slope(t))
    box, soft = _box(x, low, high), (tensions, penalty)
    short = _duality_gap(gradient, x, rows, limits, prices, box, soft)
    return float(shares @ harmonic(t)) - _lost(x, *soft) + short


def _lost(x: FloatArray, tensions: FloatArray | None, penalty: float) -> float:
    if tensions is None:
        return 0.0
    return penalty * float(np.maximum(tensions @ x - 1.0, 0.0).sum())


def _reached(utilities: FloatArray, x: FloatArray) -> FloatArray:
    """(n,) utilities @ x."""
    starts = range(0, len(utilities), BLOCK)
    return np.concatenate([np.zeros(0), *(utilities[a : a + BLOCK] @ x for a in starts)])


def pulled(utilities: FloatArray, slope: FloatArray) -> FloatArray:
    """(m,) slope @ utilities."""
    total = np.zeros(utilities.shape[1])
    for start in range(0, len(utilities), BLOCK):
        total += slope[start : start + BLOCK] @ utilities[start : start + BLOCK]
    return total


def _box(
    x: FloatArray, low: FloatArray | None, high: FloatArray | None
) -> tuple[FloatArray, FloatArray]:
    least = np.zeros(len(x)) if low is None else low
    most = np.ones(len(x)) if high is None else high
    if not np.all((x >= least - LOOSE) & (x <= most + LOOSE)):
        raise AggregationInputError("x is not allowed: a share is outside 0..1 or its own limits.")
    return least, most


def _duality_gap(
    gradient: FloatArray,
    x: FloatArray,
    rows: FloatArray,
    limits: FloatArray,
    prices: FloatArray | None,
    box: tuple[FloatArray, FloatArray],
    soft: tuple[FloatArray | None, float],
) -> float:
    if not np.all(rows @ x <= limits + LOOSE * np.maximum(np.abs(limits), 1)):
        raise AggregationInputError("x is not allowed: it uses more than a limit.")
    if prices is not None:
        if np.any(prices < 0):
            raise AggregationInputError("prices: a price below 0 proves nothing.")
        if np.any(prices[len(rows) :] > soft[1]):
            raise AggregationInputError("prices: a tension is worth the penalty at most.")
        candidates = prices[None, :]
    elif len(rows) == 1 and soft[0] is None:
        ratios = np.divide(gradient, rows[0], out=np.zeros(len(x)), where=rows[0] > 0)
        candidates = np.append(np.maximum(ratios, 0.0), 0.0)[:, None]
    else:
        raise AggregationInputError("prices: give them where there is more than one row.")
    if soft[0] is not None:
        rows, limits = np.vstack([rows, soft[0]]), np.append(limits, np.ones(len(soft[0])))
    reduced = gradient - candidates @ rows
    left = np.maximum(reduced * box[0], reduced * box[1]).sum(axis=1)
    best = float(np.min(candidates @ limits + left) - gradient @ x)
    return max(best + _lost(x, *soft), 0.0)
