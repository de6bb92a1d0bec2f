"""Opinion groups: who reacts alike, split by k-means and silhouette, never by demographics."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import optimize

from aggregation.kmeans import kmeans, silhouettes, squared_distances
from aggregation.opinion.projection import MIN_PEOPLE, Projection
from aggregation.types import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Groups:
    """Opinion groups, largest first: labels (n,) 0..k-1, or -1 for people not grouped."""

    participants: tuple[str, ...]
    labels: IntArray
    k: int
    sizes: IntArray
    silhouette: float  # mean over people, -1..1; 0 where there are fewer than two groups


def groups(
    projection: Projection,
    *,
    min_mass: float = 0.15,
    k_max: int = 5,
    seed: int = 0,
    previous: Groups | None = None,
) -> Groups:
    """Split the eligible people into up to `k_max` groups by k-means and silhouette.

    Departures from Polis: all people rather than 100 base clusters; a group of less than
    `min_mass` of the people joins its nearest neighbour before silhouettes are compared, so a
    handful of outliers, or a small coordinated crowd, never becomes a group with a veto.

    previous : an earlier result; groups that overlap with its groups keep their numbers.
    """
    placed = np.flatnonzero(projection.eligible)
    points = projection.positions[placed]
    best, silhouette = np.zeros(len(placed), dtype=np.int64), 0.0
    distinct = len(np.unique(points, axis=0))
    if len(placed) >= MIN_PEOPLE and distinct > 1:
        candidates = []
        for k in range(2, min(k_max, distinct) + 1):
            labels, centres = kmeans(points, k, rng=np.random.default_rng([seed, k]))
            candidates.append(_merge_small(labels, centres, min_mass=min_mass))
        candidates = [labels for labels in candidates if labels.max() > 0]
        scores = silhouettes(points, candidates, seed=seed)
        for labels, score in zip(candidates, scores, strict=True):
            if silhouette < score:
                best, silhouette = labels, score
    labels = np.full(len(projection.participants), -1, dtype=np.int64)
    labels[placed] = _by_size(best)
    k = int(labels.max(initial=-1)) + 1
    sizes = np.bincount(labels[placed], minlength=k)
    found = Groups(projection.participants, labels, k, sizes, float(silhouette))
    return found if previous is None else _renumbered(found, previous=previous)


def _merge_small(labels: IntArray, centres: FloatArray, *, min_mass: float) -> IntArray:
    """Groups under the minimum mass join the nearest group, smallest first."""
    labels, centres = labels.copy(), centres.copy()
    sizes = np.bincount(labels, minlength=len(centres)).astype(np.float64)
    while True:
        alive = np.flatnonzero(sizes > 0)
        smallest = alive[np.argmin(sizes[alive])]
        if len(alive) < 2 or sizes[smallest] >= min_mass * sizes.sum():
            return np.unique(labels, return_inverse=True)[1].astype(np.int64)
        others = alive[alive != smallest]
        distances = squared_distances(centres[[smallest]], centres[others])[0]
        target = others[np.argmin(distances)]
        both = sizes[smallest] + sizes[target]
        centres[target] = (
            sizes[smallest] * centres[smallest] + sizes[target] * centres[target]
        ) / both
        sizes[target], sizes[smallest] = both, 0
        labels[labels == smallest] = target


def _by_size(labels: IntArray) -> IntArray:
    """Renumber so that larger groups come first; equal sizes by their first member."""
    kinds, first, inverse, counts = np.unique(
        labels, return_index=True, return_inverse=True, return_counts=True
    )
    rank = np.empty(len(kinds), dtype=np.int64)
    rank[np.lexsort((first, -counts))] = np.arange(len(kinds))
    return rank[inverse]


def _renumbered(found: Groups, *, previous: Groups) -> Groups:
    """Give each group the number of the earlier group with which it shares most people."""
    earlier = dict(zip(previous.participants, previous.labels.tolist(), strict=True))
    before = np.array([earlier.get(one, -1) for one in found.participants], dtype=np.int64)
    shared = np.zeros((found.k, previous.k), dtype=np.int64)
    both = (found.labels >= 0) & (before >= 0)
    np.add.at(shared, (found.labels[both], before[both]), 1)
    now, then = optimize.linear_sum_assignment(-shared)
    wanted = np.full(found.k, previous.k, dtype=np.int64)  # New groups come after known ones.
    wanted[now] = np.where(shared[now, then] > 0, then, previous.k)
    order = np.lexsort((np.arange(found.k), wanted))
    rank = np.empty(found.k, dtype=np.int64)
    rank[order] = np.arange(found.k)
    ranked = np.append(rank, -1)  # label -1 picks the last entry: not grouped stays so
    return replace(found, labels=ranked[found.labels], sizes=found.sizes[order])
