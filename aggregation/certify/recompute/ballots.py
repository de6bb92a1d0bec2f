"""Who answered what, read from a table of votes without any of the table's own methods."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from aggregation.certify.stated import Malformed
from aggregation.types import BoolArray, FloatArray, IntArray

if TYPE_CHECKING:
    from aggregation.votes import VoteTable

_CHUNKS = re.compile(r"[0-9]+|[^0-9]+")


def canonical(names: Sequence[str]) -> tuple[str, ...]:
    """Ids in natural order: "9" before "10", "c2" before "c10"; equal numbers by the whole id."""

    def key(name: str) -> tuple[object, ...]:
        parts: list[tuple[int, int, str]] = []
        for chunk in _CHUNKS.findall(name):
            if "0" <= chunk[0] <= "9":
                digits = chunk.lstrip("0")
                parts.append((0, len(digits), digits))
            else:
                parts.append((1, 0, chunk))
        return (*parts, (-1, 0, name))

    return tuple(sorted(names, key=key))


@dataclass(frozen=True, eq=False)
class Ballots:
    """All votes as parallel arrays, person by person and claim by claim.

    people : number of participants in the table; claims : ids in natural order
    row, column, value : one entry per vote; value +1 agree, -1 disagree, 0 unsure
    served : whether the platform chose to show the claim
    importance, probability : NaN where not known
    """

    people: int
    claims: tuple[str, ...]
    row: IntArray
    column: IntArray
    value: IntArray
    served: BoolArray
    importance: FloatArray
    probability: FloatArray

    @classmethod
    def read(cls, votes: VoteTable, claims: Sequence[str]) -> Ballots:
        """The votes on these claims, the columns in natural order of the claims' ids.

        Raises Malformed where votes name another claim, or are no votes.
        """
        ordered = canonical(claims)
        place = {name: j for j, name in enumerate(ordered)}
        people, matrix = len(votes.participants), votes.values
        pointers = np.asarray(matrix.indptr, dtype=np.int64)
        columns = np.asarray(matrix.indices, dtype=np.int64)
        value = np.asarray(matrix.data).astype(np.int64)
        served = np.asarray(votes.served_data, dtype=np.bool_)
        importance = np.asarray(votes.importance_data, dtype=np.float64)
        probability = np.asarray(votes.probability_data, dtype=np.float64)
        lengths = {len(part) for part in (columns, value, served, importance, probability)}
        grows = len(pointers) == people + 1 and pointers[0] == 0 and np.all(np.diff(pointers) >= 0)
        if not grows or lengths != {int(pointers[-1])}:
            raise Malformed("votes", "rows and votes are not of one length")
        if np.any(np.abs(value) > 1):
            raise Malformed(
                "votes", "a vote is none of -1, 0, 1", found=int(value[np.abs(value) > 1][0])
            )
        known = np.array([place.get(name, -1) for name in votes.statements], dtype=np.int64)
        if len(columns) and (columns.min() < 0 or columns.max() >= len(known)):
            raise Malformed("votes", "a vote is on a column that the table does not have")
        strange = np.flatnonzero(known[columns] < 0)
        if strange.size:
            name = votes.statements[int(columns[strange[0]])]
            raise Malformed("votes", "they name a claim that no clause has", found=name)
        row, column = np.repeat(np.arange(people), np.diff(pointers)), known[columns]
        order = np.lexsort((column, row))
        row, column = row[order], column[order]
        if np.any((np.diff(row) == 0) & (np.diff(column) == 0)):
            raise Malformed("votes", "somebody voted twice on one claim")
        return cls(
            people,
            ordered,
            row,
            column,
            value[order],
            served[order],
            importance[order],
            probability[order],
        )

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what was answered, by the recipe of a vote table's `content_digest`.

        A vote is claim number (uint32), value (int8), served (uint8), importance (uint8, 0: none)
        and chance (float64, 0: none), little-endian; claims are those that anybody answered, in
        the order of their ids by code point; ballots count by their digests, in ascending order.
        """
        answered = sorted(self.claims[j] for j in set(self.column.tolist()))
        number = {name: i for i, name in enumerate(answered)}
        codes = np.array([number.get(name, 0) for name in self.claims], dtype=np.int64)[self.column]
        cells = np.zeros(len(codes), dtype="<u4, i1, u1, u1, <f8")
        chances = np.nan_to_num(self.importance, nan=0.0), np.nan_to_num(self.probability, nan=0.0)
        for name, part in zip(
            ("f0", "f1", "f2", "f3", "f4"), (codes, self.value, self.served, *chances), strict=True
        ):
            cells[name] = part
        cells = cells[np.lexsort((codes, self.row))]
        ends = np.cumsum(np.bincount(self.row, minlength=self.people))
        ballots = [hashlib.sha256(one.tobytes()).digest() for one in np.split(cells, ends)[:-1]]
        told = [b"concordance ballots 1", len(answered).to_bytes(8, "little")]
        for name in answered:
            encoded = name.encode("utf-8", "surrogatepass")
            told += [len(encoded).to_bytes(8, "little"), encoded]
        told += [self.people.to_bytes(8, "little"), *sorted(ballots)]
        return hashlib.sha256(b"".join(told)).hexdigest()

    @cached_property
    def counted(self) -> Served:
        """The served votes of the people who have any, in the order of what they answered."""
        row, column, value = (part[self.served] for part in (self.row, self.column, self.value))
        names, start = np.unique(row, return_index=True)
        ends = [*start[1:].tolist(), len(row)]
        cells = list(zip(column.tolist(), value.tolist(), strict=True))

        def content(person: int) -> tuple[list[int], list[int], list[int]]:
            claims, answers = zip(*cells[start[person] : ends[person]], strict=True)
            # Up to a common sign first, so that negating all votes leaves the order as it is.
            sign = next((answer for answer in answers if answer), 1)
            return list(claims), [sign * answer for answer in answers], list(answers)

        order = sorted(range(len(names)), key=content)
        place = np.empty(len(names), dtype=np.int64)
        place[order] = np.arange(len(names))
        moved = place[np.searchsorted(names, row)]
        turn = np.argsort(moved, kind="stable")
        return Served(len(names), len(self.claims), moved[turn], column[turn], value[turn])


@dataclass(frozen=True, eq=False)
class Served:
    """The votes that count: row, column and value of n people on m claims, in row order."""

    n: int
    m: int
    row: IntArray
    column: IntArray
    value: IntArray

    @cached_property
    def given(self) -> IntArray:
        """(n,) how many votes each person cast."""
        return np.bincount(self.row, minlength=self.n)

    def agreed_or_not(self) -> Served:
        """The same answers with "unsure" counted as not agreeing."""
        return Served(self.n, self.m, self.row, self.column, np.where(self.value > 0, 1, -1))

    def together(self, first: int, second: int) -> tuple[int, int]:
        """How many people agreed or disagreed with both claims, and how many agreed to both."""
        (people, one), (others, other) = (self._sides(claim) for claim in (first, second))
        _, i, j = np.intersect1d(people, others, assume_unique=True, return_indices=True)
        return len(i), int(np.count_nonzero((one[i] > 0) & (other[j] > 0)))

    def _sides(self, claim: int) -> tuple[IntArray, IntArray]:
        """Who agreed or disagreed with a claim, and with which of the two."""
        order, starts = self._by_claim
        votes = order[starts[claim] : starts[claim + 1]]
        votes = votes[self.value[votes] != 0]
        return self.row[votes], self.value[votes]

    @cached_property
    def _by_claim(self) -> tuple[IntArray, IntArray]:
        """The votes claim by claim, and where those of each claim begin."""
        starts = np.concatenate([[0], np.cumsum(np.bincount(self.column, minlength=self.m))])
        return np.argsort(self.column, kind="stable"), starts

    def dense(
        self, rows: slice, *, fill: float = 0.0, data: FloatArray | None = None
    ) -> FloatArray:
        """The rows of a slice as a full matrix of the votes, or of `data` in their place."""
        first, last, _ = rows.indices(self.n)
        a, b = np.searchsorted(self.row, [first, last])
        matrix = np.full((last - first, self.m), fill)
        matrix[self.row[a:b] - first, self.column[a:b]] = (self.value if data is None else data)[
            a:b
        ]
        return matrix
