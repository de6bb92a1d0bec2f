"""Would it be the same had other people of the same crowd come? Answers by resampling people."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from aggregation.opinion import Groups
from aggregation.tiers import Held, Policy, classify, read
from aggregation.types import FloatArray, IntArray
from aggregation.votes import SparseFloat, VoteTable

BLOCK = 50  # resamples held in memory at once


def stability(
    votes: VoteTable,
    groups: Groups,
    policy: Policy,
    *,
    resamples: int = 200,
    seed: int = 0,
    held: Held | None = None,
) -> FloatArray:
    """(m,) share of bootstrap resamples in which a claim keeps its class and direction.

    Participants are drawn with replacement (Efron 1979); groups are held fixed, so this tells
    about who happened to take part, not about where the groups' borders run. The classes are MUST,
    SHOULD, provisional, divided, voice candidate and none.

    held (m,): the strengths of the version before, as for `tiers.assign`
    """
    n, m = votes.shape
    if resamples < 1 or n == 0:
        return np.ones(m)
    crowd = _Crowd.of(votes, groups)
    truth = crowd.classes(np.ones((1, n)), policy, held=held)[0]
    kept = np.zeros(m, dtype=np.int64)
    rng = np.random.default_rng(seed)
    for start in range(0, resamples, BLOCK):
        size = min(BLOCK, resamples - start)
        drawn = rng.multinomial(n, np.full(n, 1 / n), size=size).astype(np.float64)
        kept += np.sum(crowd.classes(drawn, policy, held=held) == truth, axis=0)
    return kept / resamples


class _Crowd:
    """The votes by group, ready to be counted again under any weighting of the people.

    Every count is a sum of whole numbers, so it is exact in whatever order it is summed.
    """

    def __init__(self, members: list[IntArray], votes: list[SparseFloat], m: int) -> None:
        self.members, self.votes, self.m = members, votes, m  # people without a group come last

    @classmethod
    def of(cls, votes: VoteTable, groups: Groups) -> _Crowd:
        index = dict(zip(groups.participants, groups.labels.tolist(), strict=True))
        labels = np.array([index.get(one, -1) for one in votes.participants], dtype=np.int64)
        n, m = votes.shape
        # One row per claim and kind of answer: disagree, unsure, agree.
        place = (votes.values.data.astype(np.int64) + 1) * m + votes.columns
        ballots = sparse.csc_array((np.ones(votes.count), (place, votes.rows)), shape=(3 * m, n))
        members = [np.flatnonzero(labels == group) for group in (*range(groups.k), -1)]
        return cls(members, [ballots[:, rows].tocsr() for rows in members], m)

    def classes(self, drawn: FloatArray, policy: Policy, *, held: Held | None) -> IntArray:
        """(B, m) standing and direction in one number, for B weightings (B, n) of the people."""
        counts = np.stack(
            [
                np.asarray(votes @ drawn[:, rows].T, dtype=np.float64).reshape(3, self.m, -1)
                for rows, votes in zip(self.members, self.votes, strict=True)
            ]
        )  # (k + 1, 3, m, B)
        disagree, unsure, agree = np.moveaxis(counts, (0, 1, 2, 3), (2, 0, 3, 1))
        parts = agree, disagree, agree + unsure + disagree  # each (B, k + 1, m)
        reading = read(
            *(part[:, :-1] for part in parts), *(part.sum(axis=1) for part in parts), z=policy.z
        )
        return classify(reading, policy, held=held) * 3 + reading.direction
