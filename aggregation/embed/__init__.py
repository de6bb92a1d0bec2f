"""From sentences to vectors whose cosine says how near two contents are.

`load("use3")` is the default: multilingual, offline, on the CPU. `load("hashing")` needs no model
and is for tests. To add a backend: a class with `embed` and `spec` (see `backend.Embedder`), a line
in BACKENDS, a case in tests/aggregation/test_embed.py. Nothing is loaded before `load` is called.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from aggregation.embed.backend import Embedder, EmbedderSpec, Float32Array
from aggregation.errors import AggregationInputError

__all__ = ["BACKENDS", "Embedder", "EmbedderSpec", "Float32Array", "load"]


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
