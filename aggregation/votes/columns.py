"""The columns of votes as they come in: what each may hold, and what is said where it does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from aggregation.errors import AggregationInputError
from aggregation.types import BoolArray, FloatArray

Column: TypeAlias = "Sequence[Any] | NDArray[Any]"


def fault(row: int, field: str, rule: str) -> AggregationInputError:
    return AggregationInputError(f"vote {row + 1} (counted from 1), field {field}: {rule}.")


def require_length(column: Any, *, count: int, field: str) -> None:
    if len(column) != count:
        raise AggregationInputError(
            f"vote {min(len(column), count) + 1} (counted from 1), field {field}: the columns have "
            f"unequal lengths, {len(column)} here against {count} participants."
        )


def _numbers(column: Any, *, count: int, field: str, optional: bool = False) -> NDArray[Any]:
    """A column of finite numbers, or of floats with NaN for None where the field is optional."""
    require_length(column, count=count, field=field)
    items = np.asarray(column)
    if items.dtype == bool:
        raise fault(0, field, "true and false are not numbers here")
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
            raise fault(position, field, f"{item!r} is not a finite number")
        numbers[position] = item
    return numbers


def votes(value: ArrayLike, *, count: int) -> NDArray[np.int8]:
    numbers = _numbers(value, count=count, field="value")
    wrong = np.flatnonzero((numbers != -1) & (numbers != 0) & (numbers != 1))
    if wrong.size:
        raise fault(
            int(wrong[0]),
            "value",
            f"{numbers[wrong[0]]:g} is none of -1 (disagree), 0 (unsure), 1 (agree)",
        )
    return numbers.astype(np.int8)


def importance(column: Column | None, *, count: int) -> FloatArray:
    if column is None:
        return np.broadcast_to(np.nan, count)
    numbers = _numbers(column, count=count, field="importance", optional=True)
    wrong = np.flatnonzero(~np.isnan(numbers) & ~np.isin(numbers, (1, 2, 3, 4, 5)))
    if wrong.size:
        rule = f"{numbers[wrong[0]]:g} is not one of 1, 2, 3, 4, 5"
        raise fault(int(wrong[0]), "importance", rule)
    return numbers.astype(np.float64, copy=False)


def probability(column: Column | None, *, count: int) -> FloatArray:
    if column is None:
        return np.broadcast_to(np.nan, count)
    numbers = _numbers(column, count=count, field="probability", optional=True)
    wrong = np.flatnonzero((numbers <= 0.0) | (numbers > 1.0))
    if wrong.size:
        rule = f"{numbers[wrong[0]]:g} is not above 0 and at most 1"
        raise fault(int(wrong[0]), "probability", rule)
    return numbers.astype(np.float64, copy=False)


def flags(column: ArrayLike | None, *, count: int) -> BoolArray:
    if column is None:
        return np.broadcast_to(np.True_, count)
    flags = np.asarray(column)
    require_length(flags, count=count, field="served")
    if count and flags.dtype != bool:
        raise fault(0, "served", "give true or false")
    return flags.astype(bool, copy=False)


def moments(column: ArrayLike | None, *, count: int) -> NDArray[Any] | None:
    if column is None:
        return None
    moments = np.asarray(column)
    require_length(moments, count=count, field="timestamp")
    if moments.dtype.kind == "M":
        moments = moments.astype("datetime64[us]")
    elif count and moments.dtype.kind not in "iuf":
        raise fault(0, "timestamp", "give numbers or datetime64")
    wrong = np.flatnonzero(
        np.isnat(moments) if moments.dtype.kind == "M" else ~np.isfinite(moments)
    )
    if wrong.size:
        raise fault(int(wrong[0]), "timestamp", "the moment is missing or not finite")
    return moments
