"""Cosines of two blocks of rows, on the CPU or on a GPU: one interface, one answer.

Vectors on the embedders' grid give the same cosines everywhere (`embed.backend.GRID`): neither the
device nor the size of a block nor the number of threads shows in a result.
"""

from __future__ import annotations

import importlib.util
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from aggregation.errors import AggregationInputError
from aggregation.types import IntArray

Float32Array = NDArray[np.float32]
Device: TypeAlias = Literal["auto", "cpu", "cuda"]
Hits: TypeAlias = tuple[IntArray, IntArray, Float32Array]  # row, column, cosine


class Products(Protocol):
    """What a search asks of a device; first (r, d), second (c, d), least (r,)."""

    block: int  # cosines held at once

    def above(self, first: Float32Array, second: Float32Array, least: Float32Array) -> Hits:
        """Where first @ second.T is at least `least` of its row; ordered by (row, column)."""
        ...

    def highest(self, first: Float32Array, second: Float32Array, k: int) -> Float32Array:
        """(r,) the k-th largest cosine of each row; -inf where there are fewer columns."""
        ...


class OnProcessor:
    """NumPy, with the threads that its BLAS was given."""

    block = 2**21  # 8 MB in float32: stays in a processor's cache

    def above(self, first: Float32Array, second: Float32Array, least: Float32Array) -> Hits:
        """See `Products`."""
        cosine = first @ second.T
        found = np.flatnonzero(cosine >= least[:, None])
        row, column = np.divmod(found, len(second))
        return row, column, cosine.ravel()[found]

    def highest(self, first: Float32Array, second: Float32Array, k: int) -> Float32Array:
        """See `Products`."""
        if len(second) < k:
            return np.full(len(first), -np.inf, dtype=np.float32)
        return np.asarray(np.partition(first @ second.T, -k, axis=1)[:, -k])


class OnTorch:
    """PyTorch on a named device; full float32 products, never TF32."""

    block = 2**28  # 1 GB in float32

    def __init__(self, device: str) -> None:
        import torch

        torch.backends.cuda.matmul.allow_tf32 = False
        self._torch: Any = torch
        self._device = device

    def above(self, first: Float32Array, second: Float32Array, least: Float32Array) -> Hits:
        """See `Products`."""
        cosine = self._cosine(first, second)
        mask = cosine >= self._on_device(least)[:, None]
        row, column = self._torch.nonzero(mask, as_tuple=True)
        return row.cpu().numpy(), column.cpu().numpy(), cosine[mask].cpu().numpy()

    def highest(self, first: Float32Array, second: Float32Array, k: int) -> Float32Array:
        """See `Products`."""
        if len(second) < k:
            return np.full(len(first), -np.inf, dtype=np.float32)
        best = self._torch.topk(self._cosine(first, second), k, dim=1).values
        return np.asarray(best[:, -1].cpu().numpy())

    def _cosine(self, first: Float32Array, second: Float32Array) -> Any:
        return self._on_device(first) @ self._on_device(second).T

    def _on_device(self, array: Float32Array) -> Any:
        return self._torch.from_numpy(np.ascontiguousarray(array)).to(self._device)


def products(device: Device = "auto") -> Products:
    """The products of a device; "auto" takes a GPU where PyTorch sees one.

    Raises AggregationInputError where "cuda" is asked for and cannot be had.
    """
    if device == "cpu":
        return OnProcessor()
    if importlib.util.find_spec("torch") is not None:
        import torch

        if torch.cuda.is_available():
            return OnTorch("cuda")
    if device == "cuda":
        raise AggregationInputError(
            'Device "cuda" was asked for, and PyTorch sees none here. Use "auto" or "cpu".'
        )
    return OnProcessor()
