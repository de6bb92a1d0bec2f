"""How sure a claim's class is."""

from __future__ import annotations

import numpy as np
import pytest
from tables import negated, two_camps

from aggregation import opinion, robust, tiers
from aggregation.errors import AggregationInputError
from aggregation.tiers import Policy
from aggregation.votes import VoteTable
from aggregation.welfare.problem import ClauseProblem


def _run(table: VoteTable, **changes) -> np.ndarray:
    groups = opinion.groups(opinion.project(table))
    return robust.stability(table, groups, Policy(), **changes)


def test_resampling_by_hand_gives_the_same_share():
    """Copying drawn people one by one and counting again agrees with the weighted sums."""
    table = two_camps(np.random.default_rng(6), people=40, claims=9)
    groups = opinion.groups(opinion.project(table))
    truth = tiers.assign(opinion.group_support(table, groups), Policy())
    rng, kept = np.random.default_rng(11), np.zeros(9)
    for drawn in rng.multinomial(40, np.full(40, 1 / 40), size=20):
        copies = np.repeat(np.arange(40), drawn)
        rows, columns = np.nonzero(table.indicator().toarray()[copies])
        values = table.values.toarray()[copies][rows, columns]
        again = VoteTable.from_arrays(rows, columns, values).reindex(table.statements)
        labels = np.array([groups.labels[copies[int(name)]] for name in again.participants])
        same = opinion.Groups(again.participants, labels, groups.k, groups.sizes, 0.0)
        found = tiers.assign(opinion.group_support(again, same), Policy())
        kept += (found.standing == truth.standing) & (found.direction == truth.direction)
    share = robust.stability(table, groups, Policy(), resamples=20, seed=11)
    np.testing.assert_allclose(share, kept / 20)


def test_a_wide_margin_is_stable_and_a_narrow_one_is_not():
    """Unanimity stays what it is; support exactly at a threshold comes and goes."""
    people = np.repeat(np.arange(100), 2)
    claims = np.tile([0, 1], 100)
    values = np.ones(200, dtype=int)
    values[1::2] = np.where(np.arange(100) < 70, 1, -1)
    table = VoteTable.from_arrays(people, claims, values)
    one = opinion.Groups(table.participants, np.zeros(100, dtype=int), 1, np.array([100]), 0.0)
    share = robust.stability(table, one, Policy())
    assert share[0] == 1.0
    assert 0.4 < share[1] < 0.95


def test_negation_changes_no_stability():
    """A rejected claim is as stable as the same claim accepted."""
    table = two_camps(np.random.default_rng(7))
    np.testing.assert_array_equal(_run(negated(table)), _run(table))


def test_the_seed_decides_everything():
    """The same seed gives the same figures, another seed nearly the same."""
    table = two_camps(np.random.default_rng(8))
    np.testing.assert_array_equal(_run(table, seed=1), _run(table, seed=1))
    np.testing.assert_allclose(_run(table, seed=1), _run(table, seed=2), atol=0.15)


def test_without_people_or_resamples_nothing_changes():
    """Where nothing is resampled, everything keeps its class."""
    empty = VoteTable.from_arrays([], [], []).reindex(["1", "2"])
    assert _run(empty).tolist() == [1.0, 1.0]
    assert _run(two_camps(np.random.default_rng(9)), resamples=0).min() == 1.0


def test_a_strength_held_before_is_steadier():
    """Support at the threshold keeps its SHOULD more often where hysteresis eases it."""
    people, claims = np.repeat(np.arange(100), 2), np.tile([0, 1], 100)
    values = np.ones(200, dtype=int)
    values[1::2] = np.where(np.arange(100) < 70, 1, -1)
    table = VoteTable.from_arrays(people, claims, values)
    one = opinion.Groups(table.participants, np.zeros(100, dtype=int), 1, np.array([100]), 0.0)
    fresh = robust.stability(table, one, Policy())
    held = robust.stability(table, one, Policy(), held=(None, "should"))
    assert held[0] == fresh[0]
    assert held[1] > fresh[1]
    np.testing.assert_array_equal(robust.stability(table, one, Policy(), held=(None, None)), fresh)


# -- how often a clause is chosen ------------------------------------------------------------------


def _frequency(utilities: np.ndarray, *, budget: float = 1.0, **options) -> np.ndarray:
    n, m = utilities.shape
    problem = ClauseProblem.of(m, budget=budget)
    return robust.selection_frequency(utilities, np.full(n, 1 / max(n, 1)), problem, **options)


def test_a_clear_favourite_is_always_chosen_and_a_near_tie_about_half_the_time():
    """95 of 100 against 5 leaves nothing to chance; 51 against 49 nearly everything."""
    clear, close = (np.repeat(np.eye(2), [a, 100 - a], axis=0) for a in (95, 51))
    assert _frequency(clear).tolist() == [1.0, 0.0]
    share = _frequency(close, resamples=200)
    assert 0.4 < share[0] < 0.8
    assert share.sum() == 1.0


def test_drawing_by_hand_gives_the_same_frequencies():
    """With one seat the clause with most approvals in the draw wins, the earlier on a tie."""
    utilities = (np.random.default_rng(2).random((30, 3)) < [0.5, 0.5, 0.4]).astype(float)
    drawn = np.random.default_rng(4).multinomial(30, np.full(30, 1 / 30), size=50)
    best = np.argmax(drawn @ utilities, axis=1)
    expected = np.bincount(best, minlength=3) / 50
    np.testing.assert_allclose(_frequency(utilities, resamples=50, seed=4), expected)


def test_weights_decide_who_is_drawn():
    """Whoever has no weight never comes."""
    utilities = np.repeat(np.eye(2), [10, 30], axis=0)
    weights = np.repeat([1.0, 0.0], [10, 30])
    problem = ClauseProblem.of(2, budget=1.0)
    share = robust.selection_frequency(utilities, weights, problem, resamples=5)
    assert share.tolist() == [1.0, 0.0]


def test_large_crowds_are_drawn_by_types(monkeypatch):
    """Identical people are one type, so types lose nothing here."""
    monkeypatch.setattr("aggregation.robust.selection.LARGE", 50)
    utilities = np.repeat(np.eye(2), [80, 20], axis=0)
    assert _frequency(utilities, resamples=10).tolist() == [1.0, 0.0]


def test_the_seed_decides_the_frequencies_and_nobody_chooses_nothing():
    """Same seed, same figures; zeros where there is nobody or nothing to choose."""
    utilities = np.random.default_rng(1).random((20, 5))
    np.testing.assert_array_equal(
        _frequency(utilities, budget=2.0, seed=3), _frequency(utilities, budget=2.0, seed=3)
    )
    assert _frequency(np.zeros((0, 2))).tolist() == [0.0, 0.0]
    assert _frequency(np.zeros((3, 0))).tolist() == []
    with pytest.raises(AggregationInputError, match="resamples 0"):
        _frequency(utilities, resamples=0)
