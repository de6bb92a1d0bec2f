"""Whole clauses, how they share priority, and choosing in one call."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregation.errors import AggregationInputError, NotCertified
from aggregation.welfare.problem import ClauseProblem
from aggregation.welfare.rounding import round_and_swap
from aggregation.welfare.select import choose
from aggregation.welfare.solve import inclusion
from aggregation.welfare.value import Harmonic
from aggregation.welfare.weights import priority


def _allowed(members, problem) -> bool:
    x = np.zeros(problem.m)
    x[list(members)] = 1
    return problem.allows(x)


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_chosen_clauses_are_allowed_and_nearly_the_best(seed):
    """Against every allowed set: within the stated bound, and no single swap is better."""
    rng = np.random.default_rng(seed)
    n, m = 15, 8
    utilities, weights = np.round(rng.random((n, m))), np.full(n, 1 / n)
    problem = ClauseProblem.of(
        m, budget=3.0, conflicts=[(0, 1), (2, 3)], themes=np.arange(m) % 3, caps=2.0
    )
    found = round_and_swap(inclusion(utilities, weights, problem), utilities, weights, problem)

    def score(members):
        return weights @ Harmonic().value(utilities[:, list(members)].sum(axis=1))

    best = max(
        score(members)
        for size in range(4)
        for members in itertools.combinations(range(m), size)
        if _allowed(members, problem)
    )
    assert _allowed(found.members, problem)
    assert found.score == pytest.approx(score(found.members))
    assert found.score <= best + 1e-9 <= found.upper_bound + 2e-9
    for out, new in itertools.product(found.members, range(m)):
        swapped = {*found.members, new} - {out}
        if _allowed(swapped, problem):
            assert score(swapped) <= found.score + 1e-9


def test_a_large_minority_gets_its_share():
    """Of ten clauses, four go to the forty percent who want other ones."""
    utilities = np.repeat(np.kron(np.eye(2), np.ones(10)), [60, 40], axis=0)
    found = choose(utilities, np.full(100, 0.01), budget=10.0)
    assert sum(j < 10 for j in found.members) == 6
    assert sum(j >= 10 for j in found.members) == 4


def test_nothing_is_added_that_helps_nobody():
    """A clause that nobody wants does not fill the budget."""
    utilities = np.array([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
    assert choose(utilities, np.full(2, 0.5), budget=3.0).members == (0,)


def test_ties_go_to_the_clause_that_comes_first():
    """Among equals canonical order decides, on every run."""
    found = choose(np.full((9, 6), 0.5), np.full(9, 1 / 9), budget=2.0, conflicts=[(0, 1)])
    assert found.members == (0, 2)


@pytest.mark.parametrize(
    ("n", "m", "budget"), [(0, 3, 2), (3, 0, 2), (3, 1, 5), (3, 4, 0), (0, 0, 0)]
)
def test_choosing_in_small_worlds(n, m, budget):
    """No citizen, no clause, one clause, a budget of nothing: an answer, not an error."""
    found = choose(np.ones((n, m)), np.full(n, 1 / max(n, 1)), budget=float(budget))
    assert len(found.members) == (min(m, budget) if n else 0)


def test_theme_caps_and_contradictions_hold_for_whole_clauses():
    """No theme takes more than its cap, and of two clauses that say the same one stays out."""
    rng = np.random.default_rng(1)
    themes = np.arange(20) % 4
    found = choose(
        rng.random((60, 20)),
        np.full(60, 1 / 60),
        budget=10.0,
        conflicts=[(4, 8), (5, 9)],
        themes=themes,
        theme_cap=2.0,
    )
    assert max(np.bincount(themes[list(found.members)])) <= 2
    assert not {4, 8} <= set(found.members)
    assert found.gap <= found.tolerance
    assert found.types_gap is not None


def test_opposed_people_share_the_weight_equally():
    """Two people who each want a different clause get half each."""
    shared = priority(np.eye(2), np.ones(2))
    np.testing.assert_allclose(shared.p, [0.5, 0.5], atol=1e-9)
    np.testing.assert_allclose(shared.attribution, np.eye(2) / 2, atol=1e-9)


def test_weight_follows_the_number_of_people():
    """Three against one share three to one."""
    utilities = np.array([[1.0, 0.0]] * 3 + [[0.0, 1.0]])
    np.testing.assert_allclose(priority(utilities, np.ones(4)).p, [0.75, 0.25], atol=1e-9)


@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.3, 1.0]))
@settings(max_examples=25, deadline=None)
def test_every_voice_is_split_and_none_is_counted_twice(seed, floor):
    """Attributions add up to each citizen's weight and to each clause's share."""
    rng = np.random.default_rng(seed)
    utilities, weights = rng.random((12, 4)), rng.random(12)
    shared = priority(utilities, weights, floor=floor, tol=1e-6)
    np.testing.assert_allclose(shared.attribution.sum(axis=1), weights / weights.sum(), atol=1e-12)
    np.testing.assert_allclose(shared.attribution.sum(axis=0), shared.p, atol=1e-5)
    assert shared.p.min() >= floor / 4 - 1e-9
    assert 0 <= shared.residual <= 1e-6


def test_no_other_sharing_is_better_than_the_residual_allows():
    """Random points of the simplex never beat the answer."""
    rng = np.random.default_rng(2)
    utilities, weights = rng.random((20, 5)), np.full(20, 1 / 20)
    shared = priority(utilities, weights)
    best = weights @ np.log(utilities @ shared.p)
    for other in rng.dirichlet(np.ones(5), size=500):
        assert weights @ np.log(utilities @ other) <= best + shared.residual + 1e-12


def test_people_whom_no_clause_serves_are_counted_apart():
    """They have no voice to split; where that is everybody, clauses share equally."""
    shared = priority(np.array([[1.0, 0.0], [0.0, 0.0]]), np.ones(2))
    assert shared.silent == 1
    assert shared.p[0] == pytest.approx(1.0)
    nobody = priority(np.zeros((3, 2)), np.ones(3))
    assert (nobody.silent, nobody.p.tolist()) == (3, [0.5, 0.5])
    assert priority(np.zeros((0, 0)), np.zeros(0)).p.shape == (0,)


def test_weights_refuse_what_they_cannot_share():
    """Wrong shapes, negative utilities, and more precision than can be had."""
    with pytest.raises(AggregationInputError, match="give utilities"):
        priority(np.ones((2, 2)), np.ones(3))
    with pytest.raises(AggregationInputError, match="at least 0"):
        priority(-np.ones((2, 2)), np.ones(2))
    with pytest.raises(AggregationInputError, match="floor 2"):
        priority(np.ones((2, 2)), np.ones(2), floor=2.0)
    with pytest.raises(NotCertified):
        priority(np.random.default_rng(0).random((5, 3)), np.ones(5), tol=-1.0)
