"""Which rows belong to one theme? Communities of the shared-neighbour graph.

Inputs are put in the order of their keys first, so that the order of rows changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from sknetwork.clustering import Leiden

from aggregation.cluster.near import Float32Array, check, nearest_neighbours
from aggregation.cluster.order import ranks
from aggregation.cluster.thresholds import COARSENINGS, COARSER, NEIGHBOURS
from aggregation.types import IntArray


@dataclass(frozen=True)
class Themes:
    """A theme per row (0 is the largest), and the mean vector of each theme (k, d), unit length."""

    label: IntArray
    centroid: Float32Array

    @property
    def k(self) -> int:
        """How many themes there are."""
        return len(self.centroid)


def themes(
    vectors: Float32Array,
    keys: Sequence[str],
    *,
    resolution: float = 1.0,
    seed: int = 0,
    max_themes: int = 12,
    min_size: int | None = None,
) -> Themes:
    """Communities of the shared-neighbour graph; every row gets a theme.

    keys : (n,), one per row and belonging to its content; rows are put in their order, because the
    community search depends on the order of nodes. The resolution is lowered until no more than
    `max_themes` communities reach `min_size` (default: 3, or 1 % of the rows if that is more);
    each row of a smaller one then joins the nearest theme.
    """
    n = len(vectors)
    check(vectors, np.zeros(len(keys)))
    order = np.argsort(ranks(keys, n), kind="stable")
    floor = max(3, n // 100) if min_size is None else min_size
    if n <= max(2, floor):
        label = np.zeros(n, dtype=np.int64)
    else:
        graph = shared_neighbours(vectors[order], neighbours=min(NEIGHBOURS, n - 1))
        found = _communities(graph, resolution, seed=seed, floor=floor, most=max_themes)
        label = np.empty(n, dtype=np.int64)
        label[order] = _pool(vectors[order], found, floor, max_themes)
    return Themes(label=label, centroid=_centroids(vectors[order], label[order]))


def _communities(
    graph: sparse.csr_matrix, resolution: float, *, seed: int, floor: int, most: int
) -> IntArray:
    """Leiden at the finest resolution, lowered step by step, that gives few enough themes."""
    found = np.zeros(graph.shape[0], dtype=np.int64)
    for step in range(COARSENINGS):
        leiden = Leiden(resolution=resolution * COARSER**step, random_state=seed)
        found = np.asarray(leiden.fit_predict(graph), dtype=np.int64)
        sizes = np.bincount(found)
        large = sizes[sizes >= floor]
        if 0 < len(large) <= most and large.sum() >= len(found) / 2:
            break
    return found


def _pool(vectors: Float32Array, found: IntArray, floor: int, most: int) -> IntArray:
    """Keep the largest communities, give every other row to the nearest, number by final size."""
    ranked = _by_size(found)
    sizes = np.bincount(found)
    kept = [c for c in ranked[:most] if sizes[c] >= floor] or ranked[:1]
    number = np.full(len(sizes), -1, dtype=np.int64)
    number[kept] = np.arange(len(kept))
    label = number[found]
    homeless = label < 0
    if homeless.any():
        centroid = _centroids(vectors[~homeless], label[~homeless])
        label[homeless] = np.argmax(np.round(vectors[homeless] @ centroid.T, 5), axis=1)
    place = np.empty(len(kept), dtype=np.int64)
    place[_by_size(label)] = np.arange(len(kept))
    return place[label]


def _by_size(label: IntArray) -> list[int]:
    """Labels from the most frequent down; ties go to the one that occurs first."""
    sizes = np.bincount(label)
    first = np.full(len(sizes), len(label))
    np.minimum.at(first, label, np.arange(len(label)))
    return sorted(range(len(sizes)), key=lambda c: (-int(sizes[c]), int(first[c])))


def _centroids(vectors: Float32Array, label: IntArray) -> Float32Array:
    """Mean vector of each label (k, d), scaled to unit length; summed in float64."""
    k = int(label.max()) + 1 if len(label) else 0
    membership = sparse.csr_array(
        (np.ones(len(label)), (label, np.arange(len(label)))), shape=(k, len(label))
    )
    total = membership @ vectors.astype(np.float64)
    length = np.linalg.norm(total, axis=1, keepdims=True)
    return np.asarray(total / np.where(length > 0, length, 1.0), dtype=np.float32)


def shared_neighbours(vectors: Float32Array, *, neighbours: int) -> sparse.csr_matrix:
    """Symmetric graph (n, n): weight = shared ones among each pair's nearest neighbours / k.

    Only pairs of which one is among the other's nearest neighbours are linked. Ties at the rim of
    a neighbourhood go to the earlier row.
    """
    nearest = nearest_neighbours(vectors, neighbours=neighbours)
    n, k = nearest.shape
    rows = np.repeat(np.arange(n), k + 1)
    columns = np.hstack([nearest, np.arange(n)[:, None]]).ravel()
    reach = sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(n, n))
    link = ((reach + reach.T) > 0).astype(np.float64)
    weight = (reach @ reach.T).multiply(link) / (k + 1)
    weight.setdiag(0)
    weight.eliminate_zeros()
    return sparse.csr_matrix(weight)
