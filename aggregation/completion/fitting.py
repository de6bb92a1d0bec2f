"""The door to a fit: which rank, from where it starts, and what texts tell about new claims."""

from __future__ import annotations

from typing import Literal

import numpy as np

from aggregation.completion.ascent import Cells, Fitted, ascend, cold_start, settle
from aggregation.completion.model import Completion
from aggregation.completion.ranks import choose_rank
from aggregation.errors import AggregationInputError
from aggregation.types import FloatArray, IntArray
from aggregation.votes import VoteTable

FEW_VOTES = 10  # below, a claim's text has a say
COMPONENTS, RIDGE = 40, 1.0
TEXT_STEPS = 5


def fit(
    votes: VoteTable,
    *,
    rank: int | Literal["auto"] = 3,
    text: FloatArray | None = None,
    rounds: int = 15,
    seed: int = 0,
    warm: Completion | None = None,
) -> Completion:
    """Estimate everybody's answer to every claim; the algorithm stands in `ascent`.

    rank : number of factors. "auto" takes the smallest of 0, 1, 3, 8 whose held-out log-loss is
        within 0.001 of the least (see `choose_rank`); what was compared is kept in `tried`.
    text : (m, d) vectors of the claims' texts. Claims with fewer than 10 agree or disagree votes
        are then presumed to be like claims of similar text, instead of like the average claim.
    warm : an earlier result to start from, people and claims matched by id. It is passed over
        where its rank differs or no claim with any factor is shared.
    rounds : at most so many; an earlier stop is part of the algorithm

    Raises AggregationInputError for a negative rank, no rounds, or vectors that do not match.
    """
    if rank != "auto" and rank < 0:
        raise AggregationInputError(f"rank {rank} is too small: give 0 or more, or 'auto'.")
    if rounds < 1:
        raise AggregationInputError(f"rounds {rounds} is too small: give at least 1.")
    _require_vectors(text, count=votes.shape[1])
    cells = Cells.of(votes)
    tried: tuple[tuple[int, float], ...] = ()
    if rank == "auto":
        rank, tried = choose_rank(cells, seed=seed)
    mu, person, statement = _start(votes, rank=rank, seed=seed, warm=warm)
    fitted = ascend(cells, person, statement, mu=mu, rounds=rounds)
    if text is not None:
        fitted = _informed(cells, fitted, np.asarray(text, dtype=np.float64))
    return fitted.completion(votes.participants, votes.statements, tried=tried)


def _start(
    votes: VoteTable, *, rank: int, seed: int, warm: Completion | None
) -> tuple[float, FloatArray, FloatArray]:
    """mu and the parameters to begin with: those of `warm` for whom it knows, else the cold ones.

    People whom `warm` does not know begin without factors, so that their random ones disturb
    nothing; the first round finds theirs.
    """
    person, statement = cold_start(votes.shape, rank=rank, seed=seed)
    if warm is None or warm.rank != rank:
        return 0.0, person, statement
    known, place = _matched(votes.statements, warm.statements)
    if rank and not np.any(warm.statement[place, 1:]):
        return 0.0, person, statement
    statement[known] = warm.statement[place]
    known, place = _matched(votes.participants, warm.participants)
    person[:] = 0.0
    person[known] = warm.person[place]
    return warm.mu, person, statement


def _matched(ids: tuple[str, ...], earlier: tuple[str, ...]) -> tuple[IntArray, IntArray]:
    """Positions of the shared ids now and earlier."""
    index = {identifier: position for position, identifier in enumerate(earlier)}
    then = np.array([index.get(one, -1) for one in ids], dtype=np.int64)
    now = np.flatnonzero(then >= 0)
    return now, then[now]


def _informed(cells: Cells, fitted: Fitted, text: FloatArray) -> Fitted:
    """Claims with few votes, refitted with what their texts let expect as prior mean.

    The expectation is a ridge regression (penalty 1, intercept free) of (b_j, q_j) of the other
    claims on the 40 leading principal components of their texts. It is linear in what it learns
    from, so negating every vote still negates b and q to the last bit.
    """
    few = cells.per_statement() < FEW_VOTES
    if few.all() or not few.any():
        return fitted
    known, target = text[~few], fitted.statement[~few]
    axes = np.linalg.svd(known - known.mean(axis=0), full_matrices=False)[2][:COMPONENTS]
    components = (text - known.mean(axis=0)) @ axes.T
    learnt, middle = components[~few], target.mean(axis=0)
    gram = learnt.T @ learnt + RIDGE * np.eye(len(axes))
    expected = middle + components @ np.linalg.solve(gram, learnt.T @ (target - middle))
    return settle(cells, fitted, moving=few, mean=expected, steps=TEXT_STEPS)


def _require_vectors(text: FloatArray | None, *, count: int) -> None:
    if text is None:
        return
    vectors = np.asarray(text)
    if vectors.ndim != 2 or len(vectors) != count:
        raise AggregationInputError(f"text: give {count} vectors, one for each claim.")
    wrong = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
    if wrong.size:
        raise AggregationInputError(f"text: vector {wrong[0] + 1} (counted from 1) is not finite.")
