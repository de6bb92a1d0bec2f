"""Where to look for contradictions: in words, in reactions, and in both together.

Rivals in opinion are no contradictions: two camps' wishes go apart in reactions although both could
be followed. So reactions alone make a candidate only where hardly anybody is on the same side of
both and the contents are near; a trace of that is enough where they go far apart.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from aggregation.cluster import Float32Array, similar_pairs
from aggregation.stance import reactions
from aggregation.stance.evidence import Evidence, Source
from aggregation.stance.reactions import Together
from aggregation.types import BoolArray, FloatArray, IntArray

# Set on 275 pairs of two real consultations, judged by hand before: see `score`.
WORDED = 0.55  # content cosine from which opposed sentences are candidates by their words
BACKED = 0.40  # the same where reactions go surely apart
NEAR = 0.30  # cosine from which such reactions alone make a candidate, whatever the direction
FAR_APART = -2.0  # upper bound of the log-odds ratio below which a trace of nearness is enough:
TRACE = 0.10  # below it 3 of 40 such pairs were contradictions, from it to .30 10 of 21
ALIKE = 0.20  # share on the same side of both from which reactions are no sign
TELLING = 0.30  # score from which half of the judged candidates were contradictions
MOST = 2_000  # more than anybody looks at


def gather(
    vectors: Float32Array,
    direction: Sequence[int] | IntArray,
    values: reactions.Answers8,
    *,
    ids: Sequence[str],
    settled: Collection[frozenset[str]] = (),
    most: int = MOST,
) -> tuple[Evidence, ...]:
    """Pairs of m claims that may contradict each other, most telling first; ties by id.

    vectors : (m, d) unit vectors of contents; direction : (m,) `text.direction` of each
    values : (n, m) CSR of served answers, +1, -1 and 0; ids : (m,) in natural order
    settled : pairs that a person has judged; they are nobody's question any more

    By words: near in content (WORDED) and opposed in direction, unless who agrees with one surely
    tends to agree with the other. By reactions: surely apart, with few people on the same side of
    both, and near in content (BACKED where opposed in direction, else NEAR, or TRACE if FAR_APART).
    """
    sign = np.asarray(direction)
    if not len(ids) == len(vectors) == len(sign) == values.shape[1]:
        raise ValueError(
            f"{len(ids)} ids, {len(vectors)} vectors, {len(sign)} directions and "
            f"{values.shape[1]} columns of answers do not fit one another"
        )
    worded = similar_pairs(vectors, sign, threshold=WORDED, opposite=True)
    apart = reactions.opposed(values, keep=lambda some: _telling(some, vectors, sign))
    first, second = _united(worded.i, worded.j, apart.first, apart.second)
    found = reactions.counted(values, first, second)
    by_words = _among(first, second, worded.i, worded.j)
    by_reactions = _among(first, second, apart.first, apart.second)
    cosine = _cosines(vectors, first, second)
    points = score(cosine, sign[first] != sign[second], found)
    together = (found.both >= reactions.LEAST) & (found.association[1] > 0)
    judged = [frozenset((ids[i], ids[j])) in settled for i, j in zip(first, second, strict=True)]
    open_ = (by_reactions | (by_words & ~together)) & ~np.array(judged, dtype=bool)
    order = np.lexsort((second, first, -np.round(points, 6)))
    kept = order[open_[order]][:most]
    sources = by_words + 2 * by_reactions.astype(np.int64)
    return _told(ids, found.take(kept), cosine[kept], sources[kept], points[kept])


def _told(
    ids: Sequence[str], found: Together, cosine: FloatArray, sources: IntArray, points: FloatArray
) -> tuple[Evidence, ...]:
    """The figures of each pair under its ids; an association of too few people is not told."""
    told = []
    for k, (middle, low, high) in enumerate(zip(*found.association, strict=True)):
        both = int(found.both[k])
        known = both >= reactions.LEAST
        told.append(
            Evidence(
                first=ids[int(found.first[k])],
                second=ids[int(found.second[k])],
                similarity=float(cosine[k]),
                both=both,
                association=float(middle) if known else None,
                lo=float(low) if known else None,
                hi=float(high) if known else None,
                agree_both=int(found.a[k]),
                source=_SOURCES[int(sources[k])],
                score=float(points[k]),
            )
        )
    return tuple(told)


_SOURCES: tuple[Source, ...] = ("text", "text", "reactions", "both")


def _telling(found: Together, vectors: Float32Array, sign: IntArray) -> BoolArray:
    """(p,) which of the pairs that surely go apart are candidates."""
    needed = np.where(sign[found.first] != sign[found.second], BACKED, NEAR)
    needed = np.where(found.association[2] < FAR_APART, TRACE, needed)
    near = _cosines(vectors, found.first, found.second) >= needed
    share = np.maximum(found.a, found.d) / np.maximum(found.both, 1)
    return np.asarray(near & (share < ALIKE), dtype=np.bool_)


def score(cosine: FloatArray, opposite: BoolArray, found: reactions.Together) -> FloatArray:
    """(p,) how telling pairs are, in [0, 1]: either sign suffices, and being alike takes away.

        words      w = .6 clip((cosine - .40) / .45)  if opposed in direction, 0 if surely together
        reactions  r = clip(-hi / 3) (.5 + .5 clip((cosine - .2) / .4))  from 20 people on
        score      (1 - (1 - w)(1 - r)) (1 - alike)

    Average precision on the judged pairs: words alone .15, reactions alone .42, this .51.
    """
    _, low, high = found.association
    known = found.both >= reactions.LEAST
    words = 0.6 * np.clip((cosine - 0.40) / 0.45, 0.0, 1.0) * opposite
    words[known & (low > 0)] = 0.0
    nearness = 0.5 + 0.5 * np.clip((cosine - 0.2) / 0.4, 0.0, 1.0)
    reacted = np.clip(-high / 3, 0.0, 1.0) * nearness * known
    points: FloatArray = (1 - (1 - words) * (1 - reacted)) * (1 - found.alike)
    return points


def _cosines(vectors: Float32Array, first: IntArray, second: IntArray) -> FloatArray:
    """(p,) dot products of given rows, a part at a time."""
    parts = [np.zeros(0)]
    for start in range(0, len(first), 4096):
        i, j = first[start : start + 4096], second[start : start + 4096]
        parts.append(np.einsum("ij,ij->i", vectors[i].astype(np.float64), vectors[j]))
    return np.concatenate(parts)


def _united(*ends: IntArray) -> tuple[IntArray, IntArray]:
    """The pairs of two lists (first, second, first, second), each once, in order."""
    pairs = np.column_stack([np.concatenate(ends[::2]), np.concatenate(ends[1::2])])
    once = np.unique(pairs.reshape(-1, 2), axis=0).astype(np.int64)
    return once[:, 0], once[:, 1]


def _among(first: IntArray, second: IntArray, i: IntArray, j: IntArray) -> BoolArray:
    """(p,) whether a pair is one of (i, j)."""
    wide = int(max(first.max(initial=0), second.max(initial=0), j.max(initial=0))) + 1
    return np.isin(first * wide + second, i * wide + j)
