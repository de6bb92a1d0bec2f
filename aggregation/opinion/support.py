"""What each opinion group says: exact counts, intervals, and Polis's statistics."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from aggregation.opinion.grouping import Groups
from aggregation.types import FloatArray, IntArray
from aggregation.votes import SparseInt, VoteTable

Z95 = 1.959963984540054  # two-sided 95 %
Z80 = 1.2815515655446004  # two-sided 80 %: Polis's bar for calling a statement representative


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


@dataclass(frozen=True)
class Representative:
    """A claim that sets a group apart: its column, the group's leaning, and how strongly."""

    column: int
    direction: int  # +1: the group agrees more than the others, -1: it disagrees more
    share: float  # (count + 1) / (seen + 2) within the group
    ratio: float  # that share over the same share outside the group
    z: float  # two-proportion test, group against everyone else grouped


def group_support(votes: VoteTable, groups: Groups) -> Support:
    """Count agree, disagree and any answer, per group and over everyone in `votes`."""
    index = dict(zip(groups.participants, groups.labels.tolist(), strict=True))
    labels = np.array([index.get(one, -1) for one in votes.participants], dtype=np.int64)
    grouped = np.flatnonzero(labels >= 0)
    member = sparse.csr_array(
        (np.ones(len(grouped), dtype=np.int64), (labels[grouped], grouped)),
        shape=(groups.k, len(labels)),
    )
    agree, disagree, seen = votes.indicator(1), votes.indicator(-1), votes.indicator()
    return Support(
        votes.statements,
        *((member @ matrix).toarray() for matrix in (agree, disagree, seen)),
        *(_column_sums(matrix) for matrix in (agree, disagree, seen)),
    )


def _column_sums(matrix: SparseInt) -> IntArray:
    return np.bincount(matrix.indices, weights=matrix.data, minlength=matrix.shape[1]).astype(
        np.int64
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


def group_consensus(support: Support, *, direction: int = 1) -> FloatArray:
    """Polis's group-informed consensus (m,): prod over groups of (count + 1) / (seen + 2).

    direction : 1 counts agreement, -1 disagreement
    """
    count = support.agree if direction > 0 else support.disagree
    consensus: FloatArray = np.prod((count + 1) / (support.seen + 2), axis=0)
    return consensus


def difference(support: Support, *, direction: int = 1) -> FloatArray:
    """(k, m) z of the two-proportion test of each group's share against all other groups'.

    With one added to every count (Polis): a = count in + 1, b = count out + 1, q = (a + b) / (n_a
    + n_b), z = (a / n_a - b / n_b) / sqrt(q (1 - q) (1 / n_a + 1 / n_b)); 0 where q = 1.
    """
    count = support.agree if direction > 0 else support.disagree
    inside, inside_n = count + 1, support.seen + 1
    outside = count.sum(axis=0) - count + 1
    outside_n = support.seen.sum(axis=0) - support.seen + 1
    q = (inside + outside) / (inside_n + outside_n)
    spread = np.sqrt(q * (1 - q) * (1 / inside_n + 1 / outside_n))
    gap = inside / inside_n - outside / outside_n
    z: FloatArray = np.divide(gap, spread, out=np.zeros_like(gap), where=spread > 0)
    return z


def representative(support: Support, *, limit: int = 5) -> tuple[tuple[Representative, ...], ...]:
    """For each group the claims that set it apart most, strongest first, at most `limit`.

    A claim counts where both its one-sample test against 1/2 and its test against the other
    groups exceed z = 1.28, ordered by share x ratio x both z (Polis). Unlike Polis, agreement does
    not go before disagreement. With a single group only the first test is made.
    """
    k = support.agree.shape[0]
    scored: list[list[tuple[float, Representative]]] = [[] for _ in range(k)]
    for direction, count in ((1, support.agree), (-1, support.disagree)):
        seen = support.seen
        share = (count + 1) / (seen + 2)
        own = 2 * np.sqrt(seen + 1) * ((count + 1) / (seen + 1) - 0.5)
        outside = (count.sum(axis=0) - count + 1) / (seen.sum(axis=0) - seen + 2)
        ratio = share / outside if k > 1 else np.ones_like(share)
        against = difference(support, direction=direction) if k > 1 else np.full_like(share, np.inf)
        strength = share * own * ratio * (against if k > 1 else 1.0)
        for group, column in np.argwhere((own > Z80) & (against > Z80)).tolist():
            here = group, column
            found = Representative(
                column, direction, float(share[here]), float(ratio[here]), float(against[here])
            )
            scored[group].append((float(strength[here]), found))
    return tuple(
        tuple(found for _, found in sorted(rows, key=lambda row: (-row[0], row[1].column))[:limit])
        for rows in scored
    )
