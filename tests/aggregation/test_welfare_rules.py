"""Six convex rules: what each is known for, and that each does what it says."""

from __future__ import annotations

import itertools

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregation.errors import AggregationInputError
from aggregation.welfare import rules
from aggregation.welfare.problem import ClauseProblem, GroupFloor
from aggregation.welfare.rules import RULES, WorstShare, choose_by, cvar, group_means, maximin
from aggregation.welfare.value import Welfare

CAMPS = np.repeat(np.kron(np.eye(2), np.ones(6)), [70, 30], axis=0)
CAMP = np.repeat([0, 1], [70, 30])


def _random(seed: int, *, n: int = 40, m: int = 9):
    rng = np.random.default_rng(seed)
    utilities = np.round(rng.random((n, m)), 1)
    problem = ClauseProblem.of(
        m, budget=3.0, conflicts=[(0, 1), (4, 7)], themes=np.arange(m) % 3, caps=2.0
    )
    return utilities, rng.uniform(0.5, 1.0, n), rng.integers(-1, 3, n), problem


def _reaches(rule, utilities, weights, labels, members) -> float:
    """What a set reaches by the rule's own measure, written out plainly."""
    t, share = utilities[:, list(members)].sum(axis=1), weights / weights.sum()
    if rule == "maximin_groups":
        return min(
            np.average(t[labels == g], weights=weights[labels == g])
            for g in np.unique(labels[labels >= 0])
        )
    if rule == "cvar":
        left, total = 0.1, 0.0
        for i in np.argsort(t, kind="stable"):
            taken = min(share[i], left)
            left, total = left - taken, total + taken * t[i]
        return total / 0.1
    return float(share @ Welfare(RULES[rule].power).value(t))


@pytest.mark.parametrize("rule", RULES)
@given(seed=st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_no_exchange_is_better_by_the_rules_own_measure(rule, seed):
    """The chosen set is allowed, nothing more fits and helps, and no swap helps."""
    utilities, weights, labels, problem = _random(seed)
    members = choose_by(rule, utilities, weights, labels, problem)
    reached = _reaches(rule, utilities, weights, labels, members)

    def allowed(some):
        return problem.allows(np.isin(np.arange(problem.m), list(some)).astype(float))

    assert allowed(members)
    for out, new in itertools.product([None, *members], range(problem.m)):
        other = {*members, new} - {out}
        if allowed(other):
            assert _reaches(rule, utilities, weights, labels, other) <= reached + 1e-9


@pytest.mark.parametrize("rule", RULES)
def test_in_small_worlds_the_best_set_is_nearly_found(rule):
    """Over random small worlds the mean shortfall from the best of all sets is tiny."""
    short = []
    for seed in range(12):
        utilities, weights, labels, problem = _random(seed)
        members = choose_by(rule, utilities, weights, labels, problem)
        sets = [
            some
            for size in range(4)
            for some in itertools.combinations(range(problem.m), size)
            if problem.allows(np.isin(np.arange(problem.m), some).astype(float))
        ]
        best = max(_reaches(rule, utilities, weights, labels, some) for some in sets)
        short.append(best - _reaches(rule, utilities, weights, labels, members))
    assert min(short) >= -1e-9
    assert np.mean(short) <= 0.02


@pytest.mark.parametrize(
    ("rule", "for_the_few"),
    [
        ("utilitarian", 0),
        ("p_half", 1),  # 7^2 : 3^2 of the budget, so 5 : 1
        ("nash", 2),  # 7 : 3 of the budget, so 4 : 2
        ("harmonic_mean", 2),
        ("maximin_groups", 3),
    ],
)
def test_two_camps_share_the_budget_by_rule(rule, for_the_few):
    """Seventy people want six clauses, thirty want six others; there is room for six."""
    problem = ClauseProblem.of(12, budget=6.0)
    members = choose_by(rule, CAMPS, np.ones(100), CAMP, problem)
    assert len(members) == 6
    assert sum(j >= 6 for j in members) == for_the_few


def test_the_worst_off_tenth_is_heard():
    """A tenth that only one clause serves gets it from CVaR, and not from adding up."""
    utilities = np.repeat([[0.9, 0.8, 0.0], [0.0, 0.0, 0.5]], [88, 12], axis=0)
    labels, problem = np.zeros(100, dtype=int), ClauseProblem.of(3, budget=2.0)
    assert 2 in choose_by("cvar", utilities, np.ones(100), labels, problem)
    assert choose_by("utilitarian", utilities, np.ones(100), labels, problem) == (0, 1)


def test_what_the_worst_off_leave_open_the_mean_decides():
    """Group B is served by clause 0 alone; of the rest A's best comes in, not any."""
    utilities = np.array([[0.0, 0.2, 0.9, 0.5], [1.0, 0.0, 0.0, 0.0]])
    members = choose_by(
        "maximin_groups",
        np.repeat(utilities, [5, 5], axis=0),
        np.ones(10),
        np.repeat([0, 1], 5),
        ClauseProblem.of(4, budget=2.0),
    )
    assert members == (0, 2)


@pytest.mark.parametrize("seed", range(4))
def test_cvar_is_the_optimum_of_its_programme(seed, monkeypatch):
    """Against cvxpy's own statement of the mean of the worst tenth; by cutting planes as well."""
    utilities, _, _, problem = _random(seed, n=60)
    weights = np.full(60, 1 / 60)
    matrix, limits, _ = problem.rows
    x = cp.Variable(problem.m)
    stated = cp.Problem(
        cp.Maximize(cp.sum_smallest(utilities @ x, 6) / 6), [x >= 0, x <= 1, matrix @ x <= limits]
    )
    stated.solve(solver=cp.CLARABEL)
    found = cvar(utilities, weights, problem)
    assert found.value == pytest.approx(stated.value, abs=1e-6)
    assert found.value <= found.upper_bound + 1e-9 <= found.value + 1e-6
    monkeypatch.setattr(rules, "FEW", 0)
    by_levels = cvar(utilities, weights, problem)
    assert by_levels.value == pytest.approx(stated.value, abs=2e-6)
    assert by_levels.upper_bound - by_levels.value <= 1e-6


def test_maximin_is_the_optimum_of_its_programme():
    """Against cvxpy's own statement."""
    utilities, weights, labels, problem = _random(5)
    means = group_means(utilities, weights / weights.sum(), labels)
    matrix, limits, _ = problem.rows
    x = cp.Variable(problem.m)
    stated = cp.Problem(cp.Maximize(cp.min(means[:-1] @ x)), [x >= 0, x <= 1, matrix @ x <= limits])
    stated.solve(solver=cp.CLARABEL)
    assert maximin(means, problem).value == pytest.approx(stated.value, abs=1e-6)


def test_the_mean_of_the_worst_share():
    """Of weights .05, .1 and .85 the worst tenth is the first and half of the second."""
    score = WorstShare(np.array([0.05, 0.1, 0.85]))
    assert score.value(np.array([1.0, 3.0, 9.0])) == pytest.approx(2.0)
    slopes = score.slopes(np.array([[1.0, 3.0, 9.0], [9.0, 3.0, 1.0]]))
    np.testing.assert_allclose(slopes, [[0.5, 0.5, 0.0], [0.0, 0.0, 1.0]])


@pytest.mark.parametrize("rule", RULES)
def test_rules_keep_to_what_is_asked(rule):
    """Covers, floors and settled clauses hold for every rule."""
    utilities, weights, labels, _ = _random(3)
    problem = ClauseProblem.of(
        9,
        budget=4.0,
        themes=np.arange(9) % 3,
        covers=1.0,
        floors=[GroupFloor("group 0", utilities[labels == 0].mean(axis=0), 1.0)],
        fixed_in=[4],
        fixed_out=[0],
    )
    members = choose_by(rule, utilities, weights, labels, problem)
    assert problem.allows(np.isin(np.arange(9), members).astype(float))
    assert 4 in members
    assert 0 not in members


@pytest.mark.parametrize("rule", RULES)
def test_order_of_people_and_clauses_is_no_argument(rule):
    """Shuffled, the same people choose the same clauses."""
    rng = np.random.default_rng(8)
    utilities, weights, labels = rng.random((50, 10)), rng.random(50), rng.integers(0, 3, 50)
    people, clauses = rng.permutation(50), rng.permutation(10)
    problem = ClauseProblem.of(10, budget=4.0)
    told = choose_by(rule, utilities, weights, labels, problem)
    moved = choose_by(rule, utilities[people][:, clauses], weights[people], labels[people], problem)
    assert tuple(sorted(clauses[list(moved)].tolist())) == told


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    ("n", "m", "budget"), [(0, 3, 2), (3, 0, 2), (3, 1, 5), (3, 4, 0), (0, 0, 0), (1, 3, 2)]
)
def test_rules_in_small_worlds(rule, n, m, budget):
    """No citizen, no clause, one of each, a budget of nothing: an answer, not an error."""
    members = choose_by(
        rule,
        np.ones((n, m)),
        np.ones(n),
        np.zeros(n, dtype=int),
        ClauseProblem.of(m, budget=float(budget)),
    )
    assert len(members) == (min(m, budget) if n else 0)


def test_without_groups_all_are_one():
    """Maximin over no group is adding up."""
    utilities, weights, _, problem = _random(6)
    nobody = np.full(40, -1)
    assert choose_by("maximin_groups", utilities, weights, nobody, problem) == choose_by(
        "utilitarian", utilities, weights, nobody, problem
    )


def test_unknown_rules_and_wrong_labels_are_refused():
    """With the names that there are."""
    problem = ClauseProblem.of(2, budget=1.0)
    with pytest.raises(AggregationInputError, match="rule majority: give one of utilitarian"):
        choose_by("majority", np.ones((2, 2)), np.ones(2), np.zeros(2, dtype=int), problem)
    with pytest.raises(AggregationInputError, match="labels: give 2"):
        choose_by("nash", np.ones((2, 2)), np.ones(2), np.zeros(3, dtype=int), problem)
