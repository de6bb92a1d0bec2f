"""What a group of people that agree is owed: JR, PJR, EJR and EJR+, told apart by known cases."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregation import certify
from aggregation.errors import AggregationInputError
from aggregation.welfare import committee


def counted(columns: int, *groups: tuple[int, set[int]]) -> np.ndarray:
    """(n, columns) from numbers of people with the same approvals."""
    return np.array(
        [[j in wants for j in range(columns)] for number, wants in groups for _ in range(number)]
    )


def cohesive(profile: np.ndarray, k: int):
    """Every l, every l columns, and the people who approve all of them, where they are enough."""
    n, m = profile.shape
    for level in range(1, k + 1):
        for shared in itertools.combinations(range(m), level):
            people = np.flatnonzero(profile[:, shared].all(axis=1))
            if len(people) and len(people) * k >= level * n:
                yield level, people


def is_jr(profile: np.ndarray, chosen: tuple[int, ...], k: int) -> bool:
    """No large enough group that shares a column has nothing (Aziz et al. 2017)."""
    held = profile[:, list(chosen)].sum(axis=1)
    n = len(profile)
    return not any(
        level == 1 and np.sum(held[people] == 0) * k >= n for level, people in cohesive(profile, k)
    )


def is_pjr(profile: np.ndarray, chosen: tuple[int, ...], k: int) -> bool:
    """Together an l-cohesive group approves l of the chosen (Sanchez-Fernandez et al. 2017)."""
    n = len(profile)
    for level, people in cohesive(profile, k):
        for few in itertools.combinations(chosen, min(level - 1, len(chosen))):
            others = [j for j in chosen if j not in few]
            if np.sum(~profile[np.ix_(people, others)].any(axis=1)) * k >= level * n:
                return False
    return True


def is_ejr(profile: np.ndarray, chosen: tuple[int, ...], k: int) -> bool:
    """Someone in every l-cohesive group has l of the chosen (Aziz et al. 2017)."""
    held = profile[:, list(chosen)].sum(axis=1)
    n = len(profile)
    return not any(
        np.sum(held[people] < level) * k >= level * n for level, people in cohesive(profile, k)
    )


def is_ejr_plus(profile: np.ndarray, chosen: tuple[int, ...], k: int) -> bool:
    """As EJR, of groups that share a single column outside (Brill and Peters 2023)."""
    held = profile[:, list(chosen)].sum(axis=1)
    n, m = profile.shape
    return not any(
        np.sum(profile[:, j] & (held < level)) * k >= level * n
        for j in set(range(m)) - set(chosen)
        for level in range(1, k + 1)
        if np.any(profile[:, j] & (held < level))
    )


def verdicts(profile: np.ndarray, chosen: tuple[int, ...], k: int) -> tuple[bool, ...]:
    return tuple(axiom(profile, chosen, k) for axiom in (is_jr, is_pjr, is_ejr, is_ejr_plus))


def test_approval_voting_leaves_a_third_with_nothing():
    """Six people want the first three, three want the fourth: of three seats one is theirs."""
    profile = counted(4, (6, {0, 1, 2}), (3, {3}))
    chosen = committee.approval_voting(profile, 3)
    assert chosen == (0, 1, 2)
    assert verdicts(profile, chosen, 3) == (False, False, False, False)
    holds, ratios = certify.ejr_plus(profile, chosen)
    assert not holds
    assert ratios.tolist() == [0, 0, 0, 1]
    for rule in (committee.seq_pav, committee.seq_phragmen, committee.pav_exact):
        assert certify.ejr_plus(profile, rule(profile, 3))[0]


def test_sequential_pav_fails_justified_representation_for_large_committees():
    """Aziz et al. (2017): 1199 people, ten seats, and the 120 who want the eleventh get nothing."""
    profile = counted(
        *(11, (81, {0, 1}), (81, {0, 2}), (80, {1}), (80, {2})),
        *((81, {3, 4}), (81, {3, 5}), (80, {4}), (80, {5})),
        *((49, {6, 7}), (49, {6, 8}), (49, {6, 9}), (96, {7}), (96, {8}), (96, {9}), (120, {10})),
    )
    assert len(profile) == 1199
    chosen = committee.seq_pav(profile, 10)
    assert chosen == tuple(range(10))
    holds, ratios = certify.ejr_plus(profile, chosen)
    assert not holds
    assert ratios[10] == pytest.approx(10 * 120 / 1199)
    assert not is_jr(profile, chosen, 10)
    assert 10 in committee.equal_shares(profile, 10)
    assert 10 in committee.seq_phragmen(profile, 10)


def test_phragmens_rule_fails_extended_justified_representation():
    """Brill, Freeman, Janson and Lackner (2017): 24 people, twelve seats.

    Four people share columns 0 and 1 and are owed two seats; each has one. Together they have two,
    so PJR holds.
    """
    voice = [set(range(first + 1, 14)) for first in range(4)]
    profile = counted(
        14, (2, {0, 1, 2}), (2, {0, 1, 3}), (6, voice[1]), (5, voice[2]), (9, voice[3])
    )
    chosen = committee.seq_phragmen(profile, 12)
    assert chosen == tuple(range(2, 14))
    holds, ratios = certify.ejr_plus(profile, chosen)
    assert not holds
    assert ratios[:2].tolist() == [1, 1]
    four = profile[:4]
    assert four[:, list(chosen)].sum(axis=1).tolist() == [1, 1, 1, 1]
    assert four[:, list(chosen)].any(axis=0).sum() == 2
    for rule in (committee.equal_shares, committee.seq_pav):
        assert certify.ejr_plus(profile, rule(profile, 12), seats=12)[0]


@pytest.mark.parametrize(
    ("profile", "chosen", "expected"),
    [
        # Both share columns 0 and 1 and get one of them, the other seat goes to nobody's choice.
        (counted(3, (2, {0, 1})), (0, 2), (True, False, False, False)),
        # All four share 0 to 3 and each has one private choice: enough together, not for anyone.
        (
            counted(8, *((1, {0, 1, 2, 3, 4 + i}) for i in range(4))),
            (4, 5, 6, 7),
            (True, True, False, False),
        ),
        # Persons 1 and 2 share column 0 alone: no 2-cohesive group, yet both have less than two.
        (
            counted(5, (1, {0, 1}), (1, {0, 2}), (1, {3}), (1, {4})),
            (1, 2, 3, 4),
            (True, True, True, False),
        ),
        # The same people, with column 0 in the place of what person 1 had.
        (
            counted(5, (1, {0, 1}), (1, {0, 2}), (1, {3}), (1, {4})),
            (0, 2, 3, 4),
            (True, True, True, True),
        ),
    ],
    ids=["JR alone", "PJR, not EJR", "EJR, not EJR+", "EJR+"],
)
def test_each_axiom_is_stronger_than_the_one_before(profile, chosen, expected):
    """A committee for each step of the ladder; the certificate answers for the last."""
    assert verdicts(profile, chosen, len(chosen)) == expected
    assert certify.ejr_plus(profile, chosen)[0] == expected[-1]


@st.composite
def committees(draw) -> tuple[np.ndarray, tuple[int, ...], int]:
    """A small profile, a committee, and the seats that were to be filled (perhaps more)."""
    n, m = draw(st.integers(1, 8)), draw(st.integers(1, 6))
    cells = draw(st.lists(st.booleans(), min_size=n * m, max_size=n * m))
    chosen = draw(st.sets(st.integers(0, m - 1), min_size=0, max_size=m))
    seats = draw(st.integers(max(len(chosen), 1), m))
    return np.array(cells, dtype=bool).reshape(n, m), tuple(sorted(chosen)), seats


@given(committees())
def test_the_certificate_agrees_with_the_definition(case):
    """Its verdict is that of enumeration, its ratios say how near, and EJR+ implies the others."""
    profile, chosen, seats = case
    holds, ratios = certify.ejr_plus(profile, chosen, seats=seats)
    assert holds == is_ejr_plus(profile, chosen, seats)
    jr, pjr, ejr, _ = verdicts(profile, chosen, seats)
    assert holds <= ejr <= pjr <= jr
    held = profile[:, list(chosen)].sum(axis=1)
    for j in range(profile.shape[1]):
        expected = [
            seats * np.sum(profile[:, j] & (held < level)) / (level * len(profile))
            for level in range(1, seats + 1)
        ]
        assert ratios[j] == (0 if j in chosen else max(expected))
    if ratios.max() < 1 - 1e-12:
        assert holds


@given(st.data())
def test_equal_shares_and_pav_give_everybody_their_due(data):
    """Peters and Skowron (2020), Brill and Peters (2023): both satisfy EJR+, whatever the ties.

    So does every committee that no exchange improves, seen from where exchanges end.
    """
    n, m = data.draw(st.integers(1, 9)), data.draw(st.integers(1, 7))
    cells = data.draw(st.lists(st.booleans(), min_size=n * m, max_size=n * m))
    profile = np.array(cells, dtype=bool).reshape(n, m)
    k = data.draw(st.integers(0, m))
    order = data.draw(st.permutations(range(m)))
    assert certify.ejr_plus(profile, committee.equal_shares(profile, k, order=order), seats=k)[0]
    best = committee.pav_exact(profile, k, order=order)
    assert certify.ejr_plus(profile, best, seats=k)[0]
    start = tuple(sorted(order[:k]))
    stable = _exchanged(profile, start)
    assert np.all(certify.swap_margins(profile, stable) > 0)
    assert certify.ejr_plus(profile, stable, seats=k)[0]


def _exchanged(profile: np.ndarray, chosen: tuple[int, ...]) -> tuple[int, ...]:
    """The committee with exchanges made as long as one improves the harmonic score."""
    worth = np.append(0, np.cumsum(27720 // np.arange(1, 13)))  # whole numbers up to twelve held

    def score(members: tuple[int, ...]) -> int:
        return int(worth[profile[:, list(members)].sum(axis=1)].sum())

    while True:
        others = set(range(profile.shape[1])) - set(chosen)
        swapped = [
            tuple(sorted({*chosen, new} - {old})) for old in chosen for new in sorted(others)
        ]
        best = max(swapped, key=score, default=chosen)
        if score(best) <= score(chosen):
            return chosen
        chosen = best


def test_bad_input_to_the_certificate_is_named():
    """A cell that is no approval, a column that does not exist, a negative number of seats."""
    with pytest.raises(AggregationInputError, match=r"approvals\[1, 0\]: 2"):
        certify.ejr_plus(np.array([[1, 0], [2, 0]]), [0])
    with pytest.raises(AggregationInputError, match="5 is not a column"):
        certify.ejr_plus(np.ones((2, 2), dtype=bool), [5])
    with pytest.raises(AggregationInputError, match="seats"):
        certify.ejr_plus(np.ones((2, 2), dtype=bool), [0], seats=-1)
    assert certify.ejr_plus(np.ones((2, 2)), [0])[0]  # numbers 0 and 1 will do
