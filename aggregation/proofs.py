"""The proofs that a spec publishes, each computed from what is published.

Shares and prices are rounded first and certified after, so that whoever reads the spec computes
the same figures from it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from aggregation import certify, completion, opinion, sensitivity
from aggregation.decide import Decisions, Selection
from aggregation.opinion import Groups, Support
from aggregation.positions import Positions
from aggregation.sensitivity import RuleOutcome
from aggregation.spec.clauses import rounded
from aggregation.spec.findings import Contested, EjrPlus, Estimates, SelectionCertificate, Shares
from aggregation.tiers import Policy
from aggregation.types import FloatArray, IntArray, Status, Tier
from aggregation.votes import VoteTable

WITNESS_DECIMALS = 9  # of shares and prices, from which everybody can compute the bounds anew
ROUNDS = 15  # of fitting the estimates, at most
REMOVED = 0.05  # the part of the people whose absence the stability bound speaks of
CONTESTED = (0.25, 0.65)  # mean completed support of the claims that divide people about evenly
CONTESTED_SEATS = 15
CONTESTED_MOST = 500  # claims looked at, the most answered ones
SAMPLE = 2_000  # people by whom the other rules choose, evenly drawn from larger crowds
APPROVES = 0.5  # a position above it counts as approval where rules need yes or no


@dataclass(frozen=True)
class Proofs:
    """All that is proved about one run's choice and estimates; swaps: see `swap_margins`."""

    certificates: tuple[SelectionCertificate, ...]
    contested: Contested | None
    shares: Shares
    estimates: Estimates
    swaps: dict[int, int]


def prove(
    decisions: Decisions, positions: Positions, weights: FloatArray, *, policy: Policy, seed: int
) -> Proofs:
    """Everything at once, by the policy and the seed of the run."""
    labels = positions.groups.labels
    agreed = consensus(positions.support, positions.direction)
    return Proofs(
        tuple(selection(one, weights, labels, agreed) for one in decisions.selections),
        contested(positions, weights, least=policy.min_reactions, seed=seed),
        shares(decisions, positions, weights, floor=policy.weight_floor),
        estimates(positions.served, positions.model, positions.groups, seed=seed),
        swap_margins(decisions),
    )


def selection(
    found: Selection, weights: FloatArray, labels: IntArray, consensus: FloatArray
) -> SelectionCertificate:
    """How one budget was filled, how good that is, and what other rules would have chosen.

    consensus : (m,) group-informed consensus of every claim in its direction, one of those rules
    """
    choice, utilities, claims = found.choice, found.utilities, found.claims
    problem, members = choice.problem, choice.members
    rows, limits, _ = problem.rows
    names, tensions = problem.priced[2], problem.tensions
    x = np.round(choice.relaxed.x, WITNESS_DECIMALS)
    # A price rounded up above the penalty would prove nothing.
    cap = np.where(np.arange(len(names)) < len(limits), np.inf, tensions.penalty)
    nash, harmonic = (
        np.minimum(np.round(prices, WITNESS_DECIMALS), cap)
        for prices in (choice.relaxed.duals, choice.harmonic_prices)
    )
    allowed: dict[str, Any] = {"rows": rows.toarray(), "limits": limits}
    allowed |= {"tensions": tensions.rows.toarray(), "penalty": tensions.penalty}
    gap = certify.gap(utilities, weights, x, **allowed, prices=nash)
    upper = certify.harmonic_bound(utilities, weights, x, **allowed, prices=harmonic)
    holds, ratios = certify.ejr_plus(utilities > APPROVES, members)
    worst = int(np.argmax(ratios)) if ratios.size else None
    report = sensitivity.report(
        *(utilities, weights, labels, problem.indifferent),
        default=members,
        scores={"group_consensus": consensus[list(claims)]},
        choosers=evenly(len(weights), SAMPLE),
    )
    return SelectionCertificate(
        budget=found.budget,
        candidates=claims,
        chosen=tuple(claims[place] for place in members),
        limit=int(problem.budget),
        theme_cap=found.theme_cap,
        value=choice.score,
        upper_bound=max(upper, choice.score),
        gap=gap,
        tolerance=choice.tolerance,
        swaps=choice.swaps,
        x=x,
        prices=tuple(
            (name, float(a), float(b))
            for name, a, b in zip(names, nash, harmonic, strict=True)
            if a or b
        ),
        conflicts=tuple((claims[a], claims[b]) for a, b in problem.conflicts.tolist()),
        tensions=tuple((claims[a], claims[b]) for a, b in tensions.pairs.tolist()),
        penalty=tensions.penalty,
        lost=tensions.lost(np.isin(np.arange(problem.m), members).astype(np.float64)),
        ejr_plus=EjrPlus(
            holds,
            float(ratios.max(initial=0.0)),
            None if worst is None or ratios[worst] == 0 else claims[worst],
        ),
        removed=REMOVED,
        bound=certify.stability_bound(gap, REMOVED),
        rules=_named(report.rules, claims),
        survivors=tuple(claims[place] for place in report.survivors),
    )


def consensus(support: Support, direction: IntArray) -> FloatArray:
    """(m,) Polis's group-informed consensus on each claim's direction."""
    agreed, rejected = (opinion.group_consensus(support, direction=sign) for sign in (1, -1))
    return np.where(direction < 0, rejected, agreed)


def swap_margins(decisions: Decisions) -> dict[int, int]:
    """Adopted claim -> people whose leaving would let another candidate take its place."""
    found: dict[int, int] = {}
    for one in decisions.selections:
        if one.budget != Tier.COMMON_GROUND.value:
            continue
        members, problem = one.choice.members, one.choice.problem
        chosen = np.isin(np.arange(problem.m), members)
        x = chosen.astype(np.float64)
        joins = [problem.admits(x, without=a) & ~chosen for a in members]
        allowed = np.stack(joins) if joins else np.zeros((0, problem.m), dtype=bool)
        stands = (
            problem.tensions.partners(x)[None, :]
            - problem.tensions.partners(x)[list(members), None]
        )
        apart = problem.tensions.between[list(members)].toarray()
        costs = problem.tensions.penalty * (stands - apart)
        margins = certify.swap_margins(one.utilities, members, allowed=allowed, costs=costs)
        for place, margin in zip(members, margins, strict=True):
            found[one.claims[place]] = int(margin)
    return found


def contested(
    positions: Positions, weights: FloatArray, *, least: int, seed: int
) -> Contested | None:
    """How each rule would serve people on claims that divide them; None where there are none.

    least : served reactions that a claim needs to be looked at

    As in every published share, support is agreement among all answers; so the estimates are made
    once more with "unsure" as an answer other than agreement.
    """
    told = _agreed_or_not(positions.served)
    model = completion.fit(told, rank=positions.model.rank, rounds=ROUNDS, seed=seed)
    support = replace(positions, served=told, model=model)
    mean = support.mean_agreement()
    people = evenly(len(weights), SAMPLE)
    low, high = CONTESTED
    near = (mean >= low) & (mean <= high) & (positions.support.seen_all >= least)
    claims = np.flatnonzero(near)
    most = np.argsort(-positions.support.seen_all[claims], kind="stable")[:CONTESTED_MOST]
    claims = np.sort(claims[most])
    if not claims.size:
        return None
    found = sensitivity.contested(
        support.agreeing(people, claims),
        weights[people],
        positions.groups.labels[people],
        seats=CONTESTED_SEATS,
    )
    return Contested(
        claims.size,
        found.seats,
        found.people,
        _named(found.report.rules, tuple(claims.tolist())),
        tuple(int(claims[place]) for place in found.report.survivors),
    )


def evenly(count: int, most: int) -> IntArray:
    """At most so many of `count` rows, evenly spaced; as people stand by what they answered, every
    kind of ballot has its share.
    """
    size = min(count, most)
    return np.arange(size, dtype=np.int64) * count // max(size, 1)


def _agreed_or_not(votes: VoteTable) -> VoteTable:
    """The same answers with "unsure" counted as not agreeing."""
    sides = np.where(votes.values.data > 0, 1, -1).astype(np.int8)
    values = votes.values.copy()
    values.data = sides
    return replace(votes, values=values)


def _named(rules: tuple[RuleOutcome, ...], claims: tuple[int, ...]) -> tuple[RuleOutcome, ...]:
    """The outcomes with claims in place of candidates' places."""
    return tuple(replace(one, chosen=tuple(claims[place] for place in one.chosen)) for one in rules)


def shares(
    decisions: Decisions, positions: Positions, weights: FloatArray, *, floor: float
) -> Shares:
    """How near the published weights are to the best, and for whom the spec has nothing."""
    decided = decisions.decisions
    adopted = [j for j, d in enumerate(decided) if d.status is Status.ADOPTED]
    if not adopted:
        return Shares(None, weights.size, weights.size)
    utilities = positions.siding(np.array(adopted, dtype=np.int64))
    p = np.array([rounded(decided[j].weight or 0.0) for j in adopted])
    most = utilities.max(axis=1, initial=0.0)
    residual = certify.priority_residual(utilities, weights, p, floor=floor)
    return Shares(residual, int((most <= APPROVES).sum()), int((most <= 0).sum()))


def estimates(
    served: VoteTable, model: completion.Completion, groups: Groups, *, seed: int
) -> Estimates:
    """How well the model predicts answers that it was not shown."""
    heldout = completion.heldout_report(served, rank=model.rank, seed=seed, labels=groups.labels)
    return Estimates(model.rank, ROUNDS, model.tried, heldout)


def order_by_size(groups: Groups) -> tuple[int, ...]:
    """Each group's place when the larger come first, equal ones by their first member."""
    first = [int(np.argmax(groups.labels == g)) for g in range(groups.k)]
    ranked = np.lexsort((np.array(first), -groups.sizes))
    place = np.empty(groups.k, dtype=np.int64)
    place[ranked] = np.arange(groups.k)
    return tuple(place.tolist())
