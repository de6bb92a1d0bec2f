"""How the model of one rank is fitted: alternating steps that never lower the posterior.

The whole algorithm, so that anybody can repeat it:

    Cells are the agree (y = +1) and disagree (y = -1) votes; "unsure" is no evidence either way.
    Priors: a ~ N(0, 1), f ~ N(0, I), b ~ N(0, 2), q ~ N(0, I / 16), mu ~ N(0, 100).
    Start: f = default_rng(seed).standard_normal((n, r)); everything else 0.

    One round moves the statements, then the people. A side moves all its rows at once:
        z = mu + a_i + b_j + f_i . q_j              for every cell
        g = (y - tanh(z / 2)) / 2                   slope of the log-likelihood in z
        w = tanh(z / 2) / (2 z), 1/4 at z = 0       curvature of a quadratic lower bound to it
        x = (1, f_i) when statements move, (1, q_j) when people move
        H = sum over the row's cells of w x x' + diag(prior precisions)
        row += H^-1 (sum over the row's cells of g x - prior precisions * (row - prior mean))
      and then gives the mean of its intercepts to mu, which only the priors notice:
        shift = (p sum(intercepts) - mu / 100) / (p rows + 1 / 100),   p the intercepts' precision
        intercepts -= shift, mu += shift
      Statements without a cell take no part in it, nor in when to stop; their number is nothing.
    Prior means are 0, but for claims with few votes and a text (see `fitting`).

    Stop after `rounds`, or once the root mean square of what a round's step added to the (m, r+1)
    statement parameters (before the shift) is below 0.005. Covariances are the inverses of H at
    the last step of each side.

The bound is that of Jaakkola and Jordan (2000): it touches the log-likelihood at the present z, so
maximising it can only raise the posterior, which Newton's step does not promise.

All but f starts at zero and every formula is odd in (y, mu, a, b, q), so negating every vote
negates those exactly, to the last bit, and leaves f as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from aggregation.completion.model import CHUNK, Completion, features
from aggregation.types import BoolArray, FloatArray, IntArray
from aggregation.votes import SparseFloat, VoteTable

Side: TypeAlias = "SparseFloat | sparse.csc_array[np.float64]"

PERSON_PRIOR = (1.0, 1.0)  # precisions of intercept and factors
STATEMENT_PRIOR = (0.5, 16.0)
WEAK = 0.01  # precision of mu: enough to be defined without any votes
TOLERANCE = 0.005


@dataclass(frozen=True, eq=False)
class Cells:
    """The agree and disagree votes as parallel arrays, by person and then by statement."""

    shape: tuple[int, int]
    row: NDArray[np.int32]
    column: NDArray[np.int32]
    sign: NDArray[np.int8]  # +1 agree, -1 disagree

    @classmethod
    def of(cls, votes: VoteTable) -> Cells:
        """Every vote of the table but the unsure ones."""
        told = votes.values.data != 0
        people = np.arange(votes.shape[0], dtype=np.int32)
        row = np.repeat(people, np.diff(votes.values.indptr))[told]
        column = votes.values.indices[told].astype(np.int32)
        return cls(votes.shape, row, column, votes.values.data[told])

    def select(self, keep: BoolArray) -> Cells:
        """Only the cells marked true; people and statements all stay."""
        return Cells(self.shape, self.row[keep], self.column[keep], self.sign[keep])

    def per_statement(self) -> IntArray:
        """(m,) how many cells each statement has."""
        return np.bincount(self.column, minlength=self.shape[1])

    def matrix(self, values: FloatArray) -> SparseFloat:
        """(n, m) with these values in the cells."""
        return sparse.csr_array((values, self.column, self._starts), shape=self.shape)

    @cached_property
    def _starts(self) -> NDArray[np.int32]:
        """(n+1,) where each person's cells begin."""
        starts = np.zeros(self.shape[0] + 1, dtype=np.int32)
        np.cumsum(np.bincount(self.row, minlength=self.shape[0]), out=starts[1:])
        return starts


@dataclass(frozen=True, eq=False)
class Fitted:
    """Parameters and the precision matrices (., r+1, r+1) of the last steps."""

    mu: float
    person: FloatArray
    statement: FloatArray
    person_precision: FloatArray
    statement_precision: FloatArray

    def completion(
        self,
        participants: tuple[str, ...] = (),
        statements: tuple[str, ...] = (),
        *,
        tried: tuple[tuple[int, float], ...] = (),
    ) -> Completion:
        """The fit under the names of its people and claims, with covariances for precisions."""
        return Completion(
            participants,
            statements,
            self.mu,
            self.person,
            self.statement,
            np.linalg.inv(self.person_precision).astype(np.float64, copy=False),
            np.linalg.inv(self.statement_precision).astype(np.float64, copy=False),
            tried,
        )


def cold_start(shape: tuple[int, int], *, rank: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """Parameters (n, r+1) and (m, r+1): random factors of people, zeros elsewhere."""
    n, m = shape
    person, statement = np.zeros((n, rank + 1)), np.zeros((m, rank + 1))
    person[:, 1:] = np.random.default_rng(seed).standard_normal((n, rank))
    return person, statement


def ascend(
    cells: Cells, person: FloatArray, statement: FloatArray, *, mu: float = 0.0, rounds: int
) -> Fitted:
    """Alternate from the given parameters until `rounds` are over or the statements stand still."""
    n, m = cells.shape
    person_prior, statement_prior = priors(person.shape[1] - 1)
    statement_hessian = np.zeros((m, *2 * person.shape[1:]))
    person_hessian = np.zeros((n, *2 * person.shape[1:]))
    everybody, told = np.ones(n, dtype=bool), cells.per_statement() > 0
    for _ in range(rounds):
        slope, weight = _bound(cells, mu, person=person, statement=statement)
        change, statement_hessian = _step(
            cells.matrix(slope).T,
            cells.matrix(weight).T,
            other=person,
            pull=statement_prior * statement,
            prior=statement_prior,
        )
        mu, statement = _levelled(mu, statement + change, told, precision=statement_prior[0])
        slope, weight = _bound(cells, mu, person=person, statement=statement)
        moved, person_hessian = _step(
            cells.matrix(slope),
            cells.matrix(weight),
            other=statement,
            pull=person_prior * person,
            prior=person_prior,
        )
        mu, person = _levelled(mu, person + moved, everybody, precision=person_prior[0])
        step = change[told]
        if np.sqrt(np.sum(step * step) / max(1, step.size)) < TOLERANCE:
            break
    return Fitted(mu, person, statement, person_hessian, statement_hessian)


def settle(
    cells: Cells, fitted: Fitted, *, moving: BoolArray, mean: FloatArray, steps: int
) -> Fitted:
    """Let the statements marked `moving` (m,) take `steps` towards prior means (m, r+1).

    They start at those means; everybody and everything else stays as it was fitted.
    """
    prior = priors(fitted.person.shape[1] - 1)[1]
    few = cells.select(moving[cells.column])
    statement = np.where(moving[:, None], mean, fitted.statement)
    hessian = fitted.statement_precision
    for _ in range(steps):
        slope, weight = _bound(few, fitted.mu, person=fitted.person, statement=statement)
        change, hessian = _step(
            few.matrix(slope).T,
            few.matrix(weight).T,
            other=fitted.person,
            pull=prior * (statement - mean),
            prior=prior,
        )
        statement = np.where(moving[:, None], statement + change, fitted.statement)
    precision = np.where(moving[:, None, None], hessian, fitted.statement_precision)
    return Fitted(fitted.mu, fitted.person, statement, fitted.person_precision, precision)


def priors(rank: int) -> tuple[FloatArray, FloatArray]:
    """(r+1,) prior precisions of a person's and of a statement's parameters."""
    person, statement = PERSON_PRIOR, STATEMENT_PRIOR
    return (
        np.array([person[0], *[person[1]] * rank]),
        np.array([statement[0], *[statement[1]] * rank]),
    )


def _bound(
    cells: Cells, mu: float, *, person: FloatArray, statement: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Slope and curvature of the quadratic lower bound at every cell, written in tanh.

    tanh is odd to the last bit, which the logistic function is not.
    """
    count, rank = len(cells.row), person.shape[1] - 1
    left, right = np.ones((cells.shape[0], rank + 2)), np.ones((cells.shape[1], rank + 2))
    left[:, 0], left[:, 2:] = mu + person[:, 0], person[:, 1:]
    right[:, 1:] = statement
    slope, weight = np.empty(count), np.full(count, 0.25)
    for start in range(0, count, CHUNK):
        part = slice(start, start + CHUNK)
        own, other = left.take(cells.row[part], axis=0), right.take(cells.column[part], axis=0)
        logit = np.einsum("ij,ij->i", own, other)
        half = np.tanh(logit / 2)
        slope[part] = (cells.sign[part] - half) / 2
        np.divide(half, 2 * logit, out=weight[part], where=logit != 0)
    return slope, weight


def _step(
    slope: Side,
    weight: Side,
    *,
    other: FloatArray,
    pull: FloatArray,
    prior: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """What the step adds to every row of one side (rows, r+1), and the matrices H behind it.

    slope, weight : (rows of this side, rows of the other side); other : the fixed side
    """
    seen = features(other)
    width = seen.shape[1]
    upper = np.triu_indices(width)
    hessian = np.empty((slope.shape[0], width, width))
    products = np.asarray(weight @ (seen[:, upper[0]] * seen[:, upper[1]]))
    hessian[:, upper[0], upper[1]] = hessian[:, upper[1], upper[0]] = products
    hessian[:, range(width), range(width)] += prior
    gradient = np.asarray(slope @ seen) - pull
    change = np.linalg.solve(hessian, gradient[:, :, None])[:, :, 0]
    return change.astype(np.float64, copy=False), hessian


def _levelled(
    mu: float, side: FloatArray, rows: BoolArray, *, precision: float
) -> tuple[float, FloatArray]:
    """Give the mean of these rows' intercepts to mu: no estimate of a cell changes, the prior only
    rises."""
    own = side[rows, 0]
    shift = (precision * own.sum() - WEAK * mu) / (precision * len(own) + WEAK)
    side[rows, 0] = own - shift
    return float(mu + shift), side
