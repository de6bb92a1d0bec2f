"""The welfare programme: its optimum, its proof, and what it may not do."""

from __future__ import annotations

import itertools

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregation.errors import AggregationInputError, NotCertified
from aggregation.welfare.model import nash_types, voter_types
from aggregation.welfare.problem import ClauseProblem
from aggregation.welfare.solve import inclusion, prove
from aggregation.welfare.value import Harmonic, Welfare

TWO = ClauseProblem.of(2, budget=1.0)


def _random(seed: int, *, n: int = 40, m: int = 14) -> tuple[np.ndarray, np.ndarray, ClauseProblem]:
    rng = np.random.default_rng(seed)
    utilities = rng.random((n, m)) * (rng.random((n, m)) < 0.6)
    pairs = [(a, b) for a in range(m) for b in range(a) if rng.random() < 0.08]
    problem = ClauseProblem.of(
        m,
        budget=4.5,
        costs=rng.uniform(0.5, 2.0, m),
        conflicts=pairs,
        themes=rng.integers(-1, 3, m),
        caps=1.5,
    )
    return utilities, rng.uniform(0.2, 1.0, n), problem


def _reference(utilities, weights, problem, p) -> float:
    """The optimum according to cvxpy, over all citizens at once."""
    statement = nash_types(utilities, weights, problem, Welfare(p))
    return statement.solve(tol=1e-6).value


@pytest.mark.parametrize("p", [1.0, 0.5, 0.0, -1.0, -2.0])
@pytest.mark.parametrize("seed", range(4))
def test_the_exact_solver_agrees_with_cvxpy(seed, p):
    """On random programmes with costs, contradictions and caps both find the same optimum."""
    utilities, weights, problem = _random(seed)
    found = inclusion(utilities, weights, problem, Welfare(p), tol=1e-8)
    assert problem.allows(found.x)
    assert found.gap <= 1e-8
    assert found.value == pytest.approx(_reference(utilities, weights, problem, p), abs=1e-6)


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_the_gap_is_never_below_the_true_gap(seed):
    """Whatever allowed x one looks at, the optimum is within its gap."""
    utilities, weights, problem = _random(seed)
    best = inclusion(utilities, weights, problem, tol=1e-7).value
    rough = problem.inside(np.random.default_rng(seed).random(problem.m) / problem.m)
    stated = prove(utilities, weights, problem, Welfare(), rough)
    assert stated.value + stated.gap >= best - 1e-9


def test_two_opposed_camps_split_the_budget():
    """Two people who each want other clauses get one clause each, whatever the loudness."""
    utilities = np.array([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0]])
    found = inclusion(utilities, np.ones(2), ClauseProblem.of(4, budget=2.0))
    np.testing.assert_allclose(utilities @ found.x, [1.0, 1.0], atol=1e-3)


def test_adding_utilities_up_serves_the_larger_camp_only():
    """With p = 1 the minority gets nothing, which is why it is not the default."""
    utilities = np.repeat([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0]], [6, 4], axis=0)
    found = inclusion(utilities, np.ones(10), ClauseProblem.of(4, budget=2.0), Welfare(1.0))
    np.testing.assert_allclose(found.x, [1, 1, 0, 0], atol=1e-9)


def test_clauses_that_contradict_each_other_never_both_fit():
    """x_a + x_b <= 1 holds in every answer."""
    problem = ClauseProblem.of(3, budget=3.0, conflicts=[(1, 0)])
    found = inclusion(np.ones((5, 3)), np.ones(5), problem)
    assert found.x[0] + found.x[1] <= 1 + 1e-9
    assert found.x[2] == pytest.approx(1.0)


def test_permuting_clauses_and_citizens_permutes_the_answer():
    """Nobody's place in a list matters."""
    rng = np.random.default_rng(0)
    utilities, weights = rng.random((30, 8)), rng.random(30)
    people, clauses = rng.permutation(30), rng.permutation(8)
    problem = ClauseProblem.of(8, budget=3.0)
    told = inclusion(utilities, weights, problem, tol=1e-9)
    moved = inclusion(utilities[people][:, clauses], weights[people], problem, tol=1e-9)
    assert moved.value == pytest.approx(told.value, abs=1e-9)
    np.testing.assert_allclose(moved.x, told.x[clauses], atol=1e-3)


def test_more_budget_never_costs_welfare():
    """Raising the budget raises the optimum or leaves it."""
    utilities, weights, _ = _random(5)
    values = [
        inclusion(utilities, weights, ClauseProblem.of(14, budget=float(b))).value
        for b in range(0, 16, 3)
    ]
    assert all(late >= early - 1e-6 for early, late in itertools.pairwise(values))


@pytest.mark.parametrize(
    ("n", "m", "budget"),
    [(0, 3, 2.0), (3, 0, 2.0), (0, 0, 0.0), (4, 1, 1.0), (4, 3, 9.0), (4, 3, 0.0)],
)
def test_small_worlds_have_answers(n, m, budget):
    """No citizen, no clause, one clause, a budget above all clauses, a budget of nothing."""
    found = inclusion(np.ones((n, m)), np.ones(n), ClauseProblem.of(m, budget=budget))
    assert found.x.shape == (m,)
    if n:
        assert found.x.sum() == pytest.approx(min(m, budget))


def test_equal_clauses_are_no_trouble():
    """Where all columns are alike any full use of the budget is best."""
    utilities = np.full((50, 20), 0.7)
    problem = ClauseProblem.of(20, budget=5.0, conflicts=[(0, 1), (2, 3)])
    found = inclusion(utilities, np.ones(50), problem)
    assert found.value == pytest.approx(np.log(0.5 + 0.7 * 5))


def test_an_answer_that_is_not_proved_is_not_given():
    """Asked for more than floating point can prove, the solver refuses and says how near it is."""
    utilities, weights, problem = _random(1)
    with pytest.raises(NotCertified) as refused:
        inclusion(utilities, weights, problem, tol=-1.0)
    assert 0 <= refused.value.gap < 1e-3


def test_prices_say_what_a_limit_costs():
    """The budget's price is the gain from a little more budget."""
    utilities, weights, _ = _random(2)
    here = inclusion(utilities, weights, ClauseProblem.of(14, budget=4.0), tol=1e-9)
    more = inclusion(utilities, weights, ClauseProblem.of(14, budget=4.001), tol=1e-9)
    assert here.duals[0] == pytest.approx((more.value - here.value) / 0.001, rel=0.05)


def test_types_stand_for_all_citizens():
    """Weights are kept, means are means, and the cvxpy answer over types is nearly optimal."""
    rng = np.random.default_rng(3)
    utilities = np.clip(
        rng.random((3, 12))[rng.integers(0, 3, 400)] + rng.normal(0, 0.05, (400, 12)), 0, 1
    )
    weights, problem = np.full(400, 1 / 400), ClauseProblem.of(12, budget=4.0)
    types, mass = voter_types(utilities, weights)
    assert len(types) <= 64
    np.testing.assert_allclose(mass @ types, weights @ utilities, atol=1e-12)
    x = nash_types(types, mass, problem, Welfare()).solve().x
    assert prove(utilities, weights, problem, Welfare(), x).gap < 1e-3


def test_the_statement_follows_its_knobs():
    """Weights and budget can be changed without building the statement again (DPP)."""
    utilities, weights, problem = _random(4)
    statement = nash_types(utilities, weights, problem, Welfare())
    assert statement.statement.is_dcp(dpp=True)
    assert statement.solve(budget=2.0).x @ problem.costs <= 2.0 + 1e-6
    alone = np.zeros(len(weights))
    alone[7] = 1.0
    x = statement.solve(weights=alone, budget=4.5).x
    mine = cp.Variable(problem.m)
    matrix, limits, _ = problem.rows
    best = cp.Problem(
        cp.Maximize(utilities[7] @ mine), [mine >= 0, mine <= 1, matrix @ mine <= limits]
    )
    best.solve(solver=cp.CLARABEL)
    assert utilities[7] @ x == pytest.approx(best.value, rel=0.02)


def test_the_offset_half_is_the_harmonic_score():
    """0 <= H_t - gamma - log(t + 1/2) <= .116, and H_3 = 1 + 1/2 + 1/3."""
    t = np.linspace(0, 40, 2001)
    difference = Harmonic().value(t) - np.euler_gamma - Welfare().value(t)
    assert difference.min() >= 0
    assert difference.max() <= 0.116
    assert Harmonic().value(np.array([3.0]))[0] == pytest.approx(11 / 6)


@pytest.mark.parametrize(
    "value", [Welfare(1.0), Welfare(0.5), Welfare(), Welfare(-2.0), Harmonic()]
)
def test_slopes_and_curvatures_are_derivatives(value):
    """Checked against differences."""
    t, step = np.linspace(0.1, 5, 20), 1e-5
    slope = (value.value(t + step) - value.value(t - step)) / (2 * step)
    bend = (value.slope(t + step) - value.slope(t - step)) / (2 * step)
    np.testing.assert_allclose(value.slope(t), slope, rtol=1e-6)
    np.testing.assert_allclose(value.curvature(t), bend, rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Welfare(1.5), "p 1.5"),
        (lambda: Welfare(0.0, offset=0.0), "offset 0"),
        (lambda: ClauseProblem.of(2, budget=float("nan")), "budget nan"),
        (lambda: ClauseProblem.of(2, budget=-1.0), "budget -1"),
        (lambda: ClauseProblem.of(2, budget=1.0, costs=[1.0, 0.0]), "costs"),
        (lambda: ClauseProblem.of(2, budget=1.0, conflicts=[(1, 1)]), r"conflict \(1, 1\)"),
        (lambda: ClauseProblem.of(2, budget=1.0, conflicts=[(0, 2)]), r"conflict \(0, 2\)"),
        (lambda: ClauseProblem.of(2, budget=1.0, themes=[0]), "themes"),
        (lambda: ClauseProblem.of(2, budget=1.0, themes=[0, 1], caps=[1.0]), "caps"),
        (lambda: inclusion(np.ones((2, 3)), np.ones(2), TWO), "shape"),
        (lambda: inclusion(np.array([[1.0, np.nan]]), np.ones(1), TWO), "row 0, column 1"),
        (lambda: inclusion(np.ones((2, 2)), -np.ones(2), TWO), "weights"),
        (lambda: inclusion(np.ones((2, 2)), np.zeros(2), TWO), "sum is 0"),
    ],
)
def test_senseless_programmes_are_refused(call, message):
    """Each with what is wrong about it."""
    with pytest.raises(AggregationInputError, match=message):
        call()
