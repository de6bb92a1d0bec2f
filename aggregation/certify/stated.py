"""Reading what a document states: every value with the place where it stands.

Nothing in a document is trusted, not even its shape: what is missing, of another type or not a
finite number raises Malformed with its path, such as `clauses[never_lie].support.overall.lo`.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

TOLERANCE = 1.5e-6  # numbers are published at six decimals; half a unit, and rounding on both sides


MOST = sys.float_info.max


class Malformed(Exception):
    """A document or its votes lack something, or hold it in another shape: where, and what."""

    def __init__(self, path: str, rule: str, *, found: object = None) -> None:
        super().__init__(f"{path}: {rule}")
        self.path, self.rule, self.found = path, rule, found


class Unchecked:
    """Stands in an expected value for what votes cannot tell, such as a sentence."""


UNCHECKED = Unchecked()


@dataclass(frozen=True)
class Check:
    """One stated value beside the recomputed one.

    name : what was compared, as a path; of a check that failed, the first place that differs
    stated, recomputed : the two values; tolerance : by how much numbers that are not whole may
        differ (whole numbers, words and lists must be equal)
    """

    name: str
    ok: bool
    stated: object
    recomputed: object
    tolerance: float


@dataclass(frozen=True)
class Node:
    """A value in a document and its path; the methods ask for it in a certain shape."""

    path: str
    value: object

    def __getitem__(self, key: str) -> Node:
        if not isinstance(self.value, dict):
            raise Malformed(self.path, "an object is needed here", found=self.value)
        if key not in self.value:
            raise Malformed(f"{self.path}.{key}".lstrip("."), "it is missing")
        return Node(f"{self.path}.{key}".lstrip("."), self.value[key])

    @property
    def is_null(self) -> bool:
        """Whether the document says null here."""
        return self.value is None

    def items(self, *, by: str | None = None) -> list[Node]:
        """The members of a list, each named in paths by its field `by` or by its number."""
        if not isinstance(self.value, list):
            raise Malformed(self.path, "a list is needed here", found=self.value)
        return [
            Node(f"{self.path}[{_label(item, i, by)}]", item) for i, item in enumerate(self.value)
        ]

    def fields(self) -> dict[str, Node]:
        """The members of an object."""
        if not isinstance(self.value, dict):
            raise Malformed(self.path, "an object is needed here", found=self.value)
        return {str(key): self[key] for key in self.value}

    def text(self) -> str:
        """A string."""
        if not isinstance(self.value, str):
            raise Malformed(self.path, "a text is needed here", found=self.value)
        return self.value

    def number(self, *, low: float = -math.inf, high: float = math.inf) -> float:
        """A finite number from `low` to `high`."""
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Malformed(self.path, "a number is needed here", found=value)
        if not (_is_finite(value) and low <= value <= high):
            raise Malformed(
                self.path, f"a finite number from {low:g} to {high:g} is needed", found=value
            )
        return float(value)

    def integer(self, *, low: int = 0, high: int = 2**63 - 1) -> int:
        """A whole number from `low` to `high`."""
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise Malformed(
                self.path, f"a whole number from {low} to {high} is needed", found=value
            )
        return value


def agreement(stated: Node, expected: object, *, tolerance: float = TOLERANCE) -> Check:
    """A check that everything under a node is as expected; a failed one names the first place."""
    found = _difference(stated.value, expected, stated.path, tolerance)
    if found is None:
        return Check(stated.path, True, stated.value, expected, tolerance)
    path, here, there = found
    return Check(path, False, here, there, tolerance)


def holds(path: str, condition: bool, *, stated: object, rule: object) -> Check:
    """A check of a condition that is no equality; `rule` says what was to hold."""
    return Check(path, bool(condition), stated, rule, 0.0)


_Difference = tuple[str, object, object]


def _difference(
    stated: object, expected: object, path: str, tolerance: float
) -> _Difference | None:
    if isinstance(expected, Unchecked):
        return None
    if isinstance(expected, Mapping):
        return _in_object(stated, expected, path, tolerance)
    if isinstance(expected, list | tuple):
        return _in_list(stated, expected, path, tolerance)
    return None if _same(stated, expected, tolerance) else (path, stated, expected)


def _in_object(
    stated: object, expected: Mapping[str, object], path: str, tolerance: float
) -> _Difference | None:
    if not isinstance(stated, dict):
        return path, stated, dict(expected)
    for key, value in expected.items():
        if key not in stated:
            return f"{path}.{key}", "missing", value
        found = _difference(stated[key], value, f"{path}.{key}", tolerance)
        if found is not None:
            return found
    for key in stated:
        if key not in expected:
            return f"{path}.{key}", stated[key], "nothing"
    return None


def _in_list(
    stated: object, expected: Sequence[object], path: str, tolerance: float
) -> _Difference | None:
    if not isinstance(stated, list) or len(stated) != len(expected):
        return path, stated, list(expected)
    for i, (here, there) in enumerate(zip(stated, expected, strict=True)):
        by = next((k for k in ("group", "clause", "rule", "rank") if _has(there, k)), None)
        found = _difference(here, there, f"{path}[{_label(there, i, by)}]", tolerance)
        if found is not None:
            return found
    return None


def _has(value: object, key: str) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get(key), str | int)


def _same(stated: object, expected: object, tolerance: float) -> bool:
    if expected is None or isinstance(expected, bool | str):
        return type(stated) is type(expected) and stated == expected
    if isinstance(stated, bool) or not isinstance(stated, int | float):
        return False
    if isinstance(expected, int):
        return stated == expected
    if isinstance(expected, float):
        return _is_finite(stated) and abs(stated - expected) <= tolerance
    raise TypeError(f"{type(expected)} cannot stand in a document")


def _is_finite(number: float) -> bool:
    """Whether it is a number that a double can hold; whole numbers of JSON know no bounds."""
    return -MOST <= number <= MOST


def _label(item: object, number: int, by: str | None) -> str:
    name = item.get(by) if by is not None and isinstance(item, Mapping) else None
    return str(number) if name is None or isinstance(name, list | dict) else str(name)
