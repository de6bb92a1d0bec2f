"""How far everybody else's utility can move when some people are taken out."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from aggregation.errors import AggregationInputError
from aggregation.types import FloatArray


def stability_bound(gap: float, removed: float, *, gap_after: float = 0.0) -> float:
    """What `removal_shift` cannot exceed under Nash welfare.

    gap : of x for everybody; removed : the share of all weight that left, 0 to 1; gap_after : of
    the new x for those who stay. Whoever leaves, the others' relative utilities move by at most
    gap + removed (plus what the new optimum is short of).
    """
    if not 0 <= removed <= 1:
        raise AggregationInputError(f"removed {removed}: give a share of the weight, 0 to 1.")
    if not (gap >= 0 and gap_after >= 0):
        raise AggregationInputError("gap: a gap is at least 0.")
    return gap + removed + gap_after * (1 - removed)


def removal_shift(
    utilities: FloatArray,
    weights: FloatArray,
    x: FloatArray,
    x_after: FloatArray,
    removed_rows: ArrayLike,
    *,
    offset: float = 0.5,
) -> float:
    """How far the others' utilities did move: sum over those who stay of w (t' - t)^2 / (t t').

    x, x_after (m,): Nash-optimal shares with everybody, and without the people in `removed_rows`
    (indices or a mask); t = offset + utilities @ x, and weights count as shares of everybody's.

    With gap d and optimality of x_after, sum_all w (t'/t - 1) <= d and sum_stay w (t/t' - 1) <= 0;
    added up over those who stay: sum w (t' - t)^2 / (t t') <= d + sum_gone w (1 - t'/t) <= d + r.
    """
    stays = np.ones(len(utilities), dtype=bool)
    stays[np.asarray(removed_rows)] = False
    before, after = offset + utilities[stays] @ x, offset + utilities[stays] @ x_after
    shares = weights[stays] / weights.sum()
    return float(np.sum(shares * np.square(after - before) / (before * after)))
