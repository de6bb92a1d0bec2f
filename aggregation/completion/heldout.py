"""How well the model predicts answers it has not seen, overall and within each opinion group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from aggregation.completion.ascent import Cells
from aggregation.completion.fitting import fit
from aggregation.completion.ranks import hidden
from aggregation.completion.scores import auc, calibration_error, log_loss
from aggregation.errors import AggregationInputError
from aggregation.types import FloatArray, IntArray
from aggregation.votes import VoteTable


@dataclass(frozen=True)
class HeldOutGroup:
    """The same within one opinion group; `auc` is None where all its hidden answers are alike."""

    group: int
    votes: int
    log_loss: float
    auc: float | None
    ece: float


@dataclass(frozen=True)
class HeldOut:
    """How well hidden answers were predicted, beside the claims' plain means.

    votes : answers hidden; log_loss : nats; auc, ece : 0..1; definitions in `scores`
    mean_log_loss, mean_auc : the same for (agree + 1) / (agree + disagree + 2) of each claim
    groups : one entry for each group with a hidden answer, in the order of their numbers
    """

    votes: int
    log_loss: float
    auc: float
    ece: float
    mean_log_loss: float
    mean_auc: float
    groups: tuple[HeldOutGroup, ...] = ()


def heldout_report(
    votes: VoteTable,
    *,
    rank: int | Literal["auto"],
    share: float = 0.2,
    seed: int = 0,
    labels: IntArray | None = None,
) -> HeldOut | None:
    """Hide a random share of the agree and disagree votes, fit on the rest, predict the hidden.

    labels : (n,) opinion group of each participant, -1 for none; adds a reading for each group

    The draw is that of `ranks.hidden` with draw=1, the fit that of `fit(rank=rank, seed=seed)`.
    None where the hidden answers are all alike, or there are none: then nothing can be told apart.
    Raises AggregationInputError for a share outside (0, 1) or labels of another length.
    """
    if not 0 < share < 1:
        raise AggregationInputError(f"share {share} is not between 0 and 1.")
    if labels is not None and labels.shape != (votes.shape[0],):
        raise AggregationInputError(f"labels: give {votes.shape[0]}, one for each participant.")
    cells = Cells.of(votes)
    hide = hidden(cells, share=share, seed=seed, draw=1)
    known, asked = cells.select(~hide), cells.select(hide)
    told = votes.values.data != 0
    told[told] = ~hide
    means = _mean_logits(known)[asked.column]
    mean_auc = auc(asked.sign, means)
    if mean_auc is None:
        return None
    model = fit(votes.select(told), rank=rank, seed=seed)
    logit = model.cells(asked.row, asked.column)
    return HeldOut(
        len(asked.sign),
        log_loss(asked.sign, logit),
        float(auc(asked.sign, logit) or 0.0),
        calibration_error(asked.sign, logit),
        log_loss(asked.sign, means),
        mean_auc,
        () if labels is None else _by_group(asked, logit, labels),
    )


def _mean_logits(known: Cells) -> FloatArray:
    """(m,) log odds of agreement, one added to both counts."""
    m = known.shape[1]
    agrees = np.bincount(known.column[known.sign > 0], minlength=m)
    rejects = np.bincount(known.column[known.sign < 0], minlength=m)
    odds: FloatArray = np.log(agrees + 1.0) - np.log(rejects + 1.0)
    return odds


def _by_group(asked: Cells, logit: FloatArray, labels: IntArray) -> tuple[HeldOutGroup, ...]:
    group_of = labels[asked.row]
    readings = []
    for group in np.unique(group_of[group_of >= 0]).tolist():
        part = group_of == group
        sign, own = asked.sign[part], logit[part]
        reading = log_loss(sign, own), auc(sign, own), calibration_error(sign, own)
        readings.append(HeldOutGroup(group, len(sign), *reading))
    return tuple(readings)
