"""Claims: families of passages that say nearly the same, in the words of one of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from aggregation import cluster
from aggregation.prepare.passages import Passage, fold
from aggregation.text import Gist, gist
from aggregation.types import Claim, Curation, Span


def claims_of(
    passages: Sequence[Passage],
    vectors: cluster.Float32Array,
    pairs: cluster.Pairs,
    texts: Mapping[str, str],
    curation: Curation | None = None,
    *,
    authors: Mapping[str, str] | None = None,
) -> tuple[Claim, ...]:
    """One claim per family of near-duplicates, worded by its medoid, in the order of passages.

    passages : (n,) the norms (`norms`), in canonical order of their statements
    vectors, pairs : of the rows of `fold(passages, curation)`, one per wording (`pairs_shard`)
    texts : statement id -> its stored text; asked for only where passages are paired
    curation : what people decided about claims, by their ids; ids that no passage has are passed
        over. Raises AggregationInputError where decisions contradict one another.
    authors : statement id -> who wrote it; statements that are missing have authors of their own.
        A wording counts once per author when it is chosen who stands for a family.
    """
    folded = fold(passages, curation)
    first = [passages[row] for row in folded.first.tolist()]
    if len(vectors) != len(first):
        raise ValueError(f"{len(vectors)} vectors do not fit {len(first)} wordings")
    people = curation or Curation()
    named = {key for pair in (*people.together, *people.apart) for key in pair}
    row_of = {
        one.key: row
        for one, row in zip(passages, folded.row.tolist(), strict=True)
        if one.key in named
    }
    paired = np.union1d(pairs.i, pairs.j).tolist()
    families = cluster.families(
        vectors,
        [one.side for one in first],
        gists={row: _gist(first[row], texts) for row in paired},
        pairs=pairs,
        sizes=folded.voices(passages, authors or {}),
        together=_rows(people.together, row_of),
        apart=_rows(people.apart, row_of),
    )
    members: defaultdict[int, list[Passage]] = defaultdict(list)
    for passage, row in zip(passages, folded.row.tolist(), strict=True):
        members[int(families.label[row])].append(passage)
    claims = [_claim(first[row], members[k]) for k, row in enumerate(families.medoid.tolist())]
    return tuple(claims)


def _rows(decisions: Sequence[tuple[str, str]], row_of: Mapping[str, int]) -> list[tuple[int, int]]:
    """The rows of decided pairs, those aside that are one row already or are not here."""
    known = [(row_of[a], row_of[b]) for a, b in decisions if a in row_of and b in row_of]
    return [(a, b) for a, b in known if a != b]


def _gist(passage: Passage, texts: Mapping[str, str]) -> Gist:
    return gist(texts[passage.statement][passage.start : passage.end], passage.language)


def _claim(medoid: Passage, family: Sequence[Passage]) -> Claim:
    span = _span(medoid)
    around = Span(medoid.statement, *medoid.context)
    return Claim(
        id=medoid.key,
        span=span,
        members=tuple(_span(one) for one in family if one is not medoid),
        context=around if medoid.leans and around != span else None,
    )


def _span(passage: Passage) -> Span:
    return Span(passage.statement, passage.start, passage.end)
