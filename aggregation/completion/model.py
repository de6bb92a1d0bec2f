"""What a fitted completion says about any person and claim, and how sure it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import special

from aggregation.errors import AggregationInputError
from aggregation.types import FloatArray, IntArray

Positions: TypeAlias = "IntArray | NDArray[np.int32]"
CHUNK = 1 << 14  # pairs whose gathered parameters stay in the processor's cache


@dataclass(frozen=True, eq=False)
class Completion:
    """A fitted model: logit P(i agrees with j) = mu + a_i + b_j + f_i . q_j.

    person (n, r+1) holds (a, f), statement (m, r+1) holds (b, q). The covariances (., r+1, r+1)
    are those of the Gaussian posterior around each of them, the other side held fixed.

    tried : (rank, held-out log-loss) of each rank that `fit(rank="auto")` compared; else empty
    """

    participants: tuple[str, ...]
    statements: tuple[str, ...]
    mu: float
    person: FloatArray
    statement: FloatArray
    person_covariance: FloatArray
    statement_covariance: FloatArray
    tried: tuple[tuple[int, float], ...] = ()

    @property
    def rank(self) -> int:
        """The number of factors r."""
        return int(self.statement.shape[1]) - 1

    def probability(
        self, rows: IntArray | None = None, columns: IntArray | None = None
    ) -> FloatArray:
        """(rows, columns) P(agree), in 0..1; None stands for everybody, or for every claim.

        Uncertain estimates are drawn towards 1/2: sigma(x / sqrt(1 + pi v / 8)) with x the logit
        and v its variance (MacKay 1992).
        """
        variance = self.variance(rows, columns)
        estimate: FloatArray = special.expit(moderated(self._logit(rows, columns), variance))
        return estimate

    def variance(self, rows: IntArray | None = None, columns: IntArray | None = None) -> FloatArray:
        """(rows, columns) variance of the logit, at least 0: x' S_j x + y' S_i y.

        x = (1, f_i), y = (1, q_j); S_i and S_j are the covariances of the person and the claim.
        """
        i, j = _chosen(rows), _chosen(columns)
        spread = outer(self.person[i]) @ _flat(self.statement_covariance[j]).T
        spread += _flat(self.person_covariance[i]) @ outer(self.statement[j]).T
        return spread

    def blocks(self, size: int) -> Iterator[tuple[slice, FloatArray]]:
        """The estimates of `size` people at a time: which rows, and their `probability`."""
        if size < 1:
            raise AggregationInputError(f"size {size}: give at least one row to a block.")
        for start in range(0, len(self.participants), size):
            rows = slice(start, min(start + size, len(self.participants)))
            yield rows, self.probability(np.arange(rows.start, rows.stop))

    def sample(
        self,
        rng: np.random.Generator,
        rows: IntArray | None = None,
        columns: IntArray | None = None,
    ) -> FloatArray:
        """(rows, columns) P(agree) under one draw of all parameters from the posterior.

        People are drawn first, then claims, each from its own Gaussian.
        """
        i, j = _chosen(rows), _chosen(columns)
        person = _draw(rng, self.person[i], self.person_covariance[i])
        statement = _draw(rng, self.statement[j], self.statement_covariance[j])
        estimate: FloatArray = special.expit(_logits(self.mu, person, statement))
        return estimate

    def _logit(self, rows: IntArray | None, columns: IntArray | None) -> FloatArray:
        return _logits(self.mu, self.person[_chosen(rows)], self.statement[_chosen(columns)])

    def cells(self, row: Positions, column: Positions) -> FloatArray:
        """(cells,) moderated logits of single (person, claim) pairs, given by their positions."""
        result = np.empty(len(row))
        for start in range(0, len(row), CHUNK):
            part = slice(start, start + CHUNK)
            i, j = row[part], column[part]
            person, statement = self.person[i], self.statement[j]
            logit = self.mu + person[:, 0] + statement[:, 0]
            logit += np.einsum("ij,ij->i", person[:, 1:], statement[:, 1:])
            spread = np.einsum("ij,ij->i", outer(person), _flat(self.statement_covariance[j]))
            spread += np.einsum("ij,ij->i", outer(statement), _flat(self.person_covariance[i]))
            result[part] = moderated(logit, spread)
        return result


def moderated(logit: FloatArray, variance: FloatArray) -> FloatArray:
    """The logit that stands for a whole Gaussian of logits (MacKay 1992)."""
    shrunk: FloatArray = logit / np.sqrt(1 + np.pi * variance / 8)
    return shrunk


def features(parameters: FloatArray) -> FloatArray:
    """(rows, r+1) what the other side's parameters are multiplied by: 1, then the factors."""
    seen = parameters.copy()
    seen[:, 0] = 1.0
    return seen


def outer(parameters: FloatArray) -> FloatArray:
    """(rows, (r+1)^2) outer products of the features with themselves."""
    seen = features(parameters)
    return _flat(seen[:, :, None] * seen[:, None, :])


def _logits(mu: float, person: FloatArray, statement: FloatArray) -> FloatArray:
    logit: FloatArray = person[:, 1:] @ statement[:, 1:].T
    logit += mu + person[:, :1] + statement[:, 0]
    return logit


def _draw(rng: np.random.Generator, mean: FloatArray, covariance: FloatArray) -> FloatArray:
    noise = rng.standard_normal(mean.shape)
    drawn: FloatArray = mean + np.einsum("ijk,ik->ij", np.linalg.cholesky(covariance), noise)
    return drawn


def _flat(stack: FloatArray) -> FloatArray:
    return stack.reshape(len(stack), stack.shape[1] * stack.shape[2])


def _chosen(index: IntArray | None) -> slice | IntArray:
    return slice(None) if index is None else index
