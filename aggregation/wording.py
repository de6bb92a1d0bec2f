"""What the claims say: their reading as norms, and how near they are to one another."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from aggregation import cluster, embed, opinion, stance
from aggregation.errors import AggregationInputError
from aggregation.spec import ClaimReading, ThemeLabel
from aggregation.text import gist, identify, labels
from aggregation.text.concepts import contents, is_idea
from aggregation.text.direction import side as side_of
from aggregation.text.modality import read as read_norm
from aggregation.types import Claim, Corpus, IntArray, Moderation
from aggregation.votes import VoteTable, natural_key

BOTH_AGREED = 0.55  # share of agreement above which two sentences are no contradiction to people


@dataclass(frozen=True, eq=False)
class Nearness:
    """How m claims lie to one another, before anybody's answers are looked at.

    family (m,): the row that stands for each row's near-duplicates; theme (m,)
    opposed: pairs that may contradict each other
    """

    vectors: embed.Float32Array
    polarity: IntArray
    side: IntArray
    family: IntArray
    theme: IntArray
    themes: tuple[ThemeLabel, ...]
    opposed: tuple[stance.Candidate, ...]


def analysed(corpus: Corpus, votes: VoteTable) -> tuple[Corpus, tuple[Claim, ...]]:
    """The corpus with every language known, and its accepted claims in natural order."""
    by_id = corpus.by_id
    known = {claim.id for claim in corpus.claims}
    strangers = [name for name in votes.statements if name not in known]
    if strangers:
        raise AggregationInputError(
            f"Votes name claim {strangers[0]!r}, which the corpus does not have "
            f"({len(strangers)} such claims). Add its statement, or leave its votes out."
        )
    for claim in corpus.claims:
        for span in (claim.span, *claim.members):
            statement = by_id.get(span.statement)
            if statement is None or not 0 <= span.start < span.end <= len(statement.text):
                raise AggregationInputError(
                    f"Claim {claim.id!r} cites {span.statement!r} from {span.start} to {span.end}, "
                    "which is not inside a statement of the corpus."
                )
    told = tuple(
        s if s.language else replace(s, language=identify(s.text)) for s in corpus.statements
    )
    accepted = {s.id for s in corpus.statements if s.moderation is Moderation.ACCEPTED}
    claims = (_without_hidden(c, accepted) for c in corpus.claims if c.span.statement in accepted)
    ordered = tuple(sorted(claims, key=lambda claim: natural_key(claim.id)))
    return replace(corpus, statements=told), ordered


def _without_hidden(claim: Claim, accepted: set[str]) -> Claim:
    """The claim without passages of statements that a moderator has not accepted."""
    members = (span for span in claim.members if span.statement in accepted)
    return replace(
        claim, members=tuple(sorted(members, key=lambda s: (natural_key(s.statement), s.start)))
    )


def read_claim(corpus: Corpus, claim: Claim) -> ClaimReading:
    """How one claim's wording reads."""
    statement = corpus.statement(claim.span.statement)
    text = statement.text[claim.span.start : claim.span.end]
    reading = read_norm(text, statement.language)
    return ClaimReading(
        text=text,
        language=statement.language,
        polarity=reading.polarity,
        side=side_of(text, statement.language, reading),
        modal=reading.modal,
        is_norm=reading.is_norm,
        applies_when=tuple(text[a:b] for a, b in reading.conditions),
        exceptions=tuple(text[a:b] for a, b in reading.exceptions),
    )


def relate(
    claims: tuple[Claim, ...],
    readings: tuple[ClaimReading, ...],
    vectors: embed.Float32Array,
    *,
    seed: int,
) -> Nearness:
    """Near-duplicates, themes and possible contradictions; vectors (m, d) of unit length."""
    polarity = np.array([r.polarity for r in readings], dtype=np.int64)
    side = np.array([r.side for r in readings], dtype=np.int64)
    keys = [f"{r.text}\n{c.id}" for r, c in zip(readings, claims, strict=True)]
    gists = [gist(r.text, r.language) for r in readings]
    families = cluster.families(vectors, side, keys=keys, gists=gists)
    theme = cluster.themes(vectors, keys, seed=seed).label
    return Nearness(
        vectors=vectors,
        polarity=polarity,
        side=side,
        family=families.medoid[families.label],
        theme=theme,
        themes=_label_themes(readings, vectors, theme, polarity),
        opposed=stance.candidates(
            vectors, side - 2 * polarity, ids=[c.id for c in claims], threshold=cluster.SIMILAR
        ),
    )


def _label_themes(
    readings: tuple[ClaimReading, ...],
    vectors: embed.Float32Array,
    theme: IntArray,
    polarity: IntArray,
) -> tuple[ThemeLabel, ...]:
    texts, languages = [r.text for r in readings], [r.language for r in readings]
    named = labels.label_themes(texts, languages, vectors, theme, polarity=polarity)
    return tuple(ThemeLabel(title=label.title, keywords=label.keywords) for label in named)


def repetitions(
    readings: tuple[ClaimReading, ...], near: Nearness, direction: IntArray
) -> tuple[cluster.Pairs, cluster.Pairs]:
    """Pairs whose norms, as people took them, say nearly the same, and pairs that would repeat.

    direction (m,): whether most people agree (+1) or disagree (-1)
    """
    sides = near.side * direction
    about = [
        contents(r.text, r.language, polarity=r.polarity * (-1 if d < 0 else 1))
        for r, d in zip(readings, direction.tolist(), strict=True)
    ]
    ideas = [frozenset(filter(is_idea, one)) for one in about]
    languages = [r.language for r in readings]
    overlapping = cluster.overlaps(near.vectors, sides, about, ideas, languages)
    return cluster.similar_pairs(near.vectors, sides), overlapping


def contradictions(near: Nearness, support: opinion.Support) -> tuple[tuple[int, int], ...]:
    """Pairs of which one forbids what the other asks for, unless most people agree to both.

    Wording alone is right about one time in four; where most people agree to both sentences, they
    do not see a contradiction.
    """
    place = {name: row for row, name in enumerate(support.statements)}
    share = support.agree_all / np.maximum(support.seen_all, 1)
    pairs = ((place[one.first], place[one.second]) for one in near.opposed)
    return tuple(
        (i, j)
        for i, j in pairs
        if near.polarity[i] != near.polarity[j] and min(share[i], share[j]) < BOTH_AGREED
    )
