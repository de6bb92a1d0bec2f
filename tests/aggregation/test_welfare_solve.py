"""The welfare programme: its optimum, its proof, and what it may not do."""

from __future__ import annotations

import itertools
from dataclasses import replace

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregation.errors import AggregationInputError, Infeasible, NotCertified
from aggregation.welfare import model, solve
from aggregation.welfare.model import nash_types, voter_types
from aggregation.welfare.problem import ClauseProblem, GroupFloor
from aggregation.welfare.solve import Unproved, frank_wolfe, inclusion, prove
from aggregation.welfare.value import Harmonic, Welfare

TWO = ClauseProblem.of(2, budget=1.0)


def _random(seed: int, *, n: int = 40, m: int = 14, asked: bool = False):
    """Utilities (n, m), weights and constraints; `asked`: with covers, a floor, a clause out."""
    rng = np.random.default_rng(seed)
    utilities = rng.random((n, m)) * (rng.random((n, m)) < 0.6)
    pairs = [(a, b) for a in range(m) for b in range(a) if rng.random() < 0.08]
    kinds = {
        "budget": 4.5,
        "costs": rng.uniform(0.5, 2.0, m),
        "conflicts": pairs,
        "themes": rng.integers(-1, 3, m),
        "caps": 1.5,
    }
    problem = ClauseProblem.of(m, **kinds)
    if asked:
        # All that is asked for holds at some allowed point, so nothing clashes.
        point = problem.inside(rng.random(m))
        out = int(point.argmin())
        point[out] = 0.0
        held = np.array([point[kinds["themes"] == theme].sum() for theme in range(3)])
        some = utilities[: n // 4].mean(axis=0)
        problem = ClauseProblem.of(
            m,
            **kinds,
            covers=np.where(held > 0, 0.9 * held, 0.0),
            floors=[GroupFloor("few", some, float(0.9 * some @ point))],
            fixed_out=[out],
        )
    return utilities, rng.uniform(0.2, 1.0, n), problem


def _reference(utilities, weights, problem, p) -> float:
    """The optimum according to cvxpy with Clarabel alone, over all citizens at once."""
    stated = nash_types(utilities, weights, problem, Welfare(p))
    stated.statement.solve(solver=cp.CLARABEL)
    x = problem.inside(stated.x.value)
    return prove(utilities, weights, problem, Welfare(p), x).value


@pytest.mark.parametrize("asked", [False, True])
@pytest.mark.parametrize("p", [1.0, 0.5, 0.0, -1.0, -2.0])
@pytest.mark.parametrize("seed", range(4))
def test_the_exact_solver_agrees_with_cvxpy(seed, p, asked):
    """On random programmes with costs, contradictions, caps, covers and floors: one optimum."""
    utilities, weights, problem = _random(seed, asked=asked)
    found = inclusion(utilities, weights, problem, Welfare(p), tol=1e-8)
    assert problem.allows(found.x)
    assert found.gap <= 1e-8
    assert found.value == pytest.approx(_reference(utilities, weights, problem, p), abs=1e-6)


def test_what_is_settled_stays_settled():
    """A clause that is fixed in stays at 1 and one that is fixed out at 0, against all wishes."""
    utilities = np.array([[0.0, 1.0, 0.4, 0.3]] * 5)
    problem = ClauseProblem.of(4, budget=2.0, fixed_in=[0], fixed_out=[1])
    found = inclusion(utilities, np.ones(5), problem)
    np.testing.assert_allclose(found.x, [1, 0, 1, 0], atol=1e-9)


def test_a_floor_lifts_a_group_as_far_as_it_asks():
    """The few get what their floor says and not more, since more would cost the many."""
    utilities = np.repeat([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0]], [9, 1], axis=0)
    floor = GroupFloor("few", utilities[9], 0.8)
    found = inclusion(utilities, np.ones(10), ClauseProblem.of(4, budget=2.0, floors=[floor]))
    assert utilities[9] @ found.x == pytest.approx(0.8, abs=1e-6)


def test_many_citizens_are_no_different_from_few():
    """Above the size of the sample: 5,000 people of 50 kinds have the optimum of the 50 kinds."""
    kinds, _, problem = _random(6, n=50)
    mass = np.bincount(np.random.default_rng(6).integers(0, 50, 5000), minlength=50)
    many = inclusion(np.repeat(kinds, mass, axis=0), np.ones(5000), problem, tol=1e-9)
    few = inclusion(kinds, mass.astype(float), problem, tol=1e-9)
    assert many.value == pytest.approx(few.value, abs=2e-9)


def test_single_precision_is_enough_to_store_utilities():
    """The optimum over float32 utilities is the optimum over the same numbers as float64."""
    utilities, weights, problem = _random(7, n=20_000)
    stored = utilities.astype(np.float32)
    found = inclusion(stored, weights, problem, tol=1e-8)
    exact = inclusion(stored.astype(np.float64), weights, problem, tol=1e-8)
    assert found.value == pytest.approx(exact.value, abs=2e-8)
    assert found.gap <= 1e-8


def test_the_walk_needs_no_quadratic_solver():
    """Frank-Wolfe comes near and says truly how near; without a quadratic solver it steps in."""
    utilities, weights, problem = _random(8, asked=True)
    best = inclusion(utilities, weights, problem, tol=1e-9).value
    walked = frank_wolfe(utilities, weights, problem, tol=1e-3, steps=2000)
    assert problem.allows(walked.x)
    assert walked.gap <= 1e-3
    assert walked.value <= best + 1e-9 <= walked.value + walked.gap + 2e-9


def test_the_walk_steps_in_where_newton_has_no_answer(monkeypatch):
    """A quadratic solver that fails costs precision, not the answer."""

    def fails(*_: object) -> None:
        raise NotCertified("No answer.", gap=float("inf"))

    monkeypatch.setattr(solve, "quadratic", fails)
    utilities, weights, problem = _random(9)
    assert inclusion(utilities, weights, problem, tol=2e-3).gap <= 2e-3


@pytest.mark.parametrize("p", [1.0, 0.5, 0.0, -1.0])
def test_the_statement_and_the_solver_check_each_other(p):
    """Over the types themselves, with every kind of constraint, both reach the same value."""
    for seed in range(10, 16):
        utilities, weights, problem = _random(seed, n=24, asked=True)
        stated = nash_types(utilities, weights, problem, Welfare(p)).solve(tol=1e-6)
        found = inclusion(utilities, weights, problem, Welfare(p), tol=1e-9)
        assert found.value - 1e-6 <= stated.value <= found.value + 2e-9
        assert problem.allows(stated.x)


def test_the_statement_names_its_prices():
    """cvxpy's own dual of the budget is the price that is published."""
    utilities, weights, problem = _random(3, n=24)
    stated = nash_types(utilities, weights, problem, Welfare())
    found = stated.solve()
    own = stated.statement.constraints[2].dual_value / len(weights)
    assert found.duals[0] == pytest.approx(own, rel=1e-3)
    assert problem.explain(found.duals)[0].price == found.duals.max()


def test_floors_are_knobs():
    """A minimum can be raised without stating anything anew; too much is refused by name."""
    utilities, weights, problem = _random(4, n=24, asked=True)
    stated = nash_types(utilities, weights, problem, Welfare())
    assert stated.statement.is_dcp(dpp=True)
    (floor,) = problem.floors
    free = stated.solve(minima={"few": 0.0})
    most = problem.maximise(floor.coefficients)[0] @ floor.coefficients
    bound = stated.solve(minima={"few": 0.999 * most})
    assert floor.coefficients @ bound.x >= 0.999 * most - 1e-6
    assert bound.value <= free.value + 1e-6
    with pytest.raises(Infeasible, match="floor:few"):
        stated.solve(minima={"few": 1.1 * most})
    with pytest.raises(AggregationInputError, match="no floor many"):
        stated.solve(minima={"many": 0.5})


def test_an_answer_is_taken_for_its_gap(monkeypatch):
    """Where the conic solvers give nothing good, Newton's steps answer instead."""
    utilities, weights, problem = _random(2, n=24)
    monkeypatch.setattr(model, "SOLVERS", (("CLARABEL", {"max_iter": 2}),))
    assert nash_types(utilities, weights, problem, Welfare()).solve(tol=1e-6).gap <= 1e-6


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


@given(st.integers(0, 10_000), st.sampled_from([1.0, 0.5, 0.0, -1.0]))
@settings(max_examples=20, deadline=None)
def test_cloning_everybody_changes_nothing(seed, p):
    """Twice the same people want the same."""
    utilities, weights, problem = _random(seed, n=20)
    once = inclusion(utilities, weights, problem, Welfare(p), tol=1e-9)
    twice = inclusion(
        np.repeat(utilities, 2, axis=0), np.repeat(weights, 2), problem, Welfare(p), tol=1e-9
    )
    assert twice.value == pytest.approx(once.value, abs=2e-9)


@given(st.integers(0, 10_000))
@settings(max_examples=8, deadline=None)
def test_fewer_constraints_never_cost_welfare(seed):
    """Lifting any one constraint raises the optimum or leaves it."""
    utilities, weights, problem = _random(seed, n=20, asked=True)
    bound = inclusion(utilities, weights, problem, tol=1e-8)
    for lifted in (
        replace(problem, conflicts=problem.conflicts[1:]),
        replace(problem, caps=np.full_like(problem.caps, np.inf)),
        replace(problem, covers=np.zeros_like(problem.covers)),
        replace(problem, floors=()),
        replace(problem, high=np.ones_like(problem.high)),
        replace(problem, budget=problem.budget + 0.7),
    ):
        assert inclusion(utilities, weights, lifted, tol=1e-8).value >= bound.value - 1e-8


@given(st.integers(0, 10_000), st.floats(0.1, 10.0))
@settings(max_examples=20, deadline=None)
def test_loudness_does_not_count_in_nash_welfare(seed, scale):
    """Without an offset, multiplying one citizen's utilities only adds a constant to the value."""
    rng = np.random.default_rng(seed)
    utilities, weights = rng.uniform(0.05, 1.0, (15, 8)), np.full(15, 1 / 15)
    problem, nash = ClauseProblem.of(8, budget=3.0), Welfare(0.0, offset=1e-12)
    louder = utilities.copy()
    louder[4] *= scale
    quiet = inclusion(utilities, weights, problem, nash, tol=1e-8)
    loud = inclusion(louder, weights, problem, nash, tol=1e-8)
    assert loud.value == pytest.approx(quiet.value + np.log(scale) / 15, abs=1e-7)
    assert prove(utilities, weights, problem, nash, loud.x).gap <= 1e-6


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_the_gap_of_a_linear_programme_is_the_true_one(seed):
    """With p = 1 the optimum is a linear programme's, and the gap of any x is its distance."""
    utilities, weights, problem = _random(seed, n=20, asked=True)
    best = problem.maximise(weights / weights.sum() @ utilities)[0]
    rough = problem.inside(np.random.default_rng(seed).random(problem.m))
    stated = prove(utilities, weights, problem, Welfare(1.0), rough)
    true = prove(utilities, weights, problem, Welfare(1.0), best).value - stated.value
    assert stated.gap == pytest.approx(true, abs=1e-9)


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
    with pytest.raises(Unproved) as refused:
        inclusion(utilities, weights, problem, tol=-1.0)
    assert 0 <= refused.value.gap < 1e-6
    assert problem.allows(refused.value.best.x)
    assert refused.value.best.gap == refused.value.gap


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
        (lambda: inclusion(np.ones((2, 2)), np.array([1.0, -1.0]), TWO), "weights row 1"),
        (lambda: inclusion(np.ones((2, 2)), np.ones(3), TWO), "weights: give 2"),
        (lambda: inclusion(np.array([[1.0, -1.0]]), np.ones(1), TWO), "row 0, column 1"),
        (lambda: inclusion(np.ones((2, 2)), np.zeros(2), TWO), "sum is 0"),
    ],
)
def test_senseless_programmes_are_refused(call, message):
    """Each with what is wrong about it."""
    with pytest.raises(AggregationInputError, match=message):
        call()
