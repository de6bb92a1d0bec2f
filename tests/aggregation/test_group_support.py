"""What groups say: counts, their intervals, and what sets groups apart."""

from __future__ import annotations

import numpy as np
import pytest
from tables import negated, two_camps

from aggregation import opinion


def test_counts_are_those_made_by_hand():
    """Counting cell by cell gives the same numbers; ungrouped people count in the whole only."""
    table = two_camps(np.random.default_rng(5), people=20)
    labels = np.array([0] * 8 + [1] * 9 + [-1] * 3)
    groups = opinion.Groups(table.participants, labels, 2, np.array([8, 9]), 0.0)
    support = opinion.group_support(table, groups)
    values, seen = table.values.toarray(), table.indicator().toarray()
    for group in (0, 1):
        np.testing.assert_array_equal(support.agree[group], (values[labels == group] == 1).sum(0))
        np.testing.assert_array_equal(support.seen[group], seen[labels == group].sum(0))
    np.testing.assert_array_equal(support.disagree_all, (values == -1).sum(axis=0))


def test_counting_in_parts_counts_the_same(camps, monkeypatch):
    """However many people are counted at once, and in whatever order the groups name them."""
    groups = opinion.groups(opinion.project(camps))
    expected = opinion.group_support(camps, groups)
    turned = opinion.Groups(
        groups.participants[::-1], groups.labels[::-1].copy(), groups.k, groups.sizes, 0.0
    )
    monkeypatch.setattr("aggregation.opinion.support.PEOPLE_AT_ONCE", 7)
    for other in (groups, turned):
        found = opinion.group_support(camps, other)
        np.testing.assert_array_equal(found.agree, expected.agree)
        np.testing.assert_array_equal(found.seen, expected.seen)
        np.testing.assert_array_equal(found.disagree_all, expected.disagree_all)


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (0, 0, 0.0, 1.0),
    ],
)
def test_wilson_intervals_known_from_the_literature(count, total, low, high):
    """The four examples of Newcombe (1998), to their four digits."""
    np.testing.assert_allclose(opinion.wilson(count, total), (low, high), atol=5.1e-5)


def test_what_sets_camps_apart_is_what_they_dispute(camps):
    """Claims that both camps share represent neither of them."""
    support = opinion.group_support(camps, opinion.groups(opinion.project(camps)))
    for group, typical in enumerate(opinion.representative(support)):
        assert typical
        for one in typical:
            assert one.column % 3 != 0
            side = support.agree if one.direction > 0 else support.disagree
            assert side[group, one.column] > support.seen[group, one.column] / 2


def test_representatives_change_sides_with_the_votes(camps):
    """After negation the same claims represent the same groups, the other way round."""
    flipped = negated(camps)
    groups = opinion.groups(opinion.project(camps))
    before = opinion.representative(opinion.group_support(camps, groups))
    after = opinion.representative(opinion.group_support(flipped, groups))
    told = [[(one.column, one.direction) for one in group] for group in before]
    assert [[(one.column, -one.direction) for one in group] for group in after] == told
