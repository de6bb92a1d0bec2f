"""What the claims say: their reading as norms, and how near they are to one another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from aggregation import cluster, embed, stance
from aggregation.cluster.thresholds import DECIDING
from aggregation.errors import AggregationInputError
from aggregation.spec import ClaimReading, ThemeLabel, TopicLabel
from aggregation.spec.clauses import slug
from aggregation.text import gist, identify, labels
from aggregation.text.concepts import contents, is_idea
from aggregation.text.direction import side as side_of
from aggregation.text.modality import read as read_norm
from aggregation.types import BoolArray, Claim, Corpus, IntArray, Moderation
from aggregation.votes import VoteTable, natural_key


@dataclass(frozen=True)
class Duplicate:
    """Two claims, by id, that may say the same."""

    first: str
    second: str
    similarity: float


@dataclass(frozen=True, eq=False)
class Nearness:
    """How m claims lie to one another, before anybody's answers are looked at.

    family (m,): the row that stands for each row's near-duplicates; theme (m,)
    duplicates: pairs that may say the same, for a person to look at, the likeliest first
    resolution: the one that themes were found at
    """

    vectors: embed.Float32Array
    polarity: IntArray
    side: IntArray
    family: IntArray
    duplicates: tuple[Duplicate, ...]
    theme: IntArray
    themes: tuple[ThemeLabel, ...]
    resolution: float


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
        absolute=reading.absolute,
        actor=None if reading.actor is None else text[slice(*reading.actor)],
        addressee=reading.addressee,
    )


def folded(corpus: Corpus, claims: tuple[Claim, ...]) -> frozenset[int]:
    """The claims, by index, for which a person let another one's words stand."""
    names = {away for _, away in corpus.curation.together}
    return frozenset(j for j, claim in enumerate(claims) if claim.id in names)


def relate(
    corpus: Corpus,
    claims: tuple[Claim, ...],
    readings: tuple[ClaimReading, ...],
    embedded: embed.Embedded,
    *,
    heard: BoolArray,
    seed: int,
    previous: Mapping[str, str] | None = None,
) -> Nearness:
    """Near-duplicates, what may be some, and themes, as people decided where they did.

    heard (m,): claims with served reactions; where there are enough, the others neither move nor
    name a theme. previous : claim id -> theme id of the run before
    """
    vectors, ids = embedded.vectors, [claim.id for claim in claims]
    side = np.array([r.side for r in readings], dtype=np.int64)
    keys = [f"{r.text}\n{c.id}" for r, c in zip(readings, claims, strict=True)]
    gists = [gist(r.text, r.language) for r in readings]
    place = {name: row for row, name in enumerate(ids)}
    together, apart = (
        [(place[a], place[b]) for a, b in pairs if a in place and b in place and a != b]
        for pairs in (corpus.curation.together, corpus.curation.apart)
    )
    families = cluster.families(
        vectors, side, keys=keys, gists=gists, together=together, apart=apart
    )
    family = families.medoid[families.label]
    suggested = cluster.suggestions(vectors, side, gists, family, keys=keys, apart=apart)
    found = cluster.themes(
        vectors,
        keys,
        known=embedded.known,
        languages=[r.language for r in readings],
        heard=heard,
        seed=seed,
    )
    voices = heard if heard.sum() >= DECIDING else np.ones(len(claims), dtype=bool)
    theme, labelled = themed(corpus, claims, readings, vectors, found, voices, previous)
    return Nearness(
        vectors=vectors,
        polarity=np.array([r.polarity for r in readings], dtype=np.int64),
        side=side,
        family=family,
        duplicates=tuple(Duplicate(ids[i], ids[j], round(c, 4)) for i, j, c in suggested),
        theme=theme,
        themes=labelled,
        resolution=found.resolution,
    )


def themed(
    corpus: Corpus,
    claims: tuple[Claim, ...],
    readings: tuple[ClaimReading, ...],
    vectors: embed.Float32Array,
    found: cluster.Themes,
    voices: BoolArray,
    previous: Mapping[str, str] | None,
) -> tuple[IntArray, tuple[ThemeLabel, ...]]:
    """The theme of each claim, with lasting ids and as people decided, and what each is called.

    voices (m,): the claims that names are made of, where every theme has some
    """
    names, curation = [claim.id for claim in claims], corpus.curation
    authors = [corpus.statement(claim.span.statement).author for claim in claims]

    def label(membership: IntArray) -> tuple[labels.Label, ...]:
        rows = np.flatnonzero(voices)
        if set(membership[rows].tolist()) | {-1} != set(membership.tolist()) | {-1}:
            rows = np.arange(len(claims))
        places = rows.tolist()
        named = labels.label_themes(
            [readings[j].text for j in places],
            [readings[j].language for j in places],
            vectors[rows],
            membership[rows],
            polarity=[readings[j].polarity for j in places],
            authors=[authors[j] for j in places],
            language=corpus.language,
        )
        return tuple(
            replace(one, medoids={sign: places[row] for sign, row in one.medoids.items()})
            for one in named
        )

    slugs = [f"theme_{slug(one.title)}".rstrip("_") for one in label(found.label)]
    ids = cluster.theme_ids(found.label, names, slugs, previous=previous, curation=curation)
    lasting = cluster.decided_themes(found.label, ids, names, curation)
    titles = dict(curation.titles)
    named = label(lasting.label)
    topics = label(found.topic) if len(found.topic_theme) else ()
    return lasting.label, tuple(
        ThemeLabel(
            id=name,
            title=titles.get(name, one.title),
            keywords=one.keywords,
            language=one.language,
            stability=_stability(found, lasting, theme),
            compared=not any(found.unknown[c] for c in lasting.source[theme]),
            quotes=tuple(sorted(one.medoids.items(), reverse=True)),
            topics=_topics(found, lasting, theme, topics),
        )
        for theme, (name, one) in enumerate(zip(lasting.ids, named, strict=True))
    )


def _stability(found: cluster.Themes, lasting: cluster.Lasting, theme: int) -> float | None:
    if lasting.made[theme]:
        return None
    value = float(found.stability[lasting.source[theme][0]])
    return None if np.isnan(value) else value


def _topics(
    found: cluster.Themes, lasting: cluster.Lasting, theme: int, named: tuple[labels.Label, ...]
) -> tuple[tuple[TopicLabel, tuple[int, ...]], ...]:
    """The topics of the communities that went into a theme, without claims put elsewhere.

    A title that an earlier topic of the theme has already is told apart by one more keyword.
    """
    held: list[tuple[TopicLabel, tuple[int, ...]]] = []
    titles: set[str] = set()
    for topic, one in enumerate(named):
        if int(found.topic_theme[topic]) not in lasting.source[theme]:
            continue
        rows = np.flatnonzero((found.topic == topic) & (lasting.label == theme)).tolist()
        title = one.title
        if title in titles:
            title = ", ".join([title, *one.keywords[title.count(",") + 1 :][:1]])
        titles.add(title)
        stability = float(found.topic_stability[topic])
        held.append((TopicLabel(title, one.keywords, stability), tuple(rows)))
    return tuple(held)


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


@dataclass(frozen=True)
class Opposition:
    """What contradicts what among m claims: decided by people, or possible; rows i < j.

    evidence : undecided pairs, most telling first; tense : those of them that weigh in a choice
    """

    judged: stance.Judged
    evidence: tuple[stance.Evidence, ...]
    tense: tuple[tuple[int, int], ...]


def opposition(
    corpus: Corpus, claims: tuple[Claim, ...], near: Nearness, served: VoteTable
) -> Opposition:
    """What people decided about pairs of claims, and what words and reactions suggest.

    served : with one column per claim, in the order of the claims
    """
    ids = [claim.id for claim in claims]
    judged = stance.judged(corpus.curation.contradictions, ids=ids, family=near.family)
    evidence = stance.gather(
        near.vectors,
        near.side - 2 * near.polarity,  # the direction, by the definition of a side
        served.values,
        ids=ids,
        settled=judged.settled,
    )
    tense = stance.tense(evidence, judged, ids=ids, family=near.family)
    return Opposition(judged, evidence, tense)
