"""Reactions that go apart: the sparse count against a count by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from aggregation.stance import reactions
from aggregation.types import IntArray


def crowd(seed: int, people: int, claims: int, *, missing: float = 0.4) -> IntArray:
    """(people, claims) of -1, 0, 1, and 9 for no answer; claim 1 mirrors claim 0."""
    rng = np.random.default_rng(seed)
    votes = rng.choice([-1, 0, 1], size=(people, claims), p=[0.35, 0.1, 0.55])
    votes[:, 1] = -votes[:, 0]
    votes[rng.random(votes.shape) < missing] = 9
    return votes


def table(votes: IntArray) -> reactions.Answers8:
    """The same as a sparse matrix, unsure answers stored as zeros."""
    row, column = np.nonzero(votes != 9)
    cells = votes[row, column].astype(np.int8)
    return sparse.csr_array((cells, (row, column)), shape=votes.shape)


def by_hand(votes: IntArray, i: int, j: int) -> tuple[int, int, int, int]:
    """Agreed to both, to the first alone, to the second alone, to neither."""
    signs = [(1, 1), (1, -1), (-1, 1), (-1, -1)]
    return tuple(int(((votes[:, i] == s) & (votes[:, j] == t)).sum()) for s, t in signs)


@given(st.integers(0, 2**32 - 1), st.integers(1, 60), st.integers(2, 7), st.integers(1, 5))
def test_the_counts_of_every_pair_are_those_by_hand(seed, people, claims, least):
    """Packed products hold four exact counts; given pairs are counted alike."""
    votes = crowd(seed, people, claims)
    values = table(votes)
    before = values.copy()
    found = reactions.Together.joined(list(reactions._blocks(values, least)))
    pairs = list(zip(found.first.tolist(), found.second.tolist(), strict=True))
    told = {
        (i, j): by_hand(votes, i, j)
        for i in range(claims)
        for j in range(i + 1, claims)
        if sum(by_hand(votes, i, j)) >= least
    }
    assert pairs == sorted(told)
    cells = np.column_stack([found.a, found.b, found.c, found.d]).tolist()
    assert [tuple(row) for row in cells] == [told[pair] for pair in pairs]
    again = reactions.counted(values, found.first, found.second)
    assert np.array_equal(
        np.column_stack([again.a, again.b, again.c, again.d]), np.array(cells).reshape(-1, 4)
    )
    assert np.array_equal(values.toarray(), before.toarray())
    assert np.array_equal(values.indices, before.indices)


def test_blocks_of_people_and_of_claims_add_up(monkeypatch):
    """However many are counted together, the counts are the same."""
    values = table(crowd(3, 300, 30))
    whole = reactions.opposed(values)
    monkeypatch.setattr(reactions, "PEOPLE", 41)
    monkeypatch.setattr(reactions, "AT_ONCE", 7)
    parts = reactions.opposed(values)
    for name in ("first", "second", "a", "b", "c", "d"):
        assert np.array_equal(getattr(whole, name), getattr(parts, name))


def test_opposites_go_apart_and_chance_does_not():
    """Of 435 pairs the planted one is surely apart, and hardly another."""
    found = reactions.opposed(table(crowd(5, 400, 30)))
    pairs = list(zip(found.first.tolist(), found.second.tolist(), strict=True))
    assert (0, 1) in pairs
    assert len(pairs) <= 12  # 2.5 % of 435 at most


def test_few_answers_are_no_evidence():
    """Nineteen people are not enough, and a shrunken ratio keeps the sign and loses size."""
    votes = np.array([[1, -1]] * 10 + [[-1, 1]] * 9)
    assert reactions.opposed(table(votes)).first.size == 0
    more = np.vstack([votes, [[-1, 1]]])
    found = reactions.opposed(table(more))
    assert found.both.tolist() == [20]
    middle, lo, hi = found.association
    assert np.log(0.5 * 0.5 / (10.5 * 10.5)) < middle[0] < 0
    assert lo[0] < middle[0] < hi[0] < 0


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0), (5, 1)])
def test_nobody_and_nothing_are_fine(shape):
    """Empty tables give no pairs."""
    assert reactions.opposed(table(np.full(shape, 9))).first.size == 0
