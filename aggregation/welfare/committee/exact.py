"""Proportional approval voting itself: the best of all sets, by branch and bound."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aggregation.types import BoolArray, IntArray
from aggregation.welfare.committee.room import Members, Room, approvals_of, harmonic_shares
from aggregation.welfare.committee.sequential import seq_pav


def pav_exact(approvals: BoolArray, k: int, *, order: Sequence[int] | None = None) -> Members:
    """The k columns with the greatest harmonic score sum_i H(chosen columns i approves).

    Branch and bound over whole numbers, exponential in the worst case: for small instances. Among
    tied sets the one that is first by columns (or by `order`) wins.
    """
    checked = approvals_of(approvals)
    room = Room(checked, k, None, order)
    columns = np.array(sorted(np.flatnonzero(room.open), key=lambda j: int(room.rank[j])), np.int64)
    seats = min(k, len(columns))
    if seats == 0:
        return ()
    types, people = np.unique(checked[:, columns], axis=0, return_counts=True)
    shares = harmonic_shares(seats, people=len(checked) * seats)
    search = _Search(types.astype(shares.dtype), people, shares, seats)
    greedy = [int(np.flatnonzero(columns == j)[0]) for j in seq_pav(checked, k, order=order)]
    search.best = search.score(greedy) - 1
    search.explore([], 0, 0)
    return tuple(sorted(columns[list(search.found)].tolist()))


class _Search:
    """Branch and bound for the harmonic score; columns are tried in their order.

    types (types, m) of zeros and ones, people (types,), shares: lcm / (level + 1).
    """

    def __init__(
        self, types: NDArray[Any], people: IntArray, shares: NDArray[Any], seats: int
    ) -> None:
        self.types, self.people, self.shares, self.seats = types, people, shares, seats
        self.best: int = -1
        self.found: tuple[int, ...] = ()

    def score(self, columns: Sequence[int]) -> int:
        held = self.types[:, list(columns)].sum(axis=1).astype(np.int64)
        worth = np.append(0 * self.shares[:1], np.cumsum(self.shares))
        return int(self.people @ worth[held])

    def explore(self, chosen: list[int], start: int, score: int) -> None:
        """Try every way to complete `chosen` with columns from `start` on that may beat `best`."""
        missing = self.seats - len(chosen)
        if missing == 0:
            if score > self.best:
                self.best, self.found = score, tuple(chosen)
            return
        held = self.types[:, chosen].sum(axis=1).astype(np.int64)
        rest = (self.people * self.shares[held]) @ self.types[:, start:]
        for step in range(len(rest) - missing + 1):
            # No set adds more than the sum of what its columns would add alone.
            if score + int(np.sort(rest[step:])[-missing:].sum()) <= self.best:
                return
            self.explore([*chosen, start + step], start + step + 1, score + int(rest[step]))
