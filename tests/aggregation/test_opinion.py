"""Opinion groups and what they say."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tables import negated, rows_of, two_camps

from aggregation import opinion
from aggregation.kmeans import base_points, kmeans, silhouettes
from aggregation.opinion.lanczos import lanczos
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


@pytest.mark.parametrize("claims", [24, 90])
def test_negating_all_votes_mirrors_people_and_keeps_groups(claims):
    """Groups are about who votes alike, not about what they say yes to."""
    camps = two_camps(np.random.default_rng(3), claims=claims)
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


@pytest.mark.parametrize("claims", [80, 700])
def test_the_plane_is_that_of_a_dense_decomposition(claims):
    """The iteration over sparse votes finds what LAPACK finds in the whole matrix."""
    table = two_camps(np.random.default_rng(4), people=120, claims=claims)
    projection = opinion.project(table)
    seen, values = table.indicator().toarray(), table.values.toarray().astype(float)
    residual = np.where(seen > 0, values - projection.means, 0.0)
    _, _, directions = np.linalg.svd(residual, full_matrices=False)
    cosines = np.abs(np.sum(directions[:2] * projection.loadings.T, axis=1))
    np.testing.assert_allclose(cosines, 1.0, atol=1e-8)


def test_leading_eigenvectors_of_a_known_matrix():
    """A matrix built from its eigenvectors gives them back, largest eigenvalue first."""
    rng = np.random.default_rng(0)
    basis, _ = np.linalg.qr(rng.normal(size=(200, 200)))
    spectrum = np.sort(rng.random(200))[::-1]
    spectrum[:2] = 3.0, 2.0
    values, vectors = lanczos(lambda x: basis @ (spectrum * (basis.T @ x)), 200, seed=1)
    np.testing.assert_allclose(values, [3.0, 2.0])
    np.testing.assert_allclose(np.abs(vectors @ basis[:, :2]), np.eye(2), atol=1e-8)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_leading_eigenvectors_of_a_matrix_of_low_rank(rank):
    """The iteration goes on beside an exhausted subspace instead of dividing by nothing."""
    basis, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(90, rank)))
    spectrum = np.arange(rank, 0, -1.0)
    values, vectors = lanczos(lambda x: basis @ (spectrum * (basis.T @ x)), 90, seed=0)
    np.testing.assert_allclose(values, [*spectrum, 0.0][:2], atol=1e-12)
    np.testing.assert_allclose(vectors @ vectors.T, np.eye(2), atol=1e-12)
    np.testing.assert_allclose(np.abs(vectors[0] @ basis[:, 0]), 1.0)


def _standing(points: np.ndarray) -> opinion.Projection:
    """People who stand at these places, all of them eligible."""
    names = tuple(str(number) for number in range(len(points)))
    everyone = np.ones(len(points), dtype=bool)
    return opinion.Projection(names, points, everyone, np.zeros((0, 2)), np.zeros(0))


def test_a_handful_of_outliers_is_no_group():
    """Eight people far off join the nearest group: below 15 % nobody gets a veto."""
    rng = np.random.default_rng(0)
    spots = np.repeat([[0.0, 0.0], [10.0, 0.0], [200.0, 0.0]], [50, 42, 8], axis=0)
    projection = _standing(spots + rng.normal(size=(100, 2)))
    assert opinion.groups(projection).sizes.tolist() == [50, 50]
    assert min(opinion.groups(projection, min_mass=0.0).sizes) == 8


def test_polis_allows_few_people_few_groups():
    """Five clear clumps of four: by Polis's rules 20 people are at most 2 + 20 / 12 = 3 groups."""
    spots = np.repeat([[0, 0], [90, 0], [0, 90], [90, 90], [45, 45]], 4, axis=0).astype(float)
    projection = _standing(spots + np.random.default_rng(0).normal(size=(20, 2)))
    assert opinion.groups(projection).k == 5
    assert opinion.groups(projection, points_per_group=12).k == 3


def _clumps(rng: np.random.Generator, *, people: int) -> np.ndarray:
    spots = np.array([[0.0, 0.0], [12.0, 0.0], [0.0, 12.0]])
    return spots[rng.choice(3, size=people, p=[0.5, 0.3, 0.2])] + rng.normal(size=(people, 2))


def test_a_large_crowd_is_seen_through_base_points():
    """Drawn together into a hundred points, a crowd falls into the same groups as one by one."""
    projection = _standing(_clumps(np.random.default_rng(0), people=3000))
    exact = opinion.groups(projection)
    drawn = opinion.groups(projection, exact_people=1000)
    np.testing.assert_array_equal(drawn.labels, exact.labels)
    assert drawn.silhouette == pytest.approx(exact.silhouette, abs=0.1)
    mirrored = opinion.groups(_standing(-projection.positions), exact_people=1000)
    np.testing.assert_array_equal(mirrored.labels, drawn.labels)


def test_base_points_stand_for_everybody():
    """Each is the mean of its people, and their weights add up to the crowd."""
    points = _clumps(np.random.default_rng(1), people=2000)
    labels, centres, mass = base_points(points, seed=0)
    assert 80 < len(mass) <= 100
    np.testing.assert_array_equal(np.bincount(labels), mass)
    for place in range(len(mass)):
        np.testing.assert_allclose(centres[place], points[labels == place].mean(axis=0))


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


def _earlier(labels: dict[str, int]) -> opinion.Groups:
    """Groups of an earlier run, by name."""
    values = np.array(list(labels.values()), dtype=np.int64)
    sizes = np.bincount(values[values >= 0])
    return opinion.Groups(tuple(labels), values, len(sizes), sizes, 0.5)


def test_groups_keep_their_numbers_though_people_come_and_go():
    """Half of the people are new and half of the earlier ones left; overlap still decides."""
    projection = _standing(_clumps(np.random.default_rng(2), people=300))
    found = opinion.groups(projection)
    turned = {0: 2, 1: 0, 2: 1}
    stayed = {
        name: turned[label]
        for name, label in zip(found.participants[:150], found.labels[:150].tolist(), strict=True)
    }
    left = {f"gone {number}": number % 3 for number in range(500)}
    again = opinion.groups(projection, previous=_earlier(stayed | left))
    np.testing.assert_array_equal(again.labels, np.array([2, 0, 1])[found.labels])
    np.testing.assert_array_equal(again.sizes, np.bincount(again.labels))
    assert again.silhouette == found.silhouette


def test_most_shared_people_decide_between_groups():
    """Two groups claim the same number: the one with more of its people has it."""
    projection = _standing(_clumps(np.random.default_rng(2), people=300))
    found = opinion.groups(projection)
    everyone = dict.fromkeys(found.participants, 1)
    again = opinion.groups(projection, previous=_earlier(everyone | {"gone": 0}))
    # Group 1 is now the largest; nobody of the earlier group 0 is left, so numbers close up.
    np.testing.assert_array_equal(again.labels, found.labels)
    swapped = {
        name: (1, 0, -1)[label]
        for name, label in zip(found.participants, found.labels.tolist(), strict=True)
    }
    again = opinion.groups(projection, previous=_earlier(swapped))
    np.testing.assert_array_equal(again.labels, np.array([1, 0, 2])[found.labels])


def test_strangers_change_no_number():
    """Where nobody of the earlier run is left, groups are numbered by size as in a first run."""
    projection = _standing(_clumps(np.random.default_rng(2), people=300))
    found = opinion.groups(projection)
    for earlier in ({}, {f"stranger {number}": number % 4 for number in range(80)}):
        again = opinion.groups(projection, previous=_earlier(earlier))
        np.testing.assert_array_equal(again.labels, found.labels)


def test_people_without_a_group_stay_without(camps):
    """Matching to an earlier run places nobody who answered too little."""
    table = camps.select((camps.rows > 2) | (camps.columns < 2))
    found = opinion.groups(opinion.project(table))
    again = opinion.groups(opinion.project(table), previous=opinion.groups(opinion.project(camps)))
    assert (found.labels[:3] == -1).all()
    np.testing.assert_array_equal(again.labels, found.labels)


def test_one_call_gives_what_its_parts_give(camps):
    """The analysis is the projection, the groups and every statistic, by the same rules."""
    for rules in (opinion.DEFAULT, opinion.POLIS):
        whole = opinion.analyse(camps, rules=rules, seed=3)
        np.testing.assert_array_equal(
            whole.projection.positions, opinion.project(camps, seed=3).positions
        )
        support = opinion.group_support(camps, whole.groups)
        np.testing.assert_array_equal(whole.support.agree, support.agree)
        np.testing.assert_array_equal(whole.group_consensus, opinion.group_consensus(support))
        assert whole.consensus == opinion.consensus(support)
        assert whole.representative == opinion.representative(
            support, agree_first=rules.agree_first
        )


def _alike(people: int, claims: int) -> VoteTable:
    return VoteTable.from_arrays(
        *np.indices((people, claims)).reshape(2, -1), [1] * people * claims
    )


@pytest.mark.parametrize("rules", [opinion.DEFAULT, opinion.POLIS])
@pytest.mark.parametrize(
    ("table", "k", "grouped"),
    [
        (VoteTable.from_arrays([], [], []), 0, 0),
        (VoteTable.from_arrays([], [], []).reindex(["1", "2"]), 0, 0),
        (VoteTable.from_arrays(["a"], ["1"], [0]), 1, 1),
        (VoteTable.from_arrays(["a"] * 90, np.arange(90), [1, -1] * 45), 1, 1),
        (VoteTable.from_arrays(np.arange(50), ["1"] * 50, [1, -1] * 25), 2, 50),
        (VoteTable.from_arrays(["a", "b"], ["1", "2"], [1, 1]).drop(statements={"1"}), 1, 1),
        (_alike(14, 9), 1, 14),
        (_alike(400, 9), 1, 400),
        (_alike(30, 900), 1, 30),
        (_alike(30, 2).drop(statements={"0", "1"}), 0, 0),
    ],
)
def test_degenerate_tables_give_valid_results(rules, table, k, grouped):
    """Nobody, one person, one claim, unanimity, too few to split: an answer and no warning."""
    found = opinion.analyse(table, rules=rules)
    n, m = table.shape
    assert found.groups.k == k
    assert int((found.groups.labels >= 0).sum()) == grouped
    assert found.groups.sizes.sum() == grouped
    assert found.projection.positions.shape == (n, 2)
    assert np.isfinite(found.projection.positions).all()
    assert found.support.agree.shape == (k, m)
    assert found.group_consensus.shape == (m,)
    assert len(found.representative) == k
    priority = opinion.polis_priority(found.support, opinion.extremity(found.projection))
    assert np.isfinite(priority).all()


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


def test_kmeans_finds_the_best_split_of_a_line():
    """On a line the optimum is known: every contiguous split is tried."""
    points = np.sort(np.random.default_rng(2).normal(size=(30, 1)), axis=0)
    labels, _ = kmeans(points, 2, rng=np.random.default_rng(0))

    def spread(cut):
        return points[:cut].var() * cut + points[cut:].var() * (30 - cut)

    best = min(range(1, 30), key=spread)
    assert set(np.flatnonzero(labels != labels[0])) == set(range(best, 30))


@pytest.mark.parametrize("people", [60, 900])
def test_mirrored_points_have_mirrored_clusters(people):
    """To the last bit, in small crowds and in those that are summarised first."""
    points = _clumps(np.random.default_rng(3), people=people)
    for k in (2, 3, 5):
        labels, centres = kmeans(points, k, rng=np.random.default_rng(0))
        mirrored, opposite = kmeans(-points, k, rng=np.random.default_rng(0))
        np.testing.assert_array_equal(mirrored, labels)
        np.testing.assert_array_equal(opposite, -centres)


def test_the_number_of_threads_changes_no_byte():
    """Groups and their silhouette are the same to the last digit on one core and on four."""
    program = (
        "import numpy as np; from tables import two_camps; from aggregation import opinion\n"
        "table = two_camps(np.random.default_rng(0), people=700, claims=90)\n"
        "found = opinion.analyse(table)\n"
        "print(found.groups.silhouette.hex(), found.projection.positions.tobytes().hex())"
    )
    told = []
    for threads in ("1", "4"):
        limits = {"OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
        done = subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | limits,
            cwd=Path(__file__).parent,
            stdout=subprocess.PIPE,
            check=True,
        )
        told.append(done.stdout)
    assert told[0] == told[1]


def test_a_summarised_crowd_is_clustered_as_well_as_the_whole():
    """The starts are compared on a summary, yet the result is as tight as the best of many."""
    points = np.random.default_rng(4).normal(size=(3000, 2)) * [3.0, 1.0]

    def spread(labels):
        return sum(points[labels == k].var(axis=0).sum() * (labels == k).sum() for k in range(3))

    found = [spread(kmeans(points, 3, rng=np.random.default_rng(s))[0]) for s in range(6)]
    assert max(found) < min(found) * 1.002


def test_clusters_are_where_their_people_are():
    """Every person is nearest to her own centre, and every centre is the mean of its people."""
    points = np.random.default_rng(5).normal(size=(1200, 3))
    labels, centres = kmeans(points, 4, rng=np.random.default_rng(0))
    distances = ((points[:, None] - centres) ** 2).sum(axis=2)
    np.testing.assert_array_equal(labels, distances.argmin(axis=1))
    for k in range(4):
        np.testing.assert_allclose(centres[k], points[labels == k].mean(axis=0))


def test_more_clusters_than_places_leave_some_empty():
    """Three different places asked for five clusters give three."""
    points = np.repeat([[0.0, 0.0], [1.0, 0.0], [0.0, 5.0]], [9, 9, 9], axis=0)
    labels, centres = kmeans(points, 5, rng=np.random.default_rng(0))
    assert len(set(labels.tolist())) == 3
    assert np.isfinite(centres).all()


def _silhouette_by_definition(points: np.ndarray, labels: np.ndarray) -> float:
    """Person by person, as Rousseeuw (1987) writes it."""
    scores = []
    for i, own in enumerate(labels):
        apart = np.linalg.norm(points - points[i], axis=1)
        same = labels == own
        if same.sum() == 1:
            scores.append(0.0)
            continue
        inside = apart[same].sum() / (same.sum() - 1)
        outside = min(apart[labels == other].mean() for other in set(labels.tolist()) - {own})
        scores.append((outside - inside) / max(inside, outside))
    return float(np.mean(scores))


def test_silhouettes_are_those_of_the_definition():
    """In blocks and single precision the mean silhouette is right to six digits."""
    points = _clumps(np.random.default_rng(6), people=400)
    partitions = [kmeans(points, k, rng=np.random.default_rng(0))[0] for k in (2, 3, 4)]
    partitions.append(np.where(np.arange(400) == 7, 1, 0))
    expected = [_silhouette_by_definition(points, labels) for labels in partitions]
    np.testing.assert_allclose(silhouettes(points, partitions, seed=0), expected, atol=1e-6)


def test_the_silhouette_of_weighted_points_is_that_of_the_crowd():
    """A point of weight 3 counts like three people who stand there."""
    rng = np.random.default_rng(7)
    points, weights = rng.normal(size=(30, 2)), rng.integers(1, 5, 30)
    labels = (points[:, 0] > 0).astype(np.int64)
    expected = _silhouette_by_definition(
        np.repeat(points, weights, axis=0), np.repeat(labels, weights)
    )
    found = silhouettes(points, [labels], seed=0, weights=weights.astype(float))
    np.testing.assert_allclose(found, [expected], atol=1e-6)


def test_weighted_points_are_clustered_like_the_crowd():
    """Lloyd's step from weights is the step from people: the same centres in the end."""
    rng = np.random.default_rng(8)
    points, weights = _clumps(rng, people=60), rng.integers(1, 5, 60)
    labels, centres = kmeans(points, 3, rng=np.random.default_rng(0), weights=weights.astype(float))
    crowd = np.repeat(points, weights, axis=0)
    for k in range(3):
        np.testing.assert_allclose(centres[k], crowd[np.repeat(labels, weights) == k].mean(axis=0))
