"""The checks that anybody can repeat with numpy alone."""

from __future__ import annotations

import itertools
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from aggregation import certify, opinion, tiers
from aggregation.errors import AggregationInputError
from aggregation.opinion import Support
from aggregation.tiers import Policy
from aggregation.welfare.problem import ClauseProblem
from aggregation.welfare.solve import inclusion
from aggregation.welfare.value import Harmonic


def test_only_numpy_is_needed():
    """Importing the checks loads no solver and no scipy."""
    heavy = "{'scipy', 'cvxpy', 'sklearn'}"
    code = f"import sys, aggregation.certify; print(sorted({heavy} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_both_wilson_formulas_agree():
    """The bound that admits a claim and the bound that is rechecked are the same number."""
    count, total = np.array([(a, n) for n in range(60) for a in range(n + 1)]).T
    lower, _ = opinion.wilson(count, total)
    np.testing.assert_array_equal(certify.wilson_lower(count, total, opinion.Z95), lower)


@given(st.integers(0, 40), st.integers(0, 40), st.floats(0.05, 1.0), st.sampled_from([0.0, 1.96]))
@settings(max_examples=150, deadline=None)
def test_margins_are_the_least_numbers(agree, rest, tau, z):
    """Trying one person after the other gives the same numbers."""
    total = agree + rest
    margin = certify.threshold_margin(agree, total, tau, z)

    def first(change):
        for number in range(2000):
            count, trials = change(number)
            if count < 0:
                return None
            if certify.wilson_lower(count, trials, z) < tau:
                return number
        raise AssertionError("no number of people suffices")

    assert margin.removals == first(lambda r: (agree - r, total - r))
    assert margin.flips == first(lambda r: (agree - r, total))
    assert margin.additions == first(lambda r: (agree, total + r))


def _support(*groups: tuple[int, int, int]) -> Support:
    counts = np.array(groups, dtype=np.int64)
    agree, disagree, seen = counts[:, :1], counts[:, 1:2], counts.sum(axis=1, keepdims=True)
    return Support(("1",), agree, disagree, seen, *(c.sum(axis=0) for c in (agree, disagree, seen)))


SPLITS = [
    [(95, 3, 2), (90, 5, 5)],
    [(95, 3, 2), (65, 30, 5)],
    [(40, 9, 0), (40, 9, 0)],
    [(3, 95, 2), (5, 90, 5)],
    [(20, 2, 1), (200, 4, 9), (31, 6, 0)],
    [(5, 1, 0), (4, 1, 0)],
    [(5, 1, 1)],
    [(4, 0, 3), (9, 1, 0)],
]


def _spreads(count, sizes):
    """Every way to take so many people from groups of these sizes."""
    if len(sizes) == 1:
        yield from [(count,)] if count <= sizes[0] else []
        return
    for first in range(min(count, sizes[0]) + 1):
        yield from ((first, *rest) for rest in _spreads(count - first, sizes[1:]))


def _standing(groups, changes, kind, *, policy, held):
    """Where the claim stands after so many people per group left, changed sides or came."""
    moved = {
        "removals": lambda a, d, u, c: (a - c, d, u),
        "flips": lambda a, d, u, c: (a - c, d + c, u),
        "additions": lambda a, d, u, c: (a, d + c, u),
    }[kind]
    agrees = sum(g[0] for g in groups) > sum(g[1] for g in groups)
    turned = [g if agrees else (g[1], g[0], g[2]) for g in groups]
    after = [moved(*g, c) for g, c in zip(turned, changes, strict=True)]
    told = tiers.assign(_support(*after), policy, held=held)
    # Newcomers may turn the claim round; then its strength is gone all the same.
    return int(told.standing[0]) if told.direction[0] > 0 else -1


@pytest.mark.parametrize("kind", ["removals", "flips", "additions"])
@pytest.mark.parametrize("groups", SPLITS)
@pytest.mark.parametrize("held", [None, ("must",)])
def test_clause_margins_are_what_changing_people_one_by_one_gives(groups, held, kind):
    """The least number over all ways of spreading the change over the groups; one less is safe."""
    support, policy = _support(*groups), Policy(hysteresis=0.05)
    told = tiers.assign(support, policy, held=held)
    slack = policy.hysteresis if held else 0.0
    margin = certify.clause_margins(support, told, policy, 0, slack=slack)
    number = getattr(margin, kind)
    before = int(told.standing[0])
    sizes = [10**6 if kind == "additions" else max(g[:2]) for g in groups]

    def fallen(count):
        return any(
            _standing(groups, spread, kind, policy=policy, held=held) < before
            for spread in _spreads(count, sizes)
        )

    assert number == 0 or not fallen(number - 1)
    assert fallen(number)
    assert margin.condition in range(-1, len(groups))


def test_the_majority_itself_is_a_condition():
    """Under thresholds that a minority could meet, a claim falls when its opponents draw level."""
    policy = Policy(should_pooled=0.2, should_group=0.1, must_pooled=0.9, must_group=0.9)
    support = _support((50, 45, 5))
    told = tiers.assign(support, policy)
    assert told.strength == ("should",)
    assert certify.clause_margins(support, told, policy, 0) == certify.ClauseMargin(5, 3, 5, -1)


def test_too_few_answers_are_a_condition_of_the_provisional():
    """Seven answers are the least that count: two of eight gone, and six are no estimate."""
    support, policy = _support((7, 1, 0)), Policy(should_pooled=0.6)
    told = tiers.assign(support, policy)
    assert told.provisional[0]
    assert certify.clause_margins(support, told, policy, 0).removals == 2


def test_the_least_attack_counts_the_newcomers_themselves():
    """Five newcomers among 95 people are five of a hundred."""
    margin = certify.ClauseMargin(removals=3, flips=2, additions=5, condition=-1)
    assert certify.least_attack(margin, 95) == 0.05
    assert certify.least_attack(certify.ClauseMargin(3, 2, None, -1), 95) is None
    assert certify.least_attack(certify.ClauseMargin(0, 0, 0, -1), 0) == 0
    with pytest.raises(AggregationInputError, match="participants"):
        certify.least_attack(margin, -1)


def test_a_clause_without_strength_has_no_margin():
    """Asking how solid a divided claim is, is refused."""
    support = _support((95, 5, 0), (10, 90, 0))
    with pytest.raises(AggregationInputError, match="no strength"):
        certify.clause_margins(support, tiers.assign(support, Policy()), Policy(), 0)


def test_harmonic_numbers_are_those_of_scipy():
    """Value and slope agree with digamma and trigamma to 1e-13, from 0 to a million."""
    t = np.concatenate([np.linspace(0, 40, 4001), np.geomspace(1e-9, 1e6, 500)])
    exact = special.digamma(t + 1) + np.euler_gamma
    np.testing.assert_allclose(certify.harmonic(t), exact, rtol=1e-14, atol=1e-14)
    slope = special.polygamma(1, t + 1)
    np.testing.assert_allclose(certify.harmonic_slope(t), slope, rtol=1e-13, atol=1e-14)
    assert certify.harmonic(0.0) == 0
    np.testing.assert_allclose(
        certify.harmonic(np.arange(5)), [0, 1, 1.5, 11 / 6, 25 / 12], rtol=1e-15
    )
    assert certify.harmonic_slope(0.0) == pytest.approx(np.pi**2 / 6, rel=1e-14)
    for wrong in (-0.5, np.nan):
        with pytest.raises(AggregationInputError, match="entry 1"):
            certify.harmonic([1.0, wrong])


def test_the_gap_is_rechecked_from_published_numbers():
    """x, limits and prices are enough to repeat the solver's claim, and lies are found out."""
    rng = np.random.default_rng(0)
    utilities, weights = rng.random((30, 9)), rng.random(30)
    problem = ClauseProblem.of(
        9, budget=3.0, conflicts=[(0, 1), (3, 4)], themes=np.arange(9) % 2, caps=2.0
    )
    found = inclusion(utilities, weights, problem, tol=1e-8)
    matrix, limits, _ = problem.rows
    rows = matrix.toarray()

    def recheck(x=found.x, limits=limits, prices=found.duals) -> float:
        return certify.gap(utilities, weights, x, rows=rows, limits=limits, prices=prices)

    assert recheck() == pytest.approx(found.gap, abs=1e-12)
    assert recheck(x=found.x * 0.9) > 1e-3
    with pytest.raises(AggregationInputError, match="more than a limit"):
        recheck(limits=limits * 0.5)
    with pytest.raises(AggregationInputError, match="below 0"):
        recheck(prices=-found.duals - 1)


def test_a_budget_alone_needs_no_prices():
    """The best price of a single limit is found by looking at every clause's ratio."""
    rng = np.random.default_rng(1)
    utilities, weights = rng.random((30, 9)), rng.random(30)
    problem = ClauseProblem.of(9, budget=3.0, costs=rng.uniform(0.5, 2, 9))
    found = inclusion(utilities, weights, problem, tol=1e-8)
    matrix, limits, _ = problem.rows
    again = certify.gap(utilities, weights, found.x, rows=matrix.toarray(), limits=limits)
    assert again == pytest.approx(found.gap, abs=1e-12)


def test_ejr_plus_finds_the_group_that_was_passed_over():
    """Half the people approve clause 2 and nothing that was chosen: of two seats one was theirs."""
    approvals = np.array([[1, 1, 0]] * 2 + [[0, 0, 1]] * 2, dtype=bool)
    holds, ratios = certify.ejr_plus(approvals, [0, 1])
    assert not holds
    assert ratios.tolist() == [0.0, 0.0, 1.0]
    assert certify.ejr_plus(approvals, [0, 2])[0]


def test_ejr_plus_is_stricter_than_ejr():
    """Brill and Peters' point: people who share one clause only, none of the group fully served.

    Six people, three seats. Voters 1-3 approve clause 3 and one chosen clause each; a group of half
    the people deserves l = 1 and has it, so nothing is owed at l = 1; at l = 2 four people would
    be needed.
    """
    approvals = np.zeros((6, 4), dtype=bool)
    approvals[[0, 1, 2], [0, 1, 2]] = True
    approvals[:3, 3] = True
    holds, ratios = certify.ejr_plus(approvals, [0, 1, 2])
    assert holds
    assert ratios[3] == pytest.approx(3 * 3 / (2 * 6))
    approvals[3, 3] = True  # a fourth person, who has nothing: now l = 1 needs 2 and has 1
    assert certify.ejr_plus(approvals, [0, 1, 2])[1][3] == pytest.approx(1.0)
    assert not certify.ejr_plus(approvals, [0, 1, 2])[0]


def test_nobody_is_owed_anything_in_an_empty_world():
    """No seats or no people: EJR+ holds."""
    assert certify.ejr_plus(np.zeros((0, 3), dtype=bool), [0])[0]
    assert certify.ejr_plus(np.ones((3, 3), dtype=bool), [])[0]


def _programme(rng, *, people=40, clauses=7):
    utilities, weights = rng.random((people, clauses)), rng.random(people) + 0.1
    problem = ClauseProblem.of(
        *(clauses,), budget=3.0, conflicts=[(0, 1)], themes=np.arange(clauses) % 2, caps=2.0
    )
    return utilities, weights, problem, problem.rows[0].toarray()


def test_no_allowed_set_beats_the_harmonic_bound():
    """Every allowed whole set scores at most the bound, at the optimum and at any other x."""
    rng = np.random.default_rng(4)
    utilities, weights, problem, rows = _programme(rng)
    shares = weights / weights.sum()
    best = max(
        float(shares @ certify.harmonic(utilities @ np.array(x, dtype=float)))
        for x in itertools.product((0, 1), repeat=7)
        if problem.allows(np.array(x, dtype=float))
    )
    found = inclusion(utilities, weights, problem, Harmonic(), tol=1e-8)
    limits = problem.rows[1]

    def bound(x=found.x, prices=found.duals):
        return certify.harmonic_bound(
            utilities, weights, x, rows=rows, limits=limits, prices=prices
        )

    assert best <= bound() <= found.value + found.gap + 1e-9
    assert best <= bound(x=found.x * 0.5)
    assert best <= bound(prices=rng.random(len(limits)))


def test_fixed_clauses_are_part_of_the_proof():
    """With a clause fixed in and one fixed out the gap is that of the smaller problem."""
    rng = np.random.default_rng(6)
    utilities, weights = rng.random((30, 6)), rng.random(30) + 0.1
    problem = ClauseProblem.of(6, budget=3.0, fixed_in=[0], fixed_out=[5])
    found = inclusion(utilities, weights, problem, tol=1e-8)
    matrix, limits, _ = problem.rows
    box = {"low": problem.low, "high": problem.high}
    again = certify.gap(
        utilities, weights, found.x, rows=matrix.toarray(), limits=limits, prices=found.duals, **box
    )
    assert again <= 1e-7
    with pytest.raises(AggregationInputError, match="outside"):
        certify.gap(
            utilities, weights, np.full(6, 0.5), rows=matrix.toarray(), limits=limits, **box
        )


def test_shares_rounded_for_print_are_still_allowed():
    """Nine decimals may pass a limit by a hair; the proof stands, since it holds at any x."""
    utilities, weights = np.eye(3), np.ones(3)
    x = np.full(3, round(2 / 3, 9))
    rows, limits = np.ones((1, 3)), np.array([2.0])
    assert x.sum() > 2
    assert certify.gap(utilities, weights, x, rows=rows, limits=limits) < 1e-8


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_others_move_no_further_than_the_bound(seed):
    """Remove people and solve again: utilities of those who stay move less than was promised."""
    rng = np.random.default_rng(seed)
    utilities, weights, problem, _ = _programme(rng, people=25)
    if seed % 2:
        utilities = (utilities < 0.4).astype(float)
    found = inclusion(utilities, weights, problem, tol=1e-7)
    gone = rng.choice(25, size=int(rng.integers(1, 9)), replace=False)
    stays = np.setdiff1d(np.arange(25), gone)
    after = inclusion(utilities[stays], weights[stays], problem, tol=1e-7)
    shift = certify.removal_shift(utilities, weights, found.x, after.x, gone)
    share = weights[gone].sum() / weights.sum()
    assert 0 <= shift <= certify.stability_bound(found.gap, share, gap_after=after.gap) + 1e-12


def test_removal_by_hand():
    """Two people, one clause each, one unit to share: alone, the second takes it all.

    Utilities go from 1/2 + 1/2 to 1/2 + 1 for who stays: (1/2)^2 / (1 * 3/2) with weight 1/2.
    """
    x, after = np.array([0.5, 0.5]), np.array([0.0, 1.0])
    shift = certify.removal_shift(np.eye(2), np.ones(2), x, after, [0])
    assert shift == pytest.approx(1 / 12)
    assert shift <= certify.stability_bound(0.0, 0.5)
    assert certify.removal_shift(np.eye(2), np.ones(2), x, after, np.array([True, False])) == shift
    for gap, removed in ((0.0, 1.5), (0.0, -0.1), (-0.1, 0.5), (np.nan, 0.5)):
        with pytest.raises(AggregationInputError, match=r"gap|removed"):
            certify.stability_bound(gap, removed)
