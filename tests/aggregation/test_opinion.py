"""Opinion groups: who lands in one, how they are numbered, what degenerate tables give."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tables import clumps, negated, standing, two_camps

from aggregation import opinion
from aggregation.votes import VoteTable


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


def test_a_handful_of_outliers_is_no_group():
    """Eight people far off join the nearest group: below 15 % nobody gets a veto."""
    rng = np.random.default_rng(0)
    spots = np.repeat([[0.0, 0.0], [10.0, 0.0], [200.0, 0.0]], [50, 42, 8], axis=0)
    projection = standing(spots + rng.normal(size=(100, 2)))
    assert opinion.groups(projection).sizes.tolist() == [50, 50]
    assert min(opinion.groups(projection, min_mass=0.0).sizes) == 8


def test_polis_allows_few_people_few_groups():
    """Five clear clumps of four: by Polis's rules 20 people are at most 2 + 20 / 12 = 3 groups."""
    spots = np.repeat([[0, 0], [90, 0], [0, 90], [90, 90], [45, 45]], 4, axis=0).astype(float)
    projection = standing(spots + np.random.default_rng(0).normal(size=(20, 2)))
    assert opinion.groups(projection).k == 5
    assert opinion.groups(projection, points_per_group=12).k == 3


def test_a_large_crowd_is_seen_through_base_points():
    """Drawn together into a hundred points, a crowd falls into the same groups as one by one."""
    projection = standing(clumps(np.random.default_rng(0), people=3000))
    exact = opinion.groups(projection)
    drawn = opinion.groups(projection, exact_people=1000)
    np.testing.assert_array_equal(drawn.labels, exact.labels)
    assert drawn.silhouette == pytest.approx(exact.silhouette, abs=0.1)
    mirrored = opinion.groups(standing(-projection.positions), exact_people=1000)
    np.testing.assert_array_equal(mirrored.labels, drawn.labels)


def test_fewer_than_fifteen_people_are_one_group():
    """Splitting a dozen people would tell what single persons think."""
    table = two_camps(np.random.default_rng(0), people=14)
    groups = opinion.groups(opinion.project(table))
    assert (groups.k, groups.sizes.tolist()) == (1, [14])


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


# --- Numbers from run to run


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
    projection = standing(clumps(np.random.default_rng(2), people=300))
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
    projection = standing(clumps(np.random.default_rng(2), people=300))
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
    projection = standing(clumps(np.random.default_rng(2), people=300))
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


# --- The whole analysis


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
