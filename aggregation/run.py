"""From a corpus and its votes to an outcome: every stage once, in order.

`aggregate` is the one deep door of the package. It never changes its inputs, reads no clock into
its result and gives the same bytes for the same input and seed, whatever the order of the rows.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace

import numpy as np

from aggregation import cluster, completion, embed, opinion, robust, stance, tiers
from aggregation.certify import clause_margin
from aggregation.decide import Candidates, Decisions, decide
from aggregation.errors import AggregationInputError
from aggregation.spec import (
    ClaimReading,
    Document,
    Findings,
    Margin,
    ThemeLabel,
    compose,
    to_bytes,
)
from aggregation.spec.words import group_name
from aggregation.text import content_stems, identify, labels
from aggregation.text.concepts import contents, is_idea
from aggregation.text.direction import side as side_of
from aggregation.text.modality import read as read_norm
from aggregation.types import (
    BoolArray,
    Claim,
    Corpus,
    FloatArray,
    IntArray,
    Moderation,
    Settings,
    Statement,
)
from aggregation.votes import VoteTable, natural_key

STAGES = (
    "read",
    "embed",
    "cluster",
    "groups",
    "completion",
    "tiers",
    "select",
    "stability",
    "compose",
)
BOTH_AGREED = 0.55  # share of agreement above which two sentences are no contradiction to people
Progress = Callable[[str, int, int], None]  # stage, stages done, stages in all


@dataclass(frozen=True)
class Outcome:
    """The spec, how long each stage took, and the arrays that pages show.

    labels : (n,) opinion group of each of `participants`, -1 where somebody answered too little
    """

    document: Document
    content: bytes
    seconds: dict[str, float]
    participants: tuple[str, ...]
    labels: IntArray


@dataclass
class _Clock:
    """Tells the caller which stage runs, and keeps how long each took."""

    progress: Progress | None
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        done = STAGES.index(name)
        if self.progress:
            self.progress(name, done, len(STAGES))
        start = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - start
        if self.progress:
            self.progress(name, done + 1, len(STAGES))


def aggregate(
    corpus: Corpus,
    votes: VoteTable,
    settings: Settings | None = None,
    *,
    previous: Document | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Turn what people wrote and how they reacted into a behaviour spec.

    votes : over claim ids; those that are not served are counted but support nothing
    previous : the version before, whose clause ids are kept and against which changes are told
    progress : called as (stage, stages done, stages in all) before and after each stage

    Raises AggregationInputError if votes name a claim that the corpus does not have, or if a
    claim's span does not lie inside its statement.
    """
    settings = settings or Settings()
    policy = tiers.Policy.from_dict(settings.policy)
    clock = _Clock(progress)
    with clock.stage("read"):
        corpus, claims = _analysed(corpus, votes)
        table = votes.reindex(tuple(claim.id for claim in claims))
        people, served = _by_content(table.served_only())
        readings = tuple(_read(corpus, claim) for claim in claims)
    with clock.stage("embed"):
        embedder = embed.load(settings.embedder)
        vectors = embedder.embed([r.text for r in readings], [r.language for r in readings])
    polarity = np.array([r.polarity for r in readings], dtype=np.int64)
    side = np.array([r.side for r in readings], dtype=np.int64)
    with clock.stage("cluster"):
        keys = [f"{r.text}\n{c.id}" for r, c in zip(readings, claims, strict=True)]
        families = cluster.families(vectors, side, keys=keys, words=_stems(readings))
        family = families.medoid[families.label]
        theme = cluster.themes(vectors, keys, seed=settings.seed).label
        themes = _label_themes(readings, vectors, theme, polarity)
        opposed = stance.candidates(
            vectors, side - 2 * polarity, ids=[c.id for c in claims], threshold=cluster.SIMILAR
        )
    with clock.stage("groups"):
        projection = opinion.project(served)
        groups = opinion.groups(projection, min_mass=policy.min_group_mass, seed=settings.seed)
        support = opinion.group_support(served, groups)
    with clock.stage("completion"):
        probability = completion.fit(served, seed=settings.seed).probability()
    with clock.stage("tiers"):
        assignment = tiers.assign(support, policy)
    with clock.stage("select"):
        sides = side * assignment.direction
        similar = cluster.similar_pairs(vectors, sides)
        overlapping = cluster.overlaps(
            vectors,
            sides,
            *_contents(readings, assignment.direction),
            [r.language for r in readings],
        )
        decisions = decide(
            assignment,
            Candidates(
                utilities=_utilities(served, probability, assignment, groups, support),
                weights=_equal_weights(served),
                seen=support.seen_all,
                family=family,
                theme=theme,
                similar=similar.by_row(),
                overlapping=overlapping.by_row(),
                is_norm=tuple(r.is_norm for r in readings),
            ),
            policy=policy,
        )
    with clock.stage("stability"):
        stability = robust.stability(
            served, groups, policy, resamples=settings.bootstrap, seed=settings.seed
        )
    with clock.stage("compose"):
        findings = Findings(
            corpus=corpus,
            settings=settings,
            policy=policy.to_dict(),
            claims=claims,
            readings=readings,
            family=family,
            theme=theme,
            themes=themes,
            similar=_pairs(similar),
            counters=_contradictions(opposed, polarity, support),
            agree=np.vstack([support.agree, support.agree_all]),
            disagree=np.vstack([support.disagree, support.disagree_all]),
            seen=np.vstack([support.seen, support.seen_all]),
            group_sizes=np.asarray(groups.sizes, dtype=np.int64),
            direction=assignment.direction,
            representative=_representative(support),
            decisions=decisions.decisions,
            margins=_margins(support, assignment, decisions, policy),
            stability=stability,
            certificates=decisions.certificates,
            weights_residual=decisions.weights_residual,
            unrepresented=decisions.unrepresented,
            participants=len(table.participants),
            reactions=served.count,
            reactions_not_served=table.count - served.count,
            embedding=asdict(embedder.spec()),
            similarity=dict(cluster.parameters()),
            votes_digest=f"sha256:{table.digest()}",
        )
        document = compose(findings, previous=previous)
        content = to_bytes(document)
    return Outcome(document, content, clock.seconds, people, groups.labels)


def _by_content(table: VoteTable) -> tuple[tuple[str, ...], VoteTable]:
    """The people in the order of what they answered, and their votes under numbers in that order.

    So a person's name decides nothing, not even the draw of a seeded start: a pseudonymised copy
    of the votes gives the same spec.
    """
    ends = np.cumsum(np.bincount(table.rows, minlength=len(table.participants)))[:-1]
    columns, values = np.split(table.columns, ends), np.split(table.values.data, ends)

    def content(person: int) -> tuple[list[int], list[int], list[int]]:
        given = values[person].astype(np.int64)
        first = next((vote for vote in given.tolist() if vote), 1)
        # Up to a common sign first, so that negating all votes leaves the order as it is.
        return columns[person].tolist(), (given * first).tolist(), given.tolist()

    answered = [person for person, given in enumerate(values) if given.size]
    order = sorted(answered, key=content)
    place = np.zeros(len(table.participants), dtype=np.int64)
    place[order] = np.arange(len(order))
    numbers = place[table.rows].astype(np.str_)
    claims = np.array(table.statements, dtype=np.object_)[table.columns]
    numbered = VoteTable.from_arrays(numbers, claims, table.values.data)
    return tuple(table.participants[i] for i in order), numbered.reindex(table.statements)


def _analysed(corpus: Corpus, votes: VoteTable) -> tuple[Corpus, tuple[Claim, ...]]:
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
    told = tuple(s if s.language else replace(s, language=_language(s)) for s in corpus.statements)
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


def _language(statement: Statement) -> str:
    return identify(statement.text)


def _read(corpus: Corpus, claim: Claim) -> ClaimReading:
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


def _label_themes(
    readings: tuple[ClaimReading, ...],
    vectors: embed.Float32Array,
    theme: IntArray,
    polarity: IntArray,
) -> tuple[ThemeLabel, ...]:
    texts, languages = [r.text for r in readings], [r.language for r in readings]
    named = labels.label_themes(texts, languages, vectors, theme, polarity=polarity)
    return tuple(ThemeLabel(title=label.title, keywords=label.keywords) for label in named)


def _stems(readings: tuple[ClaimReading, ...]) -> list[frozenset[str]]:
    return [content_stems(r.text, r.language) for r in readings]


def _contents(
    readings: tuple[ClaimReading, ...], direction: IntArray
) -> tuple[list[frozenset[str]], list[frozenset[str]]]:
    """What each claim's norm is about, and the signed ideas in it, as people took it."""
    about = [
        contents(r.text, r.language, polarity=r.polarity * (-1 if d < 0 else 1))
        for r, d in zip(readings, direction.tolist(), strict=True)
    ]
    return about, [frozenset(filter(is_idea, one)) for one in about]


def _utilities(
    served: VoteTable,
    probability: FloatArray,
    assignment: tiers.Assignment,
    groups: opinion.Groups,
    support: opinion.Support,
) -> FloatArray:
    """(n, m) how far each citizen sides with each claim's direction: answered, else estimated.

    An estimate counts at most the lower bound of what her group answered (everybody's for people
    without a group): a claim that few people were asked about gains nothing from predictions.
    """
    against = assignment.direction < 0
    agrees = probability.copy()
    agrees[served.rows, served.columns] = (1.0 + served.values.data) / 2.0
    utilities = np.where(against, 1.0 - agrees, agrees)
    lower = np.vstack(
        [
            _lower(support.agree, support.disagree, support.seen, against),
            _lower(support.agree_all, support.disagree_all, support.seen_all, against)[None, :],
        ]
    )
    cautious = np.minimum(utilities, lower[groups.labels])  # label -1: the last row, everybody
    cautious[served.rows, served.columns] = utilities[served.rows, served.columns]
    return cautious


def _lower(agree: IntArray, disagree: IntArray, seen: IntArray, against: BoolArray) -> FloatArray:
    return opinion.wilson(np.where(against, disagree, agree), seen)[0]


def _equal_weights(served: VoteTable) -> FloatArray:
    n = len(served.participants)
    return np.full(n, 1.0 / n) if n else np.zeros(0)


def _representative(support: opinion.Support) -> tuple[tuple[tuple[int, str], ...], ...]:
    """Per group, the claims that tell it apart: (claim, "agree" or "disagree")."""
    return tuple(
        tuple((r.column, "agree" if r.direction > 0 else "disagree") for r in typical)
        for typical in opinion.representative(support)
    )


def _pairs(pairs: cluster.Pairs) -> tuple[tuple[int, int], ...]:
    return tuple(zip(pairs.i.tolist(), pairs.j.tolist(), strict=True))


def _contradictions(
    opposed: tuple[stance.Candidate, ...], polarity: IntArray, support: opinion.Support
) -> tuple[tuple[int, int], ...]:
    """Pairs of which one forbids what the other asks for, unless most people agree to both.

    Wording alone is right about one time in four; where most people agree to both sentences, they
    do not see a contradiction.
    """
    place = {name: row for row, name in enumerate(support.statements)}
    share = support.agree_all / np.maximum(support.seen_all, 1)
    pairs = ((place[one.first], place[one.second]) for one in opposed)
    return tuple(
        (i, j)
        for i, j in pairs
        if polarity[i] != polarity[j] and min(share[i], share[j]) < BOTH_AGREED
    )


def _margins(
    support: opinion.Support,
    assignment: tiers.Assignment,
    decisions: Decisions,
    policy: tiers.Policy,
) -> tuple[Margin | None, ...]:
    """For clauses with a modality: how many supporters would have to change sides."""
    result: list[Margin | None] = []
    for j, decision in enumerate(decisions.decisions):
        if assignment.strength[j] is None or decision.strength is None:
            result.append(None)
            continue
        flips, condition = clause_margin(support, assignment, policy, j)
        weakest = "overall" if condition < 0 else f"group {group_name(condition)}"
        result.append(Margin(flips=flips, weakest=weakest))
    return tuple(result)
