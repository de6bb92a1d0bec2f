"""What each opinion group says: exact counts, and intervals of shares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from aggregation.opinion.grouping import Groups
from aggregation.types import FloatArray, IntArray
from aggregation.votes import VoteTable

Z95 = 1.959963984540054  # two-sided 95 %
PEOPLE_AT_ONCE = 20_000


@dataclass(frozen=True, eq=False)
class Support:
    """Exact counts per group (k, m) and over everyone, grouped or not (m,).

    seen = agree + disagree + unsure.
    """

    statements: tuple[str, ...]
    agree: IntArray
    disagree: IntArray
    seen: IntArray
    agree_all: IntArray
    disagree_all: IntArray
    seen_all: IntArray


def group_support(votes: VoteTable, groups: Groups) -> Support:
    """Count agree, disagree and any answer, per group and over everyone in `votes`."""
    m, k = len(votes.statements), groups.k
    labels = groups.labels
    if votes.participants != groups.participants:
        index = dict(zip(groups.participants, labels.tolist(), strict=True))
        labels = np.array([index.get(one, -1) for one in votes.participants], dtype=np.int64)
    labels = np.where(labels < 0, k, labels)
    counts = np.zeros((3, k + 1, m), dtype=np.int64)  # disagree, unsure, agree; last: no group
    starts = votes.values.indptr
    for first in range(0, len(labels), PEOPLE_AT_ONCE):
        people = slice(first, first + PEOPLE_AT_ONCE)
        sizes = np.diff(starts[first : first + PEOPLE_AT_ONCE + 1])
        part = slice(int(starts[first]), int(starts[first]) + int(sizes.sum()))
        cell = np.repeat(labels[people] * m, sizes) + votes.values.indices[part]
        cell += (votes.values.data[part] + np.int64(1)) * (m * (k + 1))
        counts += np.bincount(cell, minlength=counts.size).reshape(counts.shape)
    disagree, unsure, agree = counts
    seen = disagree + unsure + agree
    return Support(
        votes.statements,
        *(count[:k] for count in (agree, disagree, seen)),
        *(count.sum(axis=0) for count in (agree, disagree, seen)),
    )


def wilson(count: ArrayLike, total: ArrayLike, *, z: float = Z95) -> tuple[FloatArray, FloatArray]:
    """Wilson score interval of a share (Wilson 1927); (0, 1) where nothing was counted."""
    hits, trials = np.asarray(count, dtype=np.float64), np.asarray(total, dtype=np.float64)
    safe = np.maximum(trials, 1.0)
    share = hits / safe
    centre = share + z * z / (2 * safe)
    spread = z * np.sqrt(share * (1 - share) / safe + z * z / (4 * safe * safe))
    scale = 1 + z * z / safe
    empty = trials == 0
    lower = np.where(empty, 0.0, np.clip((centre - spread) / scale, 0.0, 1.0))
    upper = np.where(empty, 1.0, np.clip((centre + spread) / scale, 0.0, 1.0))
    return lower, upper


def leading(support: Support) -> IntArray:
    """(m,) the group of which the greatest share agrees, the first of equals; -1 for one group."""
    k, m = support.agree.shape
    if k < 2:
        return np.full(m, -1, dtype=np.int64)
    share = support.agree / np.maximum(support.seen, 1)
    return np.asarray(share.argmax(axis=0), dtype=np.int64)
