"""k-means and silhouettes that give the same bytes whatever the machine's thread count."""

from __future__ import annotations

import numpy as np

from aggregation.types import FloatArray, IntArray

SILHOUETTE_PEOPLE = 4000  # the silhouette is quadratic in people; above this it is sampled


def kmeans(
    points: FloatArray,
    k: int,
    *,
    rng: np.random.Generator,
    weights: FloatArray | None = None,
    starts: int = 10,
    rounds: int = 100,
) -> tuple[IntArray, FloatArray]:
    """Lloyd's k-means from k-means++ starts: labels (n,), centres (k, d) of the best start.

    Written here rather than taken from a library because it must give the same bytes on every
    run and mirrored labels for mirrored points, whatever the number of threads.
    """
    mass = np.ones(len(points)) if weights is None else weights
    best, least = _lloyd(points, k, mass=mass, rng=rng, rounds=rounds)
    for _ in range(starts - 1):
        found, inertia = _lloyd(points, k, mass=mass, rng=rng, rounds=rounds)
        if inertia < least * (1 - 1e-12):
            best, least = found, inertia
    return best


def _lloyd(
    points: FloatArray, k: int, *, mass: FloatArray, rng: np.random.Generator, rounds: int
) -> tuple[tuple[IntArray, FloatArray], float]:
    """(labels, centres) from one start, and their weighted sum of squared distances."""
    centres = _plus_plus(points, k, mass=mass, rng=rng)
    labels = np.full(len(points), -1, dtype=np.int64)
    for _ in range(rounds):
        nearest = np.argmin(squared_distances(points, centres), axis=1)
        if np.array_equal(nearest, labels):
            break
        labels = nearest
        centres = _centres(points, labels, centres, mass=mass)
    inertia = float(mass @ np.min(squared_distances(points, centres), axis=1))
    return (labels, centres), inertia


def silhouettes(points: FloatArray, partitions: list[IntArray], *, seed: int) -> list[float]:
    """Mean silhouette (Rousseeuw 1987) of each partition, on a fixed sample of large crowds."""
    if not partitions:
        return []
    if len(points) > SILHOUETTE_PEOPLE:
        rng = np.random.default_rng(seed)
        sample = np.sort(rng.choice(len(points), SILHOUETTE_PEOPLE, replace=False))
        points, partitions = points[sample], [labels[sample] for labels in partitions]
    widths = [int(labels.max()) + 1 for labels in partitions]
    members = np.hstack([np.eye(k)[labels] for k, labels in zip(widths, partitions, strict=True)])
    sums = np.empty((len(points), members.shape[1]))
    for start in range(0, len(points), 500):
        block = points[start : start + 500]
        offsets = block[:, None, :] - points[None, :, :]
        sums[start : start + 500] = np.sqrt((offsets**2).sum(axis=2)) @ members
    ends = np.cumsum(widths)
    return [
        _silhouette(sums[:, end - k : end], labels)
        for end, k, labels in zip(ends, widths, partitions, strict=True)
    ]


def squared_distances(points: FloatArray, centres: FloatArray) -> FloatArray:
    across: FloatArray = (points**2).sum(axis=1)[:, None] - 2 * (points @ centres.T)
    squared: FloatArray = np.maximum(across + (centres**2).sum(axis=1), 0.0)
    return squared


def _plus_plus(
    points: FloatArray, k: int, *, mass: FloatArray, rng: np.random.Generator
) -> FloatArray:
    chosen = [int(rng.choice(len(points), p=mass / mass.sum()))]
    nearest = squared_distances(points, points[chosen])[:, 0]
    while len(chosen) < k:
        chance = nearest * mass
        total = chance.sum()
        share = chance / total if total > 0 else mass / mass.sum()
        chosen.append(int(rng.choice(len(points), p=share)))
        nearest = np.minimum(nearest, squared_distances(points, points[chosen[-1:]])[:, 0])
    return points[chosen]


def _centres(
    points: FloatArray, labels: IntArray, before: FloatArray, *, mass: FloatArray
) -> FloatArray:
    held = np.bincount(labels, weights=mass, minlength=len(before))
    centres = before.copy()  # A centre that lost everybody stays where it was.
    for axis in range(points.shape[1]):
        total = np.bincount(labels, weights=mass * points[:, axis], minlength=len(before))
        np.divide(total, held, out=centres[:, axis], where=held > 0)
    return centres


def _silhouette(sums: FloatArray, labels: IntArray) -> float:
    """From each person's summed distances to every group (n, k)."""
    rows = np.arange(len(labels))
    sizes = np.bincount(labels, minlength=sums.shape[1])
    own = sums[rows, labels] / np.maximum(sizes[labels] - 1, 1)
    others = sums / np.maximum(sizes, 1)
    others[:, sizes == 0] = np.inf
    others[rows, labels] = np.inf
    nearest = others.min(axis=1)
    widest = np.maximum(own, nearest)
    score = np.divide(nearest - own, widest, out=np.zeros_like(own), where=widest > 0)
    score[(sizes[labels] == 1) | ~np.isfinite(nearest)] = 0.0
    return float(score.mean())
