"""What is compared: a vector for each wording, and the pairs that lie near one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from aggregation import cluster
from aggregation.embed import Cache, Embedded, Router, embed_all
from aggregation.prepare.passages import Passage
from aggregation.types import BoolArray, IntArray

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


@dataclass(frozen=True, eq=False)
class Marks:
    """What decides beside a vector whether a row may be one with another, (n,) each.

    side : as `Passage.side`. language, topic : equal numbers where they are equal; -1: no topic.
    leans : the row's words do not say by themselves what it asks for, so it is one with no other
    """

    side: IntArray
    language: IntArray
    topic: IntArray
    leans: BoolArray


def marks_of(passages: Sequence[Passage]) -> Marks:
    """The marks of the passages that stand for each wording, in their order."""
    languages = [one.language.split("-")[0].lower() for one in passages]
    topics = [one.topic for one in passages]
    number = {topic: place for place, topic in enumerate(sorted({*topics} - {""}))}
    code = {language: place for place, language in enumerate(sorted({*languages}))}
    return Marks(
        side=np.array([one.side for one in passages], dtype=np.int64),
        language=np.array([code[language] for language in languages], dtype=np.int64),
        topic=np.array([number.get(topic, -1) for topic in topics], dtype=np.int64),
        leans=np.array([one.leans for one in passages], dtype=np.bool_),
    )


def pairs_shard(vectors: Float32Array, marks: Marks, rows: range) -> cluster.Pairs:
    """Pairs i < j that may say the same, i among `rows`, j among all rows.

    vectors : (n, d) of unit length, float32 or float16. Those of all shards, one after the other
    (`joined`), are the pairs of all rows in order; `claims_of` judges them.
    """
    topics = ["" if topic < 0 else str(topic) for topic in marks.topic.tolist()]
    languages = [str(code) for code in marks.language.tolist()]
    near = cluster.mergeable_pairs(vectors, marks.side, languages, topics, rows=rows)
    alone = ~(marks.leans[near.i] | marks.leans[near.j])
    return cluster.Pairs(near.i[alone], near.j[alone], near.similarity[alone])


def joined(parts: Sequence[cluster.Pairs]) -> cluster.Pairs:
    """The pairs of all shards, given in the order of their rows."""
    return cluster.Pairs(
        i=np.concatenate([np.zeros(0, dtype=np.int64), *(part.i for part in parts)]),
        j=np.concatenate([np.zeros(0, dtype=np.int64), *(part.j for part in parts)]),
        similarity=np.concatenate([np.zeros(0), *(part.similarity for part in parts)]),
    )
