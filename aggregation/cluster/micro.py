"""Spherical k-means in shards: small clusters of very many rows, as a first, coarse view of them.

    label(x) = argmax_j c_j.x,    c_j = sum of the x with label j, scaled to unit length

(Dhillon and Modha 2001.) A shard returns sufficient statistics: sum, count and objective. Vectors
lie on the embedders' grid and centres on a finer one, so every cosine is exact in float32 and every
sum in float64: labels are identical for any number, size and order of shards.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from aggregation.cluster.near import Float32Array, block, cut
from aggregation.types import FloatArray, IntArray

FINER = 4096  # centres are multiples of 1/4096: times 1/256 leaves room in float32's 24 bits
ROWS = 8192  # of a shard
COSINES = 2**22  # held at once: 16 MB
ROUNDS = 8
SAMPLE = 40  # rows per cluster that centres are fitted to


@dataclass(frozen=True, eq=False)
class Statistics:
    """Of some rows: sum of the vectors of each cluster (k, d), how many (k,), sum of cosines."""

    total: FloatArray
    count: IntArray
    objective: float


@dataclass(frozen=True, eq=False)
class Micro:
    """A cluster per row (n,), and the centres (k, d), of unit length to within 1/FINER."""

    label: IntArray
    centre: Float32Array


def micro_clusters(
    vectors: Float32Array, k: int, *, seed: int = 0, rounds: int = ROUNDS, size: int = ROWS
) -> Micro:
    """At most k clusters of the rows; fewer where there are fewer distinct rows.

    vectors : (n, d) on the grid. Centres are fitted to SAMPLE rows per cluster, drawn by content
    and `seed`, for so many rounds or until none changes; then every row is assigned once.
    """
    order = np.argsort(row_hashes(vectors, seed), kind="stable")
    sample = np.sort(order[: SAMPLE * k])
    fitted = np.asarray(block(vectors, sample))
    centre = start(fitted, k, seed=seed)
    for _ in range(rounds):
        parts = [statistics_shard(fitted, centre, rows) for rows in _ranges(len(fitted), size)]
        moved = recentred(centre, together(parts))
        if np.array_equal(moved, centre):
            break
        centre = moved
    labels = [labels_shard(vectors, centre, rows) for rows in _ranges(len(vectors), size)]
    return Micro(label=np.concatenate([np.zeros(0, dtype=np.int64), *labels]), centre=centre)


def start(vectors: Float32Array, k: int, *, seed: int) -> Float32Array:
    """First centres: distinct rows with the smallest hashes, whatever the order of rows."""
    _, first = np.unique(row_hashes(vectors, seed), return_index=True)
    return block(vectors, first[:k])


def statistics_shard(vectors: Float32Array, centre: Float32Array, rows: range) -> Statistics:
    """What one shard has to say about its rows."""
    label = np.zeros(len(rows), dtype=np.int64)
    objective = 0.0
    total = np.zeros(centre.shape)
    for part, own in _blocks(vectors, rows, len(centre)):
        cosine = own @ centre.T
        label[part] = np.argmax(cosine, axis=1)
        objective += float(np.sum(cosine.max(axis=1), dtype=np.float64))
        total += _membership(label[part], len(centre)) @ own.astype(np.float64)
    return Statistics(total, np.bincount(label, minlength=len(centre)), objective)


def labels_shard(vectors: Float32Array, centre: Float32Array, rows: range) -> IntArray:
    """The nearest centre of each of the rows; ties go to the lower number."""
    label = np.zeros(len(rows), dtype=np.int64)
    for part, own in _blocks(vectors, rows, len(centre)):
        label[part] = np.argmax(own @ centre.T, axis=1)
    return label


def together(parts: Sequence[Statistics]) -> Statistics:
    """The statistics of all shards' rows."""
    return Statistics(
        total=np.sum([part.total for part in parts], axis=0),
        count=np.sum([part.count for part in parts], axis=0),
        objective=float(sum(part.objective for part in parts)),
    )


def recentred(centre: Float32Array, found: Statistics) -> Float32Array:
    """Each centre in the middle of its rows; one without rows stays where it was."""
    length = np.linalg.norm(found.total, axis=1, keepdims=True)
    moved = np.rint(found.total / np.where(length > 0, length, 1.0) * FINER) / FINER
    return np.where(length > 0, moved, centre).astype(np.float32)


def row_hashes(vectors: Float32Array, seed: int) -> IntArray:
    """(n,) a number per row that depends on its content and the seed alone, evenly spread."""
    width = -(-vectors.shape[1] // 4)
    factors = np.random.default_rng(seed).integers(1, 2**63, width, dtype=np.uint64) * 2 + 1
    found = np.zeros(len(vectors), dtype=np.uint64)
    for part in cut(np.arange(len(vectors)), ROWS):
        words = np.zeros((len(part), 4 * width), dtype="<i2")
        words[:, : vectors.shape[1]] = np.rint(block(vectors, part) * 256)
        mixed = np.sum(words.view("<u8") * factors, axis=1, dtype=np.uint64)
        mixed ^= mixed >> np.uint64(31)
        mixed *= np.uint64(0xBF58476D1CE4E5B9)  # the finaliser of SplitMix64 (Steele et al. 2014)
        mixed ^= mixed >> np.uint64(27)
        found[part] = mixed
    return (found >> np.uint64(1)).astype(np.int64)


def _membership(label: IntArray, k: int) -> sparse.csr_array:
    ones = np.ones(len(label))
    return sparse.csr_array((ones, (label, np.arange(len(label)))), shape=(k, len(label)))


def _blocks(vectors: Float32Array, rows: range, k: int) -> Iterable[tuple[slice, Float32Array]]:
    """Some rows at a time: their places in `rows`, and their vectors."""
    step = max(1, COSINES // max(1, k))
    for first in range(0, len(rows), step):
        part = slice(first, min(first + step, len(rows)))
        yield part, block(vectors, np.asarray(rows[part]))


def _ranges(n: int, size: int) -> list[range]:
    return [range(first, min(first + size, n)) for first in range(0, n, size)]
