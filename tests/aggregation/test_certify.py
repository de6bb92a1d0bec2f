"""The checks that anybody can repeat with numpy alone."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregation import certify, opinion, tiers
from aggregation.errors import AggregationInputError
from aggregation.opinion import Support
from aggregation.tiers import Policy
from aggregation.welfare.problem import ClauseProblem
from aggregation.welfare.solve import inclusion


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


@pytest.mark.parametrize(
    "groups",
    [
        [(95, 3, 2), (90, 5, 5)],
        [(95, 3, 2), (65, 30, 5)],
        [(40, 9, 0), (40, 9, 0)],
        [(3, 95, 2), (5, 90, 5)],
        [(20, 2, 1), (200, 4, 9), (31, 6, 0)],
        [(5, 1, 0), (4, 1, 0)],
    ],
)
def test_clause_margin_is_what_changing_sides_one_by_one_gives(groups):
    """The least number over all ways of spreading changes of side over the groups."""
    support, policy = _support(*groups), Policy()
    told = tiers.assign(support, policy)
    flips, condition = certify.clause_margin(support, told, policy, 0)
    sign = int(told.direction[0])

    def standing_after(changes):
        moved = [
            (a - sign * c, d + sign * c, u) for (a, d, u), c in zip(groups, changes, strict=True)
        ]
        return tiers.assign(_support(*moved), policy).standing[0]

    def least(number):
        spreads = [tuple(number * (g == h) for h in range(len(groups))) for g in range(len(groups))]
        return [s for s in spreads if all(c <= max(g[:2]) for c, g in zip(s, groups, strict=True))]

    assert all(standing_after(s) >= told.standing[0] for s in least(flips - 1))
    assert any(standing_after(s) < told.standing[0] for s in least(flips))
    assert condition in range(-1, len(groups))


def test_a_clause_without_strength_has_no_margin():
    """Asking how solid a divided claim is, is refused."""
    support = _support((95, 5, 0), (10, 90, 0))
    with pytest.raises(AggregationInputError, match="no strength"):
        certify.clause_margin(support, tiers.assign(support, Policy()), Policy(), 0)


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


def _ejr_plus_by_search(approvals: np.ndarray, committee: tuple[int, ...]) -> bool:
    n, m = approvals.shape
    k = len(committee)
    held = approvals[:, list(committee)].sum(axis=1)
    return not any(
        np.sum(approvals[:, j] & (held < level)) * k >= level * n
        for j in range(m)
        if j not in committee
        for level in range(1, k + 1)
    )


@given(st.integers(0, 100_000))
@settings(max_examples=60, deadline=None)
def test_ejr_plus_agrees_with_its_definition(seed):
    """On random profiles the verdict is that of the definition, ties included."""
    rng = np.random.default_rng(seed)
    approvals = rng.random((8, 6)) < 0.5
    committee = tuple(sorted(rng.choice(6, size=int(rng.integers(1, 5)), replace=False).tolist()))
    holds, ratios = certify.ejr_plus(approvals, committee)
    assert holds == _ejr_plus_by_search(approvals, committee)
    if ratios.max() < 1 - 1e-12:
        assert holds


def test_nobody_is_owed_anything_in_an_empty_world():
    """No seats or no people: EJR+ holds."""
    assert certify.ejr_plus(np.zeros((0, 3), dtype=bool), [0])[0]
    assert certify.ejr_plus(np.ones((3, 3), dtype=bool), [])[0]
