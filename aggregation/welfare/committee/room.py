"""Which columns may still be chosen, and what all rules ask of their input."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from aggregation.errors import AggregationInputError
from aggregation.types import BoolArray, IntArray

if TYPE_CHECKING:
    from aggregation.welfare.problem import ClauseProblem

Members: TypeAlias = tuple[int, ...]

NEAR = 1e-7  # floats this close are compared again as fractions: far above rounding error
SAFE = 2**62  # whole numbers below it add up in 64 bits


class Room:
    """Which columns may still be chosen; `open` (m,) only ever closes."""

    def __init__(
        self,
        approvals: BoolArray,
        k: int,
        problem: ClauseProblem | None,
        order: Sequence[int] | None,
    ) -> None:
        m = approvals.shape[1]
        if isinstance(k, bool) or not isinstance(k, int | np.integer) or not 0 <= k <= m:
            raise AggregationInputError(f"k {k!r}: give a whole number from 0 to {m}, the columns.")
        self.k, self.rank, self.problem = int(k), _ranks(order, m), problem
        self.chosen: list[int] = []
        self.open: BoolArray = np.asarray(approvals.any(axis=0))
        self.fixed: list[int] = []
        self.spent = 0.0
        if problem is None:
            return
        if problem.m != m:
            raise AggregationInputError(
                f"problem: it has {problem.m} columns, the approvals have {m}."
            )
        low, high = problem.low, problem.high
        self.fixed = sorted(np.flatnonzero(low >= 1).tolist(), key=lambda j: int(self.rank[j]))
        if len(self.fixed) > k:
            raise AggregationInputError(
                f"k {k}: {len(self.fixed)} columns are fixed in; give at least as many seats."
            )
        self.open &= (high >= 1) & (low < 1)
        self._close_unaffordable(problem)
        for theme in range(len(problem.caps)):
            self._close_full(problem, theme)

    @property
    def members(self) -> Members:
        return tuple(sorted(self.chosen))

    @property
    def vacant(self) -> bool:
        """Whether a seat and a column for it are left."""
        return len(self.chosen) < self.k and bool(self.open.any())

    def first(self, score: NDArray[Any], *, at: Any) -> int:
        """Among open columns with this score, the one that comes first."""
        tied = np.flatnonzero(self.open & (score == at))
        return int(tied[np.argmin(self.rank[tied])])

    def take(self, column: int) -> None:
        """Choose a column and close it with all that no longer fit."""
        self.chosen.append(column)
        self.open[column] = False
        if self.problem is None:
            return
        problem = self.problem
        pairs = problem.conflicts[(problem.conflicts == column).any(axis=1)]
        self.open[pairs.ravel()] = False
        self.spent += float(problem.costs[column])
        self._close_unaffordable(problem)
        if problem.themes[column] >= 0:
            self._close_full(problem, int(problem.themes[column]))

    def _close_unaffordable(self, problem: ClauseProblem) -> None:
        self.open &= self.spent + problem.costs <= problem.budget + 1e-9

    def _close_full(self, problem: ClauseProblem, theme: int) -> None:
        members = problem.themes == theme
        if members[self.chosen].sum() + 1 > problem.caps[theme]:
            self.open &= ~members


def least(columns: Sequence[int], exact: Callable[[int], Fraction], rank: IntArray) -> int:
    """The column with the least exact value; on a tie, the first."""
    if len(columns) == 1:
        return columns[0]
    return min(columns, key=lambda column: (exact(column), int(rank[column])))


def harmonic_shares(k: int, *, people: int) -> NDArray[Any]:
    """lcm(1..k) / (level + 1) for levels 0..k-1, then 0; Python integers beyond 64 bits."""
    common = math.lcm(*range(1, k + 1))
    shares = [common // level for level in range(1, k + 1)] + [0]
    return np.array(shares, dtype=np.int64 if common * max(people, 1) < SAFE else object)


def approvals_of(approvals: ArrayLike) -> BoolArray:
    """Approvals (n, m) as booleans; zeros and ones of another type are taken too."""
    given = np.asarray(approvals)
    if given.ndim != 2:
        raise AggregationInputError(
            f"approvals: give a table of people by columns, not {given.ndim} dimensions."
        )
    if given.dtype == np.bool_:
        return given
    for row, column in np.argwhere(~((given == 0) | (given == 1)))[:1].tolist():
        raise AggregationInputError(
            f"approvals[{row}, {column}]: {given[row, column]} is neither true nor false."
        )
    return given.astype(np.bool_)


def _ranks(order: Sequence[int] | None, m: int) -> IntArray:
    if order is None:
        return np.arange(m)
    if sorted(order) != list(range(m)):
        raise AggregationInputError(f"order: give every column from 0 to {m - 1} once.")
    rank = np.empty(m, dtype=np.int64)
    rank[list(order)] = np.arange(m)
    return rank
