"""Committee rules on the worked examples of the literature, and on input that is not one.

Letters are columns: "ab" is a person who approves the first and the second.
"""

from __future__ import annotations

import numpy as np
import pytest

from aggregation.errors import AggregationInputError
from aggregation.welfare import committee
from aggregation.welfare.problem import ClauseProblem

# Lackner and Skowron, Multi-Winner Voting with Approval Preferences (2023), Example 2.1: the
# running example of the book.
RUNNING = "ab ab ab ac ac ac ad ad bcf e f g"

SEQUENTIAL = (committee.approval_voting, committee.seq_pav, committee.seq_phragmen)
RULES = (*SEQUENTIAL, committee.equal_shares)


def approvals(people: str, *, columns: str = "abcdefgh") -> np.ndarray:
    """(n, m) from one word per person."""
    used = columns[: max((columns.index(c) for c in people if c != " "), default=-1) + 1]
    return np.array([[c in word for c in used] for word in people.split()], dtype=bool)


def counted(*groups: tuple[int, str]) -> np.ndarray:
    """(n, m) from numbers of people with the same approvals."""
    return approvals(" ".join(word for number, word in groups for _ in range(number)))


def chosen(members: tuple[int, ...]) -> str:
    return "".join("abcdefgh"[j] for j in members)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (committee.approval_voting, "abcd"),  # tied with abcf
        (committee.pav_exact, "abcf"),
        (committee.seq_pav, "abcf"),
        (committee.seq_phragmen, "abcd"),
        (committee.equal_shares, "a"),  # the book then fills up by Phragmen's rule: abcd
    ],
)
def test_the_running_example(rule, expected):
    """Four seats for the book's twelve voters (Examples 2.2 to 2.11)."""
    assert chosen(rule(approvals(RUNNING), 4)) == expected


def test_the_running_example_step_by_step():
    """Phragmen's loads by hand: a 1/8, then b 11/32 before c, c 55/128, and d 5/8 before f."""
    profile = approvals(RUNNING)
    assert [chosen(committee.seq_phragmen(profile, k)) for k in range(5)] == [
        *("", "a", "ab", "abc", "abcd")
    ]
    order = [2, 1, 0, 3, 4, 5, 6]
    assert chosen(committee.seq_phragmen(profile, 2, order=order)) == "ac"
    assert chosen(committee.approval_voting(profile, 4, order=[6, 5, 4, 3, 2, 1, 0])) == "abcf"


def test_pav_and_its_sequential_form_differ():
    """Book, Example 2.5: PAV {a, c}, sequential PAV {c, d}."""
    profile = counted((3, "ab"), (6, "ad"), (4, "b"), (5, "c"), (5, "cd"))
    assert chosen(committee.pav_exact(profile, 2)) == "ac"
    assert chosen(committee.seq_pav(profile, 2)) == "cd"


def test_thieles_own_example():
    """Thiele 1895, in Janson's survey (Example 13.3): PAV {a, b}, sequential PAV {a, c}."""
    profile = counted(
        *((960, "acd"), (3000, "bcd"), (520, "bc"), (1620, "ab"), (1081, "ad")),
        *((1240, "ac"), (360, "bd"), (360, "d"), (120, "c"), (60, "b")),
    )
    assert chosen(committee.pav_exact(profile, 2)) == "ab"
    assert chosen(committee.seq_pav(profile, 2)) == "ac"


def test_equal_shares_and_phragmen_differ():
    """Book, Example 2.12: the budgets reach for {a, c, d} where loads choose {b, c, d}.

    The third seat of equal shares is its completion's, so on its own it stops after {a, c}.
    """
    profile = approvals("cd cd cd ab ab ac ac bd")
    assert chosen(committee.seq_phragmen(profile, 3)) == "bcd"
    assert chosen(committee.equal_shares(profile, 3)) == "ac"


@pytest.mark.parametrize(
    ("rule", "k", "people", "expected"),
    [
        # Mora and Oliver (2015), before and after a voter's added support.
        (committee.seq_phragmen, 3, "10ab 3c 12d 21abc 6cd", "abd"),
        (committee.seq_phragmen, 3, "11ab 3c 12d 21abc 6cd", "acd"),
        (committee.seq_phragmen, 3, "7c 4ab 1abc 16abd 4cd", "abc"),
        (committee.seq_phragmen, 3, "6c 4ab 2abc 16abd 4cd", "acd"),
        # Sanchez-Fernandez and Fisteus (2019).
        (committee.seq_pav, 4, "7abd 4abe 3acd 5ace", "abcd"),
        (committee.seq_pav, 4, "7abd 4abe 3acd 5ace 1cd", "abde"),
        # Lackner and Skowron, Propositions A.3 and A.4.
        (committee.seq_pav, 3, "1cd 1ac 1ad 1af 1bc 2bf 1ce", "acf"),
        (committee.seq_pav, 3, "1acdf 1ac 1ad 1af 1bc 2bf 1ce", "abc"),
        (committee.seq_pav, 3, "1ab 1bd 1cf 1abf 1bf 1bc", "bcf"),
        (committee.seq_pav, 3, "1a 1bd 1cf 1abf 1bf 1bc", "abf"),
        (committee.pav_exact, 3, "1cde 1ab 1bf 1acd 1bcf 1cef", "bcf"),
        (committee.pav_exact, 3, "1e 1ab 1bf 1acd 1bcf 1cef", "bce"),
        (committee.seq_phragmen, 2, "1abc 1ab 1bf 1ce 1bef 1bdf", "bf"),
        (committee.seq_phragmen, 2, "1c 1ab 1bf 1ce 1bef 1bdf", "bc"),
        (committee.equal_shares, 4, "2abc 1ag 1de 1bdf 1af 1h 1ah 1bh 1bd 1def 1ceh", "abe"),
        (committee.equal_shares, 4, "2abc 1ag 1de 1bdf 1af 1h 1ah 1bh 1bd 1def 1ceh 1e", "adh"),
    ],
)
def test_counterexamples_to_monotonicity_and_strategyproofness(rule, k, people, expected):
    """Pairs of profiles by which the literature shows that more support may do harm."""
    groups = ((int(word.rstrip("abcdefgh")), word.lstrip("0123456789")) for word in people.split())
    assert chosen(rule(counted(*groups), k)) == expected


def test_proportional_seats_follow_dhondt():
    """With parties of 60, 30 and 10 people, ten seats are shared 6 : 3 : 1 by every rule but AV."""
    parties = np.repeat(np.arange(3), [60, 30, 10])
    profile = np.repeat(np.arange(3), 10)[None, :] == parties[:, None]
    for rule in (committee.seq_pav, committee.seq_phragmen, committee.equal_shares):
        assert [sum(j // 10 == p for j in rule(profile, 10)) for p in range(3)] == [6, 3, 1]
    assert committee.approval_voting(profile, 10) == tuple(range(10))


def test_equal_shares_spends_in_proportion_to_cost():
    """Three of four people want two dear projects, one wants a cheap one; 40 to spend.

    Each holds 10. Project 0 costs 18: 6 from each of three; then 12 are left for project 1 at 18:
    not enough. The fourth pays 10 for project 2.
    """
    wants = np.array([[1, 1, 0]] * 3 + [[0, 0, 1]], dtype=bool)
    assert committee.equal_shares_pb(wants, [18, 18, 10], 40) == (0, 2)
    assert committee.equal_shares_pb(wants, [18, 12, 10.5], 40) == (0, 1)


def test_cost_utilities_prefer_what_many_share():
    """Three people hold 2 each. All want project 0 at 6; the first alone wants project 1 at 1.

    By number, project 1 is cheaper per head (1 against 2), and then 0 is out of reach. By cost, 0
    is (2/6 against 1), and then nobody has anything left.
    """
    wants = np.array([[1, 1], [1, 0], [1, 0]], dtype=bool)
    assert committee.equal_shares_pb(wants, [6, 1], 6, "cardinality") == (1,)
    assert committee.equal_shares_pb(wants, [6, 1], 6, "cost") == (0,)


def test_unit_costs_make_a_budget_of_seats():
    """The two forms of equal shares are one rule when every column costs 1."""
    rng = np.random.default_rng(3)
    for _ in range(20):
        profile = rng.random((14, 7)) < 0.4
        for utility in ("cardinality", "cost"):
            pb = committee.equal_shares_pb(profile, np.ones(7), 4.0, utility)
            assert pb == committee.equal_shares(profile, 4)


def test_costs_are_decimal_numbers():
    """Two people with .15 each: together exactly .3, what a column of .3 costs."""
    assert committee.equal_shares_pb(np.ones((2, 1), dtype=bool), [0.3], 0.3) == (0,)
    # Three people hold .1 each; floats say .1 + .2 is more than .3.
    wants = np.array([[1, 1]] * 3, dtype=bool)
    assert committee.equal_shares_pb(wants, [0.1, 0.2], 0.3) == (0, 1)


@pytest.mark.parametrize("rule", RULES)
def test_what_does_not_fit_is_passed_over(rule):
    """Fixed out, in conflict with a chosen one, in a full theme or too dear: the next one comes."""
    people = np.ones((10, 6), dtype=bool)
    problem = ClauseProblem.of(
        *(6,),
        budget=4.0,
        costs=[1, 1, 1, 3, 1, 1],
        conflicts=[(0, 1)],
        themes=[0, -1, 0, -1, 1, 1],
        caps=[1, 2],
        fixed_out=[5],
    )
    # 0 first; then 1 (conflict), 2 (theme) are out; 3 costs the rest; nothing more fits.
    assert rule(people, 3, problem=problem) == (0, 3)
    assert rule(people, 3, problem=problem, order=[4, 1, 2, 0, 3, 5]) == (1, 2, 4)


@pytest.mark.parametrize("rule", RULES)
def test_what_is_fixed_in_comes_first(rule):
    """A clause that is settled takes its seat, and its friends' part of the say."""
    people = np.array([[1, 1, 0, 0]] * 2 + [[0, 0, 1, 1]] * 2, dtype=bool)
    problem = ClauseProblem.of(4, budget=4.0, fixed_in=[3])
    assert rule(people, 2, problem=problem) == (0, 3)
    with pytest.raises(AggregationInputError, match="fixed in"):
        rule(people, 0, problem=problem)
    nobody = np.array([[1, 0, 0, 0]] * 2, dtype=bool)  # nobody approves what is fixed in
    assert rule(nobody, 3, problem=problem) == (0, 3)


def test_conflicts_and_themes_always_hold():
    """On random profiles no rule breaks a constraint."""
    rng = np.random.default_rng(5)
    for _ in range(15):
        profile = rng.random((20, 9)) < 0.5
        problem = ClauseProblem.of(
            *(9,),
            budget=5.0,
            costs=rng.uniform(0.5, 2, 9),
            conflicts=[tuple(sorted(rng.choice(9, 2, replace=False).tolist())) for _ in range(4)],
            themes=rng.integers(-1, 3, 9),
            caps=2.0,
        )
        for rule in RULES:
            x = np.zeros(9)
            x[list(rule(profile, 6, problem=problem))] = 1
            assert problem.allows(x)


@pytest.mark.parametrize("rule", [*RULES, committee.pav_exact])
def test_nothing_to_choose_from(rule):
    """No people, no approvals or no seats: an empty committee; unapproved columns never fill up."""
    assert rule(np.zeros((0, 3), dtype=bool), 2) == ()
    assert rule(np.zeros((4, 3), dtype=bool), 2) == ()
    assert rule(np.ones((4, 3), dtype=bool), 0) == ()
    assert rule(np.zeros((4, 0), dtype=bool), 0) == ()
    assert rule(np.array([[1, 0, 0]], dtype=bool), 3) == (0,)
    assert rule(np.ones((1, 3), dtype=bool), 3) == (0, 1, 2)


@pytest.mark.parametrize("rule", [*RULES, committee.pav_exact])
def test_bad_input_is_named(rule):
    """The message says which entry, and what would be right."""
    good = np.ones((3, 2), dtype=bool)
    for k in (-1, 3, 1.5, True):
        with pytest.raises(AggregationInputError, match="whole number from 0 to 2"):
            rule(good, k)
    bad = good.astype(float)
    bad[1, 0] = np.nan
    with pytest.raises(AggregationInputError, match=r"approvals\[1, 0\]: nan"):
        rule(bad, 1)
    bad[1, 0] = 0.5
    with pytest.raises(AggregationInputError, match=r"approvals\[1, 0\]: 0.5"):
        rule(bad, 1)
    with pytest.raises(AggregationInputError, match="1 dimension"):
        rule(np.ones(3, dtype=bool), 1)
    for order in ([0], [0, 0], [1, 2]):
        with pytest.raises(AggregationInputError, match="order"):
            rule(good, 1, order=order)
    assert rule(good.astype(int), 1) == rule(good, 1)


def test_bad_costs_are_named():
    """Costs are above 0 and finite, and so is the budget."""
    people = np.ones((2, 3), dtype=bool)
    for cost in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(AggregationInputError, match=r"costs\[1\]"):
            committee.equal_shares_pb(people, [1, cost, 1], 2)
    with pytest.raises(AggregationInputError, match="give 3 numbers"):
        committee.equal_shares_pb(people, [1, 1], 2)
    for budget in (np.inf, np.nan, -1.0):
        with pytest.raises(AggregationInputError, match="budget"):
            committee.equal_shares_pb(people, [1, 1, 1], budget)
    with pytest.raises(AggregationInputError, match="utility"):
        committee.equal_shares_pb(people, [1, 1, 1], 2, "envy")
    with pytest.raises(AggregationInputError, match="2 columns"):
        committee.seq_pav(people, 1, problem=ClauseProblem.of(2, budget=1.0))
