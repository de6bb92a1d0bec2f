"""Embedders by name: those that are built in, each loaded once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from aggregation.embed.backend import Embedder
from aggregation.errors import AggregationInputError


def _use3() -> Embedder:
    from aggregation.embed.use3 import Use3

    return Use3()


def _hashing() -> Embedder:
    from aggregation.embed.hashing import Hashing

    return Hashing()


BACKENDS: dict[str, Callable[[], Embedder]] = {"use3": _use3, "hashing": _hashing}


@cache
def load(name: str) -> Embedder:
    """The embedder of that name, loaded once; AggregationInputError where there is none."""
    if name not in BACKENDS:
        known = ", ".join(sorted(BACKENDS))
        raise AggregationInputError(
            f"There is no embedder named {name!r}. Set `embedder` to one of: {known}."
        )
    return BACKENDS[name]()
