"""Reads how a backend is set up from JSON, strictly: what is not understood is refused by name."""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from aggregation.embed.transform import Transform
from aggregation.embed.whitening import read_whitening
from aggregation.errors import AggregationInputError

Options = TypeVar("Options", bound="TextOptions")
_NAMES = {str: "a text", bool: "true or false", int: "a whole number", float: "a number"}


def bounded(least: float, most: float, default: Any = dataclasses.MISSING) -> Any:
    """A dataclass field whose number lies between these bounds."""
    bounds = {"least": least, "most": most}
    if default is dataclasses.MISSING:
        return field(metadata=bounds)
    return field(default=default, metadata=bounds)


@dataclass(frozen=True, kw_only=True)
class TextOptions:
    """What every configurable backend takes.

    languages : codes of the languages it is for, or None for any
    strip_frame : whether "The AI should never ..." is taken off first
    prefix : put before each text, as some models want it ("query: ")
    whitening : a file that `fit_whitening` wrote for this model
    """

    languages: frozenset[str] | None = None
    strip_frame: bool = True
    prefix: str = ""
    whitening: Path | None = None

    def transform(self, *, inputs: int) -> Transform:
        """What happens around a model whose vectors have so many numbers."""
        whitening = read_whitening(self.whitening, inputs=inputs) if self.whitening else None
        return Transform(strip=self.strip_frame, prefix=self.prefix, whitening=whitening)


def read_options(
    kind: type[Options], given: Mapping[str, object], *, name: str, folder: Path
) -> Options:
    """The options of one embedder, each key checked; relative paths start at `folder`.

    Raises AggregationInputError naming embedder, key, rule and remedy.
    """
    fields = {f.name: f for f in dataclasses.fields(kind)}
    hints = get_type_hints(kind)
    for key in given:
        if key not in fields:
            raise _refusal(name, key, f"is not known. Use any of: {', '.join(sorted(fields))}")
    for key, one in fields.items():
        if one.default is dataclasses.MISSING and key not in given:
            raise _refusal(name, key, "is missing. Add it")
    read = {key: _value(given[key], hints[key], folder, (name, key)) for key in given}
    for key, value in read.items():
        bounds = fields[key].metadata
        if bounds and value is not None and not bounds["least"] <= value <= bounds["most"]:
            rule = f"must lie between {bounds['least']:,} and {bounds['most']:,}; it is {value}"
            raise _refusal(name, key, rule)
    return kind(**read)


def _refusal(name: str, key: str, rule: str) -> AggregationInputError:
    return AggregationInputError(f"embedder {name!r}: key {key!r} {rule}.")


def _value(value: object, hint: Any, folder: Path, where: tuple[str, str]) -> Any:
    """The JSON value as the type asks for it."""
    if isinstance(hint, types.UnionType):  # Only "or None" occurs.
        return None if value is None else _value(value, get_args(hint)[0], folder, where)
    if get_origin(hint) is Literal:
        if value not in get_args(hint):
            raise _refusal(*where, f"must be one of {', '.join(get_args(hint))}; it is {value!r}")
        return value
    if get_origin(hint) is frozenset:
        if not isinstance(value, list) or not all(isinstance(x, str) and x for x in value):
            raise _refusal(*where, f"must be a list of texts; it is {value!r}")
        return frozenset(value)
    if hint is Path:
        if not isinstance(value, str) or not value or "\0" in value:
            raise _refusal(*where, f"must be a path; it is {value!r}")
        return folder / value
    if hint is float and type(value) is int:
        value = float(value)
    if type(value) is not hint or (isinstance(value, float) and not math.isfinite(value)):
        raise _refusal(*where, f"must be {_NAMES[hint]}; it is {value!r}")
    return value
