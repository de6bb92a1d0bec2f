"""A bridging factorisation of the Community Notes kind, as a yardstick for completions.

    r_ij = mu + h_i + g_j + f_i q_j        (Wojcik et al. 2022, "Birdwatch", equations 1 and 2)

with r = 1 for agreement and 0 for disagreement, fitted by least squares with the published
penalties: .15 for all intercepts, the global one included, and .03 for the factors. Written anew
from the paper, in alternating least squares where the original takes gradient steps. `penalty`
multiplies all penalties: the published ones are weak for conversations as small as ours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from aggregation.types import BoolArray, FloatArray, IntArray

INTERCEPT, FACTOR = 0.15, 0.03
ROUNDS, TOLERANCE = 200, 1e-4
PLATT_SHARE = 0.1  # of the known answers, kept from a first fit to scale its scores by


@dataclass(frozen=True, eq=False)
class Bridging:
    """Scores r and the two numbers that turn a score into a probability."""

    mu: float
    person: FloatArray  # (n, 2): intercept, factor
    statement: FloatArray  # (m, 2)
    scale: tuple[float, float]

    def logits(self, row: IntArray, column: IntArray) -> FloatArray:
        """(cells,) log odds of agreement."""
        slope, offset = self.scale
        return slope * _scores(self.mu, self.person[row], self.statement[column]) + offset


def fit(
    row: IntArray,
    column: IntArray,
    agrees: BoolArray,
    *,
    shape: tuple[int, int],
    penalty: float = 1.0,
    seed: int = 0,
) -> Bridging:
    """Fit all answers; scale by a tenth that a first fit did not see (Platt 1999)."""
    kept = np.random.default_rng([seed, 3]).random(len(row)) >= PLATT_SHARE
    start = np.random.default_rng(seed).standard_normal(shape[0])
    weight = penalty * np.array([INTERCEPT, FACTOR])
    known = row[kept], column[kept], agrees[kept].astype(np.float64)
    mu, person, statement = _factorise(*known, start=start, m=shape[1], weight=weight)
    scale = _platt(_scores(mu, person[row[~kept]], statement[column[~kept]]), agrees[~kept])
    whole = row, column, agrees.astype(np.float64)
    return Bridging(*_factorise(*whole, start=start, m=shape[1], weight=weight), scale)


def _factorise(
    row: IntArray,
    column: IntArray,
    answer: FloatArray,
    *,
    start: FloatArray,
    m: int,
    weight: FloatArray,
) -> tuple[float, FloatArray, FloatArray]:
    """Alternate until a round lowers the penalised loss by less than a ten-thousandth."""
    n = len(start)
    person, statement = np.zeros((n, 2)), np.zeros((m, 2))
    person[:, 1] = start
    mu, before = 0.0, np.inf
    for _ in range(ROUNDS):
        rest = answer - _scores(0.0, person[row], statement[column])
        mu = float(rest.sum() / (len(rest) + weight[0]))
        statement = _side(column, answer - mu, person[row], rows=m, weight=weight)
        person = _side(row, answer - mu, statement[column], rows=n, weight=weight)
        rest = answer - _scores(mu, person[row], statement[column])
        loss = float(rest @ rest) + weight[0] * mu * mu
        for side in (person, statement):
            loss += float(np.sum(side * side * weight))
        if before - loss < TOLERANCE * loss:
            break
        before = loss
    return mu, person, statement


def _side(
    index: IntArray, answer: FloatArray, other: FloatArray, *, rows: int, weight: FloatArray
) -> FloatArray:
    """(rows, 2) ridge regression of every row's answers on (1, factor) of the other side."""
    factor, rest = other[:, 1], answer - other[:, 0]

    def total(values: FloatArray) -> FloatArray:
        return np.bincount(index, weights=values, minlength=rows).astype(np.float64)

    count, sums = total(np.ones(len(index))) + weight[0], total(factor)
    squares = total(factor * factor) + weight[1]
    level, lean = total(rest), total(rest * factor)
    determinant = count * squares - sums * sums
    solved = [squares * level - sums * lean, count * lean - sums * level]
    return np.stack(solved, axis=1) / determinant[:, None]


def _scores(mu: float, person: FloatArray, statement: FloatArray) -> FloatArray:
    score: FloatArray = mu + person[:, 0] + statement[:, 0] + person[:, 1] * statement[:, 1]
    return score


def _platt(score: FloatArray, agrees: BoolArray) -> tuple[float, float]:
    """Slope and offset of the logistic curve through (score, agrees)."""

    def loss(curve: FloatArray) -> tuple[float, FloatArray]:
        logit = curve[0] * score + curve[1]
        slope = special.expit(logit) - agrees
        value = np.sum(np.logaddexp(0, np.where(agrees, -logit, logit)))
        return float(value), np.array([slope @ score, slope.sum()])

    slope, offset = optimize.minimize(loss, np.array([4.0, -2.0]), jac=True).x
    return float(slope), float(offset)
