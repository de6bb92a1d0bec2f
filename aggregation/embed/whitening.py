"""The frozen soft-whitening that follows the sentence encoder: fitted once, shipped, versioned.

    y = A (x - m),  y / |y|,   A = diag(s)^(-1/2) V'       (V, s: leading axes and singular values)

Dividing by the root of the singular value, rather than by the value, keeps themes apart while it
makes near-duplicates stand out. Refitting moves every vector, so a new fit is a new version.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

FILE = "whitening_v1.npz"


@dataclass(frozen=True)
class Whitening:
    """mean (inputs,), axes (outputs, inputs), and the sha256 of the file they came from."""

    mean: NDArray[np.float64]
    axes: NDArray[np.float64]
    digest: str

    def apply(self, vectors: NDArray[np.float32]) -> NDArray[np.float64]:
        """Whitened unit vectors (n, outputs); a vector equal to the mean stays zero."""
        moved = (vectors.astype(np.float64) - self.mean) @ self.axes.T
        length = np.linalg.norm(moved, axis=1, keepdims=True)
        return np.asarray(moved / np.where(length > 0, length, 1.0), dtype=np.float64)


@cache
def load_whitening() -> Whitening:
    """The whitening that ships with this package."""
    raw = files("aggregation.embed").joinpath(FILE).read_bytes()
    with np.load(io.BytesIO(raw), allow_pickle=False) as stored:
        mean = stored["mean"].astype(np.float64)
        axes = stored["axes"].astype(np.float64)
    return Whitening(mean=mean, axes=axes, digest=hashlib.sha256(raw).hexdigest())
