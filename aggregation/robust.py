"""How sure is each claim's class: would it be the same had other people of the same crowd come?"""

from __future__ import annotations

import numpy as np

from aggregation.opinion import Groups
from aggregation.tiers import Policy, classify, read
from aggregation.types import FloatArray, IntArray
from aggregation.votes import SparseInt, VoteTable

BLOCK = 50  # resamples held in memory at once


def stability(
    votes: VoteTable,
    groups: Groups,
    policy: Policy,
    *,
    resamples: int = 200,
    seed: int = 0,
) -> FloatArray:
    """(m,) share of bootstrap resamples in which a claim keeps its class and direction.

    Participants are drawn with replacement (Efron 1979); groups are held fixed, so this tells
    about who happened to take part, not about where the groups' borders run. The classes are MUST,
    SHOULD, provisional, divided, voice candidate and none.
    """
    n, m = votes.shape
    if resamples < 1 or n == 0:
        return np.ones(m)
    index = dict(zip(groups.participants, groups.labels.tolist(), strict=True))
    labels = np.array([index.get(one, -1) for one in votes.participants], dtype=np.int64)
    counts = [votes.indicator(1), votes.indicator(-1), votes.indicator()]
    truth = _classes(counts, np.ones((1, n)), labels=labels, k=groups.k, policy=policy)[0]
    kept = np.zeros(m, dtype=np.int64)
    rng = np.random.default_rng(seed)
    for start in range(0, resamples, BLOCK):
        size = min(BLOCK, resamples - start)
        drawn = rng.multinomial(n, np.full(n, 1 / n), size=size).astype(np.float64)
        classes = _classes(counts, drawn, labels=labels, k=groups.k, policy=policy)
        kept += np.sum(classes == truth, axis=0)
    return kept / resamples


def _classes(
    counts: list[SparseInt], drawn: FloatArray, *, labels: IntArray, k: int, policy: Policy
) -> IntArray:
    """(B, m) standing and direction in one number, for B weightings (B, n) of the people."""
    grouped, pooled = [], []
    for matrix in counts:
        parts = [_weighted(matrix, drawn, np.flatnonzero(labels == group)) for group in range(k)]
        rest = _weighted(matrix, drawn, np.flatnonzero(labels < 0))
        grouped.append(
            np.stack(parts, axis=1) if parts else np.zeros((len(drawn), 0, matrix.shape[1]))
        )
        pooled.append(grouped[-1].sum(axis=1) + rest)
    reading = read(*grouped, *pooled, z=policy.z)
    return classify(reading, policy) * 3 + reading.direction


def _weighted(matrix: SparseInt, drawn: FloatArray, rows: IntArray) -> FloatArray:
    return np.asarray((matrix[rows].T @ drawn[:, rows].T).T, dtype=np.float64)
