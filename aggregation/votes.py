"""Who answered what: one immutable table of participants x claims.

Rows and columns stand in natural order of their ids, so nothing downstream can depend on the
order in which the votes were read.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
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
Places: TypeAlias = NDArray[np.int32]

BLOCK = 1 << 16  # votes handled at once where a whole column would take much memory
MIXER = np.uint64(0x100000001B3)  # an odd multiplier, as good as any
BALLOT_ENTRY = np.dtype(
    [("claim", "<u4"), ("value", "i1"), ("served", "u1"), ("importance", "u1"), ("chance", "<f8")]
)  # packed, 15 bytes: one vote in `VoteTable.content_digest`

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
        people, row = _identifiers(participant, field="participant")
        claims, column = _identifiers(statement, field="statement")
        count = len(row)
        data = _votes(value, count=count)
        _require_length(column, count=count, field="statement")
        moments = _moments(timestamp, count=count)
        order, last = _by_cell(row, column, shape=(len(people), len(claims)))
        if moments is not None and not last.all():
            order = np.argsort(moments, kind="stable").astype(np.int32)
            order, last = _by_cell(row, column, shape=(len(people), len(claims)), order=order)
        if duplicates == "error" and not last.all():
            first = int(np.min(order[1:][~last[:-1]]))
            raise _fault(first, "participant", "this participant already voted on this claim")
        kept = order[last]
        return cls(
            participants=people,
            statements=claims,
            values=_csr(row[kept], column[kept], data[kept], shape=(len(people), len(claims))),
            served_data=_column(_flags(served, count=count), kept),
            importance_data=_column(_importance(importance, count=count), kept),
            probability_data=_column(_probability(probability, count=count), kept),
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
            _hash_ids(state, ids)
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
        answered = np.bincount(self.values.indices, minlength=len(self.statements)) > 0
        names = sorted(
            one for one, any_vote in zip(self.statements, answered, strict=True) if any_vote
        )
        state = hashlib.sha256(b"concordance ballots 1")
        _hash_ids(state, names)
        state.update(len(self.participants).to_bytes(8, "little"))
        number = _positions(self.statements, within=names)
        for digest in sorted(self._ballot_digests(number)):
            state.update(digest)
        return state.hexdigest()

    def _ballot_digests(self, number: Places) -> Iterator[bytes]:
        """SHA-256 of every person's ballot, claims numbered as given; see `content_digest`."""
        starts = self.values.indptr
        first = 0
        while first < len(self.participants):
            after = int(np.searchsorted(starts, starts[first] + BLOCK, side="right")) - 1
            after = max(after, first + 1)
            part = slice(int(starts[first]), int(starts[after]))
            entries = np.empty(part.stop - part.start, dtype=BALLOT_ENTRY)
            entries["claim"] = number[self.values.indices[part]]
            entries["value"] = self.values.data[part]
            entries["served"] = self.served_data[part]
            entries["importance"] = np.nan_to_num(self.importance_data[part], nan=0.0)
            entries["chance"] = np.nan_to_num(self.probability_data[part], nan=0.0)
            sizes = np.diff(starts[first : after + 1])
            person = np.repeat(np.arange(after - first), sizes)
            ballots = entries[np.lexsort((entries["claim"], person))].tobytes()
            ends = np.cumsum(sizes) * BALLOT_ENTRY.itemsize
            for begin, end in zip([0, *ends[:-1].tolist()], ends.tolist(), strict=True):
                yield hashlib.sha256(ballots[begin:end]).digest()
            first = after

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
        people = _positions(self.participants, within=participants)
        row = np.repeat(people, np.diff(self.values.indptr))
        column = _positions(self.statements, within=statements)[self.values.indices]
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
            served_data=_column(self.served_data, kept),
            importance_data=_column(self.importance_data, kept),
            probability_data=_column(self.probability_data, kept),
        )


def _fault(row: int, field: str, rule: str) -> AggregationInputError:
    return AggregationInputError(f"vote {row + 1} (counted from 1), field {field}: {rule}.")


def _require_length(column: Any, *, count: int, field: str) -> None:
    if len(column) != count:
        raise AggregationInputError(
            f"vote {min(len(column), count) + 1} (counted from 1), field {field}: the columns have "
            f"unequal lengths, {len(column)} here against {count} participants."
        )


def _identifiers(column: Column, *, field: str) -> tuple[tuple[str, ...], Places]:
    """The distinct ids in natural order, and the place of every row's id among them."""
    column = _whole_numbers(column)
    if isinstance(column, np.ndarray) and column.dtype.kind in "iu":
        numbers, place = _coded(column)
        found = [str(number) for number in numbers.tolist()]
    elif isinstance(column, np.ndarray) and column.dtype.kind == "U":
        found, place = _coded_text(column)
    else:
        labels = column.tolist() if isinstance(column, np.ndarray) else list(column)
        found, place = _coded_labels(labels, field=field)
    if "" in found:
        first = int(np.argmax(place == found.index("")))
        raise _fault(first, field, "'' is no id; give text or a whole number")
    ids = _canonical(found)
    return ids, _positions(tuple(found), within=ids)[place]


def _whole_numbers(column: Column) -> Column:
    """A list of nothing but machine-sized whole numbers as an array; anything else as it is."""
    if not isinstance(column, np.ndarray) and set(map(type, column)) == {int}:
        try:
            return np.fromiter(column, dtype=np.int64, count=len(column))
        except OverflowError:
            pass
    return column


def _coded(numbers: NDArray[Any]) -> tuple[NDArray[Any], Places]:
    """Distinct whole numbers, ascending, and each row's place among them."""
    if numbers.size:
        low, high = int(numbers.min()), int(numbers.max())
        if high - low <= 4 * numbers.size and low > -(2**62) and high < 2**62:
            offset = numbers.astype(np.int64, copy=False) - low
            present = np.zeros(high - low + 1, dtype=bool)
            present[offset] = True
            place = np.cumsum(present, dtype=np.int32) - np.int32(1)
            return np.flatnonzero(present) + low, place[offset]
    distinct, place = np.unique(numbers, return_inverse=True)
    return distinct, place.astype(np.int32)


def _coded_text(texts: NDArray[np.str_]) -> tuple[list[str], Places]:
    """Distinct texts and each row's place among them, by way of numbers, which sort faster."""
    if not texts.size or not texts.dtype.itemsize:
        return [""] * bool(texts.size), np.zeros(texts.size, dtype=np.int32)
    points = np.ascontiguousarray(texts).view(np.uint32).reshape(texts.size, -1)
    code = np.zeros(texts.size, dtype=np.uint64)
    for letter in points.T:
        if letter.any():  # "abc" is stored as "abc\0\0" among longer texts
            code = code * MIXER + letter
    _, first, place = np.unique(code, return_index=True, return_inverse=True)
    found = texts[first]
    for start in range(0, texts.size, BLOCK):
        rows = slice(start, start + BLOCK)
        if not np.array_equal(found[place[rows]], texts[rows]):  # two texts share a code
            found, place = np.unique(texts, return_inverse=True)
            break
    return found.tolist(), place.astype(np.int32)


def _coded_labels(labels: list[Any], *, field: str) -> tuple[list[str], Places]:
    """Distinct ids of a list, in order of appearance, and each row's place among them."""
    if not set(map(type, labels)) <= {str, int}:
        for position, label in enumerate(labels):
            whole = isinstance(label, int | np.integer) and not isinstance(label, bool)
            if not (whole or (isinstance(label, str) and label)):
                raise _fault(position, field, f"{label!r} is no id; give text or a whole number")
    place: defaultdict[Any, int] = defaultdict()
    place.default_factory = place.__len__  # an id not met before gets the next number
    codes = np.fromiter(map(place.__getitem__, labels), dtype=np.int32, count=len(labels))
    found = [str(label) for label in place]
    if len(set(found)) == len(found):
        return found, codes
    distinct = list(dict.fromkeys(found))  # 7 and "7" are the same id
    return distinct, _positions(tuple(found), within=distinct)[codes]


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


def _numbers(column: Any, *, count: int, field: str, optional: bool = False) -> NDArray[Any]:
    """A column of finite numbers, or of floats with NaN for None where the field is optional."""
    _require_length(column, count=count, field=field)
    items = np.asarray(column)
    if items.dtype == bool:
        raise _fault(0, field, "true and false are not numbers here")
    if items.dtype.kind in "iu":
        return items
    if items.dtype.kind == "f" and np.isfinite(items).all():
        return items
    labels = items.tolist() if isinstance(column, np.ndarray) else list(column)
    if optional and set(map(type, labels)) <= {int, float, type(None)}:
        numbers = np.array(labels, dtype=np.float64)
        if np.count_nonzero(~np.isfinite(numbers)) == labels.count(None):
            return numbers
    return _numbers_one_by_one(labels, field=field, optional=optional)


def _numbers_one_by_one(labels: list[Any], *, field: str, optional: bool) -> FloatArray:
    numbers = np.full(len(labels), np.nan)
    for position, item in enumerate(labels):
        if item is None and optional:
            continue
        whole = isinstance(item, int | float | np.integer | np.floating)
        if isinstance(item, bool) or not whole or not np.isfinite(item):
            raise _fault(position, field, f"{item!r} is not a finite number")
        numbers[position] = item
    return numbers


def _votes(value: ArrayLike, *, count: int) -> NDArray[np.int8]:
    numbers = _numbers(value, count=count, field="value")
    wrong = np.flatnonzero((numbers != -1) & (numbers != 0) & (numbers != 1))
    if wrong.size:
        raise _fault(
            int(wrong[0]),
            "value",
            f"{numbers[wrong[0]]:g} is none of -1 (disagree), 0 (unsure), 1 (agree)",
        )
    return numbers.astype(np.int8)


def _importance(column: Column | None, *, count: int) -> FloatArray:
    if column is None:
        return np.broadcast_to(np.nan, count)
    numbers = _numbers(column, count=count, field="importance", optional=True)
    wrong = np.flatnonzero(~np.isnan(numbers) & ~np.isin(numbers, (1, 2, 3, 4, 5)))
    if wrong.size:
        rule = f"{numbers[wrong[0]]:g} is not one of 1, 2, 3, 4, 5"
        raise _fault(int(wrong[0]), "importance", rule)
    return numbers.astype(np.float64, copy=False)


def _probability(column: Column | None, *, count: int) -> FloatArray:
    if column is None:
        return np.broadcast_to(np.nan, count)
    numbers = _numbers(column, count=count, field="probability", optional=True)
    wrong = np.flatnonzero((numbers <= 0.0) | (numbers > 1.0))
    if wrong.size:
        rule = f"{numbers[wrong[0]]:g} is not above 0 and at most 1"
        raise _fault(int(wrong[0]), "probability", rule)
    return numbers.astype(np.float64, copy=False)


def _flags(column: ArrayLike | None, *, count: int) -> BoolArray:
    if column is None:
        return np.broadcast_to(np.True_, count)
    flags = np.asarray(column)
    _require_length(flags, count=count, field="served")
    if count and flags.dtype != bool:
        raise _fault(0, "served", "give true or false")
    return flags.astype(bool, copy=False)


def _moments(column: ArrayLike | None, *, count: int) -> NDArray[Any] | None:
    if column is None:
        return None
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
    letters = "".join(unique)
    plain = letters.isascii() and letters.isdigit()
    if plain and all(one == "0" or one[:1] not in ("", "0") for one in unique):
        return tuple(sorted(sorted(unique), key=len))  # the same order, found faster
    return tuple(sorted(unique, key=natural_key))


def _require_known(ids: Iterable[str], *, among: tuple[str, ...], field: str) -> None:
    known = frozenset(among)
    for identifier in ids:
        if identifier not in known:
            raise AggregationInputError(f"{field} {identifier!r} is not in the table of votes.")


def _positions(ids: tuple[str, ...], *, within: Sequence[str]) -> Places:
    if ids == within:
        return np.arange(len(ids), dtype=np.int32)
    index = {identifier: position for position, identifier in enumerate(within)}
    return np.fromiter((index.get(one, -1) for one in ids), dtype=np.int32, count=len(ids))


def _hash_ids(state: hashlib._Hash, ids: Sequence[str]) -> None:
    state.update(len(ids).to_bytes(8, "little"))
    for identifier in ids:
        encoded = identifier.encode("utf-8", "surrogatepass")
        state.update(len(encoded).to_bytes(8, "little") + encoded)


def _csr(
    row: Places, column: Places, data: NDArray[np.int8], *, shape: tuple[int, int]
) -> SparseInt8:
    starts = np.zeros(shape[0] + 1, dtype=np.int32)
    np.cumsum(np.bincount(row, minlength=shape[0]), out=starts[1:])
    matrix = sparse.csr_array((data, column, starts), shape=shape)
    for part in (matrix.data, matrix.indices, matrix.indptr):
        part.flags.writeable = False
    return matrix


def _column(values: NDArray[Any], kept: NDArray[np.integer]) -> NDArray[Any]:
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
