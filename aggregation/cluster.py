"""Which statements say nearly the same, and which belong to one theme?

Vectors are unit length; a cosine is a dot product. Nothing is merged across polarities: opposites
are nearer to each other than paraphrases are. Inputs are put in the order of their keys first, so
that the order of rows changes nothing.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sknetwork.clustering import Leiden

from aggregation.types import FloatArray, IntArray

Float32Array = NDArray[np.float32]

BLOCK = 2**23  # cosines held at once: 32 MB in float32
NEIGHBOURS = 15
COARSENINGS = 12
COARSER = 0.75
FAMILY = 0.82  # nearly the same words: merged
OVERLAP = 0.50  # close in meaning, on the same side, with a content word or idea in common
TWO_WORDS = 0.40  # the same with two in common
ACROSS = 0.50  # close in meaning between two languages, which have no words in common
CONTAINED = 0.25  # close, where all content words of one stand in the other
ONE_WORD = 0.45  # the same, where that is a single word: it says little by itself
SIMILAR = 0.63  # nearly the same norm: never adopted side by side


@dataclass(frozen=True)
class Families:
    """Near-duplicates: `label` per row (0, 1, ... in canonical order), `medoid` row per family."""

    label: IntArray
    medoid: IntArray

    def members(self, family: int) -> IntArray:
        """The rows of one family."""
        return np.flatnonzero(self.label == family)


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


@dataclass(frozen=True)
class Themes:
    """A theme per row (0 is the largest), and the mean vector of each theme (k, d), unit length."""

    label: IntArray
    centroid: Float32Array

    @property
    def k(self) -> int:
        """How many themes there are."""
        return len(self.centroid)


def similar_pairs(
    vectors: Float32Array,
    polarity: Sequence[int] | IntArray,
    *,
    threshold: float = SIMILAR,
    opposite: bool = False,
) -> Pairs:
    """All pairs with cosine >= threshold and equal polarity (or, if `opposite`, unequal).

    vectors : (n, d), unit length. polarity : (n,), any integers; two rows are on the same side
    where they are equal. Compared in blocks: memory is linear in n.
    """
    sides = np.asarray(polarity)
    _check(vectors, sides)
    found: list[tuple[IntArray, IntArray, FloatArray]] = []
    for start, cosine in _blocks(vectors):
        rows, columns = np.nonzero(cosine[:, start:] >= threshold)
        columns = columns + start
        keep = rows + start < columns
        rows, columns = rows[keep], columns[keep]
        same = sides[rows + start] == sides[columns]
        chosen = ~same if opposite else same
        rows, columns = rows[chosen], columns[chosen]
        found.append((rows + start, columns, cosine[rows, columns].astype(np.float64)))
    if not found:
        empty = np.zeros(0, dtype=np.int64)
        return Pairs(empty, empty, np.zeros(0))
    i, j, similarity = (np.concatenate(part) for part in zip(*found, strict=True))
    return Pairs(i, j, similarity)


def overlaps(
    vectors: Float32Array,
    sides: Sequence[int] | IntArray,
    contents: Sequence[frozenset[str]],
    ideas: Sequence[frozenset[str]],
    languages: Sequence[str],
) -> Pairs:
    """Pairs of which one would repeat the other in one document.

    contents : (n,) what each row is about; ideas : (n,) the part of it that carries its own sign.
    On the same side: rows of one language without a content word in common ("honest", "fair") need
    SIMILAR, with one OVERLAP, with more TWO_WORDS; rows of two languages ACROSS; rows of which one
    is about part of what the other is about CONTAINED (ONE_WORD for a single word). Whatever their
    sides, two rows repeat each other if they share two signed ideas, or if one is about nothing
    else than ideas that the other holds too.
    """
    pairs = similar_pairs(vectors, sides, threshold=CONTAINED)
    found = {
        (i, j)
        for i, j, similarity in zip(
            pairs.i.tolist(), pairs.j.tolist(), pairs.similarity.tolist(), strict=True
        )
        if similarity
        >= _needed(contents[i], contents[j], same_language=languages[i] == languages[j])
    }
    ordered = sorted(found | _sharing_ideas(contents, ideas))
    return Pairs(
        np.array([i for i, _ in ordered], dtype=np.int64),
        np.array([j for _, j in ordered], dtype=np.int64),
        np.array([float(vectors[i] @ vectors[j]) for i, j in ordered], dtype=np.float64),
    )


def _needed(one: frozenset[str], other: frozenset[str], *, same_language: bool) -> float:
    """The cosine from which two rows about these things would repeat each other."""
    small, large = sorted((one, other), key=len)
    if small and small <= large:
        return CONTAINED if len(small) > 1 else ONE_WORD
    if len(one & other) > 1:
        return TWO_WORDS
    if one & other:
        return OVERLAP
    return SIMILAR if same_language else ACROSS


def _sharing_ideas(
    contents: Sequence[frozenset[str]], ideas: Sequence[frozenset[str]]
) -> set[tuple[int, int]]:
    """Pairs that share two signed ideas, or of which one is about ideas alone that both hold."""
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for row, held in enumerate(ideas):
        for idea in held:
            holders[idea].append(row)
    found = set()
    for row, held in enumerate(ideas):
        is_pure = bool(held) and contents[row] <= held
        for other in {other for idea in held for other in holders[idea]} - {row}:
            if len(held & ideas[other]) > 1 or (is_pure and held <= ideas[other]):
                found.add((min(row, other), max(row, other)))
    return found


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
    rank = _ranks(keys, n)
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
    _check(vectors, np.zeros(len(keys)))
    order = np.argsort(_ranks(keys, n), kind="stable")
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


def nearest_neighbours(vectors: Float32Array, *, neighbours: int) -> IntArray:
    """Row indices (n, neighbours) of the nearest others, nearest first, exact, in blocks."""
    n = len(vectors)
    found = np.empty((n, neighbours), dtype=np.int64)
    for start, cosine in _blocks(vectors):
        rows = np.arange(len(cosine))
        cosine[rows, rows + start] = -np.inf
        # -index/2^40 in float64 makes ties fall to the earlier row without touching real gaps.
        score = cosine.astype(np.float64) - np.arange(n) / 2.0**40
        top = np.argpartition(-score, neighbours - 1, axis=1)[:, :neighbours]
        inner = np.argsort(-np.take_along_axis(score, top, axis=1), axis=1)
        found[start : start + len(cosine)] = np.take_along_axis(top, inner, axis=1)
    return found


def _blocks(vectors: Float32Array) -> Iterator[tuple[int, Float32Array]]:
    """Cosines of some rows at a time with all rows: (first row, (rows, n))."""
    rows = max(1, BLOCK // max(1, len(vectors)))
    for start in range(0, len(vectors), rows):
        yield start, vectors[start : start + rows] @ vectors.T


def _ranks(keys: Sequence[str] | None, n: int) -> IntArray:
    """Place of each row in the order of its key; rows with one key keep their order."""
    if keys is None:
        return np.arange(n)
    rank = np.empty(n, dtype=np.int64)
    rank[sorted(range(n), key=lambda row: keys[row])] = np.arange(n)
    return rank


def _check(vectors: Float32Array, others: NDArray[np.generic]) -> None:
    if vectors.ndim != 2 or len(vectors) != len(others):
        raise ValueError(f"{vectors.shape} vectors do not fit {len(others)} rows")


def parameters() -> dict[str, float | int]:
    """The thresholds and sizes in force, for a spec's `method`."""
    return {
        "family_cosine": FAMILY,
        "similar_cosine": SIMILAR,
        "overlap_cosine": OVERLAP,
        "overlap_cosine_across_languages": ACROSS,
        "overlap_cosine_two_words": TWO_WORDS,
        "contained_cosine": CONTAINED,
        "contained_word_cosine": ONE_WORD,
        "neighbours": NEIGHBOURS,
    }
