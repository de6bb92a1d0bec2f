"""Sets of clauses and what is proved about them, from utilities and what a document states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aggregation.certify.committees import ejr_plus
from aggregation.certify.recompute.ballots import Served
from aggregation.certify.recompute.estimates import Model
from aggregation.certify.recompute.groups import Counts, Crowd
from aggregation.certify.recompute.standing import wilson
from aggregation.types import BoolArray, FloatArray, IntArray

PEOPLE = 2000  # looked at together where a figure over everybody is needed


def utilities(
    votes: Served, crowd: Crowd, counts: Counts, model: Model, columns: Sequence[int]
) -> FloatArray:
    """(n, columns) how far each person sides with these claims: answered, else estimated.

    An estimate is at most the lower bound (95 %) of what the person's group answered; without a
    group, of what everybody answered.
    """
    some = list(columns)
    turned = counts.disagree[-1, some] > counts.agree[-1, some]
    for_it = np.where(turned, counts.disagree[:, some], counts.agree[:, some])
    cap = wilson(for_it, counts.seen[:, some])[0][crowd.labels]  # label -1: the last row, everybody
    chance = model.probability(slice(None), some)
    result = np.minimum(np.where(turned, 1.0 - chance, chance), cap)
    row, place, value = _answers(votes, some)
    result[row, place] = (1.0 + np.where(turned[place], -value, value)) / 2.0
    return result


def agreement(votes: Served, model: Model, rows: IntArray, columns: Sequence[int]) -> FloatArray:
    """(rows, columns) how far some people agree: answered, else as estimated, with no cap."""
    result = model.probability(rows, columns)
    position = np.full(votes.n, -1, dtype=np.int64)
    position[rows] = np.arange(len(rows))
    row, place, value = _answers(votes, columns)
    held = position[row] >= 0
    result[position[row[held]], place[held]] = (1.0 + value[held]) / 2.0
    return result


def mean_agreement(votes: Served, model: Model) -> FloatArray:
    """(m,) mean of `agreement` over people; 0 without any."""
    total = np.bincount(votes.column, weights=(1.0 + votes.value) / 2, minlength=votes.m)
    for start in range(0, votes.n, PEOPLE):
        rows = slice(start, start + PEOPLE)
        unanswered = np.isnan(votes.dense(rows, fill=np.nan))
        total += (model.probability(rows, range(votes.m)) * unanswered).sum(axis=0)
    return np.asarray(total / max(votes.n, 1), dtype=np.float64)


def _answers(votes: Served, columns: Sequence[int]) -> tuple[IntArray, IntArray, IntArray]:
    """The votes on these claims: row, place among the columns, value."""
    place = np.full(votes.m, -1, dtype=np.int64)
    place[list(columns)] = np.arange(len(columns))
    held = place[votes.column] >= 0
    return votes.row[held], place[votes.column[held]], votes.value[held]


@dataclass(frozen=True)
class Merit:
    """What a chosen set means to people; utilities and approvals over the candidates.

    shared: how many of its clauses the default set has too
    mean, p10: average, and lowest tenth, over citizens of utility per chosen clause
    least_group: least mean of any group that has people here, None without groups
    unheard: share of citizens who approve of none; ejr_plus: greatest ratio of any clause left out
    """

    shared: int
    mean: float
    p10: float
    least_group: float | None
    unheard: float
    ejr_plus: float


def merit(
    values: FloatArray,
    approvals: BoolArray,
    labels: IntArray,
    chosen: Sequence[int],
    *,
    default: Sequence[int],
) -> Merit:
    """Of the set `chosen` (columns) beside the set `default`."""
    members = list(chosen)
    satisfaction = values[:, members].sum(axis=1) / max(len(members), 1)
    groups = [satisfaction[labels == g] for g in range(int(labels.max(initial=-1)) + 1)]
    return Merit(
        shared=len(set(members) & set(default)),
        mean=float(satisfaction.mean()) if len(satisfaction) else 0.0,
        p10=float(np.quantile(satisfaction, 0.1)) if len(satisfaction) else 0.0,
        least_group=min((float(one.mean()) for one in groups if one.size), default=None),
        unheard=float(np.mean(~approvals[:, members].any(axis=1))) if len(approvals) else 0.0,
        ejr_plus=float(ejr_plus(approvals, members, seats=len(members))[1].max(initial=0.0)),
    )


def weights_residual(values: FloatArray, p: FloatArray, *, floor: float) -> tuple[float, int]:
    """How far the weights p (k,), as shares, are from the best, and to how many no clause speaks.

    Over everybody else: max_j (1 - floor) mean_i u_ij / (u_i . p) + floor / (k p_j) - 1, which
    bounds what any other p would add to (1 - floor) mean_i log(u_i . p) + floor mean_j log p_j.
    """
    silent = ~np.any(values > 0, axis=1)
    if silent.all() or not len(p):
        return 0.0, int(silent.sum())
    voices = values[~silent]
    p = p / p.sum() if p.sum() > 0 else p
    heard = voices @ p
    if np.any(heard <= 0) or (floor > 0 and np.any(p <= 0)):
        return float("inf"), int(silent.sum())
    gain = (voices / heard[:, None]).mean(axis=0)
    even = floor / (len(p) * p) if floor > 0 else 0.0
    return max(float(np.max((1 - floor) * gain + even)) - 1, 0.0), int(silent.sum())
