"""Opinion groups and what each of them says, from the served votes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aggregation.certify.recompute.ballots import Served
from aggregation.kmeans import base_points, kmeans
from aggregation.types import BoolArray, FloatArray, IntArray

Z80 = 1.2815515655446004  # two-sided 80 %
LEAST_VOTES, LEAST_PEOPLE = 7, 15
ONE_BY_ONE = 20_000
SAMPLE = 4000  # the silhouette of a larger crowd is taken over this many people
BLOCK = 500


@dataclass(frozen=True, eq=False)
class Crowd:
    """labels (n,): the group of each person, largest group first, -1 without one; sizes (k,)."""

    labels: IntArray
    sizes: IntArray
    silhouette: float

    @property
    def k(self) -> int:
        """How many groups there are."""
        return len(self.sizes)

    def renumbered(self, order: tuple[int, ...]) -> Crowd:
        """The same groups under other numbers: new group g is group order[g] of these."""
        place = np.full(self.k + 1, -1, dtype=np.int64)
        place[list(order)] = np.arange(self.k)
        return Crowd(place[self.labels], self.sizes[list(order)], self.silhouette)


@dataclass(frozen=True, eq=False)
class Counts:
    """Answers per group (k, m), and over everybody in a last row: (k + 1, m)."""

    agree: IntArray
    disagree: IntArray
    seen: IntArray


def positions(votes: Served) -> FloatArray:
    """(n, 2) sqrt(m / votes_i) C_i V: C the votes less their claim's mean, V its two main axes."""
    if votes.n == 0 or votes.m == 0:
        return np.zeros((votes.n, 2))
    cast = np.bincount(votes.column, minlength=votes.m)
    mean = np.bincount(votes.column, weights=votes.value, minlength=votes.m) / np.maximum(cast, 1)
    residual = votes.value - mean[votes.column]
    gram = np.zeros((votes.m, votes.m))
    for start in range(0, votes.n, BLOCK):
        block = votes.dense(slice(start, start + BLOCK), data=residual)
        gram += block.T @ block
    axes = _axes(gram, width=min(2, votes.n, votes.m))
    scale = np.sqrt(votes.m / votes.given)
    return np.column_stack(
        [
            scale * np.bincount(votes.row, weights=residual * axis[votes.column], minlength=votes.n)
            for axis in axes.T
        ]
    )


def _axes(gram: FloatArray, *, width: int) -> FloatArray:
    """(m, 2) leading eigenvectors, each with its largest entry positive; 0 beyond the rank."""
    axes = np.zeros((len(gram), 2))
    values, vectors = np.linalg.eigh(gram)
    for slot in range(width):
        value, vector = values[-1 - slot], vectors[:, -1 - slot]
        if value <= 1e-10 * values[-1] or values[-1] <= 0:
            break
        size = np.abs(vector)
        first = int(np.flatnonzero(size >= size.max() * (1 - 1e-9))[0])
        axes[:, slot] = vector if vector[first] > 0 else -vector
    return axes


def eligible(votes: Served) -> BoolArray:
    """(n,) at least min(7, m) votes; with fewer than 15 such people, the most active beside."""
    enough = votes.given >= min(LEAST_VOTES, votes.m)
    missing = LEAST_PEOPLE - int(enough.sum())
    waiting = sorted(np.flatnonzero(~enough).tolist(), key=lambda i: (-votes.given[i], i))
    enough[waiting[: max(missing, 0)]] = True
    return enough


def crowd(votes: Served, *, min_mass: float, k_max: int, seed: int) -> Crowd:
    """The partition of greatest silhouette among k = 2..k_max, small groups merged, by size.

    A crowd above 20,000 is first drawn together into 100 points, each as heavy as its people.
    """
    placed = np.flatnonzero(eligible(votes))
    points = positions(votes)[placed]
    point, mass = np.arange(len(points)), np.ones(len(points))
    if len(points) > ONE_BY_ONE:
        point, points, mass = base_points(points, seed=seed)
    best, score = np.zeros(len(points), dtype=np.int64), 0.0
    if len(placed) >= LEAST_PEOPLE:
        for k in range(2, k_max + 1):
            rng = np.random.default_rng([seed, k])
            found, centres = kmeans(points, k, rng=rng, weights=mass)
            merged = _merged(found, centres, mass, min_mass=min_mass)
            if merged.max() == 0:
                continue
            width = silhouette(points, merged, mass, seed=seed)
            if width > score:
                best, score = merged, width
    group = best[point]
    kinds = sorted(set(group.tolist()), key=lambda g: (-(group == g).sum(), np.argmax(group == g)))
    labels = np.full(votes.n, -1, dtype=np.int64)
    for rank, kind in enumerate(kinds):
        labels[placed[group == kind]] = rank
    return Crowd(labels, np.array([(group == kind).sum() for kind in kinds], dtype=np.int64), score)


def _merged(
    labels: IntArray, centres: FloatArray, mass: FloatArray, *, min_mass: float
) -> IntArray:
    """While the smallest group has less than the minimum mass, it joins the nearest one."""
    members = {g: np.flatnonzero(labels == g) for g in range(len(centres))}
    weight = {g: float(mass[rows].sum()) for g, rows in members.items() if rows.size}
    middle = {g: centres[g] for g in weight}
    while len(weight) > 1:
        small = min(weight, key=lambda g: (weight[g], g))
        if weight[small] >= min_mass * float(mass.sum()):
            break
        others = [g for g in sorted(weight) if g != small]
        near = min(others, key=lambda g: (float(((middle[g] - middle[small]) ** 2).sum()), g))
        a, b = weight.pop(small), weight[near]
        middle[near] = (a * middle[small] + b * middle[near]) / (a + b)
        weight[near] = a + b
        members[near] = np.concatenate([members[near], members[small]])
    result = np.empty(len(labels), dtype=np.int64)
    for number, g in enumerate(sorted(weight)):
        result[members[g]] = number
    return result


def silhouette(points: FloatArray, labels: IntArray, mass: FloatArray, *, seed: int) -> float:
    """Mean of (b - a) / max(a, b): mean distance to one's own group a, to the nearest other b.

    mass (n,) how many people stand at each point
    """
    if len(points) > SAMPLE:
        chosen = np.sort(np.random.default_rng(seed).choice(len(points), SAMPLE, replace=False))
        points, labels, mass = points[chosen], labels[chosen], mass[chosen]
    k = int(labels.max()) + 1
    sizes = np.bincount(labels, weights=mass, minlength=k)
    total = 0.0
    for start in range(0, len(points), BLOCK):
        rows = np.arange(start, min(start + BLOCK, len(points)))
        apart = np.hypot(*(points[rows, None, axis] - points[None, :, axis] for axis in (0, 1)))
        sums = np.column_stack([apart[:, labels == g] @ mass[labels == g] for g in range(k)])
        own = labels[rows]
        inside = sums[np.arange(len(rows)), own] / np.maximum(sizes[own] - 1, 1)
        means = np.where(sizes > 0, sums / np.where(sizes > 0, sizes, 1), np.inf)
        means[np.arange(len(rows)), own] = np.inf
        outside = means.min(axis=1)
        counted = (sizes[own] > 1) & np.isfinite(outside) & (np.maximum(inside, outside) > 0)
        a, b = inside[counted], outside[counted]
        total += float((mass[rows][counted] * (b - a) / np.maximum(a, b)).sum())
    return total / float(mass.sum())


def counts(votes: Served, crowd: Crowd) -> Counts:
    """Agree, disagree and any answer, per group and over everybody."""
    tables = []
    label = crowd.labels[votes.row]
    for hit in (votes.value > 0, votes.value < 0, np.ones(len(votes.value), dtype=bool)):
        table = np.zeros((crowd.k + 1, votes.m), dtype=np.int64)
        inside = hit & (label >= 0)
        np.add.at(table, (label[inside], votes.column[inside]), 1)
        table[-1] = np.bincount(votes.column[hit], minlength=votes.m)
        tables.append(table)
    return Counts(*tables)


def representative(counts: Counts, *, limit: int = 5) -> list[list[tuple[int, str]]]:
    """Per group the claims that set it apart: (column, "agree" | "disagree"), strongest first.

    Both z_own = 2 sqrt(s + 1) ((a + 1) / (s + 1) - 1/2) and the z of the two-proportion test
    against everybody else who has a group must exceed 1.28; ordered by the product of the two, the
    share (a + 1) / (s + 2) and its ratio to the others' share (Polis).
    """
    k = len(counts.seen) - 1
    found: list[list[tuple[float, int, str]]] = [[] for _ in range(k)]
    for word, table in (("agree", counts.agree[:-1]), ("disagree", counts.disagree[:-1])):
        a, s = table.astype(np.float64), counts.seen[:-1].astype(np.float64)
        share = (a + 1) / (s + 2)
        own = 2 * np.sqrt(s + 1) * ((a + 1) / (s + 1) - 0.5)
        strength, passes = share * own, own > Z80
        if k > 1:
            b, t = a.sum(axis=0) - a, s.sum(axis=0) - s
            against = _two_proportions(a + 1, s + 1, b + 1, t + 1)
            strength = strength * share / ((b + 1) / (t + 2)) * against
            passes &= against > Z80
        for g, j in zip(*np.nonzero(passes), strict=True):
            found[g].append((-float(strength[g, j]), int(j), word))
    return [[(j, word) for _, j, word in sorted(rows)[:limit]] for rows in found]


def _two_proportions(a: FloatArray, s: FloatArray, b: FloatArray, t: FloatArray) -> FloatArray:
    pooled = (a + b) / (s + t)
    spread = np.sqrt(np.maximum(pooled * (1 - pooled) * (1 / s + 1 / t), 0.0))
    z: FloatArray = np.where(spread > 0, (a / s - b / t) / np.where(spread > 0, spread, 1.0), 0.0)
    return z
