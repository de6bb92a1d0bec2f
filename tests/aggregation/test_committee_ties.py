"""Committee rules against slow copies of their definitions, with every way of breaking ties."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregation.welfare import committee

Purchase = tuple[int, Fraction]


@st.composite
def profiles(draw, *, people: int = 9, columns: int = 6) -> np.ndarray:
    """Small tables, thin or dense, in which ties abound."""
    n, m = draw(st.integers(1, people)), draw(st.integers(1, columns))
    cells = draw(st.lists(st.booleans(), min_size=n * m, max_size=n * m))
    return np.array(cells, dtype=bool).reshape(n, m)


def seq_pav_values(profile: np.ndarray, k: int, taken: tuple[int, ...]) -> dict[int, Fraction]:
    """What each column would lose by not coming next, by the definition."""
    held = profile[:, list(taken)].sum(axis=1)
    return {
        j: -sum((Fraction(1, int(h) + 1) for h in held[profile[:, j]]), Fraction(0))
        for j in range(profile.shape[1])
        if j not in taken and profile[:, j].any()
    }


def phragmen_values(profile: np.ndarray, k: int, taken: tuple[int, ...]) -> dict[int, Fraction]:
    """Loads replayed from the beginning, person by person."""
    loads = [Fraction(0)] * len(profile)

    def after(j: int) -> Fraction:
        friends = np.flatnonzero(profile[:, j])
        return (1 + sum((loads[i] for i in friends), Fraction(0))) / len(friends)

    for j in taken:
        level = after(j)
        for i in np.flatnonzero(profile[:, j]):
            loads[i] = level
    return {j: after(j) for j in range(profile.shape[1]) if j not in taken and profile[:, j].any()}


def approval_values(profile: np.ndarray, k: int, taken: tuple[int, ...]) -> dict[int, Fraction]:
    return {
        j: Fraction(-int(profile[:, j].sum()))
        for j in range(profile.shape[1])
        if j not in taken and profile[:, j].any()
    }


def shares_values(
    profile: np.ndarray,
    costs: list[Fraction],
    budget: Fraction,
    taken: tuple[int, ...],
    *,
    per_cost: bool,
) -> dict[int, Fraction]:
    """Budgets replayed from the beginning; the price per head by trying who pays all they have."""
    purse = [budget / len(profile)] * len(profile)

    def price(j: int) -> Fraction | None:
        friends = sorted(purse[i] for i in np.flatnonzero(profile[:, j]))
        for rich in range(len(friends), 0, -1):
            poor = friends[: len(friends) - rich]
            rate = (costs[j] - sum(poor, Fraction(0))) / rich
            if rate <= friends[len(poor)]:
                return rate
        return None

    for j in taken:
        rate = price(j)
        for i in np.flatnonzero(profile[:, j]):
            purse[i] -= min(purse[i], rate)
    priced = {j: price(j) for j in range(profile.shape[1]) if j not in taken}
    return {
        j: rate / (costs[j] if per_cost else 1) for j, rate in priced.items() if rate is not None
    }


def equal_shares_values(profile: np.ndarray, k: int, taken: tuple[int, ...]) -> dict:
    return shares_values(
        profile, [Fraction(1)] * profile.shape[1], Fraction(k), taken, per_cost=False
    )


Values = Callable[[np.ndarray, int, tuple[int, ...]], dict[int, Fraction]]


def outcomes(profile: np.ndarray, k: int, values: Values) -> set[tuple[int, ...]]:
    """Every committee that some way of breaking ties leads to."""

    def grow(taken: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        worth = values(profile, k, taken) if len(taken) < k else {}
        if not worth:
            yield tuple(sorted(taken))
        for j in worth:
            if worth[j] == min(worth.values()):
                yield from grow((*taken, j))

    return set(grow(()))


def by_order(profile: np.ndarray, k: int, values: Values, order: list[int]) -> tuple[int, ...]:
    """The committee that ties broken by this order lead to."""
    taken: tuple[int, ...] = ()
    while len(taken) < k and (worth := values(profile, k, taken)):
        taken = (*taken, min(worth, key=lambda j: (worth[j], order.index(j))))
    return tuple(sorted(taken))


SEQUENTIAL = [
    (committee.approval_voting, approval_values),
    (committee.seq_pav, seq_pav_values),
    (committee.seq_phragmen, phragmen_values),
    (committee.equal_shares, equal_shares_values),
]


@pytest.mark.parametrize(("rule", "values"), SEQUENTIAL)
@given(st.data())
def test_a_result_is_always_one_of_the_tied_best(rule, values, data):
    """Whatever the order of ties, the result is an outcome, and it is the one of that order."""
    profile = data.draw(profiles())
    k = data.draw(st.integers(0, profile.shape[1]))
    order = data.draw(st.permutations(range(profile.shape[1])))
    assert rule(profile, k, order=order) in outcomes(profile, k, values)
    assert rule(profile, k, order=order) == by_order(profile, k, values, order)
    assert rule(profile, k) == by_order(profile, k, values, list(range(profile.shape[1])))


@given(profiles(), st.data())
def test_equal_shares_with_costs_follow_the_definition(profile, data):
    """Cheap and dear columns, both utilities, ties by any order."""
    m = profile.shape[1]
    costs = data.draw(st.lists(st.sampled_from([0.5, 1.0, 1.2, 2.0, 3.3]), min_size=m, max_size=m))
    budget = data.draw(st.sampled_from([0.0, 1.0, 2.4, 5.0]))
    order = data.draw(st.permutations(range(m)))
    exact = [Fraction(str(cost)) for cost in costs]
    for utility in ("cardinality", "cost"):

        def values(profile, k, taken, per_cost=utility == "cost"):
            return shares_values(profile, exact, Fraction(str(budget)), taken, per_cost=per_cost)

        found = committee.equal_shares_pb(profile, costs, budget, utility, order=order)
        assert found == by_order(profile, m, values, order)
        assert sum(exact[j] for j in found) <= Fraction(str(budget))


def harmonic_score(profile: np.ndarray, members: tuple[int, ...]) -> Fraction:
    held = profile[:, list(members)].sum(axis=1)
    return sum((Fraction(1, h) for t in held for h in range(1, int(t) + 1)), Fraction(0))


@given(st.data())
def test_exact_pav_is_the_best_of_all_sets(data):
    """Against every set of that size; of tied ones the first."""
    profile = data.draw(profiles())
    k = data.draw(st.integers(0, profile.shape[1]))
    columns = np.flatnonzero(profile.any(axis=0)).tolist()
    sets = list(itertools.combinations(columns, min(k, len(columns))))
    assert committee.pav_exact(profile, k) == max(
        sets, key=lambda one: (harmonic_score(profile, one), [-j for j in one])
    )
    order = data.draw(st.permutations(range(profile.shape[1])))
    ranked = {one: sorted(order.index(j) for j in one) for one in sets}
    assert committee.pav_exact(profile, k, order=order) == max(
        sets, key=lambda one: (harmonic_score(profile, one), [-r for r in ranked[one]])
    )


ALL = [rule for rule, _ in SEQUENTIAL] + [committee.pav_exact]


@pytest.mark.parametrize("rule", ALL)
@given(profiles(people=12, columns=8), st.integers(0, 2**32 - 1))
def test_people_are_counted_not_named(rule, profile, seed):
    """Another order of people, everybody three times, columns renamed: the same committee."""
    rng = np.random.default_rng(seed)
    n, m = profile.shape
    k = int(rng.integers(0, m + 1))
    expected = rule(profile, k)
    assert rule(profile[rng.permutation(n)], k) == expected
    assert rule(np.tile(profile, (3, 1)), k) == expected
    names = rng.permutation(m)  # column j is now called names[j]
    renamed = np.empty_like(profile)
    renamed[:, names] = profile
    found = rule(renamed, k, order=names.tolist())
    assert found == tuple(sorted(names[list(expected)].tolist()))


def test_nearly_tied_is_not_tied():
    """A price that is lower by a ten-billionth is lower; an equal one goes to the first column."""
    everyone = np.ones((3, 2), dtype=bool)
    assert committee.equal_shares_pb(everyone, [1.0000000001, 1.0], 1.5) == (1,)
    assert committee.equal_shares_pb(everyone, [1.0, 1.0000000001], 1.5) == (0,)
    assert committee.equal_shares_pb(everyone, [1.0, 1.0], 1.5) == (0,)
    assert committee.equal_shares_pb(everyone, [1.0, 1.0], 1.5, order=[1, 0]) == (1,)


def test_exactly_enough_is_enough():
    """Three people who hold a third each can pay 1, and a ten-billionth more is too much."""
    everyone = np.ones((3, 1), dtype=bool)
    assert committee.equal_shares_pb(everyone, [1.0], 1.0) == (0,)
    assert committee.equal_shares_pb(everyone, [1.0000000001], 1.0) == ()


def test_many_seats_stay_exact():
    """With 60 seats the common denominator no longer fits 64 bits: Python integers take over."""
    rng = np.random.default_rng(1)
    profile = rng.random((30, 64)) < 0.5
    for rule, values in SEQUENTIAL:
        assert rule(profile, 60) == by_order(profile, 60, values, list(range(64)))


def test_hundreds_of_people_with_ties():
    """Whole blocs of people with the same approvals make exact ties at every step."""
    rng = np.random.default_rng(2)
    profile = np.repeat(rng.random((12, 15)) < 0.4, 40, axis=0)
    order = rng.permutation(15).tolist()
    for rule, values in SEQUENTIAL:
        assert rule(profile, 8, order=order) == by_order(profile, 8, values, order)
