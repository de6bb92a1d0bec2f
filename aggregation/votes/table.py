"""One immutable table of participants x claims."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from aggregation.types import BoolArray, FloatArray, IntArray
from aggregation.votes import columns, digests
from aggregation.votes.columns import Column
from aggregation.votes.ids import Places, canonical, identifiers, positions, require_known

SparseInt8: TypeAlias = "sparse.csr_array[np.int8, tuple[int, int]]"
SparseInt: TypeAlias = "sparse.csr_array[np.int64, tuple[int, int]]"
SparseFloat: TypeAlias = "sparse.csr_array[np.float64, tuple[int, int]]"
SparseBool: TypeAlias = "sparse.csr_array[np.bool_, tuple[int, int]]"


@dataclass(frozen=True, eq=False)
class VoteTable:
    """The latest answer of every participant to every claim.

    values : (n, m) CSR int8, +1 agree, -1 disagree, 0 unsure (stored); not stored = never answered
    served_data, importance_data, probability_data : one entry per stored vote, in CSR order;
        NaN where importance (1-5) or serving probability is not known. A column in which all
        votes are alike is one number seen through a view, so what nobody gave takes no memory.
    dropped : number of earlier votes that a later vote on the same claim replaced
    """

    participants: tuple[str, ...]
    statements: tuple[str, ...]
    values: SparseInt8
    served_data: BoolArray
    importance_data: FloatArray
    probability_data: FloatArray
    dropped: int = 0

    @classmethod
    def from_arrays(
        cls,
        participant: Column,
        statement: Column,
        value: ArrayLike,
        *,
        importance: Column | None = None,
        served: ArrayLike | None = None,
        probability: Column | None = None,
        timestamp: ArrayLike | None = None,
        duplicates: Literal["last", "error"] = "last",
    ) -> VoteTable:
        """Build the table from parallel columns, one row per vote; empty columns are valid.

        participant, statement : ids (text, or whole numbers, which become text)
        value : -1, 0 or 1
        importance : whole numbers 1-5, None where not given
        served : whether the platform chose to show the claim; all true by default
        probability : of serving, in (0, 1], None where not known
        timestamp : numbers or datetime64; repeated votes keep the latest by (timestamp, position)

        Raises AggregationInputError naming the first offending row.
        """
        people, row = identifiers(participant, field="participant")
        claims, column = identifiers(statement, field="statement")
        count = len(row)
        data = columns.votes(value, count=count)
        columns.require_length(column, count=count, field="statement")
        moments = columns.moments(timestamp, count=count)
        order, last = _by_cell(row, column, shape=(len(people), len(claims)))
        if moments is not None and not last.all():
            order = np.argsort(moments, kind="stable").astype(np.int32)
            order, last = _by_cell(row, column, shape=(len(people), len(claims)), order=order)
        if duplicates == "error" and not last.all():
            first = int(np.min(order[1:][~last[:-1]]))
            raise columns.fault(
                first, "participant", "this participant already voted on this claim"
            )
        kept = order[last]
        return cls(
            participants=people,
            statements=claims,
            values=_csr(row[kept], column[kept], data[kept], shape=(len(people), len(claims))),
            served_data=_kept(columns.flags(served, count=count), kept),
            importance_data=_kept(columns.importance(importance, count=count), kept),
            probability_data=_kept(columns.probability(probability, count=count), kept),
            dropped=int(count - last.sum()),
        )

    @property
    def shape(self) -> tuple[int, int]:
        """(participants, statements)."""
        return len(self.participants), len(self.statements)

    @property
    def count(self) -> int:
        """How many votes the table holds."""
        return int(self.values.data.size)

    @property
    def rows(self) -> IntArray:
        """Row number of every stored vote, in CSR order."""
        return np.repeat(np.arange(len(self.participants)), np.diff(self.values.indptr))

    @property
    def columns(self) -> IntArray:
        """Column number of every stored vote, in CSR order."""
        return self.values.indices.astype(np.int64)

    @property
    def served(self) -> SparseBool:
        """(n, m) CSR, same pattern as `values`: was this vote on a claim the platform served?"""
        matrix: SparseBool = self._like(self.served_data)
        return matrix

    @property
    def importance(self) -> SparseFloat:
        """(n, m) CSR, same pattern as `values`: 1-5, NaN where not given."""
        matrix: SparseFloat = self._like(self.importance_data)
        return matrix

    @property
    def probability(self) -> SparseFloat:
        """(n, m) CSR, same pattern as `values`: serving probability, NaN where not known."""
        matrix: SparseFloat = self._like(self.probability_data)
        return matrix

    def indicator(self, value: Literal[-1, 0, 1] | None = None) -> SparseInt:
        """(n, m) CSR int64 with 1 where the vote is `value` (None: where there is any vote)."""
        hit = np.ones(self.count, bool) if value is None else self.values.data == value
        matrix: SparseInt = self._like(hit.astype(np.int64))
        return matrix

    def restrict(
        self,
        participants: Iterable[str] | None = None,
        statements: Iterable[str] | None = None,
    ) -> VoteTable:
        """Only these participants and statements; an id that is not in the table is an error."""
        people = self.participants if participants is None else tuple(participants)
        claims = self.statements if statements is None else tuple(statements)
        require_known(people, among=self.participants, field="participant")
        require_known(claims, among=self.statements, field="statement")
        return self._take(canonical(people), canonical(claims))

    def drop(
        self, *, participants: Collection[str] = (), statements: Collection[str] = ()
    ) -> VoteTable:
        """Everything but these; an id that is not in the table is already gone."""
        people, claims = frozenset(participants), frozenset(statements)
        return self._take(
            tuple(one for one in self.participants if one not in people),
            tuple(one for one in self.statements if one not in claims),
        )

    def served_only(self) -> VoteTable:
        """Without the votes on claims that the platform did not serve; ids all stay."""
        return self.select(self.served_data)

    def select(self, keep: BoolArray) -> VoteTable:
        """Only the votes marked true, in CSR order; ids all stay."""
        return self._take(self.participants, self.statements, keep=keep)

    def reindex(self, statements: Iterable[str]) -> VoteTable:
        """Exactly these statements, in natural order; a new one gets an empty column."""
        return self._take(self.participants, canonical(tuple(statements)))

    def numbered(self, order: IntArray) -> VoteTable:
        """The people of these rows, called "0", "1", ... in this order, with all their votes."""
        starts, given = self.values.indptr[order], np.diff(self.values.indptr)[order]
        ends = np.concatenate([[0], np.cumsum(given)])
        kept = np.repeat(starts - ends[:-1], given) + np.arange(ends[-1])
        rows = np.repeat(np.arange(len(order), dtype=np.int32), given)
        shape = len(order), len(self.statements)
        return replace(
            self,
            participants=tuple(str(number) for number in range(len(order))),
            values=_csr(rows, self.values.indices[kept], self.values.data[kept], shape=shape),
            served_data=_kept(self.served_data, kept),
            importance_data=_kept(self.importance_data, kept),
            probability_data=_kept(self.probability_data, kept),
        )

    def digest(self) -> str:
        """SHA-256 of ids, votes, served flags, importance and probabilities, in hexadecimal."""
        return digests.of_table(self)

    def content_digest(self) -> str:
        """SHA-256, in hexadecimal, of what was answered: people's names and order leave no trace.

        1. Number the claims that anybody answered 0, 1, 2, ... in the order of their ids by code
           point (Python's `sorted`, which is also the order of their UTF-8 bytes).
        2. A vote is 15 bytes, little-endian: the claim's number (uint32), -1, 0 or 1 (int8), 1 or
           0 for served (uint8), importance 1-5 or 0 where not given (uint8), serving probability
           or 0.0 where not known (float64).
        3. A ballot is a person's votes one after another, by claim number; of somebody who
           answered nothing it is empty, and counts.
        4. SHA-256 of: the bytes of "concordance ballots 1"; how many claims were answered
           (uint64) and for each, in the same order, the length of its id in UTF-8 (uint64) and
           the id; how many people there are (uint64); the SHA-256 (32 bytes) of every ballot, the
           digests in ascending order.
        """
        return digests.of_ballots(self)

    def _like(self, data: NDArray[Any]) -> Any:
        return sparse.csr_array(
            (np.ascontiguousarray(data), self.values.indices, self.values.indptr), shape=self.shape
        )

    def _take(
        self,
        participants: tuple[str, ...],
        statements: tuple[str, ...],
        *,
        keep: BoolArray | None = None,
    ) -> VoteTable:
        # Both id lists are in natural order, so old coordinates map to new ones monotonically.
        people = positions(self.participants, within=participants)
        row = np.repeat(people, np.diff(self.values.indptr))
        column = positions(self.statements, within=statements)[self.values.indices]
        chosen = (row >= 0) & (column >= 0)
        if keep is not None:
            chosen &= keep
        kept = np.flatnonzero(chosen)
        shape = len(participants), len(statements)
        return replace(
            self,
            participants=participants,
            statements=statements,
            values=_csr(row[kept], column[kept], self.values.data[kept], shape=shape),
            served_data=_kept(self.served_data, kept),
            importance_data=_kept(self.importance_data, kept),
            probability_data=_kept(self.probability_data, kept),
        )


def _by_cell(
    row: Places, column: Places, *, shape: tuple[int, int], order: Places | None = None
) -> tuple[Places, BoolArray]:
    """All votes by (person, claim), within a cell in `order`; and which are the last of theirs."""
    order = np.arange(len(row), dtype=np.int32) if order is None else order
    order = _sorted_by(column[order], order, size=shape[1])
    order = _sorted_by(row[order], order, size=shape[0])
    last = np.ones(len(order), dtype=bool)
    claims = column[order]
    last[:-1] = claims[1:] != claims[:-1]
    ends = np.cumsum(np.bincount(row, minlength=shape[0]))
    last[ends[ends > 0] - 1] = True
    return order, last


def _sorted_by(key: Places, order: Places, *, size: int) -> Places:
    """`order` sorted by the parallel key 0..size-1, stably and in linear time.

    Turning a one-row matrix from rows to columns is a counting sort.
    """
    ends = np.array([0, len(key)], dtype=np.int32)
    by_key: Places = sparse.csr_array((order, key, ends), shape=(1, size)).tocsc().data
    return by_key


def _csr(
    row: Places, column: Places, data: NDArray[np.int8], *, shape: tuple[int, int]
) -> SparseInt8:
    starts = np.zeros(shape[0] + 1, dtype=np.int32)
    np.cumsum(np.bincount(row, minlength=shape[0]), out=starts[1:])
    matrix = sparse.csr_array((data, column, starts), shape=shape)
    for part in (matrix.data, matrix.indices, matrix.indptr):
        part.flags.writeable = False
    return matrix


def _kept(values: NDArray[Any], kept: NDArray[np.integer]) -> NDArray[Any]:
    """values[kept], unchangeable; a column of equal entries becomes a view of one of them."""
    if values.strides != (0,):
        values = values[kept]
        first = values[:1]
        if values.size and not np.array_equal(
            values, np.broadcast_to(first, values.shape), equal_nan=values.dtype.kind == "f"
        ):
            values.flags.writeable = False
            return values
        values = np.broadcast_to(first.copy(), values.shape)
    return values[: len(kept)]
