"""Which rows say nearly the same, so that one can stand for all? Families of near-duplicates.

Nothing is merged across polarities: opposites are nearer to each other than paraphrases are.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from aggregation.cluster.near import Float32Array, Pairs, similar_pairs
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
    words: Sequence[frozenset[str]] | Mapping[int, frozenset[str]] | None = None,
    threshold: float = FAMILY,
    pairs: Pairs | None = None,
    sizes: IntArray | None = None,
) -> Families:
    """Group near-duplicates so that every member is at least `threshold` near to its medoid.

    The row with most free neighbours becomes a medoid and takes them all, and so on: a star, never
    a chain in which the ends say different things. Ties go to the larger sum of similarities, then
    to the smaller key (`keys`, (n,): something that belongs to the content, such as an id).
    `words`, (n,): the content stems of each row (`text.content_stems`); where given, two rows that
    fill one template with different words are not near, whatever their cosine.
    `pairs`: all pairs of one side from the threshold up, where they were searched before; then
    `words` need only hold the rows in them. `sizes`, (n,): how many texts each row stands for.
    """
    if pairs is None:
        pairs = similar_pairs(vectors, polarity, threshold=threshold)
    n = len(vectors)
    rank = ranks(keys, n)
    size = np.ones(n, dtype=np.int64) if sizes is None else sizes
    near: defaultdict[int, dict[int, float]] = defaultdict(dict)
    for i, j, similarity in zip(
        pairs.i.tolist(), pairs.j.tolist(), pairs.similarity.tolist(), strict=True
    ):
        if words is None or not _fills_a_template(words[i], words[j]):
            near[i][j] = near[j][i] = similarity
    medoid_of = np.arange(n)
    free = set(range(n))
    # A pull only shrinks as neighbours are taken: a stale top entry is weighed again, put back.
    heap = [_pull(near[row], free, size, int(rank[row]), row) for row in sorted(near)]
    heapq.heapify(heap)
    while heap:
        entry = heapq.heappop(heap)
        row = entry[-1]
        if row not in free:
            continue
        now = _pull(near[row], free, size, int(rank[row]), row)
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
    near: dict[int, float], free: set[int], size: IntArray, rank: int, row: int
) -> tuple[int, float, int, int]:
    """How strongly a row asks to be a medoid; the smallest tuple goes first."""
    open_to = [other for other in near if other in free]
    texts = int(size[row]) + sum(int(size[other]) for other in open_to)
    likeness = int(size[row]) + sum(sorted(near[other] * int(size[other]) for other in open_to))
    return -texts, -round(likeness, 6), rank, row
