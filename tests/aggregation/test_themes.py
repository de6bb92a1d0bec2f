"""Themes and topics: how firm they are, what has none, and that ids and decisions last."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregation import cluster
from aggregation.embed.backend import to_grid
from aggregation.types import Curation

CLOUDS, SIZE = 5, 24


def _clouds(seed: int, *, extra: int = 0) -> tuple[np.ndarray, list[str], np.ndarray]:
    """Unit vectors in clouds, keys of their own, and which cloud each is from; `extra` more."""
    rng = np.random.default_rng(seed)
    truth = np.repeat(np.arange(CLOUDS), SIZE)
    vectors = np.eye(16)[truth] + rng.normal(scale=0.14, size=(len(truth), 16))
    more = np.random.default_rng(seed + 1).integers(0, CLOUDS, size=extra)
    added = np.eye(16)[more] + np.random.default_rng(seed + 2).normal(scale=0.2, size=(extra, 16))
    every = np.vstack([vectors, added])
    every /= np.linalg.norm(every, axis=1, keepdims=True)
    every = to_grid(every)  # As embedders do: cosines are exact.
    keys = [f"{rng.integers(10**9):09d}.{row}" for row in range(len(every))]
    return every, keys, np.concatenate([truth, more])


def test_clear_clouds_are_firm_themes() -> None:
    """Five separate clouds are five themes, each of which is found again in every repeat."""
    vectors, keys, truth = _clouds(3)
    found = cluster.themes(vectors, keys)
    assert found.k == CLOUDS
    assert all(len(set(truth[found.label == theme])) == 1 for theme in range(CLOUDS))
    assert found.stability.min() > 0.95


def test_noise_is_told_apart_from_themes_by_its_stability() -> None:
    """Directions drawn at random have themes too, but not firm ones."""
    noise = np.random.default_rng(0).normal(size=(CLOUDS * SIZE, 16))
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    keys = [str(row) for row in range(len(noise))]
    random = cluster.themes(noise.astype(np.float32), keys)
    vectors, keys, _ = _clouds(3)
    assert random.stability.mean() < cluster.themes(vectors, keys).stability.mean() - 0.15


def test_what_nobody_reacted_to_moves_no_theme() -> None:
    """Three hundred rows between the clouds join the themes there are, and change none of them."""
    vectors, keys, truth = _clouds(5, extra=300)
    heard = np.arange(len(keys)) < CLOUDS * SIZE
    alone = cluster.themes(vectors[heard], keys[: CLOUDS * SIZE])
    among = cluster.themes(vectors, keys, heard=heard)
    np.testing.assert_array_equal(among.label[heard], alone.label)
    np.testing.assert_array_equal(among.topic[heard], alone.topic)
    np.testing.assert_array_equal(among.stability, alone.stability)
    of = {theme: truth[heard][alone.label == theme][0] for theme in range(alone.k)}
    joined = np.array([of[theme] for theme in among.label[~heard].tolist()])
    assert (joined == truth[~heard]).mean() > 0.9
    assert (among.topic[~heard] == -1).all()


def test_a_thousand_repeats_move_nobody() -> None:
    """Rows with one vector are one node: the others' themes, topics and stability stay."""
    vectors, keys, _ = _clouds(5)
    before = cluster.themes(vectors, keys)
    many = np.vstack([vectors, np.repeat(vectors[:1], 1000, axis=0)])
    after = cluster.themes(many, [*keys, *(f"{keys[0]} {i}" for i in range(1000))])
    np.testing.assert_array_equal(after.label[: len(keys)], before.label)
    np.testing.assert_array_equal(after.topic[: len(keys)], before.topic)
    np.testing.assert_array_equal(after.stability, before.stability)
    assert (after.label[len(keys) :] == before.label[0]).all()


def test_a_language_that_no_embedder_knows_has_a_theme_of_its_own() -> None:
    """Rows without a vector are never put with the nearest: they are marked, by language."""
    vectors, keys, _ = _clouds(7)
    vectors[:4] = 0
    known = np.arange(len(keys)) != 4
    languages = ["sw", "sw", "hi", "sw", "hi", *["en"] * (len(keys) - 5)]
    found = cluster.themes(vectors, keys, known=known, languages=languages)
    assert found.unknown[-2:] == ("hi", "sw")
    assert not any(found.unknown[:-2])
    assert found.label[:5].tolist() == [
        found.k - 1,
        found.k - 1,
        found.k - 2,
        found.k - 1,
        found.k - 2,
    ]
    assert np.isnan(found.stability[-2:]).all()
    assert (found.label[5:] < found.k - 2).all()


def test_topics_lie_inside_themes() -> None:
    """Every topic belongs to one theme, is found again, and leaves stragglers without a topic."""
    rng = np.random.default_rng(1)
    truth = np.repeat(np.arange(12), 20)
    centres = np.eye(32)[truth // 4] + 0.4 * np.eye(32)[8 + truth]
    vectors = centres + rng.normal(scale=0.1, size=(len(truth), 32))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    found = cluster.themes(vectors.astype(np.float32), [f"{i:03d}" for i in range(len(truth))])
    assert len(found.topic_theme) > found.k
    for topic, theme in enumerate(found.topic_theme.tolist()):
        rows = found.topic == topic
        assert set(found.label[rows].tolist()) == {theme}
        assert len(set(truth[rows].tolist())) == 1
    assert found.topic_stability.min() >= 0.5


@settings(max_examples=5)
@given(st.integers(0, 2**32 - 1))
def test_the_order_of_rows_changes_nothing(seed: int) -> None:
    """Themes, topics and stability belong to the content."""
    vectors, keys, _ = _clouds(9)
    order = np.random.default_rng(seed).permutation(len(keys))
    found = cluster.themes(vectors, keys)
    moved = cluster.themes(vectors[order], [keys[i] for i in order])
    np.testing.assert_array_equal(moved.label, found.label[order])
    np.testing.assert_array_equal(moved.topic, found.topic[order])
    np.testing.assert_array_equal(moved.stability, found.stability)


def _ids(label: list[int], previous: dict[str, str], curation: Curation | None = None) -> list[str]:
    names = [f"c{row}" for row in range(len(label))]
    slugs = [f"new_{c}" for c in range(max(label) + 1)]
    found = cluster.theme_ids(np.array(label), names, slugs, previous=previous, curation=curation)
    return list(found)


def test_a_theme_keeps_its_id_where_most_of_its_claims_went() -> None:
    """The greatest overlap is matched first, each id once; what is new gets a name of its own."""
    previous = {"c0": "a", "c1": "a", "c2": "a", "c3": "b", "c4": "b"}
    assert _ids([0, 0, 1, 1, 1, 2], previous) == ["a", "b", "new_2"]
    assert _ids([1, 1, 0, 0, 0, 2], previous) == ["b", "a", "new_2"]


def test_a_small_overlap_gives_no_id() -> None:
    """One claim in five that moved does not carry the name along."""
    previous = {f"c{row}": "a" for row in range(10)}
    assert _ids([0] * 5 + [1] * 5 + [1], previous)[0] == "a"
    assert _ids([0] * 9 + [1] + [1] * 9, previous) == ["a", "new_1"]


def test_names_of_themes_are_never_given_twice() -> None:
    """A new theme whose title gives a name in use gets a number."""
    found = cluster.theme_ids(
        np.array([0, 1, 2]), ["c0", "c1", "c2"], ["a", "b", "b"], previous={"c0": "b"}
    )
    assert found == ("b", "b_2", "b_3")


def test_a_merge_of_themes_holds_when_communities_shift() -> None:
    """Two themes that people joined stay one in the next run, whichever way it cuts them."""
    joined = Curation(merged=(("b", "a"),))
    names = [f"c{row}" for row in range(9)]
    previous = dict.fromkeys(names[:6], "a") | dict.fromkeys(names[6:], "z")
    label = np.array([0, 0, 1, 1, 1, 1, 2, 2, 2])
    ids = cluster.theme_ids(label, names, ["n0", "n1", "n2"], previous=previous, curation=joined)
    assert set(ids) == {"a", "b", "z"}
    found = cluster.decided_themes(label, ids, names, joined)
    assert found.ids == ("a", "z")
    assert found.label.tolist() == [0] * 6 + [1] * 3
    assert found.made == (True, False)


def test_a_claim_stays_where_people_put_it() -> None:
    """A placed claim goes to its theme, also one that was joined since, or that is gone."""
    label, ids, names = np.array([0, 0, 1, 1]), ["a", "b"], ["c0", "c1", "c2", "c3"]
    moved = cluster.decided_themes(label, ids, names, Curation(placed=(("c0", "b"),)))
    assert [moved.ids[k] for k in moved.label] == ["b", "a", "b", "b"]
    gone = cluster.decided_themes(label, ids, names, Curation(placed=(("c0", "x"),)))
    assert [gone.ids[k] for k in gone.label] == ["x", "a", "b", "b"]
    both = Curation(placed=(("c0", "x"),), merged=(("x", "b"),))
    assert [cluster.decided_themes(label, ids, names, both).label[0]] == [0]


def test_decisions_in_a_circle_are_passed_by() -> None:
    """Of two themes merged into each other the first decision counts."""
    circle = Curation(merged=(("a", "b"), ("b", "a")))
    found = cluster.decided_themes(np.array([0, 1]), ["a", "b"], ["c0", "c1"], circle)
    assert found.ids == ("b",)


@pytest.mark.parametrize("seed", range(4))
def test_ids_and_decisions_survive_more_claims_in_another_order(seed: int) -> None:
    """A fifth more claims, permuted: renamed, merged and placed things stay what they were."""
    vectors, keys, _ = _clouds(11 + seed)
    first = cluster.themes(vectors, keys, seed=seed)
    slugs = [f"theme_{t}" for t in range(first.k)]
    ids = cluster.theme_ids(first.label, keys, slugs)
    decisions = Curation(
        merged=((ids[1], ids[0]),), placed=((keys[first.label.tolist().index(2)], ids[3]),)
    )
    was = cluster.decided_themes(first.label, ids, keys, decisions)
    before = {name: was.ids[k] for name, k in zip(keys, was.label.tolist(), strict=True)}

    more, every, _ = _clouds(11 + seed, extra=len(keys) // 5)
    order = np.random.default_rng(seed).permutation(len(every))
    names = [every[i] for i in order]
    again = cluster.themes(more[order], names, seed=seed)
    new = [f"later_{t}" for t in range(again.k)]
    later = cluster.theme_ids(again.label, names, new, previous=before, curation=decisions)
    now = cluster.decided_themes(again.label, later, names, decisions)
    after = {name: now.ids[k] for name, k in zip(names, now.label.tolist(), strict=True)}
    assert after[decisions.placed[0][0]] == ids[3]
    assert ids[1] not in now.ids
    assert np.mean([after[name] == before[name] for name in keys]) > 0.95


def test_the_same_input_gives_the_same_themes_whatever_was_drawn_before() -> None:
    """The community search draws at random inside; its seed is ours, call after call."""
    noise = np.random.default_rng(4).normal(size=(200, 16))
    vectors = to_grid(noise / np.linalg.norm(noise, axis=1, keepdims=True))
    keys = [f"{row:03d}" for row in range(len(vectors))]
    first, *others = [cluster.themes(vectors, keys) for _ in range(4)]
    for other in others:
        np.testing.assert_array_equal(other.label, first.label)
        np.testing.assert_array_equal(other.stability, first.stability)
