"""Estimates of the answers nobody gave, fitted a second time, and how good they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from aggregation.certify.recompute.ballots import Served
from aggregation.types import BoolArray, FloatArray, IntArray

PERSON, STATEMENT = (1.0, 1.0), (0.5, 16.0)  # prior precisions of intercept and factors
WEAK, STILL = 0.01, 0.005  # precision of mu; a step of the claims that ends the search
RANKS, SHARE, TRIAL_ROUNDS, REPORT_ROUNDS = (0, 1, 3, 8), 0.2, 8, 15
TRIAL_PEOPLE, TRIAL_HIDDEN, NO_BETTER = 4000, 50, 0.001
BINS = 10
BLOCK = 1000  # people laid out in full at once


@dataclass(frozen=True, eq=False)
class Cells:
    """The agree (+1) and disagree (-1) votes of n people on m claims, person by person."""

    n: int
    m: int
    row: IntArray
    column: IntArray
    sign: FloatArray

    @classmethod
    def of(cls, votes: Served) -> Cells:
        """Every vote but the unsure ones, which are no evidence either way."""
        told = votes.value != 0
        sign = votes.value[told].astype(np.float64)
        return cls(votes.n, votes.m, votes.row[told], votes.column[told], sign)

    def where(self, keep: BoolArray) -> Cells:
        """Some of the cells; people and claims stay."""
        return Cells(self.n, self.m, self.row[keep], self.column[keep], self.sign[keep])

    def split(self, seed: int, *, draw: int) -> tuple[Cells, Cells]:
        """What is known, and a random fifth that is hidden; draw 1 for reports, 2 for ranks."""
        hidden = np.random.default_rng([seed, draw]).random(len(self.row)) < SHARE
        return self.where(~hidden), self.where(hidden)


@dataclass(frozen=True, eq=False)
class Model:
    """logit P(i agrees with j) = mu + a_i + b_j + f_i . q_j; people (n, r+1), claims (m, r+1).

    The covariances (., r+1, r+1) are those of each row, the other side held fixed.
    """

    mu: float
    people: FloatArray
    claims: FloatArray
    people_covariance: FloatArray
    claims_covariance: FloatArray

    def probability(self, rows: slice | IntArray, columns: Sequence[int]) -> FloatArray:
        """(rows, columns) sigma of the moderated logit."""
        people, claims = self.people[rows], self.claims[list(columns)]
        x, y = _ones_first(people), _ones_first(claims)
        z = self.mu + people[:, :1] + claims[:, 0] + x[:, 1:] @ y[:, 1:].T
        spread = _squares(x) @ _flat(self.claims_covariance[list(columns)]).T
        spread += _flat(self.people_covariance[rows]) @ _squares(y).T
        return sigmoid(_moderated(z, spread))

    def logits(self, cells: Cells) -> FloatArray:
        """(cells,) the moderated logits of some cells."""
        x, y = _ones_first(self.people)[cells.row], _ones_first(self.claims)[cells.column]
        z = _logits(self.mu, self.people[cells.row], self.claims[cells.column])
        spread = (_squares(x) * _flat(self.claims_covariance)[cells.column]).sum(axis=1)
        spread += (_squares(y) * _flat(self.people_covariance)[cells.row]).sum(axis=1)
        return _moderated(z, spread)


def fit(cells: Cells, *, rank: int, rounds: int, seed: int) -> Model:
    """Alternate between claims and people; each step maximises a quadratic lower bound.

    The bound is Jaakkola's and Jordan's (2000), of curvature tanh(z / 2) / (2 z); after each step
    the mean of the intercepts goes to mu. Stops early when the claims stand still.
    """
    people, claims = np.zeros((cells.n, rank + 1)), np.zeros((cells.m, rank + 1))
    people[:, 1:] = np.random.default_rng(seed).standard_normal((cells.n, rank))
    person_prior = np.array([PERSON[0], *[PERSON[1]] * rank])
    claim_prior = np.array([STATEMENT[0], *[STATEMENT[1]] * rank])
    mu, asked = 0.0, np.bincount(cells.column, minlength=cells.m) > 0
    for _ in range(rounds):
        slopes, bends = _claims_sums(cells, mu, people, claims)
        change, claims_precision = _step(slopes, bends, claims, claim_prior)
        mu, claims = _levelled(mu, claims + change, claim_prior[0], asked)
        slopes, bends = _people_sums(cells, mu, people, claims)
        moved, people_precision = _step(slopes, bends, people, person_prior)
        mu, people = _levelled(mu, people + moved, person_prior[0], np.ones(cells.n, dtype=bool))
        if not asked.any() or np.sqrt(np.mean(change[asked] ** 2)) < STILL:
            break
    return Model(mu, people, claims, _inverse(people_precision), _inverse(claims_precision))


def _claims_sums(
    cells: Cells, mu: float, people: FloatArray, claims: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Per claim the sums over its votes of slope x and of curvature x x', x = (1, f_i)."""
    seen = _ones_first(people)
    slopes, bends = np.zeros(claims.shape), np.zeros((cells.m, seen.shape[1] ** 2))
    for rows, slope, bend in _blocks(cells, mu, people, claims):
        slopes += slope.T @ seen[rows]
        bends += bend.T @ _squares(seen[rows])
    return slopes, bends


def _people_sums(
    cells: Cells, mu: float, people: FloatArray, claims: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The same per person, with x = (1, q_j)."""
    seen = _ones_first(claims)
    squares = _squares(seen)
    slopes, bends = np.zeros(people.shape), np.zeros((cells.n, squares.shape[1]))
    for rows, slope, bend in _blocks(cells, mu, people, claims):
        slopes[rows], bends[rows] = slope @ seen, bend @ squares
    return slopes, bends


def _blocks(
    cells: Cells, mu: float, people: FloatArray, claims: FloatArray
) -> Iterator[tuple[slice, FloatArray, FloatArray]]:
    """Some people at a time: slope and curvature of the bound at their votes, 0 elsewhere."""
    for start in range(0, cells.n, BLOCK):
        rows = slice(start, min(start + BLOCK, cells.n))
        first, last = np.searchsorted(cells.row, [rows.start, rows.stop])
        where = cells.row[first:last] - start, cells.column[first:last]
        logit = mu + people[rows, :1] + claims[:, 0] + people[rows, 1:] @ claims[:, 1:].T
        z = logit[where]
        half = np.tanh(z / 2)
        slope, bend = np.zeros(logit.shape), np.zeros(logit.shape)
        slope[where] = (cells.sign[first:last] - half) / 2
        bend[where] = np.where(z == 0, 0.25, half / np.where(z == 0, 1.0, 2 * z))
        yield rows, slope, bend


def _step(
    slopes: FloatArray, bends: FloatArray, before: FloatArray, prior: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """What to add to every row of one side, and the rows' precision matrices."""
    width = before.shape[1]
    precision = bends.reshape(len(before), width, width) + np.diag(prior)
    gradient = slopes - prior * before
    change = np.linalg.solve(precision, gradient[:, :, None])[:, :, 0]
    return np.asarray(change, dtype=np.float64), precision


def _inverse(stack: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.inv(stack), dtype=np.float64)


def _levelled(
    mu: float, side: FloatArray, precision: float, rows: BoolArray
) -> tuple[float, FloatArray]:
    shift = (precision * side[rows, 0].sum() - WEAK * mu) / (precision * rows.sum() + WEAK)
    return mu + shift, side - shift * np.outer(rows, np.arange(side.shape[1]) == 0)


def _logits(mu: float, one: FloatArray, other: FloatArray) -> FloatArray:
    result: FloatArray = mu + one[:, 0] + other[:, 0] + (one[:, 1:] * other[:, 1:]).sum(axis=1)
    return result


def _ones_first(parameters: FloatArray) -> FloatArray:
    features = parameters.copy()
    features[:, 0] = 1.0
    return features


def _squares(features: FloatArray) -> FloatArray:
    return _flat(np.einsum("ia,ib->iab", features, features))


def _flat(stack: FloatArray) -> FloatArray:
    return stack.reshape(len(stack), stack.shape[1] * stack.shape[2])


def _moderated(logit: FloatArray, spread: FloatArray) -> FloatArray:
    """A logit drawn towards 0 by its variance (MacKay 1992)."""
    result: FloatArray = logit / np.sqrt(1 + np.pi * spread / 8)
    return result


def sigmoid(z: FloatArray) -> FloatArray:
    """1 / (1 + e^-z)."""
    result: FloatArray = (1 + np.tanh(z / 2)) / 2
    return result


# -- how good it is --------------------------------------------------------------------------------


def ranks_tried(cells: Cells, *, seed: int) -> tuple[int, list[tuple[int, float]]]:
    """The rank to use, and (rank, log-loss on a hidden fifth) of those tried.

    0, 1 and 3, and 8 if 3 did best; the smallest within 0.001 of the least. Of more than 4000
    people, 4000 at equal steps take part. Rank 0 where there is too little to judge by.
    """
    if cells.n > TRIAL_PEOPLE:
        part = np.unique(np.arange(TRIAL_PEOPLE) * cells.n // TRIAL_PEOPLE)
        cells = cells.where(np.isin(cells.row, part))
    known, asked = cells.split(seed, draw=2)
    if len(asked.sign) < TRIAL_HIDDEN or abs(asked.sign.sum()) == len(asked.sign):
        return 0, []
    tried: list[tuple[int, float]] = []
    for rank in RANKS:
        best = min(tried, key=lambda trial: trial[1])[0] if tried else None
        if rank == RANKS[-1] and best != RANKS[-2]:
            break
        model = fit(known, rank=rank, rounds=TRIAL_ROUNDS, seed=seed)
        tried.append((rank, log_loss(asked.sign, model.logits(asked))))
    least = min(loss for _, loss in tried)
    return min(rank for rank, loss in tried if loss <= least + NO_BETTER), tried


@dataclass(frozen=True)
class Quality:
    """How well answers were predicted: their number, mean log-loss, area under the curve, ECE."""

    votes: int
    log_loss: float
    auc: float | None
    ece: float


@dataclass(frozen=True)
class Report:
    """Predictions of a hidden fifth of the votes, beside the claims' plain means, and by group."""

    model: Quality
    mean: Quality
    groups: tuple[tuple[int, Quality], ...]


def report(cells: Cells, labels: IntArray, *, rank: int, seed: int) -> Report | None:
    """None where the hidden votes are all alike, or there are none."""
    known, asked = cells.split(seed, draw=1)
    if abs(asked.sign.sum()) == len(asked.sign):
        return None
    logit = fit(known, rank=rank, rounds=REPORT_ROUNDS, seed=seed).logits(asked)
    agrees, rejects = (
        np.bincount(known.column[known.sign == side], minlength=cells.m) + 1 for side in (1, -1)
    )
    mean = (np.log(agrees) - np.log(rejects))[asked.column]
    group_of = labels[asked.row]
    return Report(
        quality(asked.sign, logit),
        quality(asked.sign, mean),
        tuple(
            (g, quality(asked.sign[group_of == g], logit[group_of == g]))
            for g in sorted(set(group_of[group_of >= 0].tolist()))
        ),
    )


def quality(sign: FloatArray, logit: FloatArray) -> Quality:
    """Of predictions P(+1) = sigma(logit) for answers of +1 and -1."""
    return Quality(len(sign), log_loss(sign, logit), auc(sign, logit), calibration(sign, logit))


def log_loss(sign: FloatArray, logit: FloatArray) -> float:
    """Mean of -log P(what was answered)."""
    z = sign * logit
    return float(np.mean(np.maximum(-z, 0.0) + np.log1p(np.exp(-np.abs(z)))))


def auc(sign: FloatArray, logit: FloatArray) -> float | None:
    """Chance that an agreement got the higher estimate of two (ties count half); None if alike."""
    logit = np.round(logit, 9)  # equal estimates may differ by rounding errors
    against, given = np.sort(logit[sign < 0]), logit[sign > 0]
    if not len(against) or not len(given):
        return None
    wins = np.searchsorted(against, given) + np.searchsorted(against, given, side="right")
    return float(wins.mean() / (2 * len(against)))


def calibration(sign: FloatArray, logit: FloatArray) -> float:
    """ECE over ten bins of equal width: |sum of P(agree) - agreements| of each, per answer."""
    chance = sigmoid(logit)
    place = np.minimum(np.floor(BINS * chance).astype(np.int64), BINS - 1)
    gaps = [abs(float(np.sum((chance - (sign > 0))[place == b]))) for b in range(BINS)]
    return sum(gaps) / len(sign)
