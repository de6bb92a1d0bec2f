"""Rules that add one column after the other by a score: approvals, Thiele's and Phragmen's."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from aggregation.types import BoolArray, IntArray
from aggregation.welfare.committee.room import (
    NEAR,
    Members,
    Room,
    approvals_of,
    harmonic_shares,
    least,
)

if TYPE_CHECKING:
    from aggregation.welfare.problem import ClauseProblem


def approval_voting(
    approvals: BoolArray,
    k: int,
    *,
    problem: ClauseProblem | None = None,
    order: Sequence[int] | None = None,
) -> Members:
    """The k columns with the most approvals."""
    checked = approvals_of(approvals)
    room = Room(checked, k, problem, order)
    support = checked.sum(axis=0)
    for column in room.fixed:
        room.take(column)
    while room.vacant:
        room.take(room.first(support, at=support[room.open].max()))
    return room.members


def seq_pav(
    approvals: BoolArray,
    k: int,
    *,
    problem: ClauseProblem | None = None,
    order: Sequence[int] | None = None,
) -> Members:
    """Sequential proportional approval voting (Thiele 1895).

    Adds the column with the greatest sum of 1 / (1 + chosen so far) over its approvers; the sums
    are kept as whole numbers of 1 / lcm(1..k).
    """
    checked = approvals_of(approvals)
    room = Room(checked, k, problem, order)
    tally = _Tally(checked, k)
    shares = harmonic_shares(k, people=len(checked))
    score = tally.counts[0].astype(shares.dtype) * shares[0]

    def add(column: int) -> None:
        nonlocal score
        room.take(column)
        for level, moved in tally.lift(column, lambda level: level + 1):
            score = score - moved.astype(shares.dtype) * (shares[level] - shares[level + 1])

    for column in room.fixed:
        add(column)
    while room.vacant:
        add(room.first(score, at=score[room.open].max()))
    return room.members


def seq_phragmen(
    approvals: BoolArray,
    k: int,
    *,
    problem: ClauseProblem | None = None,
    order: Sequence[int] | None = None,
) -> Members:
    """Phragmen's sequential rule (1894).

    A chosen column is a load of 1, borne by its approvers so that they all end with the same total;
    next comes the column whose approvers would end lowest: (1 + their loads) / their number. All
    approvers of a chosen column then bear the same load, so there are never more than k + 1 loads.
    """
    checked = approvals_of(approvals)
    room = Room(checked, k, problem, order)
    tally = _Tally(checked, k)
    size = tally.counts[0].copy()
    loads, unit = [0], 1  # whole numbers over a common denominator

    def load(column: int) -> Fraction:
        """The load that approvers would end with, times the unit."""
        people = tally.counts[: len(loads), column].tolist()
        return Fraction(unit + sum(map(operator.mul, loads, people)), int(size[column]))

    def add(column: int) -> None:
        nonlocal loads, unit
        after = load(column) if size[column] else Fraction(loads[-1])
        loads = [*(one * after.denominator for one in loads), after.numerator]
        unit *= after.denominator
        room.take(column)
        for _ in tally.lift(column, lambda _: len(loads) - 1):
            pass

    for column in room.fixed:
        add(column)
    while room.vacant:
        total = np.array([one / unit for one in loads]) @ tally.counts[: len(loads)]
        after = np.where(room.open, (1 + total) / np.maximum(size, 1), np.inf)
        near = np.flatnonzero(after <= after.min() * (1 + NEAR)).tolist()
        add(least(near, load, room.rank))
    return room.members


class _Tally:
    """How many approvers of each column stand on each level: counts (levels + 1, m).

    Everybody starts on level 0. People are bits, 64 to a word, so a count is a population count.
    """

    def __init__(self, approvals: BoolArray, levels: int) -> None:
        n, m = approvals.shape
        packed = np.zeros((m, -(-n // 64) * 8), dtype=np.uint8)
        packed[:, : -(-n // 8)] = np.packbits(approvals, axis=0).T
        self.columns = packed.view(np.uint64)
        self.standing = np.zeros((levels + 1, self.columns.shape[1]), dtype=np.uint64)
        self.standing[0] = ~np.uint64(0)
        self.counts = np.zeros((levels + 1, m), dtype=np.int64)
        self.counts[0] = _ones(self.columns)

    def lift(self, column: int, to: Callable[[int], int]) -> Iterator[tuple[int, IntArray]]:
        """Move the column's approvers from each level up to `to(level)`; gives (level, moved).

        moved (m,): how many approvers of each column left that level.
        """
        for level in range(len(self.standing) - 2, -1, -1):
            movers = self.standing[level] & self.columns[column]
            if not movers.any():
                continue
            moved = _ones(self.columns & movers)
            self.standing[level] ^= movers
            self.standing[to(level)] |= movers
            self.counts[level] -= moved
            self.counts[to(level)] += moved
            yield level, moved


def _ones(words: NDArray[np.uint64]) -> IntArray:
    counted: IntArray = np.bitwise_count(words).sum(axis=1, dtype=np.int64)
    return counted
