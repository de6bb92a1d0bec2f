"""What every embedder promises: unit vectors for texts, and a name for the space they live in."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import rfc8785
from numpy.typing import NDArray

from aggregation.errors import EmbedderUnavailable

Float32Array = NDArray[np.float32]

# Components are multiples of 1/256. Products of two of them, and sums of such products of unit
# vectors, are exact in float32, so a cosine is the same number on every machine, in every order and
# in every block size; in float16 the components themselves are exact. The price is an error of
# about .0015 in a cosine.
GRID = 256


@dataclass(frozen=True, order=True)
class EmbedderSpec:
    """Which space a vector lives in. Vectors of different specs must never be compared.

    digest: sha256 of the weights; dim: length of a vector; transform: what happens to texts before
    and to vectors after the model, by name and digest. The device is no part of it: what a GPU
    rounds otherwise is stated in `device`, and is far below what sets two texts apart.
    """

    name: str
    revision: str
    digest: str
    dim: int
    transform: str

    def to_dict(self) -> dict[str, str | int]:
        """The fields by name, for a spec's `method`."""
        return asdict(self)

    @cached_property
    def space(self) -> str:
        """sha256 over the fields: vectors are comparable where this is equal."""
        return hashlib.sha256(rfc8785.dumps(asdict(self))).hexdigest()


class Embedder(Protocol):
    """Turns texts into vectors; a text's vector depends on the text and its language alone.

    languages : codes of the languages it understands, without script ("zh"); None for any
    """

    @property
    def languages(self) -> frozenset[str] | None: ...

    def embed(self, texts: Sequence[str], languages: Sequence[str] | None = None) -> Float32Array:
        """Unit vectors (texts, dim) in the order given; languages are codes, "und" if unknown."""
        ...

    def spec(self) -> EmbedderSpec:
        """The space these vectors live in."""
        ...


def to_grid(vectors: NDArray[np.float64]) -> Float32Array:
    """Round unit vectors (n, d) to multiples of 1/GRID; their length stays 1 to within .002."""
    return (np.rint(vectors * GRID) / GRID).astype(np.float32)


def extra(package: str, embedder: str, install: str) -> Any:
    """A package that only this embedder needs; EmbedderUnavailable says how to install it."""
    try:
        return importlib.import_module(package)
    except ImportError as error:
        raise EmbedderUnavailable(
            f"embedder {embedder!r} needs {package}: {error}. Install concordance[{install}]."
        ) from error
