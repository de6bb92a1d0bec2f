"""k-means and silhouettes that give the same bytes whatever the machine's thread count.

Distances are sums of squared differences, axis by axis: mirrored points have exactly the same ones.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from aggregation.types import BoolArray, FloatArray, IntArray

SILHOUETTE_PEOPLE = 4000  # the silhouette is quadratic in people; above this it is sampled
SEARCH_POINTS = 400  # of a larger crowd, starts are compared on a summary of so many points
SEARCH_ROUNDS = 12  # and after so many rounds
CELL = 0.3  # width of the cells of that summary, in standard deviations of the crowd
BASE_POINTS = 100  # Polis: a large crowd is seen through as many points
BASE_ROUNDS = 10
PEOPLE_AT_ONCE = 8192
ROWS_AT_ONCE = 64


def kmeans(
    points: FloatArray,
    k: int,
    *,
    rng: np.random.Generator,
    weights: FloatArray | None = None,
    starts: int = 10,
    rounds: int = 100,
) -> tuple[IntArray, FloatArray]:
    """Lloyd's k-means from k-means++ starts: labels (n,), centres (k, d).

    After SEARCH_ROUNDS rounds, in a large crowd on a summary of it, the start with the least
    weighted sum of squares goes on with everybody for up to `rounds` more. Written here rather
    than taken from a library because it must give the same bytes on every run and mirrored centres
    for mirrored points, whatever the number of threads.
    """
    mass = np.ones(len(points)) if weights is None else weights
    axes = np.ascontiguousarray(points.T)
    few, few_mass = _summary(axes, mass=mass, rng=rng)
    centres = _plus_plus(few, k, mass=few_mass, draws=rng.random((k, starts)))
    if starts > 1:
        _, centres = _lloyd(few, centres, mass=few_mass, rounds=SEARCH_ROUNDS)
        inertia = np.sum(_nearest(few, centres)[1] * few_mass, axis=1)
        best = int(np.argmax(inertia <= inertia.min() * (1 + 1e-12)))  # among equals the first
        centres = centres[best : best + 1]
    labels, centres = _lloyd(axes, centres, mass=mass, rounds=rounds)
    return labels[0], centres[0]


def base_points(points: FloatArray, *, seed: int) -> tuple[IntArray, FloatArray, FloatArray]:
    """A large crowd as BASE_POINTS weighted points: labels (n,), centres (b, d), weights (b,).

    One start and BASE_ROUNDS rounds of k-means; a point that stands for nobody is left out.
    """
    rng = np.random.default_rng(seed)
    labels, _ = kmeans(points, BASE_POINTS, rng=rng, starts=1, rounds=BASE_ROUNDS)
    _, place = np.unique(labels, return_inverse=True)
    mass = np.bincount(place).astype(np.float64)
    centres = np.column_stack([np.bincount(place, weights=axis) / mass for axis in points.T])
    return place.astype(np.int64), centres, mass


def _summary(
    axes: FloatArray, *, mass: FloatArray, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """At most SEARCH_POINTS points (d, s) and their weights (s,) that stand for everybody.

    People in the same cell of a square lattice are drawn together; in many dimensions, where that
    leaves too many points, some of them are drawn at random. Cells are numbered in order of their
    first member, so mirrored crowds have mirrored summaries.
    """
    if axes.shape[1] <= SEARCH_POINTS:
        return axes, mass
    centred = axes - axes.mean(axis=1, keepdims=True)
    width = CELL * np.sqrt(np.mean(centred**2))
    if width > 0:
        steps = np.clip(np.rint(centred / width), -999, 999).astype(np.int64)
        cell = np.zeros(axes.shape[1], dtype=np.int64)
        for along in steps:
            cell = cell * 2000 + along
        _, first, inverse = np.unique(cell, return_index=True, return_inverse=True)
        number = np.empty(len(first), dtype=np.int64)
        number[np.argsort(first)] = np.arange(len(first))
        point = number[inverse]
        moments = [np.bincount(point, weights=mass * axis) for axis in axes]
        mass = np.bincount(point, weights=mass).astype(np.float64, copy=False)
        axes = np.stack(moments) / mass
    if len(mass) > SEARCH_POINTS:
        drawn = np.sort(rng.choice(len(mass), SEARCH_POINTS, replace=False))
        axes, mass = np.ascontiguousarray(axes[:, drawn]), mass[drawn]
    return axes, mass


def _plus_plus(axes: FloatArray, k: int, *, mass: FloatArray, draws: FloatArray) -> FloatArray:
    """(starts, k, d) centres, each drawn in proportion to mass x squared distance so far."""
    starts, n = draws.shape[1], axes.shape[1]
    anyone = np.broadcast_to(mass, (starts, n))
    chosen = np.empty((starts, k), dtype=np.int64)
    nearest = np.full((starts, n), np.inf)
    for turn in range(k):
        chance = anyone if turn == 0 else nearest * mass
        ladder = np.cumsum(chance, axis=1)
        if turn > 0:
            flat = ladder[:, -1] == 0  # fewer places than centres: draw anybody
            ladder[flat] = np.cumsum(mass)
        target = draws[turn] * ladder[:, -1]
        chosen[:, turn] = np.minimum((ladder <= target[:, None]).sum(axis=1), n - 1)
        distances = np.zeros((starts, n))
        for axis in axes:
            distances += (axis - axis[chosen[:, turn], None]) ** 2
        np.minimum(nearest, distances, out=nearest)
    return np.moveaxis(axes[:, chosen], 0, 2)


def _lloyd(
    axes: FloatArray, centres: FloatArray, *, mass: FloatArray, rounds: int
) -> tuple[IntArray, FloatArray]:
    """Labels (starts, n) and centres (starts, k, d) where each start ends."""
    starts = len(centres)
    moments = [np.tile(mass * axis, starts) for axis in (np.ones(axes.shape[1]), *axes)]
    labels, _ = _nearest(axes, centres)
    for _ in range(rounds):
        centres = _centres(labels, centres, moments=moments)
        nearest, _ = _nearest(axes, centres)
        if np.array_equal(nearest, labels):
            break
        labels = nearest
    return labels.astype(np.int64), centres


def _nearest(axes: FloatArray, centres: FloatArray) -> tuple[NDArray[np.uint8], FloatArray]:
    """(starts, n) the nearest centre, the lowest of equally near ones, and its squared distance."""
    starts, k, _ = centres.shape
    n = axes.shape[1]
    labels, least = np.zeros((starts, n), dtype=np.uint8), np.empty((starts, n))
    for first in range(0, n, PEOPLE_AT_ONCE):
        part = slice(first, first + PEOPLE_AT_ONCE)
        here, best = labels[:, part], least[:, part]
        squares, offsets = np.empty(best.shape), np.empty(best.shape)
        for number in range(k):
            into = best if number == 0 else squares
            for d, axis in enumerate(axes):
                along = into if d == 0 else offsets
                np.subtract(axis[part], centres[:, number, d, None], out=along)
                np.multiply(along, along, out=along)
                if d:
                    into += offsets
            if number:
                np.copyto(here, number, where=squares < best)
                np.minimum(best, squares, out=best)
    return labels, least


def _centres(
    labels: NDArray[np.uint8], before: FloatArray, *, moments: list[FloatArray]
) -> FloatArray:
    """The weighted means (starts, k, d); a centre that lost everybody stays where it was.

    moments : weights, and weights x coordinates, of everybody once per start
    """
    starts, k, _ = before.shape
    slot = (labels + k * np.arange(starts)[:, None]).ravel()
    held, *totals = (np.bincount(slot, weights=x, minlength=starts * k) for x in moments)
    centres = before.reshape(starts * k, -1).copy()
    for d, total in enumerate(totals):
        np.divide(total, held, out=centres[:, d], where=held > 0)
    return centres.reshape(before.shape)


def silhouettes(
    points: FloatArray,
    partitions: list[IntArray],
    *,
    seed: int,
    weights: FloatArray | None = None,
) -> list[float]:
    """Mean silhouette (Rousseeuw 1987) of each partition, on a fixed sample of large crowds.

    weights : how many people stand at each point; one each by default
    """
    if not partitions:
        return []
    mass = np.ones(len(points)) if weights is None else weights
    if len(points) > SILHOUETTE_PEOPLE:
        rng = np.random.default_rng(seed)
        sample = np.sort(rng.choice(len(points), SILHOUETTE_PEOPLE, replace=False))
        points, mass = points[sample], mass[sample]
        partitions = [labels[sample] for labels in partitions]
    # People with the same label in every partition stand side by side, and are summed once.
    order = np.lexsort(partitions)
    partitions = [labels[order] for labels in partitions]
    border = np.any([labels[1:] != labels[:-1] for labels in partitions], axis=0)
    starts = np.concatenate([[0], np.flatnonzero(border) + 1])
    sums = _summed_distances(points[order].T, mass[order], starts=starts)
    return [
        _silhouette(
            np.stack(
                [sums[:, labels[starts] == g].sum(axis=1) for g in range(labels.max() + 1)], 1
            ),
            labels,
            mass=mass[order],
        )
        for labels in partitions
    ]


def _summed_distances(axes: FloatArray, mass: FloatArray, *, starts: IntArray) -> FloatArray:
    """(n, len(starts)) distances of everybody to all who stand from one start up to the next.

    In single precision, twice as fast: relative errors are of the order of 1e-7. Without matrix
    products, whose last digits depend on the number of threads.
    """
    n = axes.shape[1]
    places = axes.astype(np.float32, order="C")
    alone, heavy = bool(np.all(mass == 1)), mass.astype(np.float32)
    sums = np.empty((n, len(starts)))
    spaces = np.empty((2, ROWS_AT_ONCE, n), dtype=np.float32)
    for first in range(0, n, ROWS_AT_ONCE):
        rows = slice(first, min(first + ROWS_AT_ONCE, n))
        squares, offsets = spaces[:, : rows.stop - first]
        for d, axis in enumerate(places):
            along = squares if d == 0 else offsets
            np.subtract(axis[rows, None], axis, out=along)
            np.multiply(along, along, out=along)
            if d:
                squares += offsets
        distances = np.sqrt(squares, out=squares)
        if not alone:
            distances *= heavy
        sums[rows] = np.add.reduceat(distances, starts, axis=1)
    return sums


def _silhouette(sums: FloatArray, labels: IntArray, *, mass: FloatArray) -> float:
    """From everybody's summed distances to every group (n, k)."""
    rows = np.arange(len(labels))
    sizes = np.bincount(labels, weights=mass, minlength=sums.shape[1])
    own = sums[rows, labels] / np.maximum(sizes[labels] - 1, 1)
    empty: BoolArray = sizes == 0
    others = sums / np.where(empty, 1, sizes)
    others[:, empty] = np.inf
    others[rows, labels] = np.inf
    nearest = others.min(axis=1)
    widest = np.maximum(own, nearest)
    score = np.divide(nearest - own, widest, out=np.zeros_like(own), where=widest > 0)
    score[(sizes[labels] <= 1) | ~np.isfinite(nearest)] = 0.0
    return float(np.sum(score * mass) / mass.sum())
