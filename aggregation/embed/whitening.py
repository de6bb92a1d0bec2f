"""A frozen soft-whitening that follows a sentence encoder: fitted once, kept, versioned.

    y = A (x - m),  y / |y|,   A = diag(s)^(-1/2) V'

x : unit vectors; m : their mean; V, s : leading axes and singular values of x - m

Dividing by the root of the singular value, rather than by the value, keeps themes apart while it
makes near-duplicates stand out. Refitting moves every vector, so a new fit is a new version.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aggregation.errors import AggregationInputError

FILE, VERSION = "whitening_v1.npz", "v1"  # of the encoder that is built in


@dataclass(frozen=True)
class Whitening:
    """mean (inputs,), axes (outputs, inputs); name: version and sha256 of the file."""

    mean: NDArray[np.float64]
    axes: NDArray[np.float64]
    name: str

    def apply(self, vectors: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Whitened unit vectors (n, outputs); a vector equal to the mean stays zero."""
        moved = (vectors.astype(np.float64) - self.mean) @ self.axes.T
        length = np.linalg.norm(moved, axis=1, keepdims=True)
        return np.asarray(moved / np.where(length > 0, length, 1.0), dtype=np.float64)


@cache
def load_whitening() -> Whitening:
    """The whitening that ships with this package."""
    return _parsed(files("aggregation.embed").joinpath(FILE).read_bytes(), VERSION)


def read_whitening(path: Path, *, inputs: int) -> Whitening:
    """The whitening in a file that `fit_whitening` wrote, for vectors of so many numbers.

    Raises AggregationInputError naming the file where it is not one, or does not fit.
    """
    try:
        found = _parsed(path.read_bytes(), "file")
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise AggregationInputError(
            f"{path} is no whitening file: {error}. Write one with fit_whitening."
        ) from error
    if found.axes.ndim != 2 or found.mean.shape != (inputs,) or found.axes.shape[1] != inputs:
        raise AggregationInputError(
            f"{path} whitens vectors of {found.mean.size} numbers, and this model gives {inputs}. "
            "Fit a whitening for this model."
        )
    if not (np.isfinite(found.mean).all() and np.isfinite(found.axes).all()):
        raise AggregationInputError(f"{path} holds numbers that are not finite. Fit it again.")
    return found


def _parsed(raw: bytes, version: str) -> Whitening:
    with np.load(io.BytesIO(raw), allow_pickle=False) as stored:
        mean, axes = (stored[key].astype(np.float64) for key in ("mean", "axes"))
    return Whitening(mean, axes, f"{version}:{hashlib.sha256(raw).hexdigest()}")
