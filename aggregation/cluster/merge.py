"""Which rows say nearly the same, so that one can stand for all? Families of near-duplicates.

Nothing is merged across polarities: opposites are nearer to each other than paraphrases are. What
else must hold is said at `agree`; the thresholds were chosen on pairs judged by hand.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from aggregation.cluster.decided import Decided, decided
from aggregation.cluster.near import Float32Array, Pairs, similar_pairs, union
from aggregation.cluster.order import ranks
from aggregation.cluster.thresholds import (
    CONTENTS_WEIGH,
    FAMILY,
    FAMILY_ACROSS,
    FAMILY_ACROSS_IDEAS,
    FAMILY_ACROSS_OTHER,
    FAMILY_IDEAS,
    FAMILY_TOPIC,
    FAMILY_UNREAD,
    SHARED,
    SIMILAR,
    SUGGESTED,
)
from aggregation.text import Gist
from aggregation.text.words import jaccard
from aggregation.types import IntArray


@dataclass(frozen=True)
class Families:
    """Near-duplicates: `label` per row (0, 1, ... in canonical order), `medoid` row per family."""

    label: IntArray
    medoid: IntArray

    def members(self, family: int) -> IntArray:
        """The rows of one family."""
        return np.flatnonzero(self.label == family)


def agree(one: Gist, other: Gist, cosine: float) -> bool:
    """Whether two sentences say the same, so that either writer could accept both.

    They bind the same actor, as far as that is known; their numbers, limits and conditions are
    equal, and the known ideas that they hold. Beside that: the same ideas and nothing else, from
    FAMILY_IDEAS up; the same contents on one side, from FAMILY_TOPIC up; or, on one side, nearness
    from FAMILY up where neither says more. What is no plain norm needs the same words. Two
    languages have no words in common: see `_agree_across`.
    """
    if one.addressee != other.addressee and "unknown" not in (one.addressee, other.addressee):
        return False
    if one.language != other.language:
        return _agree_across(one, other, cosine)
    if one.guard != other.guard or one.ideas != other.ideas:
        return False
    if one.contents == other.contents and one.order != other.order:
        return False
    if sorted(one.sequence) == sorted(other.sequence) and one.sequence != other.sequence:
        return False
    if one.is_pure and other.is_pure and cosine >= FAMILY_IDEAS:
        return True
    if one.side != other.side:
        return False
    if not (one.is_read and other.is_read):
        return cosine >= FAMILY_UNREAD and one.stems == other.stems
    if not (one.is_norm and other.is_norm):
        alike = one.is_norm == other.is_norm and one.stems == other.stems
        return alike and cosine >= FAMILY
    if one.contents and one.contents == other.contents and cosine >= FAMILY_TOPIC:
        return True
    return cosine >= FAMILY and not _say_more(one, other)


def _say_more(one: Gist, other: Gist) -> bool:
    """Whether one of two near norms asks for something that the other does not.

    They fill one template with different words, or share too few of several contents, or one of
    them joins more things by "and" or "or".
    """
    if fills_a_template(one.stems, other.stems) or one.joins != other.joins:
        return True
    every = one.contents | other.contents
    return len(every) > 2 and len(one.contents & other.contents) < SHARED * len(every)


def _agree_across(one: Gist, other: Gist, cosine: float) -> bool:
    """The same between two languages, whose words and side clauses cannot be compared."""
    if not (one.is_norm and other.is_norm) or "und" in (one.language, other.language):
        return False  # A word or two may be of any language, and near to anything.
    if one.plain_guard != other.plain_guard or one.side != other.side:
        return False
    if one.ideas == other.ideas:
        return cosine >= (FAMILY_ACROSS_IDEAS if one.ideas else FAMILY_ACROSS)
    return cosine >= FAMILY_ACROSS_OTHER


def fills_a_template(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two texts share their wording and each has a word of its own beside it.

    "Competitive internet rates" and "competitive cable rates" ask for two things.
    """
    return len(one & other) >= 2 and bool(one - other) and bool(other - one)


def mergeable_pairs(
    vectors: Float32Array,
    sides: Sequence[int] | IntArray,
    languages: Sequence[str],
    topics: Sequence[str],
    *,
    rows: range | None = None,
) -> Pairs:
    """Every pair i < j that `agree` could accept, for it to judge.

    Those on one side from FAMILY up; those of one topic (`Gist.topic`) from FAMILY_IDEAS up; those
    of two languages and one polarity from FAMILY_ACROSS_IDEAS up.
    rows : those that i may be (a shard); the pairs of consecutive shards, one after the other, are
    the pairs of all rows.
    """
    # A row without a topic is alone in one.
    number = {topic: place for place, topic in enumerate(sorted({*topics} - {""}))}
    topic = [number.get(topic, -1 - row) for row, topic in enumerate(topics)]
    parts = [
        similar_pairs(vectors, sides, threshold=FAMILY, rows=rows),
        similar_pairs(vectors, topic, threshold=FAMILY_IDEAS, rows=rows),
    ]
    bases = np.unique([code.split("-")[0].lower() for code in languages], return_inverse=True)
    if len(bases[0]) > 1:
        least = min(FAMILY_ACROSS_IDEAS, FAMILY_ACROSS, FAMILY_ACROSS_OTHER)
        unknown = bases[0][bases[1]] == "und"  # agrees with no other language
        sign = np.where(unknown, 0, np.sign(sides))
        parts.append(similar_pairs(vectors, sign, threshold=least, unlike=bases[1], rows=rows))
    return union(parts)


def families(
    vectors: Float32Array,
    polarity: Sequence[int] | IntArray,
    *,
    keys: Sequence[str] | None = None,
    gists: Sequence[Gist] | Mapping[int, Gist] | None = None,
    threshold: float = FAMILY,
    pairs: Pairs | None = None,
    sizes: IntArray | None = None,
    together: Sequence[tuple[int, int]] = (),
    apart: Sequence[tuple[int, int]] = (),
) -> Families:
    """Group near-duplicates around medoids: a star each, never a chain to something else.

    The row with most people about it becomes a medoid and takes its free neighbours, and so on.
    Ties go to the larger sum of similarities, to the row of more people, then to the smaller key
    (`keys`, (n,): something that belongs to the content, such as an id). Neighbours are pairs that
    `agree` by their `gists`, (n,) or by row; without gists, pairs on one side from `threshold` up.
    pairs : those to judge (`mergeable_pairs`), where they were searched before; then `gists` need
    only hold the rows in them. sizes (n,): how many people each row stands for.
    together : (kept, folded) rows that a person decided to be one; the kept one's words stand for
    both, and it is a medoid. apart : rows that a person decided never to be one; no family holds
    both. Raises AggregationInputError where the two cannot both be obeyed.
    """
    n = len(vectors)
    people = decided(n, together, apart)
    if pairs is None:
        pairs = _candidates(vectors, polarity, gists, threshold)
    near = _neighbours(pairs, gists, people)
    rank = ranks(keys, n)
    medoid_of = _stars(near, people, rank, sizes)[people.root]
    medoids = np.asarray(sorted(set(medoid_of.tolist()), key=lambda row: rank[row]), dtype=np.int64)
    number = np.zeros(n, dtype=np.int64)
    number[medoids] = np.arange(len(medoids))
    return Families(label=number[medoid_of], medoid=medoids)


def suggestions(
    vectors: Float32Array,
    sides: Sequence[int] | IntArray,
    gists: Sequence[Gist],
    family: IntArray,
    *,
    keys: Sequence[str],
    apart: Sequence[tuple[int, int]] = (),
    most: int = SUGGESTED,
) -> list[tuple[int, int, float]]:
    """Pairs that may say the same, with their cosine, for a person to decide; the likeliest first.

    Between rows that stand for a family each, on one side, from SIMILAR up, and never what a
    person set apart. Shared contents weigh beside the cosine. family (n,): as `Families.medoid`
    gives it by row.
    """
    pairs = similar_pairs(vectors, sides, threshold=SIMILAR)
    parted = {frozenset((int(family[i]), int(family[j]))) for i, j in apart}
    found = []
    for i, j, cosine in zip(
        pairs.i.tolist(), pairs.j.tolist(), pairs.similarity.tolist(), strict=True
    ):
        if family[i] == i and family[j] == j and frozenset((i, j)) not in parted:
            likely = cosine + CONTENTS_WEIGH * jaccard(gists[i].contents, gists[j].contents)
            found.append((-round(likely, 6), *sorted((keys[i], keys[j])), i, j, cosine))
    return [(i, j, cosine) for *_, i, j, cosine in sorted(found)[:most]]


def _candidates(
    vectors: Float32Array,
    polarity: Sequence[int] | IntArray,
    gists: Sequence[Gist] | Mapping[int, Gist] | None,
    threshold: float,
) -> Pairs:
    if gists is None:
        return similar_pairs(vectors, polarity, threshold=threshold)
    every = [gists[row] for row in range(len(vectors))]
    languages, topics = [one.language for one in every], [one.topic for one in every]
    return mergeable_pairs(vectors, polarity, languages, topics)


def _neighbours(
    pairs: Pairs, gists: Sequence[Gist] | Mapping[int, Gist] | None, people: Decided
) -> dict[int, dict[int, float]]:
    """Which rows may be one, by row; rows that a person folded into another take no part."""
    near: defaultdict[int, dict[int, float]] = defaultdict(dict)
    for i, j, similarity in zip(
        pairs.i.tolist(), pairs.j.tolist(), pairs.similarity.tolist(), strict=True
    ):
        if people.is_folded(i) or people.is_folded(j) or people.are_apart(i, j):
            continue
        if gists is None or agree(gists[i], gists[j], similarity):
            near[i][j] = near[j][i] = similarity
    return near


def _stars(
    near: Mapping[int, dict[int, float]],
    people: Decided,
    rank: IntArray,
    sizes: IntArray | None,
) -> IntArray:
    """(n,) the medoid of every row. Rows that stand for others by decision choose first."""
    n = len(rank)
    size = np.ones(n, dtype=np.int64) if sizes is None else sizes
    medoid_of = np.arange(n)
    free = set(range(n)) - people.kept

    def take(row: int) -> None:
        star = [row]
        for other in sorted(near.get(row, ()), key=lambda o: (-near[row][o], rank[o])):
            if other in free and not any(people.are_apart(other, one) for one in star):
                star.append(other)
        medoid_of[star] = row
        free.difference_update(star)

    for row in sorted(people.kept, key=lambda row: rank[row]):
        take(row)
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
        take(row)
    return medoid_of


def _pull(
    near: dict[int, float], free: set[int], size: IntArray, rank: int, row: int
) -> tuple[int, float, int, int, int]:
    """How strongly a row asks to be a medoid; the smallest tuple goes first."""
    open_to = [other for other in near if other in free]
    texts = int(size[row]) + sum(int(size[other]) for other in open_to)
    # On a grid a vector's length may pass 1 by a hair; nothing is liker than alike.
    like = sorted(min(near[other], 1.0) * int(size[other]) for other in open_to)
    likeness = int(size[row]) + sum(like)
    return -texts, -round(likeness, 6), -int(size[row]), rank, row
