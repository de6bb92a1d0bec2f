"""Whole clauses, how they share priority, and choosing in one call."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from aggregation.errors import AggregationInputError, Infeasible, NotCertified
from aggregation.welfare.problem import ClauseProblem, GroupFloor
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


def test_what_was_chosen_before_stays_until_something_helps_more():
    """Of two clauses that serve alike the one that is there stays; a better one comes in."""
    utilities = np.column_stack([np.full(6, 0.5), np.full(6, 0.5), np.full(6, 0.6)])
    problem = ClauseProblem.of(3, budget=1.0)
    relaxed = inclusion(utilities[:, :2], np.ones(6), ClauseProblem.of(2, budget=1.0))
    two = ClauseProblem.of(2, budget=1.0)
    assert round_and_swap(relaxed, utilities[:, :2], np.ones(6), two).members == (0,)
    kept = round_and_swap(relaxed, utilities[:, :2], np.ones(6), two, start=[1])
    assert (kept.members, kept.swaps) == ((1,), 0)
    better = inclusion(utilities, np.ones(6), problem)
    left = round_and_swap(better, utilities, np.ones(6), problem, start=[1])
    assert (left.members, left.swaps) == ((2,), 1)


@given(st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_any_beginning_ends_where_no_swap_helps(seed):
    """Whatever was chosen before, the end is allowed, within the bound, and a new beginning."""
    rng = np.random.default_rng(seed)
    utilities, weights = np.round(rng.random((20, 9)), 1), rng.random(20)
    problem = ClauseProblem.of(9, budget=4.0, conflicts=[(0, 1), (2, 3)], themes=[0] * 5 + [1] * 4)
    relaxed = inclusion(utilities, weights, problem)
    begun = rng.permutation(9)[:5].tolist()
    found = round_and_swap(relaxed, utilities, weights, problem, start=begun)
    assert _allowed(found.members, problem)
    assert found.score <= found.upper_bound
    again = round_and_swap(relaxed, utilities, weights, problem, start=found.members)
    assert (again.members, again.swaps) == (found.members, 0)


def test_what_was_chosen_before_gives_way_to_what_is_settled():
    """A clause of the last version that now contradicts a settled one goes."""
    problem = ClauseProblem.of(3, budget=2.0, conflicts=[(0, 1)], fixed_in=[0])
    utilities = np.tile([0.1, 0.9, 0.2], (4, 1))
    relaxed = inclusion(utilities, np.ones(4), problem)
    assert round_and_swap(relaxed, utilities, np.ones(4), problem, start=[1]).members == (0, 2)
    with pytest.raises(AggregationInputError, match="start: clause 7"):
        round_and_swap(relaxed, utilities, np.ones(4), problem, start=[7])


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_whole_clauses_meet_covers_and_floors(seed):
    """What is asked for holds; the bound holds against every allowed set; no swap helps."""
    rng = np.random.default_rng(seed)
    utilities, weights = np.round(rng.random((15, 8)), 1), np.full(15, 1 / 15)
    problem = ClauseProblem.of(
        8,
        budget=4.0,
        costs=rng.uniform(0.7, 1.3, 8),
        themes=np.arange(8) % 4,
        covers=[1.0, 0.0, 1.0, 0.0],
        floors=[GroupFloor("few", utilities[:3].mean(axis=0), 0.8)],
        fixed_out=[0],
    )
    sets = [
        some
        for size in range(6)
        for some in itertools.combinations(range(8), size)
        if _allowed(some, problem)
    ]
    relaxed = inclusion(utilities, weights, problem)
    if not sets:
        with pytest.raises(Infeasible, match="whole clauses"):
            round_and_swap(relaxed, utilities, weights, problem)
        return
    found = round_and_swap(relaxed, utilities, weights, problem)

    def score(some):
        return weights @ Harmonic().value(utilities[:, list(some)].sum(axis=1))

    assert found.members in sets
    assert found.score == pytest.approx(score(found.members))
    assert max(score(some) for some in sets) <= found.upper_bound + 1e-9
    for out, new in itertools.product(found.members, range(8)):
        swapped = tuple(sorted({*found.members, new} - {out}))
        if swapped in sets and len(swapped) == len(found.members):
            assert score(swapped) <= found.score + 1e-9


def test_every_figure_of_a_choice_is_that_of_the_published_shares():
    """x has nine decimals; its value, gap, prices and bound can be had again from it alone."""
    rng = np.random.default_rng(4)
    utilities, weights = (rng.random((80, 25)) < 0.3).astype(float), np.full(80, 1 / 80)
    found = choose(
        utilities,
        weights,
        budget=7.0,
        conflicts=[(0, 1), (3, 9)],
        themes=np.arange(25) % 5,
        theme_cap=2.0,
    )
    x, problem = found.relaxed.x, found.problem
    np.testing.assert_array_equal(x, np.round(x, 9))
    assert problem.allows(x, tolerance=1e-6)
    t = utilities @ x
    gradient = (weights / (0.5 + t)) @ utilities
    assert found.gap == pytest.approx(
        problem.bound(gradient, found.relaxed.duals) - gradient @ x, abs=1e-12
    )
    assert found.gap <= found.tolerance
    assert found.relaxed.value == pytest.approx(weights @ np.log(0.5 + t))
    slope = (weights * Harmonic().slope(t)) @ utilities
    bound = weights @ Harmonic().value(t) + problem.bound(slope, found.harmonic_prices) - slope @ x
    assert found.upper_bound == pytest.approx(bound, abs=1e-12)
    again = choose(
        utilities,
        weights,
        budget=7.0,
        conflicts=[(0, 1), (3, 9)],
        themes=np.arange(25) % 5,
        theme_cap=2.0,
        start=found.members,
    )
    assert (again.members, again.swaps) == (found.members, 0)


@given(st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_shuffling_people_and_clauses_shuffles_the_choice(seed):
    """Where no two sets tie, nobody's place in a list matters; where they do, the score does."""
    rng = np.random.default_rng(seed)
    utilities, weights = rng.random((30, 9)), rng.random(30)
    people, clauses = rng.permutation(30), rng.permutation(9)
    told = choose(utilities, weights, budget=4.0)
    moved = choose(utilities[people][:, clauses], weights[people], budget=4.0)
    assert tuple(sorted(clauses[list(moved.members)].tolist())) == told.members
    assert moved.score == pytest.approx(told.score, abs=1e-12)


def test_a_choice_names_the_first_entry_that_it_cannot_use():
    """Before anything is computed."""
    broken = np.full((4, 3), 0.5)
    broken[2, 1] = np.nan
    with pytest.raises(AggregationInputError, match="utilities row 2, column 1"):
        choose(broken, np.ones(4), budget=1.0)
    with pytest.raises(AggregationInputError, match="weights row 3"):
        choose(np.ones((4, 3)), np.array([1.0, 1.0, 1.0, -1.0]), budget=1.0)
    with pytest.raises(Infeasible, match="cover:0"):
        choose(
            np.ones((4, 3)),
            np.ones(4),
            budget=2.0,
            themes=[0, 1, 1],
            covers=[1.0, 0.0],
            fixed_out=[0],
        )


def test_the_harmonic_score_is_exact():
    """H(k) = 1 + 1/2 + ... + 1/k, and between whole numbers what scipy's special functions say."""
    whole = np.arange(1, 60)
    np.testing.assert_allclose(
        Harmonic().value(whole.astype(float)), np.cumsum(1 / whole), rtol=1e-14
    )
    t = np.concatenate([np.linspace(0, 60, 4001), np.logspace(-9, 6, 200)])
    np.testing.assert_allclose(
        Harmonic().value(t), special.digamma(t + 1) + np.euler_gamma, rtol=1e-12, atol=1e-14
    )
    np.testing.assert_allclose(Harmonic().slope(t), special.polygamma(1, t + 1), rtol=1e-13)
    np.testing.assert_allclose(Harmonic().curvature(t), special.polygamma(2, t + 1), rtol=1e-13)


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


@pytest.mark.parametrize("floor", [0.0, 0.1])
def test_clauses_that_serve_alike_weigh_alike(floor):
    """Three copies of a clause get a third each of what one would get."""
    utilities = np.random.default_rng(3).random((300, 6))
    once = priority(utilities, np.ones(300), floor=0.0)
    copied = utilities[:, [0, 0, 0, 1, 2, 3, 4, 5]]
    shared = priority(copied, np.ones(300), floor=floor)
    assert np.ptp(shared.p[:3]) <= 1e-12
    if floor == 0:
        np.testing.assert_allclose(shared.p[:3].sum(), once.p[0], atol=1e-3)


def test_many_near_equal_clauses_are_weighed_to_the_last_digit():
    """Thirty clauses of random use to a thousand people: the slowest case for plain updates."""
    utilities = np.random.default_rng(0).random((1000, 30))
    assert priority(utilities, np.ones(1000), tol=1e-8).residual <= 1e-8


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
        priority(np.ones(2), np.ones(2))
    with pytest.raises(AggregationInputError, match="weights: give 2"):
        priority(np.ones((2, 2)), np.ones(3))
    with pytest.raises(AggregationInputError, match="utilities row 1, column 0"):
        priority(np.array([[1.0, 0.0], [-1.0, 0.0]]), np.ones(2))
    with pytest.raises(AggregationInputError, match="weights row 1"):
        priority(np.ones((2, 2)), np.array([1.0, np.nan]))
    with pytest.raises(AggregationInputError, match="floor 2"):
        priority(np.ones((2, 2)), np.ones(2), floor=2.0)
    with pytest.raises(NotCertified):
        priority(np.random.default_rng(0).random((5, 3)), np.ones(5), tol=-1.0)
