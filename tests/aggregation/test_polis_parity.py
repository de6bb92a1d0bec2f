"""Polis's statistics: as Polis exported them, and as its formulas give them by hand."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from tables import polis_matrix

from aggregation import opinion
from aggregation.votes import VoteTable

CONVERSATIONS = (
    "15-per-hour-seattle",
    "american-assembly.bowling-green",
    "austria-climate.5twd2jsnkf.2022-08-08",
    "scoop-hivemind.biodiversity",
    "vtaiwan.uberx",
)


def _polis_groups(folder: Path) -> tuple[VoteTable, opinion.Groups]:
    """The votes of an export, and the groups into which Polis put people."""
    table, given = polis_matrix(folder)
    labels = np.array([int(given[one] or -1) for one in table.participants])
    sizes = np.bincount(labels[labels >= 0])
    return table, opinion.Groups(table.participants, labels, len(sizes), sizes, 0.0)


def _support(agree, disagree, seen) -> opinion.Support:
    """Counts (k, m) of people who all belong to a group."""
    counts = [np.array(one) for one in (agree, disagree, seen)]
    names = tuple(str(column) for column in range(counts[0].shape[1]))
    return opinion.Support(names, *counts, *(one.sum(axis=0) for one in counts))


def _rand_index(one: np.ndarray, other: np.ndarray) -> float:
    """The adjusted Rand index of two partitions (Hubert and Arabie 1985): 1 same, 0 by chance."""
    together = np.zeros((one.max() + 1, other.max() + 1))
    np.add.at(together, (one, other), 1)

    def pairs(counts: np.ndarray) -> float:
        return float((counts * (counts - 1) / 2).sum())

    rows, columns = pairs(together.sum(axis=1)), pairs(together.sum(axis=0))
    chance = rows * columns / pairs(np.array([len(one)]))
    return (pairs(together) - chance) / ((rows + columns) / 2 - chance)


def test_group_informed_consensus_is_reproduced(data_dir):
    """With Polis's own groups our consensus equals all 371 figures that Polis exported."""
    folder = data_dir / "polis" / "bg2050-volunteers"
    table, groups = _polis_groups(folder)
    consensus = opinion.group_consensus(opinion.group_support(table, groups))
    ours = dict(zip(table.statements, consensus.tolist(), strict=True))
    with (folder / "comments.csv").open(newline="", encoding="utf-8") as file:
        exported = {
            row["comment-id"]: float(row["group-informed-consensus"])
            for row in csv.DictReader(file)
        }
    assert len(exported) == 371
    assert sorted(exported) == sorted(ours)
    for name, figure in exported.items():
        assert ours[name] == pytest.approx(figure, abs=1e-9)


@pytest.mark.parametrize("conversation", CONVERSATIONS)
def test_people_are_placed_where_polis_placed_them(data_dir, conversation):
    """The same people are grouped, and mostly together; Polis's clusters carry their own past."""
    table, theirs = _polis_groups(data_dir / "polis" / conversation)
    placed = theirs.labels >= 0
    for rules in (opinion.DEFAULT, opinion.POLIS):
        ours = opinion.analyse(table, rules=rules).groups
        assert np.mean((ours.labels >= 0) == placed) > 0.99
        both = placed & (ours.labels >= 0)
        assert _rand_index(ours.labels[both], theirs.labels[both]) > 0.6


def test_the_difference_test_is_the_textbook_one():
    """9 of 10 against 1 of 10, one added each: q = 12 / 22, z = (8 / 11) / sqrt(q (1-q) 2 / 11)."""
    support = _support([[9], [1]], [[1], [9]], [[10], [10]])
    pooled = 12 / 22
    expected = (8 / 11) / np.sqrt(pooled * (1 - pooled) * 2 / 11)
    np.testing.assert_allclose(opinion.difference(support), [[expected], [-expected]])


def test_unanimity_everywhere_is_no_difference():
    """Where everybody asked agreed, q = 1 and the test says 0, not a division by zero."""
    support = _support([[4], [6]], [[0], [0]], [[4], [6]])
    assert opinion.difference(support).tolist() == [[0.0], [0.0]]


def test_group_consensus_by_hand():
    """3 of 4 and 0 of 1: 4/6 x 1/3 agree, 1/6 x 2/3 disagree."""
    support = _support([[3], [0]], [[0], [1]], [[4], [1]])
    np.testing.assert_allclose(opinion.group_consensus(support), [4 / 18])
    np.testing.assert_allclose(opinion.group_consensus(support, direction=-1), [2 / 18])


def test_representative_by_hand():
    """9 of 10 in the group, 1 of 10 outside: share 10/12, ratio 5, and z of the difference."""
    support = _support([[9, 5], [1, 5]], [[1, 5], [9, 5]], [[10, 10], [10, 10]])
    first, second = opinion.representative(support)
    pooled = 12 / 22
    z = (8 / 11) / np.sqrt(pooled * (1 - pooled) * 2 / 11)
    assert [(one.column, one.direction) for one in first] == [(0, 1)]
    assert [(one.column, one.direction) for one in second] == [(0, -1)]
    np.testing.assert_allclose((first[0].share, first[0].ratio, first[0].z), (10 / 12, 5, z))


def test_what_represents_a_group_most_comes_first():
    """Ordered by share x ratio x both z; as many as asked for, whichever side they are on."""
    agree = [[60, 5, 55, 30], [30, 60, 5, 30]]
    disagree = [[10, 60, 10, 30], [40, 5, 60, 30]]
    support = _support(agree, disagree, [[70] * 4] * 2)
    told = [(one.column, one.direction) for one in opinion.representative(support)[0]]
    assert told == [(1, -1), (2, 1), (0, 1)]
    assert len(opinion.representative(support, limit=2)[0]) == 2


def test_polis_tells_agreement_first():
    """By Polis's rules the strongest disagreement waits behind weaker agreement."""
    agree = [[60, 5, 55, 30], [30, 60, 5, 30]]
    disagree = [[10, 60, 10, 30], [40, 5, 60, 30]]
    support = _support(agree, disagree, [[70] * 4] * 2)
    told = opinion.representative(support, agree_first=True)[0]
    assert [(one.column, one.direction) for one in told] == [(2, 1), (0, 1), (1, -1)]


def test_polis_never_leaves_a_group_without_a_claim():
    """Two groups who think alike: ours are silent, Polis's name what comes nearest."""
    support = _support([[6, 5], [5, 5]], [[4, 5], [5, 5]], [[10, 10], [10, 10]])
    assert opinion.representative(support) == ((), ())
    told = opinion.representative(support, agree_first=True)
    assert [[(one.column, one.direction) for one in group] for group in told] == [
        [(0, 1)],
        [(0, -1)],
    ]
    assert opinion.representative(_support([[], []], [[], []], [[], []]), agree_first=True) == (
        (),
        (),
    )


def test_a_place_is_kept_for_what_a_group_agrees_with():
    """Everybody's favourite sets no group apart, yet Polis lets each group name it."""
    agree = [[95, 90, 10], [95, 10, 90]]
    disagree = [[4, 10, 90], [5, 90, 10]]
    support = _support(agree, disagree, [[100] * 3] * 2)
    assert {one.column for one in opinion.representative(support)[0]} == {1, 2}
    # The favourite comes first among the columns but has a ratio of 1: plain share x z decides.
    told = opinion.representative(support, agree_first=True)[0]
    assert [(one.column, one.direction) for one in told] == [(0, 1), (1, 1), (2, -1)]


def test_consensus_by_hand():
    """20 of 20 agree: share 21/22, z = 2 sqrt(21) / 2; half and half is no consensus."""
    support = _support([[20, 10, 2, 15]], [[0, 10, 18, 0]], [[20, 20, 20, 20]])
    agreed, weaker, disagreed = opinion.consensus(support)
    assert (agreed.column, agreed.direction) == (0, 1)
    np.testing.assert_allclose((agreed.share, agreed.z), (21 / 22, np.sqrt(21)))
    assert (weaker.column, weaker.direction) == (3, 1)
    assert (disagreed.column, disagreed.direction) == (2, -1)
    np.testing.assert_allclose(disagreed.z, 2 * np.sqrt(21) * (19 / 21 - 0.5))


def test_consensus_lists_are_short():
    """At most five each way, the clearest first; equal ones in the order of the claims."""
    agree = [[30, 31, 32, 33, 34, 34, 2]]
    support = _support(agree, [[0] * 6 + [38]], [[40] * 7])
    assert [one.column for one in opinion.consensus(support)] == [4, 5, 3, 2, 1, 6]
    assert [one.column for one in opinion.consensus(support, limit=1)] == [4, 6]


def test_priority_by_hand():
    """No answers yet: (1/2 x (1 + E) x 1/2 x 9)^2; meta claims have 49 whatever was answered."""
    support = _support([[0, 8, 8]], [[0, 1, 1]], [[0, 10, 10]])
    extremity = np.array([0.0, 1.5, 1.5])
    priority = opinion.polis_priority(support, extremity, meta=np.array([False, False, True]))
    answered = ((1 - 2 / 12) * 2.5 * (9 / 12) * (1 + 8 / 4)) ** 2
    np.testing.assert_allclose(priority, [(9 / 4) ** 2, answered, 49.0])
    np.testing.assert_allclose(opinion.polis_priority(support, extremity)[2], answered)


def test_extremity_is_where_a_single_agreement_leads():
    """Somebody who only agrees with one claim stands as far out as its extremity says."""
    rows, columns = np.nonzero(np.random.default_rng(0).random((60, 9)) < 0.8)
    values = np.where(np.random.default_rng(1).random(rows.size) < 0.5, 1, -1)
    table = VoteTable.from_arrays(rows, columns, values)
    projection = opinion.project(table)
    for claim, extremity in enumerate(opinion.extremity(projection)):
        vote = np.zeros(9)
        vote[claim] = 1 - projection.means[claim]
        place = np.sqrt(9 / 1) * vote @ projection.loadings
        assert extremity == pytest.approx(np.linalg.norm(place))
