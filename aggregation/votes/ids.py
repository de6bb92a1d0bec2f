"""Ids of people and claims: their natural order, and which rows of a column share one."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from aggregation.errors import AggregationInputError
from aggregation.votes.columns import Column, fault

Places: TypeAlias = NDArray[np.int32]

ROWS_AT_ONCE = 1 << 16
MIXER = np.uint64(0x100000001B3)  # an odd multiplier, as good as any
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


def canonical(ids: Collection[str]) -> tuple[str, ...]:
    unique = frozenset(ids)
    if len(unique) != len(ids):
        twice = min(one for one, times in Counter(ids).items() if times > 1)
        raise AggregationInputError(f"id {twice!r} is listed twice; list each id once.")
    letters = "".join(unique)
    plain = letters.isascii() and letters.isdigit()
    if plain and all(one == "0" or one[:1] not in ("", "0") for one in unique):
        return tuple(sorted(sorted(unique), key=len))  # the same order, found faster
    return tuple(sorted(unique, key=natural_key))


def require_known(ids: Iterable[str], *, among: tuple[str, ...], field: str) -> None:
    known = frozenset(among)
    for identifier in ids:
        if identifier not in known:
            raise AggregationInputError(f"{field} {identifier!r} is not in the table of votes.")


def positions(ids: tuple[str, ...], *, within: Sequence[str]) -> Places:
    if ids == within:
        return np.arange(len(ids), dtype=np.int32)
    index = {identifier: position for position, identifier in enumerate(within)}
    return np.fromiter((index.get(one, -1) for one in ids), dtype=np.int32, count=len(ids))


def identifiers(column: Column, *, field: str) -> tuple[tuple[str, ...], Places]:
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
        raise fault(first, field, "'' is no id; give text or a whole number")
    ids = canonical(found)
    return ids, positions(tuple(found), within=ids)[place]


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
    for start in range(0, texts.size, ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
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
                raise fault(position, field, f"{label!r} is no id; give text or a whole number")
    place: defaultdict[Any, int] = defaultdict()
    place.default_factory = place.__len__  # an id not met before gets the next number
    codes = np.fromiter(map(place.__getitem__, labels), dtype=np.int32, count=len(labels))
    found = [str(label) for label in place]
    if len(set(found)) == len(found):
        return found, codes
    distinct = list(dict.fromkeys(found))  # 7 and "7" are the same id
    return distinct, positions(tuple(found), within=distinct)[codes]
