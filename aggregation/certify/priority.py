"""How near weights over clauses are to the best, from the weights alone."""

from __future__ import annotations

import numpy as np

from aggregation.types import FloatArray


def priority_residual(
    utilities: FloatArray, weights: FloatArray, p: FloatArray, *, floor: float
) -> float:
    """No other weights have a value better by more than this (duality gap, at least 0).

    utilities (n, k) at least 0; weights (n,) of the citizens; p (k,) at least 0, scaled to sum 1
    floor : the part of every voice that supports all clauses alike

    The value is (1 - floor) sum_i w_i log(u_i . p) + floor mean_j log p_j over the citizens for
    whom some clause has a value. It is concave, and its derivatives weighted by p add up to 1: so
    the greatest derivative minus 1 bounds what is to be gained. Infinite where a citizen, or with
    a floor a clause, has weight but gets nothing.
    """
    heard = (utilities.max(axis=1, initial=0.0) > 0) & (weights > 0)
    if not heard.any() or not p.size:
        return 0.0
    shares, voices = weights[heard] / weights[heard].sum(), utilities[heard]
    share = p / p.sum()
    given = voices @ share
    if np.any(given <= 0) or (floor > 0 and np.any(share <= 0)):
        return float("inf")
    derivative = (1 - floor) * ((shares / given) @ voices)
    if floor > 0:
        derivative = derivative + floor / (share.size * share)
    return max(float(derivative.max()) - 1.0, 0.0)
