"""How many people it takes to make another clause better: by formula, and by removing people."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from aggregation import certify
from aggregation.errors import AggregationInputError
from aggregation.welfare import committee


def scores(utilities: np.ndarray, members: tuple[int, ...]) -> np.ndarray:
    """H of each person's utility, by scipy."""
    return special.digamma(utilities[:, list(members)].sum(axis=1) + 1) + np.euler_gamma


def by_removing_people(
    utilities: np.ndarray, chosen: tuple[int, ...], allowed: np.ndarray
) -> list[int]:
    """For each member, the smallest set of people without whom an exchange is better."""
    n, m = utilities.shape
    kept = scores(utilities, chosen)
    margins = []
    for place, a in enumerate(chosen):
        rest = tuple(j for j in chosen if j != a)
        leads = [
            kept - scores(utilities, (*rest, b))
            for b in range(m)
            if b not in chosen and allowed[place, b]
        ]
        margins.append(
            next(
                (
                    gone
                    for gone in range(n + 1)
                    for left in itertools.combinations(range(n), n - gone)
                    if any(lead[list(left)].sum() < -1e-9 for lead in leads)
                ),
                n,
            )
        )
    return margins


@st.composite
def cases(draw, *, whole: bool) -> tuple[np.ndarray, tuple[int, ...], np.ndarray]:
    n, m = draw(st.integers(1, 7)), draw(st.integers(2, 5))
    grades = st.sampled_from([0.0, 1.0]) if whole else st.sampled_from([0.0, 0.2, 0.5, 0.9, 1.0])
    cells = draw(st.lists(grades, min_size=n * m, max_size=n * m))
    chosen = draw(st.sets(st.integers(0, m - 1), min_size=1, max_size=m - 1))
    free = draw(st.lists(st.booleans(), min_size=len(chosen) * m, max_size=len(chosen) * m))
    allowed = np.array(free, dtype=bool).reshape(len(chosen), m)
    return np.array(cells).reshape(n, m), tuple(sorted(chosen)), allowed


@pytest.mark.parametrize("whole", [True, False])
@given(st.data())
def test_margins_are_what_removing_people_gives(whole, data):
    """Every set of people removed, with and without forbidden exchanges, ties included."""
    utilities, chosen, allowed = data.draw(cases(whole=whole))
    table = utilities.astype(bool) if whole else utilities
    everything = np.ones_like(allowed)
    assert certify.swap_margins(table, chosen).tolist() == by_removing_people(
        utilities, chosen, everything
    )
    assert certify.swap_margins(table, chosen, allowed=allowed).tolist() == by_removing_people(
        utilities, chosen, allowed
    )


def test_three_supporters_against_two():
    """With one of the three gone the columns tie; with two gone the other is better."""
    profile = np.array([[1, 0]] * 3 + [[0, 1]] * 2, dtype=bool)
    assert certify.swap_margins(profile, [0]).tolist() == [2]
    assert certify.swap_margins(profile, [1]).tolist() == [0]
    assert certify.swap_margins(profile[:3], [0]).tolist() == [3]  # nobody wants the other


def test_people_who_have_little_else_count_most():
    """Two chosen columns: their shared friends lose 1/2 each when one goes, its own friend 1."""
    profile = np.array([[1, 1, 0]] * 4 + [[1, 0, 0]] + [[0, 0, 1]], dtype=bool)
    # Keeping 0 over 2: 4/2 + 1 - 1 = 2. The one whose only column it is leaves first: 1, then two
    # more leave it at 0, a tie, and a fourth person makes the exchange better.
    assert certify.swap_margins(profile, [0, 1]).tolist() == [4, 3]


def test_large_committees_are_counted_exactly():
    """With 60 columns lcm(1..61) needs Python's integers; the answer is that of fractions."""
    rng = np.random.default_rng(0)
    profile = rng.random((40, 63)) < 0.9
    chosen = list(range(60))
    common = math.lcm(*range(1, 61))
    held = profile[:, chosen].sum(axis=1).tolist()
    worth = [0, *itertools.accumulate(common // t for t in range(1, 61))]

    def margin(a: int) -> int:
        least = len(profile)
        for b in range(60, 63):
            change = [
                worth[h] - worth[h - int(row[a]) + int(row[b])]
                for h, row in zip(held, profile, strict=True)
            ]
            lead, gone = sum(change), 0
            for one in sorted(change, reverse=True):
                if lead < 0:
                    break
                lead, gone = lead - one, gone + 1
            least = min(least, gone if lead < 0 else len(profile))
        return least

    assert certify.swap_margins(profile, chosen).tolist() == [margin(a) for a in chosen]


def test_numbers_and_booleans_are_the_same_people():
    """Utilities that happen to be 0 and 1 take the exact road."""
    rng = np.random.default_rng(1)
    profile = rng.random((300, 12)) < 0.4
    chosen = committee.pav_exact(profile, 4)
    exact = certify.swap_margins(profile, chosen)
    np.testing.assert_array_equal(certify.swap_margins(profile.astype(float), chosen), exact)
    nearly = np.clip(profile.astype(float), 1e-12, 1)
    assert np.all(np.abs(certify.swap_margins(nearly, chosen) - exact) <= 1)


def test_margins_do_not_depend_on_the_order_of_people():
    """Counts are of people, and renaming them changes nothing."""
    rng = np.random.default_rng(2)
    for utilities in (rng.random((200, 8)), rng.random((200, 8)) < 0.5):
        expected = certify.swap_margins(utilities, [1, 4, 6])
        for _ in range(5):
            shuffled = utilities[rng.permutation(200)]
            np.testing.assert_array_equal(certify.swap_margins(shuffled, [1, 4, 6]), expected)


def test_nothing_to_exchange():
    """Nobody, no committee, or no clause outside: as many as there are people."""
    people = np.ones((3, 2), dtype=bool)
    assert certify.swap_margins(people, []).tolist() == []
    assert certify.swap_margins(people, [0, 1]).tolist() == [3, 3]
    assert certify.swap_margins(people[:0], [0]).tolist() == [0]
    assert certify.swap_margins(people, [0], allowed=np.zeros((1, 2), dtype=bool)).tolist() == [3]


def test_bad_input_is_named():
    """Entries outside 0..1, unknown columns, and a table of exchanges of another size."""
    with pytest.raises(AggregationInputError, match=r"utilities\[0, 1\]: 1.5"):
        certify.swap_margins(np.array([[0.5, 1.5]]), [0])
    with pytest.raises(AggregationInputError, match=r"utilities\[0, 1\]: nan"):
        certify.swap_margins(np.array([[0.5, np.nan]]), [0])
    with pytest.raises(AggregationInputError, match="7 is not a column"):
        certify.swap_margins(np.ones((2, 2), dtype=bool), [7])
    with pytest.raises(AggregationInputError, match="1 chosen clauses by 2"):
        certify.swap_margins(np.ones((2, 2), dtype=bool), [0], allowed=np.ones((2, 2), dtype=bool))
