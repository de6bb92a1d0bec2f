"""Estimates of the answers nobody gave: a rank-3 logistic model of agree against disagree.

Estimates order what is shown and selected. They never count as anybody's vote.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse, special, stats

from aggregation.errors import AggregationInputError
from aggregation.types import BoolArray, FloatArray, IntArray
from aggregation.votes import SparseFloat, VoteTable

# Prior precisions: person intercept and factors; statement intercept and factors.
PERSON_PRIOR = (1.0, 1.0)
STATEMENT_PRIOR = (0.5, 16.0)


@dataclass(frozen=True, eq=False)
class Completion:
    """A fitted model: logit P(i agrees with j) = mu + a_i + b_j + f_i . q_j.

    person (n, r+1) holds (a, f), statement (m, r+1) holds (b, q); the covariances (., r+1, r+1) are
    the Laplace approximation around them.
    """

    participants: tuple[str, ...]
    statements: tuple[str, ...]
    mu: float
    person: FloatArray
    statement: FloatArray
    person_covariance: FloatArray
    statement_covariance: FloatArray

    def probability(self, rows: IntArray | None = None) -> FloatArray:
        """(len(rows), m) P(agree), in 0..1; all participants if rows is None.

        Uncertain estimates are drawn towards 1/2: sigma(x / sqrt(1 + pi v / 8)) with v the
        variance of x under the Laplace approximation (MacKay 1992).
        """
        chosen = slice(None) if rows is None else rows
        person, covariance = self.person[chosen], self.person_covariance[chosen]
        logit = self.mu + person[:, :1] + self.statement[:, 0]
        logit += person[:, 1:] @ self.statement[:, 1:].T
        variance = _outer(person) @ _flat(self.statement_covariance).T
        variance += _flat(covariance) @ _outer(self.statement).T
        return _moderated(logit, variance)


@dataclass(frozen=True)
class HeldOut:
    """How well the model predicts answers it has not seen, beside the statements' plain means."""

    votes: int
    log_loss: float
    auc: float
    mean_log_loss: float
    mean_auc: float


def fit(votes: VoteTable, *, rank: int = 3, rounds: int = 15, seed: int = 0) -> Completion:
    """Fit by `rounds` alternating, batched Newton steps over people and statements.

    "Unsure" is no evidence either way and is left out. Everything about a statement starts at
    zero, so negating every vote negates mu, a, b and q exactly and turns each P into 1 - P.
    """
    if rank < 0 or rounds < 1:
        raise AggregationInputError(f"rank {rank} or rounds {rounds} is too small: at least 0, 1.")
    (n, m), cells = votes.shape, _Cells.of(votes)
    person, statement = np.zeros((n, rank + 1)), np.zeros((m, rank + 1))
    person[:, 1:] = np.random.default_rng(seed).standard_normal((n, rank))
    person_prior = np.array([PERSON_PRIOR[0], *[PERSON_PRIOR[1]] * rank])
    statement_prior = np.array([STATEMENT_PRIOR[0], *[STATEMENT_PRIOR[1]] * rank])
    mu = 0.0
    for _ in range(rounds):
        mu += _intercept_step(cells, mu, person=person, statement=statement)
        statement, statement_hessian = _newton_step(
            cells.by_column,
            cells.sign,
            own=statement[cells.column],
            other=person[cells.row],
            mu=mu,
            before=statement,
            prior=statement_prior,
        )
        person, person_hessian = _newton_step(
            cells.by_row,
            cells.sign,
            own=person[cells.row],
            other=statement[cells.column],
            mu=mu,
            before=person,
            prior=person_prior,
        )
    return Completion(
        votes.participants,
        votes.statements,
        mu,
        person,
        statement,
        np.linalg.inv(person_hessian).astype(np.float64, copy=False),
        np.linalg.inv(statement_hessian).astype(np.float64, copy=False),
    )


def heldout_report(
    votes: VoteTable, *, share: float = 0.2, rank: int = 3, seed: int = 0
) -> HeldOut:
    """Hide a random share of the agree and disagree votes, fit on the rest, predict the hidden."""
    told = votes.values.data != 0
    hidden = told & (np.random.default_rng(seed).random(votes.count) < share)
    truth = votes.values.data[hidden] > 0
    if truth.all() or not truth.any():
        raise AggregationInputError("the hidden votes are all alike; nothing can be told apart.")
    rows, columns = votes.rows, votes.columns
    kept = told & ~hidden
    model = fit(votes.select(kept), rank=rank, seed=seed)
    estimates = model.probability()[rows[hidden], columns[hidden]]
    agrees = np.bincount(columns[kept & (votes.values.data > 0)], minlength=votes.shape[1])
    means = ((agrees + 1) / (np.bincount(columns[kept], minlength=votes.shape[1]) + 2))[
        columns[hidden]
    ]
    return HeldOut(
        int(hidden.sum()),
        _log_loss(truth, estimates),
        _auc(truth, estimates),
        _log_loss(truth, means),
        _auc(truth, means),
    )


@dataclass(frozen=True, eq=False)
class _Cells:
    """The agree and disagree votes as parallel arrays, with the sums over them as matrices."""

    row: IntArray
    column: IntArray
    sign: FloatArray  # +1 agree, -1 disagree
    by_row: SparseFloat  # (n, cells), ones
    by_column: SparseFloat  # (m, cells), ones

    @classmethod
    def of(cls, votes: VoteTable) -> _Cells:
        told = votes.values.data != 0
        row, column = votes.rows[told], votes.columns[told]
        sign = votes.values.data[told].astype(np.float64)
        n, m = votes.shape
        return cls(row, column, sign, _gather(row, size=n), _gather(column, size=m))


def _gather(index: IntArray, *, size: int) -> SparseFloat:
    cells = np.arange(len(index))
    return sparse.csr_array((np.ones(len(index)), (index, cells)), shape=(size, len(index)))


def _residual(sign: FloatArray, logit: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Gradient of the log-likelihood in the logit, and its curvature.

    Written in tanh so that negating the sign and the logit negates the gradient exactly.
    """
    half = np.tanh(logit / 2)
    return (sign - half) / 2, (1 - half * half) / 4


def _intercept_step(
    cells: _Cells, mu: float, *, person: FloatArray, statement: FloatArray
) -> float:
    own, other = person[cells.row], statement[cells.column]
    logit = mu + own[:, 0] + other[:, 0] + np.sum(own[:, 1:] * other[:, 1:], axis=1)
    slope, curvature = _residual(cells.sign, logit)
    weak = 0.01  # prior precision: enough to be defined without any votes
    return float((slope.sum() - weak * mu) / (curvature.sum() + weak))


def _newton_step(
    gather: SparseFloat,
    sign: FloatArray,
    *,
    own: FloatArray,
    other: FloatArray,
    mu: float,
    before: FloatArray,
    prior: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """One Newton step for every row of one side at once; its parameters and their Hessians.

    own, other : (cells, r+1) parameters of this side and of the fixed side, per vote
    """
    width = before.shape[1]
    features = other.copy()
    features[:, 0] = 1.0
    logit = mu + other[:, 0] + np.sum(own * features, axis=1)
    slope, curvature = _residual(sign, logit)
    upper = np.triu_indices(width)
    products = features[:, upper[0]] * features[:, upper[1]] * curvature[:, None]
    sums = gather @ np.hstack([slope[:, None] * features, products])
    hessian = np.empty((len(before), width, width))
    hessian[:, upper[0], upper[1]] = hessian[:, upper[1], upper[0]] = sums[:, width:]
    hessian += np.diag(prior)
    gradient = sums[:, :width] - prior * before
    return before + np.linalg.solve(hessian, gradient[:, :, None])[:, :, 0], hessian


def _outer(parameters: FloatArray) -> FloatArray:
    """(rows, (r+1)^2) outer products of the features (1, factors)."""
    features = parameters.copy()
    features[:, 0] = 1.0
    return _flat(features[:, :, None] * features[:, None, :])


def _flat(stack: FloatArray) -> FloatArray:
    return stack.reshape(len(stack), stack.shape[1] * stack.shape[2])


def _moderated(logit: FloatArray, variance: FloatArray) -> FloatArray:
    probability: FloatArray = special.expit(logit / np.sqrt(1 + np.pi * variance / 8))
    return probability


def _log_loss(truth: BoolArray, estimate: FloatArray) -> float:
    return float(-np.mean(np.where(truth, np.log(estimate), np.log1p(-estimate))))


def _auc(truth: BoolArray, estimate: FloatArray) -> float:
    """Chance that a random agreement got a higher estimate than a random disagreement."""
    ranks = stats.rankdata(estimate)
    agrees = int(truth.sum())
    pairs = agrees * (len(truth) - agrees)
    return float((ranks[truth].sum() - agrees * (agrees + 1) / 2) / pairs)
