"""Opinion groups and what they say."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from tables import negated, polis_matrix, rows_of, two_camps

from aggregation import opinion
from aggregation.kmeans import kmeans
from aggregation.votes import VoteTable


@pytest.fixture
def camps() -> VoteTable:
    return two_camps(np.random.default_rng(3))


def test_two_camps_are_found(camps):
    """People who vote alike land in one group; the larger camp comes first."""
    groups = opinion.groups(opinion.project(camps))
    assert groups.sizes.tolist() == [48, 32]
    assert set(groups.labels[:48]) == {0}
    assert set(groups.labels[48:]) == {1}
    assert groups.silhouette > 0.5


def test_negating_all_votes_mirrors_people_and_keeps_groups(camps):
    """Groups are about who votes alike, not about what they say yes to."""
    before, after = opinion.project(camps), opinion.project(negated(camps))
    np.testing.assert_array_equal(after.positions, -before.positions)
    np.testing.assert_array_equal(opinion.groups(after).labels, opinion.groups(before).labels)


def test_the_order_of_rows_changes_no_position(camps):
    """The same votes read backwards give the same bytes."""
    participants, statements, values = rows_of(camps)
    again = VoteTable.from_arrays(participants[::-1], statements[::-1], values[::-1])
    expected = opinion.project(camps)
    np.testing.assert_array_equal(opinion.project(again).positions, expected.positions)


def test_the_projection_is_that_of_the_mean_imputed_matrix(camps):
    """The sparse residual gives the same plane as filling gaps with column means and centring."""
    seen, values = camps.indicator().toarray(), camps.values.toarray().astype(float)
    means = values.sum(axis=0) / seen.sum(axis=0)
    filled = np.where(seen > 0, values, means)
    _, _, directions = np.linalg.svd(filled - filled.mean(axis=0), full_matrices=False)
    loadings = opinion.project(camps).loadings
    np.testing.assert_allclose(np.abs(directions[:2] @ loadings), np.eye(2), atol=1e-8)


def test_many_claims_give_the_same_plane_as_few(camps):
    """The iterative route for wide tables spans the plane of the dense one."""
    padding = [f"x{number}" for number in range(700)]
    wide = opinion.project(camps.reindex([*camps.statements, *padding]))
    narrow = opinion.project(camps)
    np.testing.assert_allclose(wide.loadings[: len(camps.statements)], narrow.loadings, atol=1e-7)


def test_a_handful_of_outliers_is_no_group():
    """Eight people far off join the nearest group: below 15 % nobody gets a veto."""
    rng = np.random.default_rng(0)
    spots = np.repeat([[0.0, 0.0], [10.0, 0.0], [200.0, 0.0]], [50, 42, 8], axis=0)
    points = spots + rng.normal(size=(100, 2))
    names = tuple(str(number) for number in range(100))
    everyone = np.ones(100, dtype=bool)
    projection = opinion.Projection(names, points, everyone, np.zeros((0, 2)), np.zeros(0))
    assert opinion.groups(projection).sizes.tolist() == [50, 50]
    assert min(opinion.groups(projection, min_mass=0.0).sizes) == 8


def test_fewer_than_fifteen_people_are_one_group():
    """Splitting a dozen people would tell what single persons think."""
    table = two_camps(np.random.default_rng(0), people=14)
    groups = opinion.groups(opinion.project(table))
    assert (groups.k, groups.sizes.tolist()) == (1, [14])


def test_the_most_active_top_up_to_fifteen():
    """Where few gave seven votes, the most active of the others are placed too."""
    table = two_camps(np.random.default_rng(0), people=30)
    short = table.select(table.columns < 3)
    assert int(opinion.project(short).eligible.sum()) == 15


def test_unanimity_has_no_groups():
    """Where everybody agrees with everything there is nothing to tell people apart by."""
    people, claims = np.divmod(np.arange(400), 20)
    groups = opinion.groups(opinion.project(VoteTable.from_arrays(people, claims, np.ones(400))))
    assert (groups.k, groups.silhouette) == (1, 0.0)


def test_nobody_makes_no_group():
    """An empty table goes through every step."""
    empty = VoteTable.from_arrays([], [], []).reindex(["1", "2"])
    groups = opinion.groups(opinion.project(empty))
    support = opinion.group_support(empty, groups)
    assert groups.k == 0
    assert support.agree.shape == (0, 2)
    assert support.seen_all.tolist() == [0, 0]
    assert opinion.representative(support) == ()


def test_groups_keep_their_numbers_between_runs(camps):
    """Group 0 of the next run is the group whose people were in group 0 before."""
    found = opinion.groups(opinion.project(camps))
    swapped = opinion.Groups(
        found.participants, 1 - found.labels, 2, found.sizes[::-1].copy(), found.silhouette
    )
    again = opinion.groups(opinion.project(camps), previous=swapped)
    np.testing.assert_array_equal(again.labels, swapped.labels)
    assert again.sizes.tolist() == [32, 48]


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


def test_polis_group_informed_consensus_is_reproduced(data_dir):
    """With Polis's own groups our consensus equals the figures that Polis exported."""
    folder = data_dir / "polis" / "bg2050-volunteers"
    table, polis_groups = polis_matrix(folder)
    labels = np.array([int(polis_groups[one] or -1) for one in table.participants])
    sizes = np.bincount(labels[labels >= 0])
    groups = opinion.Groups(table.participants, labels, len(sizes), sizes, 0.0)
    consensus = opinion.group_consensus(opinion.group_support(table, groups))
    ours = dict(zip(table.statements, consensus.tolist(), strict=True))
    with (folder / "comments.csv").open(newline="", encoding="utf-8") as file:
        exported = {
            row["comment-id"]: float(row["group-informed-consensus"])
            for row in csv.DictReader(file)
            if row["group-informed-consensus"]
        }
    known = [name for name in exported if name in ours]
    assert len(known) == 371
    np.testing.assert_allclose(
        [ours[name] for name in known], [exported[name] for name in known], atol=1e-9
    )


def test_the_difference_test_is_the_textbook_one():
    """9 of 10 against 1 of 10, one added each: q = 1/2 of 22, z = (10 - 2)/11 / sqrt(1/22)."""
    counts = np.array([[9], [1]])
    seen = np.array([[10], [10]])
    support = opinion.Support(("1",), counts, seen - counts, seen, *(np.array([10]),) * 3)
    pooled = 12 / 22
    expected = (8 / 11) / np.sqrt(pooled * (1 - pooled) * 2 / 11)
    np.testing.assert_allclose(opinion.difference(support), [[expected], [-expected]])


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


def test_kmeans_finds_the_best_split_of_a_line():
    """On a line the optimum is known: every contiguous split is tried."""
    points = np.sort(np.random.default_rng(2).normal(size=(30, 1)), axis=0)
    labels, _ = kmeans(points, 2, rng=np.random.default_rng(0))

    def spread(cut):
        return points[:cut].var() * cut + points[cut:].var() * (30 - cut)

    best = min(range(1, 30), key=spread)
    assert set(np.flatnonzero(labels != labels[0])) == set(range(best, 30))
