"""All of it in one call: where people stand, who stands together, what groups and everyone say."""

from __future__ import annotations

from dataclasses import dataclass

from aggregation.opinion.grouping import Groups, groups
from aggregation.opinion.projection import Projection, project
from aggregation.opinion.rules import DEFAULT, Rules
from aggregation.opinion.statistics import (
    Consensus,
    Representative,
    consensus,
    group_consensus,
    representative,
)
from aggregation.opinion.support import Support, group_support
from aggregation.types import FloatArray
from aggregation.votes import VoteTable


@dataclass(frozen=True, eq=False)
class Analysis:
    """What the votes say about people and claims; each part as its own function gives it."""

    projection: Projection
    groups: Groups
    support: Support
    representative: tuple[tuple[Representative, ...], ...]  # one tuple per group
    consensus: tuple[Consensus, ...]
    group_consensus: FloatArray  # (m,)


def analyse(
    votes: VoteTable, *, rules: Rules = DEFAULT, seed: int = 0, previous: Groups | None = None
) -> Analysis:
    """Opinion groups and statistics of a table of votes, however few; the same for equal input."""
    projection = project(votes, seed=seed)
    found = groups(
        projection,
        min_mass=rules.min_mass,
        k_max=rules.k_max,
        points_per_group=rules.points_per_group,
        exact_people=rules.exact_people,
        seed=seed,
        previous=previous,
    )
    support = group_support(votes, found)
    return Analysis(
        projection,
        found,
        support,
        representative(support, agree_first=rules.agree_first),
        consensus(support),
        group_consensus(support),
    )
