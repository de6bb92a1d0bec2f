"""How good probabilities turned out to be: log-loss, AUC and calibration."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from aggregation.types import FloatArray

BINS = 10


def log_loss(sign: NDArray[np.int8], logit: FloatArray) -> float:
    """Mean of -log P(what was answered), in nats; sign is +1 or -1, P(+1) = sigma(logit).

    Written in logits: nothing overflows, and negating both changes nothing.
    """
    return float(np.mean(np.logaddexp(0.0, -sign * logit)))


def auc(sign: NDArray[np.int8], logit: FloatArray) -> float | None:
    """Chance that a random agreement got a higher estimate than a random disagreement.

    Equal estimates count half, and so do those that differ by rounding errors alone; None where all
    answers are alike.
    """
    agrees = int(np.count_nonzero(sign > 0))
    pairs = agrees * (len(sign) - agrees)
    if pairs == 0:
        return None
    ranks = stats.rankdata(np.round(logit, 9))
    return float((ranks[sign > 0].sum() - agrees * (agrees + 1) / 2) / pairs)


def calibration_error(sign: NDArray[np.int8], logit: FloatArray) -> float:
    """Expected calibration error, 0..1, over ten bins of equal width (Naeini et al. 2015).

    sum over bins of |sum of P(agree) - number of agreements| / answers; p falls into bin
    min(9, floor(10 p)).
    """
    estimate = special.expit(logit)
    bins = np.minimum(BINS - 1, (BINS * estimate).astype(np.int64))
    gaps = np.bincount(bins, weights=estimate - (sign > 0), minlength=BINS)
    return float(np.abs(gaps).sum() / len(sign))
