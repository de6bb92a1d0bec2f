"""What one crowd's votes decide: by this project's thresholds, and by two lists beside them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from aggregation import opinion
from aggregation.tiers import Assignment, Policy, assign
from aggregation.types import BoolArray, FloatArray
from aggregation.votes import VoteTable

LIST_LENGTH = 20  # of the two lists that other platforms publish


@dataclass(frozen=True, eq=False)
class World:
    """The counted votes of one crowd, its people numbered, and what they decide.

    rates (m,): share of all answers that agree; lists : by name, sets of (column, direction)
    """

    votes: VoteTable
    served_rule: bool
    groups: opinion.Groups
    support: opinion.Support
    assignment: Assignment
    rates: FloatArray
    lists: dict[str, frozenset[tuple[int, int]]]


def clean_world(votes: VoteTable, policy: Policy, *, served_rule: bool, seed: int) -> World:
    """What the votes that count decide without any attack; people without such a vote are out."""
    counted = votes.served_only() if served_rule else votes
    heard = np.flatnonzero(np.diff(counted.values.indptr))
    people = [counted.participants[i] for i in heard.tolist()]
    return decided(
        _numbered(counted.restrict(people)),
        policy,
        served_rule=served_rule,
        previous=None,
        seed=seed,
    )


def decided(
    votes: VoteTable,
    policy: Policy,
    *,
    served_rule: bool,
    previous: opinion.Groups | None,
    seed: int,
) -> World:
    """Groups, tiers and lists of these votes; groups are matched to those `previous`."""
    groups = opinion.groups(
        opinion.project(votes), min_mass=policy.min_group_mass, seed=seed, previous=previous
    )
    support = opinion.group_support(votes, groups)
    assignment = assign(support, policy)
    direction, strength = assignment.direction, assignment.strength
    rates = support.agree_all / np.maximum(support.seen_all, 1)
    enough = support.seen_all >= max(policy.min_reactions, 1)
    held = {
        "must": [j for j, one in enumerate(strength) if one == "must"],
        "common_ground": [j for j, one in enumerate(strength) if one is not None],
    }
    lists = {
        name: frozenset((j, int(direction[j])) for j in members) for name, members in held.items()
    }
    for name, scores in (("majority", rates), ("polis", opinion.group_consensus(support))):
        lists[name] = frozenset((j, 1) for j in best(scores, enough, LIST_LENGTH))
    return World(votes, served_rule, groups, support, assignment, rates, lists)


def best(scores: FloatArray, allowed: BoolArray, count: int) -> list[int]:
    """The best `count` of the allowed columns, best first, equal ones in table order."""
    order = np.argsort(-np.round(scores, 12), kind="stable")
    columns: list[int] = order[allowed[order]][:count].tolist()
    return columns


def _numbered(votes: VoteTable) -> VoteTable:
    return replace(votes, participants=tuple(str(i) for i in range(len(votes.participants))))
