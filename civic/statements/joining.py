"""Which claim each sentence belongs to: one that people have already, or a new one.

Used for one statement and for a hundred thousand; the rules are the library's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aggregation import cluster, prepare
from aggregation.text import Gist, gist
from aggregation.types import Claim, Span

Texts = Callable[[Collection[str]], Mapping[str, str]]  # keys of statements -> their texts
# Two sentences further apart than this are never one.
LEAST = min(
    cluster.FAMILY,
    cluster.FAMILY_TOPIC,
    cluster.FAMILY_IDEAS,
    cluster.FAMILY_ACROSS,
    cluster.FAMILY_ACROSS_IDEAS,
)


@dataclass(frozen=True)
class Joined:
    """claims : the new ones, with their members. into : passage -> place of the known claim."""

    claims: tuple[Claim, ...]
    into: dict[Span, int]


def join(
    passages: Sequence[prepare.Passage],
    known: Sequence[prepare.Passage],
    vectors: NDArray[np.float32],
    pairs: cluster.Pairs,
    *,
    texts: Texts,
    authors: Mapping[str, str] | None = None,
) -> Joined:
    """Let each norm join the known claim in its very words, or the nearest that says the same;
    make claims of the rest.

    passages : (n,) the norms of new statements, in canonical order
    known : (e,) the own words of claims that people have already
    vectors, pairs : of the m wordings of `passages` (`prepare.fold`), then of `known`; pairs with
        a wording first
    authors : key of a statement -> its author, so that nobody's repeats choose a wording
    """
    folded = prepare.fold(passages)
    m = len(folded.first)
    first = [passages[row] for row in folded.first.tolist()]
    rows = [*first, *known]
    paired = np.union1d(pairs.i, pairs.j).tolist()
    words = texts({rows[row].statement for row in paired})
    near = attachments(rows, pairs, words, own=m)
    into = {
        span_of(passage): near[row] - m
        for passage, row in zip(passages, folded.row.tolist(), strict=True)
        if row in near
    }
    left = np.array([row for row in range(m) if row not in near], dtype=np.int64)
    rest = [
        passage
        for passage, row in zip(passages, folded.row.tolist(), strict=True)
        if row not in near
    ]
    among = _among(pairs, left, of=m)
    claims = prepare.claims_of(rest, vectors[left], among, words, authors=authors)
    return Joined(claims, into)


def attachments(
    rows: Sequence[prepare.Passage], pairs: cluster.Pairs, texts: Mapping[str, str], *, own: int
) -> dict[int, int]:
    """For each of the first `own` rows the first of the others with the same wording, or else the
    nearest that says the same, if any. Sentences that lean meet by their wording alone."""
    place = {row.wording: j for j, row in reversed([*enumerate(rows)][own:])}
    near = {i: place[row.wording] for i, row in enumerate(rows[:own]) if row.wording in place}
    across = np.flatnonzero(pairs.j >= own)
    order = across[np.lexsort((pairs.j[across], -pairs.similarity[across]))]
    for pair in order.tolist():
        i, j = int(pairs.i[pair]), int(pairs.j[pair])
        if i not in near and cluster.agree(
            _gist(rows[i], texts), _gist(rows[j], texts), float(pairs.similarity[pair])
        ):
            near[i] = j
    return near


def _gist(passage: prepare.Passage, texts: Mapping[str, str]) -> Gist:
    return gist(texts[passage.statement][passage.start : passage.end], passage.language)


def _among(pairs: cluster.Pairs, left: NDArray[np.int64], *, of: int) -> cluster.Pairs:
    """The pairs between rows that are left, numbered among them."""
    place = np.full(of, -1, dtype=np.int64)
    place[left] = np.arange(len(left))
    inner = pairs.j < of
    i, j = place[pairs.i[inner]], place[pairs.j[inner]]
    both = (i >= 0) & (j >= 0)
    return cluster.Pairs(i[both], j[both], pairs.similarity[inner][both])


def span_of(passage: prepare.Passage) -> Span:
    """Where a passage stands."""
    return Span(passage.statement, passage.start, passage.end)
