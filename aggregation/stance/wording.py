"""Which statements may contradict each other? Candidates for voters and people, never a verdict.

On real text about one candidate in four is a contradiction; the rest share a topic only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aggregation.cluster import Float32Array, similar_pairs
from aggregation.types import IntArray


@dataclass(frozen=True)
class Candidate:
    """Two statements near in content and opposed in direction; `first` is the smaller row."""

    first: str
    second: str
    similarity: float


def candidates(
    vectors: Float32Array,
    polarity: Sequence[int] | IntArray,
    *,
    ids: Sequence[str],
    threshold: float = 0.55,
    most: int | None = None,
) -> tuple[Candidate, ...]:
    """Pairs of ids with content cosine >= threshold and opposite direction, most similar first.

    vectors : (n, d) unit vectors of contents, frame stripped. polarity : (n,) +1 or -1 with every
    negation folded in: `text.direction`. Ties in the order of ids given.
    """
    if len(ids) != len(vectors):
        raise ValueError(f"{len(ids)} ids do not fit {len(vectors)} vectors")
    pairs = similar_pairs(vectors, polarity, threshold=threshold, opposite=True)
    order = np.lexsort((pairs.j, pairs.i, -pairs.similarity))[:most]
    return tuple(
        Candidate(ids[int(pairs.i[k])], ids[int(pairs.j[k])], float(pairs.similarity[k]))
        for k in order
    )
