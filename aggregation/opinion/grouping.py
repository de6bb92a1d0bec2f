"""Opinion groups: who reacts alike, split by k-means and silhouette, never by demographics."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import optimize

from aggregation.kmeans import base_points, kmeans, silhouettes
from aggregation.opinion.projection import MIN_PEOPLE, Projection
from aggregation.opinion.rules import DEFAULT
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
    min_mass: float = DEFAULT.min_mass,
    k_max: int = DEFAULT.k_max,
    points_per_group: int | None = DEFAULT.points_per_group,
    exact_people: int = DEFAULT.exact_people,
    seed: int = 0,
    previous: Groups | None = None,
) -> Groups:
    """Split the eligible people into up to `k_max` groups by k-means and silhouette.

    For k = 2, 3, ... k-means is run, groups under the minimum mass are merged, and the partition
    with the greatest mean silhouette is kept, of equal ones that with the smallest k. Fewer than
    15 people are one group. `Rules` tells what the bounds mean. Unlike Polis, no run waits for
    earlier runs to agree on k.

    previous : an earlier result; a group gets the number of the one with which it shares most
        people. Where groups vanished the numbers close up; new groups come last.
    """
    placed = np.flatnonzero(projection.eligible)
    points = projection.positions[placed]
    best, silhouette = np.zeros(len(placed), dtype=np.int64), 0.0
    if len(placed) >= MIN_PEOPLE:
        crowd = _Crowd.of(points, exact_people=exact_people, seed=seed)
        if points_per_group is not None:
            k_max = min(k_max, 2 + len(crowd.points) // points_per_group)
        partition, silhouette = crowd.split(k_max=k_max, min_mass=min_mass, seed=seed)
        best = partition[crowd.point]
    labels = np.full(len(projection.participants), -1, dtype=np.int64)
    labels[placed] = _by_size(best)
    k = int(labels.max(initial=-1)) + 1
    sizes = np.bincount(labels[placed], minlength=k)
    found = Groups(projection.participants, labels, k, sizes, float(silhouette))
    return found if previous is None else _renumbered(found, previous=previous)


@dataclass(frozen=True, eq=False)
class _Crowd:
    """What k-means sees: points (b, 2), people at each (b,), and each person's point (n,)."""

    points: FloatArray
    mass: FloatArray
    point: IntArray

    @classmethod
    def of(cls, points: FloatArray, *, exact_people: int, seed: int) -> _Crowd:
        if len(points) <= exact_people:
            return cls(points, np.ones(len(points)), np.arange(len(points)))
        labels, centres, mass = base_points(points, seed=seed)
        return cls(centres, mass, labels)

    def split(self, *, k_max: int, min_mass: float, seed: int) -> tuple[IntArray, float]:
        """The partition (b,) of greatest silhouette; all in one, and 0, where none is positive."""
        best, silhouette = np.zeros(len(self.points), dtype=np.int64), 0.0
        candidates = []
        for k in range(2, k_max + 1):
            rng = np.random.default_rng([seed, k])
            labels, centres = kmeans(self.points, k, rng=rng, weights=self.mass)
            candidates.append(_merge_small(labels, centres, mass=self.mass, min_mass=min_mass))
        candidates = [labels for labels in candidates if labels.max() > 0]
        scores = silhouettes(self.points, candidates, seed=seed, weights=self.mass)
        for labels, score in zip(candidates, scores, strict=True):
            if silhouette < score:
                best, silhouette = labels, score
        return best, silhouette


def _merge_small(
    labels: IntArray, centres: FloatArray, *, mass: FloatArray, min_mass: float
) -> IntArray:
    """Groups under the minimum mass join the nearest group, smallest first."""
    labels, centres = labels.copy(), centres.copy()
    sizes = np.bincount(labels, weights=mass, minlength=len(centres))
    while True:
        alive = np.flatnonzero(sizes > 0)
        smallest = alive[np.argmin(sizes[alive])]
        if len(alive) < 2 or sizes[smallest] >= min_mass * sizes.sum():
            return (np.cumsum(sizes > 0) - 1)[labels]
        others = alive[alive != smallest]
        distances = ((centres[others] - centres[smallest]) ** 2).sum(axis=1)
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
