"""Who answered what: one immutable table of participants x claims.

Rows and columns stand in natural order of their ids, so nothing downstream can depend on the
order in which the votes were read.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from aggregation.errors import AggregationInputError
from aggregation.types import BoolArray, FloatArray, IntArray

SparseInt8: TypeAlias = "sparse.csr_array[np.int8, tuple[int, int]]"
SparseInt: TypeAlias = "sparse.csr_array[np.int64, tuple[int, int]]"
SparseFloat: TypeAlias = "sparse.csr_array[np.float64, tuple[int, int]]"
SparseBool: TypeAlias = "sparse.csr_array[np.bool_, tuple[int, int]]"
Column: TypeAlias = "Sequence[Any] | NDArray[Any]"

_CHUNKS = re.compile(r"[0-9]+|[^0-9]+")


def natural_key(identifier: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key under which "9" comes before "10" and "c2" before "c10".

    Numbers compare by length and then digit by digit, so ids of any length are safe.
    """
    key = []
    for chunk in _CHUNKS.findall(identifier):
        digits = chunk.lstrip("0") if chunk[0] in "0123456789" else None
        key.append((1, 0, chunk) if digits is None else (0, len(digits), digits))
    # "7" and "007" are different ids: the whole string settles it, and ends a shorter id first.
    return (*key, (-1, 0, identifier))


@dataclass(frozen=True, eq=False)
class VoteTable:
    """The latest answer of every participant to every claim.

    values : (n, m) CSR int8, +1 agree, -1 disagree, 0 unsure (stored); not stored = never answered
    served_data, importance_data, probability_data : one entry per stored vote, in CSR order;
        NaN where importance (1-5) or serving probability is not known
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
        people, row = _identifiers(participant, field="participant")
        claims, column = _identifiers(statement, field="statement")
        count = len(row)
        data = _votes(value, count=count)
        _require_length(column, count=count, field="statement")
        moments = _moments(timestamp, count=count)
        order = np.lexsort((np.arange(count), moments, column, row))
        row, column = row[order], column[order]
        last = np.ones(count, dtype=bool)
        last[:-1] = (row[1:] != row[:-1]) | (column[1:] != column[:-1])
        if duplicates == "error" and not last.all():
            first = int(np.min(order[1:][~last[:-1]]))
            raise _fault(first, "participant", "this participant already voted on this claim")
        kept = order[last]
        return cls(
            participants=people,
            statements=claims,
            values=_csr(row[last], column[last], data[kept], shape=(len(people), len(claims))),
            served_data=_frozen(_flags(served, count=count)[kept]),
            importance_data=_frozen(_importance(importance, count=count)[kept]),
            probability_data=_frozen(_probability(probability, count=count)[kept]),
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
        _require_known(people, among=self.participants, field="participant")
        _require_known(claims, among=self.statements, field="statement")
        return self._take(_canonical(people), _canonical(claims))

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
        return self._take(self.participants, _canonical(tuple(statements)))

    def digest(self) -> str:
        """SHA-256 of ids, votes, served flags, importance and probabilities, in hexadecimal."""
        state = hashlib.sha256(b"concordance votes 1")
        for ids in (self.participants, self.statements):
            state.update(len(ids).to_bytes(8, "little"))
            for identifier in ids:
                encoded = identifier.encode("utf-8", "surrogatepass")
                state.update(len(encoded).to_bytes(8, "little") + encoded)
        for part, kind in (
            (self.values.indptr, "<i8"),
            (self.values.indices, "<i8"),
            (self.values.data, "i1"),
            (self.served_data, "u1"),
            (self.importance_data, "<f8"),
            (self.probability_data, "<f8"),
        ):
            state.update(np.ascontiguousarray(part, dtype=kind).tobytes())
        return state.hexdigest()

    def _like(self, data: NDArray[Any]) -> Any:
        return sparse.csr_array((data, self.values.indices, self.values.indptr), shape=self.shape)

    def _take(
        self,
        participants: tuple[str, ...],
        statements: tuple[str, ...],
        *,
        keep: BoolArray | None = None,
    ) -> VoteTable:
        # Both id lists are in natural order, so old coordinates map to new ones monotonically.
        row = _positions(self.participants, within=participants)[self.rows]
        column = _positions(self.statements, within=statements)[self.columns]
        kept = (row >= 0) & (column >= 0)
        if keep is not None:
            kept &= keep
        shape = len(participants), len(statements)
        return replace(
            self,
            participants=participants,
            statements=statements,
            values=_csr(row[kept], column[kept], self.values.data[kept], shape=shape),
            served_data=_frozen(self.served_data[kept]),
            importance_data=_frozen(self.importance_data[kept]),
            probability_data=_frozen(self.probability_data[kept]),
        )


def _fault(row: int, field: str, rule: str) -> AggregationInputError:
    return AggregationInputError(f"vote {row + 1} (counted from 1), field {field}: {rule}.")


def _require_length(column: Any, *, count: int, field: str) -> None:
    if len(column) != count:
        raise AggregationInputError(
            f"vote {min(len(column), count) + 1} (counted from 1), field {field}: the columns have "
            f"unequal lengths, {len(column)} here against {count} participants."
        )


def _identifiers(column: Column, *, field: str) -> tuple[tuple[str, ...], IntArray]:
    labels = column.tolist() if isinstance(column, np.ndarray) else list(column)
    for position, label in enumerate(labels):
        if isinstance(label, str) and label:
            continue
        if isinstance(label, bool) or not isinstance(label, int | np.integer):
            raise _fault(position, field, f"{label!r} is no id; give text or a whole number")
        labels[position] = str(label)
    ids = _canonical(set(labels))
    index = {identifier: position for position, identifier in enumerate(ids)}
    return ids, np.fromiter((index[label] for label in labels), dtype=np.int64, count=len(labels))


def _numbers(column: Any, *, count: int, field: str, optional: bool = False) -> FloatArray:
    """A column as floats; None becomes NaN where the field is optional, all else must be finite."""
    _require_length(column, count=count, field=field)
    items = np.asarray(column)
    if items.dtype == bool:
        raise _fault(0, field, "true and false are not numbers here")
    if items.dtype.kind in "iu":
        return items.astype(np.float64)
    numbers = np.full(count, np.nan)
    for position, item in enumerate(column if items.dtype == object else items.tolist()):
        if item is None and optional:
            continue
        whole = isinstance(item, int | float | np.integer | np.floating)
        if isinstance(item, bool) or not whole or not np.isfinite(item):
            raise _fault(position, field, f"{item!r} is not a finite number")
        numbers[position] = item
    return numbers


def _votes(value: ArrayLike, *, count: int) -> NDArray[np.int8]:
    numbers = _numbers(value, count=count, field="value")
    wrong = np.flatnonzero(~np.isin(numbers, (-1.0, 0.0, 1.0)))
    if wrong.size:
        raise _fault(
            int(wrong[0]),
            "value",
            f"{numbers[wrong[0]]:g} is none of -1 (disagree), 0 (unsure), 1 (agree)",
        )
    return numbers.astype(np.int8)


def _importance(column: Column | None, *, count: int) -> FloatArray:
    if column is None:
        return np.full(count, np.nan)
    numbers = _numbers(column, count=count, field="importance", optional=True)
    wrong = np.flatnonzero(~np.isnan(numbers) & ~np.isin(numbers, (1.0, 2.0, 3.0, 4.0, 5.0)))
    if wrong.size:
        rule = f"{numbers[wrong[0]]:g} is not one of 1, 2, 3, 4, 5"
        raise _fault(int(wrong[0]), "importance", rule)
    return numbers


def _probability(column: Column | None, *, count: int) -> FloatArray:
    if column is None:
        return np.full(count, np.nan)
    numbers = _numbers(column, count=count, field="probability", optional=True)
    wrong = np.flatnonzero((numbers <= 0.0) | (numbers > 1.0))
    if wrong.size:
        rule = f"{numbers[wrong[0]]:g} is not above 0 and at most 1"
        raise _fault(int(wrong[0]), "probability", rule)
    return numbers


def _flags(column: ArrayLike | None, *, count: int) -> BoolArray:
    if column is None:
        return np.ones(count, dtype=bool)
    flags = np.asarray(column)
    _require_length(flags, count=count, field="served")
    if count and flags.dtype != bool:
        raise _fault(0, "served", "give true or false")
    return flags.astype(bool)


def _moments(column: ArrayLike | None, *, count: int) -> NDArray[Any]:
    if column is None:
        return np.zeros(count, dtype=np.int64)
    moments = np.asarray(column)
    _require_length(moments, count=count, field="timestamp")
    if moments.dtype.kind == "M":
        moments = moments.astype("datetime64[us]")
    elif count and moments.dtype.kind not in "iuf":
        raise _fault(0, "timestamp", "give numbers or datetime64")
    wrong = np.flatnonzero(
        np.isnat(moments) if moments.dtype.kind == "M" else ~np.isfinite(moments)
    )
    if wrong.size:
        raise _fault(int(wrong[0]), "timestamp", "the moment is missing or not finite")
    return moments


def _canonical(ids: Collection[str]) -> tuple[str, ...]:
    unique = frozenset(ids)
    if len(unique) != len(ids):
        twice = min(one for one, times in Counter(ids).items() if times > 1)
        raise AggregationInputError(f"id {twice!r} is listed twice; list each id once.")
    return tuple(sorted(unique, key=natural_key))


def _require_known(ids: Iterable[str], *, among: tuple[str, ...], field: str) -> None:
    known = frozenset(among)
    for identifier in ids:
        if identifier not in known:
            raise AggregationInputError(f"{field} {identifier!r} is not in the table of votes.")


def _positions(ids: tuple[str, ...], *, within: tuple[str, ...]) -> IntArray:
    index = {identifier: position for position, identifier in enumerate(within)}
    return np.fromiter((index.get(one, -1) for one in ids), dtype=np.int64, count=len(ids))


def _csr(
    row: IntArray, column: IntArray, data: NDArray[np.int8], *, shape: tuple[int, int]
) -> SparseInt8:
    starts = np.zeros(shape[0] + 1, dtype=np.int64)
    np.cumsum(np.bincount(row, minlength=shape[0]), out=starts[1:])
    matrix = sparse.csr_array((data, column, starts), shape=shape)
    for part in (matrix.data, matrix.indices, matrix.indptr):
        part.flags.writeable = False
    return matrix


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    array.flags.writeable = False
    return array
