"""What is compared: a vector for each wording, and the pairs that lie near one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from aggregation import cluster
from aggregation.embed import Cache, Embedded, Router, embed_all
from aggregation.prepare.passages import Passage
from aggregation.types import IntArray

Float32Array = cluster.Float32Array


def embed_shard(
    passages: Sequence[Passage],
    texts: Mapping[str, str],
    router: Router,
    cache: Cache | None = None,
) -> Embedded:
    """One vector per passage, in the order given; `embed.join` puts shards together.

    texts : statement id -> its stored text
    """
    contents = [texts[one.statement][one.start : one.end] for one in passages]
    return embed_all(contents, [one.language for one in passages], router, cache)


def pairs_shard(
    vectors: Float32Array,
    sides: Sequence[int] | IntArray,
    languages: Sequence[str],
    topics: Sequence[str],
    rows: range,
) -> cluster.Pairs:
    """Pairs i < j that may say the same, i among `rows`, j among all rows.

    vectors : (n, d) of unit length; sides, languages, topics : (n,) of the passages. Those of all
    shards, one after the other, are the pairs of all rows in order.
    """
    return cluster.mergeable_pairs(vectors, sides, languages, topics, rows=rows)


def joined(parts: Sequence[cluster.Pairs]) -> cluster.Pairs:
    """The pairs of all shards, given in the order of their rows."""
    return cluster.Pairs(
        i=np.concatenate([np.zeros(0, dtype=np.int64), *(part.i for part in parts)]),
        j=np.concatenate([np.zeros(0, dtype=np.int64), *(part.j for part in parts)]),
        similarity=np.concatenate([np.zeros(0), *(part.similarity for part in parts)]),
    )


def neighbours_shard(vectors: Float32Array, rows: range, k: int) -> IntArray:
    """(len(rows), k): the nearest others of each of `rows` among all rows, the nearest first."""
    return cluster.nearest_neighbours(vectors, neighbours=k, rows=rows)
