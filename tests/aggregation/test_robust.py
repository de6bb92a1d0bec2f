"""How sure a claim's class is."""

from __future__ import annotations

import numpy as np
from tables import negated, two_camps

from aggregation import opinion, robust, tiers
from aggregation.tiers import Policy
from aggregation.votes import VoteTable


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
