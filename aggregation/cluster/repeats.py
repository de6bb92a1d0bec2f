"""Which pairs would say a thing twice in one document, by likeness and by shared content?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from aggregation.cluster.near import Float32Array, Pairs, similar_pairs
from aggregation.cluster.thresholds import ACROSS, CONTAINED, ONE_WORD, OVERLAP, SIMILAR, TWO_WORDS
from aggregation.types import IntArray


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
