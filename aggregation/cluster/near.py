"""Which rows are near to one another? All pairs above a cosine, and nearest neighbours, exact.

Vectors are unit length; a cosine is a dot product. Compared in blocks: memory is linear in rows.
`rows` names the part that one shard searches for; it is compared with all rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aggregation.cluster.products import Device, Hits, Products, products
from aggregation.cluster.thresholds import SIMILAR
from aggregation.types import BoolArray, FloatArray, IntArray

Float32Array = NDArray[np.float32]

QUERIES = 512  # rows of a block
HEAD_ENERGY = 0.5  # share of the squared length in the columns that are compared first
HEAD_STEP = 16  # columns; they are taken in such steps
LARGE = 2048  # rows of a group from which that pays
HIGH = 0.75  # from here on few pairs pass a comparison of their heads
SLACK = 1e-4  # of that comparison, for rounding
GATHERED = 2**16  # pairs whose vectors are held at once

_NO_HITS: Hits = (
    np.zeros(0, dtype=np.int64),
    np.zeros(0, dtype=np.int64),
    np.zeros(0, dtype=np.float32),
)


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
    unlike: Sequence[int] | IntArray | None = None,
    rows: range | None = None,
    device: Device = "auto",
) -> Pairs:
    """All pairs with cosine >= threshold and equal polarity (or, if `opposite`, unequal).

    vectors : (n, d), unit length, float32 or float16. polarity : (n,), any integers; two rows are
    on the same side where they are equal. unlike : (n,), numbers that must differ in a pair, such
    as languages. rows : those that i may be; default: all. The pairs of consecutive shards, one
    after the other, are the pairs of all rows.
    """
    sides = np.asarray(polarity)
    check(vectors, sides)
    of = range(len(vectors)) if rows is None else rows
    differ = [np.asarray(one) for one in (sides if opposite else None, unlike) if one is not None]
    search = _Search(vectors, threshold, products(device))
    groups = [np.arange(len(vectors))] if opposite else _groups(sides)
    found: list[Hits] = []
    for i, j, cosine in (part for group in groups for part in search.pairs(group, of)):
        kept = np.logical_and.reduce([i < j, *(one[i] != one[j] for one in differ)])
        found.append((i[kept], j[kept], cosine[kept]))
    i, j, similarity = together(found)
    order = np.lexsort((j, i))
    return Pairs(i[order], j[order], similarity[order].astype(np.float64))


def union(parts: Sequence[Pairs]) -> Pairs:
    """Every pair of the parts once; a pair has one similarity, so it does not matter whose."""
    i, j, similarity = together(
        [(part.i, part.j, part.similarity.astype(np.float32)) for part in parts]
    )
    order = np.lexsort((j, i))
    i, j, similarity = i[order], j[order], similarity[order]
    new = np.ones(len(i), dtype=np.bool_)
    new[1:] = (i[1:] != i[:-1]) | (j[1:] != j[:-1])
    return Pairs(i[new], j[new], similarity[new].astype(np.float64))


def _groups(sides: NDArray[np.generic]) -> list[IntArray]:
    """The rows of each side that has more than one, ascending."""
    order = np.argsort(sides, kind="stable")
    edges = np.flatnonzero(sides[order[1:]] != sides[order[:-1]]) + 1
    return [group for group in np.split(order, edges) if len(group) > 1]


def together(parts: Sequence[Hits]) -> Hits:
    """The hits of all parts, one part after the other."""
    i, j, cosine = (np.concatenate(part) for part in zip(_NO_HITS, *parts, strict=True))
    return i, j, cosine


class _Search:
    """Finds pairs from a threshold up; a high one is tried on a part of the columns first.

    With x = (p, r) and y = (q, s) split into head and tail, x.y <= p.q + |r||s| (Cauchy-Schwarz),
    which is a product of vectors with one number for the tail. What passes is compared in full.
    """

    def __init__(self, vectors: Float32Array, threshold: float, device: Products) -> None:
        self._vectors = vectors
        self._threshold = threshold
        self._device = device
        self._is_high = threshold >= HIGH
        self._heads: Float32Array | None = None

    def pairs(self, group: IntArray, of: range) -> Iterator[Hits]:
        """Pairs inside a group of rows (ascending), i in `of`, among others i < j."""
        if len(group) > LARGE and self._heads is None and self._is_high:
            self._heads = _heads(self._vectors)
        mine = group[np.searchsorted(group, of.start) : np.searchsorted(group, of.stop)]
        for queries in cut(mine, QUERIES):
            after = group[np.searchsorted(group, queries[0]) :]
            for columns in cut(after, max(1, self._device.block // QUERIES)):
                yield self._above(queries, columns)

    def _above(self, queries: IntArray, columns: IntArray) -> Hits:
        if self._heads is None:
            return self._compared(self._vectors, queries, columns, self._threshold)
        low = self._threshold - SLACK
        i, j, _ = self._compared(self._heads, queries, columns, low)
        i, j = i[i < j], j[i < j]
        parts = [
            np.einsum("nd,nd->n", block(self._vectors, i[part]), block(self._vectors, j[part]))
            for part in cut(np.arange(len(i)), GATHERED)
        ]
        cosine = np.concatenate([_NO_HITS[2], *parts])
        enough = cosine >= np.float32(self._threshold)
        return i[enough], j[enough], cosine[enough]

    def _compared(
        self, vectors: Float32Array, queries: IntArray, columns: IntArray, threshold: float
    ) -> Hits:
        least = np.full(len(queries), threshold, dtype=np.float32)
        first, second = block(vectors, queries), block(vectors, columns)
        row, column, cosine = self._device.above(first, second, least)
        return queries[row], columns[column], cosine


def _heads(vectors: Float32Array) -> Float32Array:
    """(n, h + 1): the columns that carry half of the squared length, and the length of the rest."""
    every = cut(np.arange(len(vectors)), GATHERED)
    energy = np.sum([np.sum(block(vectors, part) ** 2, axis=0) for part in every], axis=0)
    order = np.argsort(-energy, kind="stable")
    carried = np.cumsum(energy[order]) / energy.sum()
    needed = int(np.searchsorted(carried, HEAD_ENERGY)) + 1
    head = min(-(-needed // HEAD_STEP) * HEAD_STEP, vectors.shape[1])
    heads = np.empty((len(vectors), head + 1), dtype=np.float32)
    for part in every:
        rows = block(vectors, part)
        heads[part, :head] = rows[:, order[:head]]
        heads[part, head] = np.linalg.norm(rows[:, order[head:]], axis=1)
    return heads


def exact_neighbours(
    vectors: Float32Array, of: IntArray, neighbours: int, *, device: Device = "auto"
) -> IntArray:
    """Row indices (of, neighbours) of the nearest others, nearest first, compared in blocks.

    Ties go to the earlier row. of : the rows whose neighbours are searched.
    """
    search, everybody = products(device), np.arange(len(vectors))
    found = np.empty((len(of), neighbours), dtype=np.int64)
    for start in range(0, len(of), QUERIES):
        queries = of[start : start + QUERIES]
        first = block(vectors, queries)
        nearest = Nearest(queries, neighbours)
        for columns in cut(everybody, max(neighbours + 1, search.block // QUERIES)):
            second = block(vectors, columns)
            if columns[0] == 0:  # One more than needed: a row is its own nearest.
                nearest.least = search.highest(first, second, neighbours + 1)
            row, column, cosine = search.above(first, second, nearest.least)
            nearest.take(row, columns[column], cosine)
        found[start : start + QUERIES] = nearest.columns()
    return found


class Nearest:
    """The k nearest columns of some rows so far; `least` (r,) is what a newcomer has to reach."""

    def __init__(self, queries: IntArray, k: int) -> None:
        self._queries = queries
        self._k = k
        self._held: Hits = _NO_HITS
        self.least = np.full(len(queries), -np.inf, dtype=np.float32)

    def take(self, row: IntArray, column: IntArray, cosine: Float32Array) -> None:
        """Weigh new columns against those held; a column must come only once."""
        other = column != self._queries[row]
        new = row[other], column[other], cosine[other]
        row, column, cosine = together([self._held, new])
        order = np.lexsort((column, -cosine, row))
        row, column, cosine = row[order], column[order], cosine[order]
        place = np.arange(len(row)) - np.searchsorted(row, row)
        kept = place < self._k
        self._held = row[kept], column[kept], cosine[kept]
        last = place == self._k - 1
        self.least[row[last]] = cosine[last]

    def counts(self) -> IntArray:
        """(r,) how many were found for each row, k at most."""
        return np.bincount(self._held[0], minlength=len(self._queries))

    def columns(self, rows: BoolArray | None = None) -> IntArray:
        """(r, k), the nearest first, of the rows marked; default: all. Each must have k."""
        held = self._held[1] if rows is None else self._held[1][rows[self._held[0]]]
        return held.reshape(-1, self._k)


def block(vectors: Float32Array, rows: IntArray) -> Float32Array:
    """Some rows in float32; `rows` ascending."""
    return np.asarray(vectors[rows], dtype=np.float32)


def cut(rows: IntArray, size: int) -> list[IntArray]:
    """The rows in runs of `size`."""
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def check(vectors: NDArray[np.floating], others: NDArray[np.generic]) -> None:
    if vectors.ndim != 2 or len(vectors) != len(others):
        raise ValueError(f"{vectors.shape} vectors do not fit {len(others)} rows")
