"""The same votes under other rules."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregation import sensitivity
from aggregation.errors import AggregationInputError
from aggregation.welfare.problem import ClauseProblem

# Six people want the first two clauses, four the third; there is room for two.
SIX_AND_FOUR = np.array([[1.0, 1.0, 0.0]] * 6 + [[0.0, 0.0, 1.0]] * 4)
LABELS = np.array([0] * 6 + [1] * 4)
MAJORITY, SHARED = (0, 1), (0, 2)


def _report(utilities=SIX_AND_FOUR, labels=LABELS, *, default=SHARED, budget=2.0, **options):
    n, m = utilities.shape
    constraints = options.pop("constraints", {})
    problem = ClauseProblem.of(m, budget=budget, **constraints)
    weights = options.pop("weights", np.full(n, 1 / max(n, 1)))
    return sensitivity.report(utilities, weights, labels, problem, default=default, **options)


def test_each_rule_divides_two_seats_as_computed_by_hand():
    """Adding utilities gives six people both seats; rules that look at the rest share them.

    p = 1/2: 6 sqrt(2.5) + 4 sqrt(.5) = 12.3 beats 10 sqrt(1.5) = 12.2. Logarithm: 6 log 2.5 +
    4 log .5 = 2.7 loses to 10 log 1.5 = 4.1. Equal shares: nobody but the six can pay for a seat,
    and only once.
    """
    found = {one.rule: one.chosen for one in _report().rules}
    assert found == {
        "default": SHARED,
        "utilitarian": MAJORITY,
        "p_half": MAJORITY,
        "nash": SHARED,
        "harmonic_mean": SHARED,
        "maximin_groups": SHARED,
        "cvar": SHARED,
        "seq_pav": SHARED,
        "equal_shares": (0,),
        "seq_phragmen": SHARED,
        "approval_voting": MAJORITY,
    }


def test_the_figures_of_both_outcomes_by_hand():
    """Sharing hears everybody; the majority's list leaves four of ten without a clause."""
    report = _report()
    shared, majority = report.of("default"), report.of("utilitarian")
    assert (shared.shared, shared.mean, shared.p10, shared.least_group) == (2, 0.5, 0.5, 0.5)
    assert (shared.unheard, shared.ejr_plus) == (0.0, pytest.approx(0.6))
    assert (majority.shared, majority.p10, majority.least_group) == (1, 0.0, 0.0)
    assert (majority.mean, majority.unheard, majority.ejr_plus) == (
        pytest.approx(0.6),
        pytest.approx(0.4),
        pytest.approx(0.8),
    )


def test_survivors_are_chosen_by_every_rule():
    """Only the first clause is on all eleven lists."""
    report = _report()
    assert report.survivors == (0,)
    by = [sum(clause in one.chosen for one in report.rules) for clause in range(3)]
    assert by == [11, 3, 7]


def test_weights_count_in_the_mean_alone():
    """Twice the weight for the four moves the mean of the majority's list to 6 / 14."""
    weights = np.array([1.0] * 6 + [2.0] * 4)
    one = _report(weights=weights, rules=("approval_voting",)).of("approval_voting")
    assert one.mean == pytest.approx(6 / 14)
    assert one.unheard == pytest.approx(0.4)


def test_constraints_bind_every_rule():
    """No rule takes two clauses that exclude each other, or one that is fixed out."""
    rng = np.random.default_rng(5)
    utilities = rng.random((40, 8))
    labels = rng.integers(-1, 3, 40)
    constraints = {
        "conflicts": [(0, 1), (2, 3)],
        "themes": [0, 0, 0, 0, 1, 1, 1, 1],
        "caps": 2.0,
        "fixed_out": [7],
    }
    problem = ClauseProblem.of(8, budget=4.0, **constraints)
    scores = {"last_first": np.arange(8.0)}
    report = _report(
        utilities, labels, default=(0,), budget=4.0, constraints=constraints, scores=scores
    )
    assert len(report.rules) == 12
    for one in report.rules:
        chosen = np.zeros(8)
        chosen[list(one.chosen)] = 1
        assert problem.allows(chosen), one.rule
    assert report.of("last_first").chosen == (1, 3, 5, 6)


def test_a_score_rule_takes_the_best_that_fit_and_ties_in_order():
    """Equal scores go to the earlier clause, and a clause fixed in comes before all."""
    scores = {"flat": np.ones(3)}
    assert _report(scores=scores, rules=()).of("flat").chosen == (0, 1)
    fixed = {"fixed_in": [2]}
    assert _report(scores=scores, rules=(), constraints=fixed).of("flat").chosen == (0, 2)


def test_where_everybody_approves_the_greater_mean_utility_decides():
    """Approvals alone would take the first clauses of a list that all can live with.

    Equal shares buys one clause: those who lean to the other hold two thirds of its price.
    """
    utilities = np.tile([0.6, 0.9, 0.7], (5, 1))
    report = _report(utilities, np.zeros(5, dtype=int), default=(1, 2))
    found = {one.rule: one.chosen for one in report.rules}
    assert found.pop("equal_shares") == (1,)
    assert set(found.values()) == {(1, 2)}


def test_an_estimate_is_no_full_approval():
    """Nine agree fully with the first clause; that ten would lean to the second is worth less.

    Of 30 ballots 27 approve the first, 20 the second, though at 1/2 alone it would be 9 to 10.
    """
    utilities = np.column_stack([[1.0] * 9 + [0.0], np.full(10, 0.6)])
    report = _report(utilities, np.zeros(10, dtype=int), default=(0,), budget=1.0)
    found = {one.rule: one.chosen for one in report.rules}
    for rule in ("approval_voting", "seq_pav", "seq_phragmen"):
        assert found[rule] == (0,)


def test_people_without_a_group_belong_to_none():
    """Where nobody is grouped there is no least group; else those without one do not count."""
    nobody = _report(labels=np.full(10, -1), rules=("seq_pav",))
    assert all(one.least_group is None for one in nobody.rules)
    some = _report(labels=np.array([0] * 6 + [-1] * 4), default=MAJORITY, rules=())
    assert some.of("default").least_group == 1.0


@pytest.mark.parametrize(("n", "m", "budget"), [(0, 3, 2.0), (0, 0, 2.0), (4, 0, 2.0), (4, 3, 0.0)])
def test_without_people_clauses_or_budget_every_rule_chooses_nothing(n, m, budget):
    """Zeros, no group without people, and everybody unheard."""
    report = _report(np.ones((n, m)), np.zeros(n, dtype=int), default=(), budget=budget)
    assert report.survivors == ()
    for one in report.rules:
        assert one.chosen == ()
        assert (one.shared, one.mean, one.p10, one.ejr_plus) == (0, 0.0, 0.0, 0.0)
        assert one.least_group == (0.0 if n else None)
        assert one.unheard == (1.0 if n else 0.0)


def test_one_person_and_unanimity_leave_nothing_to_dispute():
    """With one mind every rule chooses what that mind wants, and all of it survives."""
    alone = _report(np.array([[1.0, 0.0, 1.0]]), np.array([0]), default=(0, 2))
    assert alone.survivors == (0, 2)
    together = _report(np.ones((9, 3)), np.zeros(9, dtype=int), default=(0, 1, 2), budget=3.0)
    assert together.survivors == (0, 1, 2)
    assert all(one.mean == 1.0 for one in together.rules)


@given(st.integers(0, 10_000))
def test_the_order_of_people_decides_nothing(seed):
    """The same people in another order: the same lists, the same figures."""
    rng = np.random.default_rng(seed)
    utilities = (rng.random((30, 7)) < 0.4).astype(float) * 0.8 + rng.random(7) * 0.1
    labels = rng.integers(0, 2, 30)
    order = rng.permutation(30)
    rules = (*sensitivity.COMMITTEES, "utilitarian")
    here = _report(utilities, labels, default=(0, 1), budget=3.0, rules=rules)
    there = _report(utilities[order], labels[order], default=(0, 1), budget=3.0, rules=rules)
    assert here.survivors == there.survivors
    for one, other in zip(here.rules, there.rules, strict=True):
        assert one.chosen == other.chosen
        assert one.mean == pytest.approx(other.mean)
        assert (one.unheard, one.ejr_plus) == (other.unheard, other.ejr_plus)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rules": ("dictator",)}, "rule 'dictator' is none of utilitarian"),
        ({"default": (0, 3)}, "there is no clause 3"),
        ({"labels": np.zeros(9)}, "labels: give one for each of 10"),
        ({"weights": np.ones(9)}, "weights: give one for each of 10"),
        ({"scores": {"nash": np.ones(3)}}, "'nash'"),
        ({"scores": {"odd": np.ones(2)}}, "'odd': give 3 numbers"),
        ({"scores": {"odd": np.array([1.0, np.nan, 0.0])}}, "'odd'"),
    ],
)
def test_bad_input_is_named(change, message):
    """Unknown rules, clauses and lengths are refused."""
    with pytest.raises(AggregationInputError, match=message):
        _report(**change)


def test_utilities_must_match_the_problem():
    """A table over other clauses is refused."""
    problem = ClauseProblem.of(4, budget=2.0)
    with pytest.raises(AggregationInputError, match=r"\(10, 3\), not \(citizens, 4\)"):
        sensitivity.report(SIX_AND_FOUR, np.ones(10), LABELS, problem, default=())


# -- contested claims ------------------------------------------------------------------------------


def _stress(support, **options):
    n = len(support)
    return sensitivity.contested(
        support, np.full(n, 1 / max(n, 1)), np.zeros(n, dtype=np.int64), **options
    )


def test_where_two_sides_claim_different_things_the_default_hears_both():
    """Six want one pair, four another; a list of the most supported hears the six alone."""
    support = np.array([[1.0] * 6 + [0.0] * 4] * 2 + [[0.0] * 6 + [1.0] * 4] * 2).T
    found = _stress(support)
    assert found.seats == 2
    assert found.report.of("default").chosen == (0, 2)
    assert found.report.of("utilitarian").chosen == (0, 1)
    assert found.report.of("default").unheard == 0.0
    assert found.report.of("utilitarian").unheard == pytest.approx(0.4)


def test_a_rule_may_choose_at_most_half_of_the_contested():
    """Thirty claims leave the fifteen seats, eight leave four, one leaves none."""
    rng = np.random.default_rng(3)
    for claims, seats in ((30, 15), (8, 4), (1, 0)):
        found = _stress(rng.permuted(np.tile([0.0, 1.0], (claims, 10)), axis=1).T)
        assert found.seats == seats
        assert all(len(one.chosen) <= seats for one in found.report.rules)


@pytest.mark.parametrize("support", [np.zeros((0, 4)), np.zeros((5, 4)), np.full((1, 0), 0.5)])
def test_without_anybody_who_approves_the_stress_report_is_empty(support):
    """Nobody there, nobody for anything, no claim: nothing is chosen, and the report is valid."""
    found = _stress(support)
    assert (found.people, found.report.survivors) == (0, ())
    assert found.report.of("default").chosen == ()


def test_who_approves_no_contested_claim_is_left_out():
    """No rule could choose anything for them, so they say nothing about rules."""
    support = np.vstack([np.tile(np.eye(4), (3, 1)), np.zeros((2, 4))])
    found = _stress(support)
    assert found.people == 12
    assert found.report.of("default").unheard == pytest.approx(0.5)


@pytest.mark.parametrize("seats", [0, 2.5, True])
def test_seats_must_be_a_number_of_seats(seats):
    """A whole number of at least 1."""
    with pytest.raises(AggregationInputError, match=f"seats {seats!r}"):
        _stress(np.full((2, 2), 0.5), seats=seats)
