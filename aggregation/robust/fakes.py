"""Fake participants: what they vote on, how, and a crowd with them in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from scipy import sparse

from aggregation.opinion import Support
from aggregation.robust.worlds import World
from aggregation.types import IntArray
from aggregation.votes import VoteTable

Mode: TypeAlias = Literal["self_selected", "served_only"]
Goal: TypeAlias = Literal["bury", "topple", "promote"]


@dataclass(frozen=True, eq=False)
class Ballots:
    """The fakes' votes as parallel arrays."""

    fakes: int
    row: IntArray
    column: IntArray
    value: IntArray


def ballots(
    clean: World, fakes: int, *, mode: Mode, goal: Goal, targets: IntArray, seed: int
) -> Ballots:
    """The votes of so many fakes; `targets` are columns."""
    support, m = clean.support, len(clean.votes.statements)
    rng = np.random.default_rng(seed)
    typical = min(m, round(float(np.median(np.diff(clean.votes.values.indptr)))))
    others = np.setdiff1d(np.arange(m), targets)
    met = support.seen_all[others] + 1.0  # how likely one comes by each of them
    passing = min(max(typical - len(targets), 0), len(others))

    def chosen() -> IntArray:
        if mode == "served_only":
            return np.sort(rng.choice(m, typical, replace=False))
        if not passing:
            return targets
        some = rng.choice(others, passing, replace=False, p=met / met.sum())
        return np.sort(np.concatenate([targets, some]))

    answered = [chosen() for _ in range(fakes)]
    rows = np.repeat(np.arange(fakes), [len(one) for one in answered])
    columns = np.concatenate(answered).astype(np.int64)
    values = _mimicked(support, columns, rng)
    aimed = np.isin(columns, targets)
    against = np.where(clean.assignment.direction < 0, 1, -1)
    values[aimed] = against[columns[aimed]] if goal != "promote" else 1
    return Ballots(fakes, rows, columns, values)


def _mimicked(support: Support, columns: IntArray, rng: np.random.Generator) -> IntArray:
    """Answers as the crowd gives them, with one of each kind added."""
    total = support.seen_all + 3.0
    disagrees = (support.disagree_all + 1) / total
    agrees = (support.agree_all + 1) / total
    drawn = rng.random(len(columns))
    turned = drawn >= 1 - disagrees[columns]
    return (drawn < agrees[columns]).astype(np.int64) - turned.astype(np.int64)


def joined(votes: VoteTable, ballots: Ballots) -> VoteTable:
    """The same people, and the fakes after them."""
    n, m = votes.shape
    added = sparse.csr_array(
        (ballots.value.astype(np.int8), (ballots.row, ballots.column)), shape=(ballots.fakes, m)
    )
    count = len(ballots.value)
    unknown = np.full(count, np.nan)
    return VoteTable(
        participants=tuple(str(i) for i in range(n + ballots.fakes)),
        statements=votes.statements,
        values=sparse.vstack([votes.values, added], format="csr"),
        served_data=np.concatenate([votes.served_data, np.ones(count, dtype=bool)]),
        importance_data=np.concatenate([votes.importance_data, unknown]),
        probability_data=np.concatenate([votes.probability_data, unknown]),
    )
