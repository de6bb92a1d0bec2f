"""From a corpus and its votes to an outcome: every stage once, in order.

`aggregate` is the one deep door of the package. It never changes its inputs, reads no clock into
its result and gives the same bytes for the same input and seed, whatever the order of the rows.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from aggregation import (
    cluster,
    completion,
    embed,
    lineage,
    opinion,
    proofs,
    robust,
    stance,
    tiers,
    whatif,
    wording,
)
from aggregation.certify import clause_margins, least_attack
from aggregation.decide import Candidates, decide
from aggregation.positions import Positions
from aggregation.spec import ClaimReading, Document, Findings, Margin, compose, to_bytes
from aggregation.spec.findings import Decision, Grouping
from aggregation.spec.trials import check_answers
from aggregation.types import Claim, Corpus, FloatArray, IntArray, Settings
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
    "certify",
    "compose",
)
K_MAX = 5  # opinion groups at most, as in Polis
Progress = Callable[[str, int, int], None]  # stage, stages done, stages in all


@dataclass(frozen=True)
class Outcome:
    """The spec, how long each stage took, and the arrays that pages and auditors use.

    labels : (n,) opinion group of each of `participants`, -1 where somebody answered too little
    places : (n, 2) where each of them stands in the plane that spreads opinions most
    ballots : every vote that was read, people numbered by what they answered and not named
    contradictions : pairs that may contradict each other and that nobody judged, most telling first
    duplicates : pairs of claims that may say the same, for a person to look at, likeliest first
    basis : what another policy can be tried on at once
    """

    document: Document
    content: bytes
    seconds: dict[str, float]
    participants: tuple[str, ...]
    labels: IntArray
    places: FloatArray
    ballots: VoteTable
    contradictions: tuple[stance.Evidence, ...]
    duplicates: tuple[wording.Duplicate, ...]
    basis: whatif.Basis


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
    previous_groups: opinion.Groups | None = None,
    previous_themes: Mapping[str, str] | None = None,
    judgements: VoteTable | None = None,
    cache: embed.Cache | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Turn what people wrote and how they reacted into a behaviour spec.

    votes : over claim ids; those that are not served are counted but support nothing
    previous : the version before, whose clause ids are kept and against which changes are told;
        what it adopted stays until it is clearly below a threshold or an exchange is better
    previous_groups : its opinion groups, whose letters are kept by the groups that overlap most
    previous_themes : claim id -> id of its section there; without it, as `previous` tells
    judgements : over the ids of the corpus's answers, +1 for a good one; they make examples and
        decide nothing
    cache : vectors computed before; the result is the same without it
    progress : called as (stage, stages done, stages in all) before and after each stage

    Raises AggregationInputError if votes name a claim that the corpus does not have, if a claim's
    span does not lie inside its statement, or if judgements or answers do not fit each other.
    """
    settings = settings or Settings()
    policy, seed = tiers.Policy.from_dict(settings.policy), settings.seed
    clock = _Clock(progress)
    with clock.stage("read"):
        check_answers(corpus, judgements)
        corpus, claims = wording.analysed(corpus, votes)
        table = answered(votes, (claim.id for claim in claims))
        people, served = _by_content(table.served_only())
        readings = tuple(wording.read_claim(corpus, claim) for claim in claims)
        weights = _equal_weights(served)
    with clock.stage("embed"):
        router = embed.Router(settings.embedder, settings.routes)
        texts, codes = [r.text for r in readings], [r.language for r in readings]
        embedded = embed.embed_all(texts, codes, router, cache)
    with clock.stage("cluster"):
        near = wording.relate(
            corpus,
            claims,
            readings,
            embedded,
            heard=np.bincount(served.columns, minlength=len(claims)) > 0,
            seed=seed,
            previous=previous_themes or lineage.themes(previous),
        )
        opposition = wording.opposition(corpus, claims, near, served)
    with clock.stage("groups"):
        projection = opinion.project(served)
        groups = opinion.groups(
            projection,
            min_mass=_min_mass(policy, settings, placed=int(projection.eligible.sum())),
            k_max=K_MAX,
            seed=seed,
            previous=lineage.groups(previous_groups, people, served.participants),
        )
        support = opinion.group_support(served, groups)
        held = lineage.held(previous, claims, np.sign(support.agree_all - support.disagree_all))
    with clock.stage("completion"):
        model = completion.fit(served, rank="auto", rounds=proofs.ROUNDS, seed=seed)
    with clock.stage("tiers"):
        assignment = tiers.assign(support, policy, held=held)
        positions = Positions(served, model, groups, support, assignment.direction)
    with clock.stage("select"):
        similar, overlapping = wording.repetitions(readings, near, assignment.direction)
        by_likeness = similar.by_row()
        candidates = Candidates(
            utilities=positions.siding,
            weights=weights,
            seen=support.seen_all,
            family=near.family,
            theme=near.theme,
            similar=by_likeness,
            overlapping=overlapping.by_row(),
            excluding=opposition.judged.excluding,
            tense=opposition.tense,
            leading=opinion.leading(support),
            folded=wording.folded(corpus, claims),
            is_norm=tuple(r.is_norm for r in readings),
            before=lineage.chosen(previous, claims),
        )
        decisions = decide(assignment, candidates, policy=policy)
        ids = tuple(claim.id for claim in claims)
        basis = whatif.Basis(ids, policy, positions, candidates, tuple(held))
    with clock.stage("stability"):
        steady = robust.stability(
            served, groups, policy, resamples=settings.bootstrap, seed=seed, held=held
        )
    with clock.stage("certify"):
        proven = proofs.prove(decisions, positions, weights, policy=policy, seed=seed)
    settled = decisions.decisions
    del decisions  # With it go the positions that filled the budgets, a run's largest arrays.
    with clock.stage("compose"):
        parts = _Parts(
            *(corpus, settings, policy, claims, readings, near, opposition, by_likeness, table),
            *(served, groups, support, held, assignment, settled, steady, proven, embedded),
            judgements,
        )
        document = compose(_findings(parts), previous=previous)
    ballots = _numbered(table, people)
    return Outcome(
        *(document, to_bytes(document), clock.seconds, people, groups.labels),
        *(projection.positions, ballots),
        contradictions=opposition.evidence,
        duplicates=near.duplicates,
        basis=basis,
    )


def _min_mass(policy: tiers.Policy, settings: Settings, *, placed: int) -> float:
    """The least share of the people placed that a group may hold; never too few to tell of."""
    if not placed:
        return policy.min_group_mass
    # Half a person less, so that no rounding decides about a group of exactly so many.
    enough = round((settings.least_cell - 0.5) / placed, 6)
    return min(1.0, max(policy.min_group_mass, enough))


def pseudonymised(corpus: Corpus, votes: VoteTable) -> tuple[tuple[str, ...], VoteTable]:
    """Who has served votes, in the order of their numbers in an outcome's ballots; and those."""
    table = answered(votes, (claim.id for claim in wording.analysed(corpus, votes)[1]))
    people, _ = _by_content(table.served_only())
    return people, _numbered(table, people)


def by_number(votes: VoteTable) -> VoteTable:
    """The same answers, people under numbers that follow from what they answered."""
    return votes.numbered(_content_order(votes))


def answered(votes: VoteTable, claims: Iterable[str]) -> VoteTable:
    """The votes on these claims, without people who answered none of them.

    These are what a spec with these claims follows from, and what `certify.verify` is to be given:
    votes on what a moderator has hidden are no part of it.
    """
    table = votes.reindex(claims)
    given = np.diff(table.values.indptr)
    return table.drop(participants=[table.participants[i] for i in np.flatnonzero(given == 0)])


@dataclass(frozen=True, eq=False)
class _Parts:
    """What the stages gave, on its way into the document."""

    corpus: Corpus
    settings: Settings
    policy: tiers.Policy
    claims: tuple[Claim, ...]
    readings: tuple[ClaimReading, ...]
    near: wording.Nearness
    opposition: wording.Opposition
    similar: Mapping[int, Sequence[int]]
    table: VoteTable
    served: VoteTable
    groups: opinion.Groups
    support: opinion.Support
    held: tiers.Held
    assignment: tiers.Assignment
    decisions: tuple[Decision, ...]
    stability: FloatArray
    proven: proofs.Proofs
    embedded: embed.Embedded
    judgements: VoteTable | None


def _findings(parts: _Parts) -> Findings:
    near, support, proven = parts.near, parts.support, parts.proven
    return Findings(
        corpus=parts.corpus,
        settings=parts.settings,
        policy=parts.policy.to_dict(),
        claims=parts.claims,
        readings=parts.readings,
        family=near.family,
        theme=near.theme,
        themes=near.themes,
        similar=parts.similar,
        confirmed=_confirmed(parts.opposition.judged, parts.decisions),
        possible=tuple(one for one in parts.opposition.evidence if one.score >= stance.TELLING),
        agree=np.vstack([support.agree, support.agree_all]),
        disagree=np.vstack([support.disagree, support.disagree_all]),
        seen=np.vstack([support.seen, support.seen_all]),
        group_sizes=np.asarray(parts.groups.sizes, dtype=np.int64),
        direction=parts.assignment.direction,
        representative=_representative(support),
        decisions=parts.decisions,
        margins=_margins(parts),
        stability=parts.stability,
        held=tuple(parts.held),
        certificates=proven.certificates,
        contested=proven.contested,
        shares=proven.shares,
        estimates=proven.estimates,
        grouping=Grouping(
            parts.groups.silhouette,
            proofs.order_by_size(parts.groups),
            K_MAX,
            _min_mass(parts.policy, parts.settings, placed=int(np.sum(parts.groups.sizes))),
        ),
        participants=len(parts.table.participants),
        reactions=parts.served.count,
        reactions_not_served=parts.table.count - parts.served.count,
        embedding=_embedding(parts.settings, parts.embedded),
        similarity={**cluster.parameters(), "theme_resolution": near.resolution},
        votes_digest=f"sha256:{parts.table.content_digest()}",
        judgements=parts.judgements,
    )


def _embedding(settings: Settings, embedded: embed.Embedded) -> dict[str, object]:
    """The default's space, which languages went elsewhere, and what no backend could read."""
    own = embed.load(settings.embedder).spec()
    return {
        **own.to_dict(),
        "routes": dict(sorted(settings.routes.items())),
        "other_spaces": [spec.to_dict() for spec in embedded.specs if spec != own],
        "claims_unknown": int((~embedded.known).sum()),
    }


def _confirmed(
    judged: stance.Judged, decisions: tuple[Decision, ...]
) -> tuple[tuple[int, int], ...]:
    """Pairs that contradict each other as people found, or that stand for such a pair."""
    stands = [decision.code != "represented_by" for decision in decisions]
    spread = {(i, j) for i, j in judged.excluding if stands[i] and stands[j]}
    return tuple(sorted(spread | set(judged.confirmed)))


def _by_content(table: VoteTable) -> tuple[tuple[str, ...], VoteTable]:
    """The people in the order of what they answered, and their votes under numbers in that order.

    So a person's name decides nothing, not even the draw of a seeded start: a pseudonymised copy
    of the votes gives the same spec.
    """
    order = _content_order(table)
    return tuple(table.participants[i] for i in order.tolist()), table.numbered(order)


def _content_order(table: VoteTable) -> IntArray:
    """Rows of the people who answered anything, by what they answered."""
    ends = table.values.indptr.tolist()
    columns, values = table.columns.astype(">u4"), table.values.data

    def content(person: int) -> tuple[bytes, bytes, bytes]:
        own = slice(ends[person], ends[person + 1])
        given = values[own]
        told = given[given != 0]
        first = told[0] if told.size else 1
        # Up to a common sign first, so that negating all votes leaves the order as it is.
        # Big-endian bytes compare as the numbers do; one is added, since bytes have no sign.
        return columns[own].tobytes(), (given * first + 1).tobytes(), (given + 1).tobytes()

    answered = [person for person in range(len(ends) - 1) if ends[person] < ends[person + 1]]
    return np.array(sorted(answered, key=content), dtype=np.int64)


def _numbered(table: VoteTable, people: tuple[str, ...]) -> VoteTable:
    """All votes, people under numbers: first those with served votes, in the order used here."""
    place = {name: row for row, name in enumerate(table.participants)}
    first = [place[name] for name in people]
    taken = frozenset(first)
    rest = [row for row in _content_order(table).tolist() if row not in taken]
    return table.numbered(np.array([*first, *rest], dtype=np.int64))


def _equal_weights(served: VoteTable) -> FloatArray:
    n = len(served.participants)
    return np.full(n, 1.0 / n) if n else np.zeros(0)


def _representative(support: opinion.Support) -> tuple[tuple[tuple[int, str], ...], ...]:
    """Per group, the claims that tell it apart: (claim, "agree" or "disagree")."""
    return tuple(
        tuple((r.column, "agree" if r.direction > 0 else "disagree") for r in typical)
        for typical in opinion.representative(support)
    )


def _margins(parts: _Parts) -> tuple[Margin | None, ...]:
    """For clauses with a strength: how many people would have to change, leave or come."""
    result: list[Margin | None] = []
    for j, decision in enumerate(parts.decisions):
        strength = parts.assignment.strength[j]
        if strength is None or decision.strength is None:
            result.append(None)
            continue
        eased = parts.held[j] in ("must", strength)
        ease = parts.policy.hysteresis if eased else 0.0
        found = clause_margins(parts.support, parts.assignment, parts.policy, j, slack=ease)
        result.append(
            Margin(
                *(found.flips, found.removals, found.additions, found.condition),
                coordinated_share=least_attack(found, len(parts.table.participants)),
                swap=parts.proven.swaps.get(j),
            )
        )
    return tuple(result)
