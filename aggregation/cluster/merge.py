"""Which rows say nearly the same, so that one can stand for all? Families of near-duplicates.

Nothing is merged across polarities: opposites are nearer to each other than paraphrases are.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aggregation.cluster.near import Float32Array, similar_pairs
from aggregation.cluster.order import ranks
from aggregation.cluster.thresholds import FAMILY
from aggregation.types import IntArray


@dataclass(frozen=True)
class Families:
    """Near-duplicates: `label` per row (0, 1, ... in canonical order), `medoid` row per family."""

    label: IntArray
    medoid: IntArray

    def members(self, family: int) -> IntArray:
        """The rows of one family."""
        return np.flatnonzero(self.label == family)


def families(
    vectors: Float32Array,
    polarity: Sequence[int] | IntArray,
    *,
    keys: Sequence[str] | None = None,
    words: Sequence[frozenset[str]] | None = None,
    threshold: float = FAMILY,
) -> Families:
    """Group near-duplicates so that every member is at least `threshold` near to its medoid.

    The row with most free neighbours becomes a medoid and takes them all, and so on: a star, never
    a chain in which the ends say different things. Ties go to the larger sum of similarities, then
    to the smaller key (`keys`, (n,): something that belongs to the content, such as an id).
    `words`, (n,): the content stems of each row (`text.content_stems`); where given, two rows that
    fill one template with different words are not near, whatever their cosine.
    """
    pairs = similar_pairs(vectors, polarity, threshold=threshold)
    n = len(vectors)
    rank = ranks(keys, n)
    near: list[dict[int, float]] = [{} for _ in range(n)]
    for i, j, similarity in zip(
        pairs.i.tolist(), pairs.j.tolist(), pairs.similarity.tolist(), strict=True
    ):
        if words is None or not _fills_a_template(words[i], words[j]):
            near[i][j] = near[j][i] = similarity
    medoid_of = np.arange(n)
    free = set(range(n))
    # A pull only shrinks as neighbours are taken: a stale top entry is weighed again, put back.
    heap = [_pull(near[row], free, int(rank[row]), row) for row in range(n) if near[row]]
    heapq.heapify(heap)
    while heap:
        entry = heapq.heappop(heap)
        row = entry[-1]
        if row not in free:
            continue
        now = _pull(near[row], free, int(rank[row]), row)
        if now != entry:
            heapq.heappush(heap, now)
            continue
        star = [row, *(other for other in near[row] if other in free)]
        medoid_of[star] = row
        free.difference_update(star)
    medoids = np.asarray(sorted(set(medoid_of.tolist()), key=lambda row: rank[row]), dtype=np.int64)
    number = np.zeros(n, dtype=np.int64)
    number[medoids] = np.arange(len(medoids))
    return Families(label=number[medoid_of], medoid=medoids)


def _fills_a_template(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two texts share their wording and each has a word of its own beside it.

    "Competitive internet rates" and "competitive cable rates" ask for two things.
    """
    return len(one & other) >= 2 and bool(one - other) and bool(other - one)


def _pull(
    near: dict[int, float], free: set[int], rank: int, row: int
) -> tuple[int, float, int, int]:
    """How strongly a row asks to be a medoid; the smallest tuple goes first."""
    values = sorted(value for other, value in near.items() if other in free)
    return -len(values), -round(sum(values), 6), rank, row
