"""Which rows are near to one another? All pairs above a cosine, and nearest neighbours, exact.

Vectors are unit length; a cosine is a dot product. Compared in blocks: memory is linear in rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aggregation.cluster.thresholds import BLOCK, SIMILAR
from aggregation.types import FloatArray, IntArray

Float32Array = NDArray[np.float32]


@dataclass(frozen=True)
class Pairs:
    """Row pairs i < j with their similarity, ordered by (i, j)."""

    i: IntArray
    j: IntArray
    similarity: FloatArray

    def by_row(self) -> dict[int, tuple[int, ...]]:
        """Each row with its partners, the nearest first."""
        found: defaultdict[int, list[tuple[float, int]]] = defaultdict(list)
        for i, j, similarity in zip(
            self.i.tolist(), self.j.tolist(), self.similarity.tolist(), strict=True
        ):
            found[i].append((-similarity, j))
            found[j].append((-similarity, i))
        return {row: tuple(j for _, j in sorted(near)) for row, near in found.items()}


def similar_pairs(
    vectors: Float32Array,
    polarity: Sequence[int] | IntArray,
    *,
    threshold: float = SIMILAR,
    opposite: bool = False,
) -> Pairs:
    """All pairs with cosine >= threshold and equal polarity (or, if `opposite`, unequal).

    vectors : (n, d), unit length. polarity : (n,), any integers; two rows are on the same side
    where they are equal. Compared in blocks: memory is linear in n.
    """
    sides = np.asarray(polarity)
    check(vectors, sides)
    found: list[tuple[IntArray, IntArray, FloatArray]] = []
    for start, cosine in _blocks(vectors):
        rows, columns = np.nonzero(cosine[:, start:] >= threshold)
        columns = columns + start
        keep = rows + start < columns
        rows, columns = rows[keep], columns[keep]
        same = sides[rows + start] == sides[columns]
        chosen = ~same if opposite else same
        rows, columns = rows[chosen], columns[chosen]
        found.append((rows + start, columns, cosine[rows, columns].astype(np.float64)))
    if not found:
        empty = np.zeros(0, dtype=np.int64)
        return Pairs(empty, empty, np.zeros(0))
    i, j, similarity = (np.concatenate(part) for part in zip(*found, strict=True))
    return Pairs(i, j, similarity)


def nearest_neighbours(vectors: Float32Array, *, neighbours: int) -> IntArray:
    """Row indices (n, neighbours) of the nearest others, nearest first, exact, in blocks."""
    n = len(vectors)
    found = np.empty((n, neighbours), dtype=np.int64)
    for start, cosine in _blocks(vectors):
        rows = np.arange(len(cosine))
        cosine[rows, rows + start] = -np.inf
        # -index/2^40 in float64 makes ties fall to the earlier row without touching real gaps.
        score = cosine.astype(np.float64) - np.arange(n) / 2.0**40
        top = np.argpartition(-score, neighbours - 1, axis=1)[:, :neighbours]
        inner = np.argsort(-np.take_along_axis(score, top, axis=1), axis=1)
        found[start : start + len(cosine)] = np.take_along_axis(top, inner, axis=1)
    return found


def _blocks(vectors: Float32Array) -> Iterator[tuple[int, Float32Array]]:
    """Cosines of some rows at a time with all rows: (first row, (rows, n))."""
    rows = max(1, BLOCK // max(1, len(vectors)))
    for start in range(0, len(vectors), rows):
        yield start, vectors[start : start + rows] @ vectors.T


def check(vectors: Float32Array, others: NDArray[np.generic]) -> None:
    if vectors.ndim != 2 or len(vectors) != len(others):
        raise ValueError(f"{vectors.shape} vectors do not fit {len(others)} rows")
