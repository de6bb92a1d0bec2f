"""From a corpus and its votes to an outcome: every stage once, in order.

`aggregate` is the one deep door of the package. It never changes its inputs, reads no clock into
its result and gives the same bytes for the same input and seed, whatever the order of the rows.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field

import numpy as np

from aggregation import cluster, completion, embed, opinion, robust, tiers, wording
from aggregation.certify import clause_margin
from aggregation.decide import Candidates, Decisions, decide
from aggregation.spec import ClaimReading, Document, Findings, Margin, compose, to_bytes
from aggregation.spec.words import group_name
from aggregation.types import BoolArray, Claim, Corpus, FloatArray, IntArray, Settings
from aggregation.votes import VoteTable

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
        corpus, claims = wording.analysed(corpus, votes)
        table = votes.reindex(tuple(claim.id for claim in claims))
        people, served = _by_content(table.served_only())
        readings = tuple(wording.read_claim(corpus, claim) for claim in claims)
    with clock.stage("embed"):
        embedder = embed.load(settings.embedder)
        vectors = embedder.embed([r.text for r in readings], [r.language for r in readings])
    with clock.stage("cluster"):
        near = wording.relate(claims, readings, vectors, seed=settings.seed)
    with clock.stage("groups"):
        points = opinion.project(served)
        groups = opinion.groups(points, min_mass=policy.min_group_mass, seed=settings.seed)
        support = opinion.group_support(served, groups)
    with clock.stage("completion"):
        probability = completion.fit(served, seed=settings.seed).probability()
    with clock.stage("tiers"):
        assignment = tiers.assign(support, policy)
    with clock.stage("select"):
        similar, overlapping = wording.repetitions(readings, near, assignment.direction)
        candidates = Candidates(
            utilities=_utilities(served, probability, assignment, groups, support),
            weights=_equal_weights(served),
            seen=support.seen_all,
            family=near.family,
            theme=near.theme,
            similar=similar.by_row(),
            overlapping=overlapping.by_row(),
            is_norm=tuple(r.is_norm for r in readings),
        )
        decisions = decide(assignment, candidates, policy=policy)
    with clock.stage("stability"):
        steady = robust.stability(
            served, groups, policy, resamples=settings.bootstrap, seed=settings.seed
        )
    with clock.stage("compose"):
        parts = _Parts(
            *(corpus, settings, policy, claims, readings, near, similar, table, served),
            *(groups, support, assignment, decisions, steady, embedder.spec()),
        )
        document = compose(_findings(parts), previous=previous)
    return Outcome(document, to_bytes(document), clock.seconds, people, groups.labels)


@dataclass(frozen=True, eq=False)
class _Parts:
    """What the stages gave, on its way into the document."""

    corpus: Corpus
    settings: Settings
    policy: tiers.Policy
    claims: tuple[Claim, ...]
    readings: tuple[ClaimReading, ...]
    near: wording.Nearness
    similar: cluster.Pairs
    table: VoteTable
    served: VoteTable
    groups: opinion.Groups
    support: opinion.Support
    assignment: tiers.Assignment
    decisions: Decisions
    stability: FloatArray
    embedding: embed.EmbedderSpec


def _findings(parts: _Parts) -> Findings:
    near, support, decisions = parts.near, parts.support, parts.decisions
    return Findings(
        corpus=parts.corpus,
        settings=parts.settings,
        policy=parts.policy.to_dict(),
        claims=parts.claims,
        readings=parts.readings,
        family=near.family,
        theme=near.theme,
        themes=near.themes,
        similar=tuple(zip(parts.similar.i.tolist(), parts.similar.j.tolist(), strict=True)),
        counters=wording.contradictions(near, support),
        agree=np.vstack([support.agree, support.agree_all]),
        disagree=np.vstack([support.disagree, support.disagree_all]),
        seen=np.vstack([support.seen, support.seen_all]),
        group_sizes=np.asarray(parts.groups.sizes, dtype=np.int64),
        direction=parts.assignment.direction,
        representative=_representative(support),
        decisions=decisions.decisions,
        margins=_margins(support, parts.assignment, decisions, parts.policy),
        stability=parts.stability,
        certificates=decisions.certificates,
        weights_residual=decisions.weights_residual,
        unrepresented=decisions.unrepresented,
        participants=len(parts.table.participants),
        reactions=parts.served.count,
        reactions_not_served=parts.table.count - parts.served.count,
        embedding=asdict(parts.embedding),
        similarity=dict(cluster.parameters()),
        votes_digest=f"sha256:{parts.table.digest()}",
    )


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
