"""What is allowed: constraints that hold, constraints that clash, and what each one costs."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import optimize

from aggregation.errors import AggregationInputError, Infeasible
from aggregation.welfare.problem import ClauseProblem, GroupFloor
from aggregation.welfare.solve import inclusion

M = 7


def _parts(seed: int) -> dict[str, object]:
    """The constraints of a random programme, some of which may clash."""
    rng = np.random.default_rng(seed)
    pairs = [(a, b) for a in range(M) for b in range(a) if rng.random() < 0.15]
    settled = rng.permutation(M)
    return {
        "budget": float(rng.uniform(1.5, 4.5)),
        "costs": rng.uniform(0.6, 1.6, M),
        "conflicts": pairs,
        "themes": np.arange(M) % 3,
        "caps": np.array([2.0, 1.0, np.inf]),
        "covers": rng.choice([0.0, 0.5, 1.0], 3),
        "floors": [
            GroupFloor(f"group {name}", rng.random(M), float(rng.uniform(0.2, 1.2)))
            for name in "AB"
        ],
        "fixed_in": settled[: rng.integers(0, 2)].tolist(),
        "fixed_out": settled[2 : 2 + rng.integers(0, 3)].tolist(),
    }


def _feasible(seed: int) -> ClauseProblem:
    try:
        return ClauseProblem.of(M, **_parts(seed))
    except Infeasible:
        assume(False)
        raise AssertionError from None


def _only(parts: dict[str, object], names: tuple[str, ...]) -> None:
    """Build the programme that has these constraints and no other."""
    kept = [name.split(":") for name in names]
    of_kind = {kind: [rest for first, *rest in kept if first == kind] for kind, *_ in kept}
    capped, covered = ({int(theme) for (theme,) in of_kind.get(k, [])} for k in ("theme", "cover"))
    ClauseProblem.of(
        M,
        budget=parts["budget"] if "budget" in names else 100.0,
        costs=parts["costs"],
        conflicts=[(int(a), int(b)) for a, b in of_kind.get("conflict", [])],
        themes=parts["themes"],
        caps=[parts["caps"][t] if t in capped else np.inf for t in range(3)],
        covers=[parts["covers"][t] if t in covered else 0.0 for t in range(3)],
        floors=[f for f in parts["floors"] if f"floor:{f.name}" in names],
        fixed_in=[int(j) for (j,) in of_kind.get("in", [])],
        fixed_out=[int(j) for (j,) in of_kind.get("out", [])],
    )


@given(st.integers(0, 100_000))
@settings(max_examples=80, deadline=None)
def test_a_clash_is_named_by_a_least_list(seed):
    """The named constraints clash by themselves, and without any one of them they do not."""
    parts = _parts(seed)
    try:
        ClauseProblem.of(M, **parts)
    except Infeasible as refused:
        names = refused.constraints
        with pytest.raises(Infeasible):
            _only(parts, names)
        for left_out in names:
            _only(parts, tuple(name for name in names if name != left_out))


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        (
            {"themes": [0, 0, 1, 1], "covers": [1.0, 0.0], "fixed_out": [0, 1]},
            {"cover:0", "out:0", "out:1"},
        ),
        ({"themes": [0, 0, 1, 1], "covers": [0.0, 3.0]}, {"cover:1"}),
        ({"themes": [0, 0, 1, 1], "covers": [0.0, 0.0, 1.0]}, {"cover:2"}),
        ({"fixed_in": [1], "fixed_out": [1]}, {"in:1", "out:1"}),
        ({"fixed_in": [0, 1, 2]}, {"budget", "in:0", "in:1", "in:2"}),
        ({"fixed_in": [0, 1], "conflicts": [(1, 0), (2, 3)]}, {"conflict:0:1", "in:0", "in:1"}),
        ({"floors": [GroupFloor("A", np.ones(4), 2.5)]}, {"budget", "floor:A"}),
    ],
)
def test_known_clashes(asked, named):
    """A theme whose candidates are all out, a clause both in and out, more than the budget."""
    with pytest.raises(Infeasible) as refused:
        ClauseProblem.of(4, budget=2.0, **asked)
    assert set(refused.value.constraints) == named
    assert all(name in str(refused.value) for name in named)


def test_nothing_can_be_asked_of_nothing():
    """Without clauses a floor above 0 clashes alone, and a floor of 0 does not."""
    with pytest.raises(Infeasible, match="floor:A"):
        ClauseProblem.of(0, budget=1.0, floors=[GroupFloor("A", np.zeros(0), 1.0)])
    assert ClauseProblem.of(0, budget=1.0, floors=[GroupFloor("A", np.zeros(0), 0.0)]).m == 0


@given(st.integers(0, 100_000))
@settings(max_examples=60, deadline=None)
def test_the_greatest_linear_form_and_its_prices(seed):
    """The vertex is allowed and best, its prices prove it, and any prices bound it."""
    problem, rng = _feasible(seed), np.random.default_rng(seed)
    gradient = rng.normal(size=M)
    y, prices = problem.maximise(gradient)
    matrix, limits, names = problem.rows
    answer = optimize.linprog(
        -gradient,
        A_ub=matrix.toarray(),
        b_ub=limits,
        bounds=np.column_stack([problem.low, problem.high]),
        method="highs-ipm",
    )
    assert len(prices) == len(names)
    assert problem.allows(y)
    assert gradient @ y == pytest.approx(-answer.fun, abs=1e-7)
    assert problem.bound(gradient, prices) == pytest.approx(gradient @ y, abs=1e-9)
    assert problem.bound(gradient, rng.random(len(names))) >= gradient @ y - 1e-9


def test_a_knapsack_begins_with_what_is_fixed():
    """With a budget alone: what is in stays, what is out stays out, the rest by gain per cost."""
    problem = ClauseProblem.of(
        5, budget=3.5, costs=[2.0, 1.0, 1.0, 1.0, 1.0], fixed_in=[0], fixed_out=[1]
    )
    y, prices = problem.maximise(np.array([-1.0, 9.0, 3.0, 2.0, -5.0]))
    np.testing.assert_allclose(y, [1, 0, 1, 0.5, 0])
    np.testing.assert_allclose(prices, [2.0])
    assert problem.bound(np.array([-1.0, 9.0, 3.0, 2.0, -5.0]), prices) == pytest.approx(3.0)


@given(st.integers(0, 100_000))
@settings(max_examples=60, deadline=None)
def test_a_point_brought_inside_is_allowed(seed):
    """Whatever a solver says; a point that is allowed stays where it is."""
    problem, rng = _feasible(seed), np.random.default_rng(seed)
    inside = problem.inside(rng.uniform(-0.1, 1.1, M))
    assert problem.allows(inside)
    assert problem.allows(problem.some)
    np.testing.assert_allclose(problem.inside(inside), inside, atol=1e-9)


@given(st.integers(0, 100_000))
@settings(max_examples=60, deadline=None)
def test_whole_clauses_that_may_join(seed):
    """`admits` is what building every exchange says; `whole` finds the best of all sets."""
    problem, rng = _feasible(seed), np.random.default_rng(seed)
    gains = rng.random(M)
    every = [np.array(bits, dtype=float) for bits in itertools.product((0, 1), repeat=M)]
    allowed = [x for x in every if problem.allows(x)]
    if not allowed:
        with pytest.raises(Infeasible, match="whole clauses"):
            problem.whole(gains)
        return
    best = problem.whole(gains)
    assert problem.allows(best)
    assert gains @ best == pytest.approx(max(gains @ x for x in allowed), rel=1e-3)
    for out in [None, *np.flatnonzero(best).tolist()]:
        if out is not None and problem.low[out]:
            continue
        told = problem.admits(best, without=out)
        for j in range(M):
            x = best.copy()
            if out is not None:
                x[out] = 0.0
            joins = x[j] == 0 and j != out
            x[j] = 1.0
            assert told[j] == (joins and problem.allows(x))


def test_halves_may_meet_what_wholes_cannot():
    """Of three clauses that exclude each other, halves make one and a half; wholes make one."""
    problem = ClauseProblem.of(
        3,
        budget=3.0,
        conflicts=[(0, 1), (0, 2), (1, 2)],
        themes=[0, 0, 0],
        covers=1.5,
    )
    np.testing.assert_allclose(problem.some, 0.5)
    with pytest.raises(Infeasible) as refused:
        problem.whole(np.ones(3))
    assert "cover:0" in refused.value.constraints
    assert "budget" not in refused.value.constraints


def test_a_part_keeps_its_constraints():
    """Restricted to some clauses: theirs hold on, and a clause that is fixed in must stay."""
    problem = ClauseProblem.of(
        4,
        budget=2.0,
        conflicts=[(0, 1), (2, 3)],
        themes=[0, 0, 1, 1],
        covers=[0.0, 1.0],
        floors=[GroupFloor("A", np.array([1.0, 2.0, 3.0, 4.0]), 1.0)],
        fixed_in=[3],
        fixed_out=[0],
    )
    part = problem.restrict(np.array([3, 1]))
    assert part.rows[2] == ("budget", "cover:1", "floor:A")
    np.testing.assert_allclose(part.low, [1, 0])
    np.testing.assert_allclose(part.floors[0].coefficients, [4, 2])
    with pytest.raises(AggregationInputError, match="clause 3 is fixed in"):
        problem.restrict(np.array([0, 1, 2]))
    with pytest.raises(Infeasible, match="cover:0"):
        ClauseProblem.of(2, budget=2.0, themes=[0, 1], covers=1.0).restrict(np.array([1]))


def test_prices_are_told_in_words():
    """Dearest first, in the reader's own names, and as much as a little relief really brings."""
    rng = np.random.default_rng(3)
    utilities, weights = rng.random((60, 8)), np.full(60, 1 / 60)
    utilities[:, :3] *= 0.1

    def solve(*, budget=3.0, cover=1.0, floor=0.06):
        problem = ClauseProblem.of(
            8,
            budget=budget,
            themes=[0, 0, 0, 1, 1, 1, 2, 2],
            caps=[3.0, 1.0, 2.0],
            covers=[cover, 0.0, 0.0],
            floors=[GroupFloor("group A", utilities[:9, :3].mean(axis=0) @ np.eye(3, 8), floor)],
        )
        return problem, inclusion(utilities, weights, problem, tol=1e-10)

    problem, found = solve()
    told = problem.explain(found.duals, themes=["health", "work", "play"])
    assert [one.price for one in told] == sorted((one.price for one in told), reverse=True)
    texts = {one.name: one.text for one in told}
    assert texts["budget"].startswith("One more clause of budget would be worth 0.")
    assert texts["cover:0"].startswith("Asking for one clause less of health would be worth")
    assert texts["theme:1"].startswith("Room for one more clause of work would be worth")
    assert all(text.endswith("per citizen.") for text in texts.values())
    prices = {one.name: one.price for one in told}
    step = 1e-3
    more = solve(budget=3.0 + step)[1].value - found.value
    less = solve(cover=1.0 - step)[1].value - found.value
    assert more == pytest.approx(prices["budget"] * step, rel=0.05)
    assert less == pytest.approx(prices["cover:0"] * step, rel=0.05)


def test_contradictions_and_floors_have_words_too():
    """Both in terms of what would be allowed."""
    problem = ClauseProblem.of(
        2, budget=2.0, conflicts=[(0, 1)], floors=[GroupFloor("group A", np.ones(2), 0.5)]
    )
    told = problem.explain(np.array([0.0, 0.25, 0.5]), clauses=["Be honest", "Be kind"])
    assert [one.text for one in told] == [
        "Asking one unit less for group A would be worth 0.5 per citizen.",
        "Letting Be honest and Be kind stand side by side would be worth 0.25 per citizen.",
    ]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"costs": [1.0, 0.0]}, "costs row 1"),
        ({"costs": [1.0, -1.0]}, "costs row 1"),
        ({"costs": [np.inf, 1.0]}, "costs row 0"),
        ({"costs": [1.0]}, "costs: give 2"),
        ({"budget": np.inf}, "budget inf"),
        ({"conflicts": [(0, 0)]}, r"conflict \(0, 0\)"),
        ({"conflicts": [(-1, 0)]}, r"conflict \(-1, 0\)"),
        ({"themes": [0, -2]}, "themes"),
        ({"themes": [0, 1], "covers": [1.0]}, "covers"),
        ({"themes": [0, 1], "covers": np.nan}, "covers"),
        ({"themes": [0, 1], "covers": np.inf}, "covers"),
        ({"themes": [0, 1], "caps": -1.0}, "caps"),
        ({"themes": [0, 0], "caps": 1.0, "covers": 2.0}, "theme 0: a cover of 2 is above its cap"),
        ({"fixed_in": [2]}, "fixed_in: clause 2"),
        ({"fixed_out": [-1]}, "fixed_out: clause -1"),
        ({"floors": [GroupFloor("A", np.ones(3), 1.0)]}, "floor A: give 2"),
        ({"floors": [GroupFloor("A", np.array([1.0, np.nan]), 1.0)]}, "floor A: give 2 finite"),
        ({"floors": [GroupFloor("A", np.ones(2), np.nan)]}, "floor A: the minimum"),
        ({"floors": [GroupFloor("A", np.ones(2), 0.0)] * 2}, "floor A: two floors"),
    ],
)
def test_senseless_constraints_are_refused(asked, message):
    """Each with what is wrong about it."""
    with pytest.raises(AggregationInputError, match=message):
        ClauseProblem.of(2, **({"budget": 1.0} | asked))
