"""Near-duplicates and themes: what is joined, what never is, and that order does not matter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregation import cluster, embed
from aggregation.cluster.products import OnProcessor
from aggregation.text import gist, read, side


def _unit(rows: list[list[float]]) -> np.ndarray:
    vectors = np.array(rows)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def _at_angles(*degrees: float) -> np.ndarray:
    """Unit vectors in a plane; cos(30 degrees) = .87 joins, cos(60 degrees) = .5 does not."""
    angles = np.radians(degrees)
    return np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)


def _blobs(seed: int, *, themes: int = 4, size: int = 30) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    centres = np.eye(16)[:themes]
    truth = np.repeat(np.arange(themes), size)
    noise = rng.normal(scale=0.15, size=(themes * size, 16))
    return _unit((centres[truth] + noise).tolist()), truth


def test_near_duplicates_form_a_family_around_the_middle_one() -> None:
    """Of three neighbours in a row the middle one stands for all."""
    families = cluster.families(_at_angles(0, 25, 50, 120), [1, 1, 1, 1])
    assert families.label.tolist() == [0, 0, 0, 1]
    assert families.medoid.tolist() == [1, 3]
    assert families.members(0).tolist() == [0, 1, 2]


def test_families_never_chain() -> None:
    """Every member is near its medoid, even where a chain of neighbours leads far away."""
    vectors = _at_angles(*range(0, 180, 20))
    families = cluster.families(vectors, [1] * 9)
    nearness = (vectors * vectors[families.medoid[families.label]]).sum(axis=1)
    assert nearness.min() >= cluster.FAMILY - 1e-6
    assert len(families.medoid) > 2


def test_opposites_are_never_merged() -> None:
    """Two identical contents of opposite polarity stay apart, as families and as pairs."""
    vectors = _at_angles(0, 0)
    assert cluster.families(vectors, [1, -1]).label.tolist() == [0, 1]
    assert len(cluster.similar_pairs(vectors, [1, -1]).i) == 0
    assert len(cluster.similar_pairs(vectors, [1, -1], opposite=True).i) == 1


def test_templates_with_different_words_are_no_duplicates() -> None:
    """Asking for the origin and asking for the quality of food are two wishes in one wording."""
    texts = [
        "Restaurants should label the origin of all food ingredients.",
        "Restaurants should label the quality of all food ingredients.",
        "Restaurants should always label the origin of all food ingredients.",
    ]
    vectors = embed.load("use3").embed(texts, ["en"] * 3)
    label = cluster.families(vectors, [1, 1, 1], gists=[gist(t, "en") for t in texts]).label
    assert label[0] == label[2] != label[1]
    blind = cluster.families(vectors, [1, 1, 1], threshold=0.7).label
    assert len(set(blind.tolist())) == 1


def test_real_opposites_are_never_merged() -> None:
    """Sentences that contradict each other stay apart whatever their vectors say."""
    texts = [
        "The AI should give medical advice.",
        "The AI should not give medical advice.",
        "The AI should never give medical advice.",
        "Die KI sollte keine medizinischen Ratschläge geben.",
        "More parking lots downtown",
        "Fewer parking lots downtown",
        "AI should encourage violence",
        "AI should discourage violence",
    ]
    codes = ["en", "en", "en", "de", "en", "en", "en", "en"]
    vectors = embed.load("use3").embed(texts, codes)
    sides = [side(text, code) for text, code in zip(texts, codes, strict=True)]
    label = cluster.families(vectors, sides).label
    assert label[1] == label[2]
    assert label[0] not in label[1:4]
    assert label[4] != label[5]
    assert label[6] != label[7]


@settings(max_examples=10)
@given(st.integers(0, 2**32 - 1))
def test_row_order_changes_no_family_and_no_theme(seed: int) -> None:
    """Permuting the statements permutes the answer, nothing else."""
    vectors, _ = _blobs(7)
    keys = [f"{i:03d}" for i in range(len(vectors))]
    order = np.random.default_rng(seed).permutation(len(vectors))
    polarity = np.where(np.arange(len(vectors)) % 3, 1, -1)
    families = cluster.families(vectors, polarity, keys=keys)
    moved = cluster.families(vectors[order], polarity[order], keys=[keys[i] for i in order])
    np.testing.assert_array_equal(moved.label, families.label[order])
    np.testing.assert_array_equal(order[moved.medoid], families.medoid)
    themes = cluster.themes(vectors, keys)
    shuffled = cluster.themes(vectors[order], [keys[i] for i in order])
    np.testing.assert_array_equal(shuffled.label, themes.label[order])


def test_clear_themes_are_found() -> None:
    """Four separate clouds are four themes."""
    vectors, truth = _blobs(3)
    themes = cluster.themes(vectors, [str(i) for i in range(len(vectors))])
    assert themes.k == 4
    for theme in range(4):
        assert len(set(truth[themes.label == theme].tolist())) == 1


def test_leftovers_join_the_nearest_theme() -> None:
    """Nobody is left without a theme, and there are never more themes than asked for."""
    vectors, _ = _blobs(5, themes=6)
    themes = cluster.themes(vectors, [str(i) for i in range(len(vectors))], max_themes=3)
    assert themes.k == 3
    assert sorted(set(themes.label.tolist())) == [0, 1, 2]
    assert themes.centroid.shape == (3, 16)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4])
def test_a_handful_of_statements_is_clustered_too(n: int) -> None:
    """Tiny consultations work: no statement, one, or a few."""
    vectors = _at_angles(*[10.0 * i for i in range(n)])
    assert len(cluster.themes(vectors, [str(i) for i in range(n)]).label) == n
    assert len(cluster.families(vectors, [1] * n).label) == n


def test_blocks_do_not_change_what_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Comparing a few rows at a time gives the pairs and neighbours of comparing all at once."""
    vectors = embed.load("hashing").embed([f"word{i % 17} word{i % 5} ai" for i in range(60)])
    pairs = cluster.similar_pairs(vectors, [1] * 60, threshold=0.5)
    nearest = cluster.nearest_neighbours(vectors, neighbours=5)
    monkeypatch.setattr(cluster.near, "QUERIES", 7)
    monkeypatch.setattr(OnProcessor, "block", 7 * 11)
    again = cluster.similar_pairs(vectors, [1] * 60, threshold=0.5)
    np.testing.assert_array_equal(again.i, pairs.i)
    np.testing.assert_array_equal(again.j, pairs.j)
    np.testing.assert_array_equal(again.similarity, pairs.similarity)
    np.testing.assert_array_equal(cluster.nearest_neighbours(vectors, neighbours=5), nearest)


def test_pairs_agree_with_a_plain_count() -> None:
    """Each pair is listed once, smaller row first, exactly where the cosine reaches the limit."""
    vectors, _ = _blobs(11, size=10)
    pairs = cluster.similar_pairs(vectors, [1] * len(vectors), threshold=0.6)
    cosine = vectors @ vectors.T
    expected = [
        (i, j)
        for i in range(len(vectors))
        for j in range(i + 1, len(vectors))
        if cosine[i, j] >= 0.6
    ]
    assert list(zip(pairs.i.tolist(), pairs.j.tolist(), strict=True)) == expected


def test_inputs_stay_as_they_were() -> None:
    """Clustering writes into nothing it was given."""
    vectors, _ = _blobs(2)
    before = vectors.copy()
    cluster.themes(vectors, [str(i) for i in range(len(vectors))])
    cluster.families(vectors, [1] * len(vectors))
    np.testing.assert_array_equal(vectors, before)


def test_paraphrases_of_real_norms_are_near_and_read_alike() -> None:
    """Sentences of one meaning share their side, so that the gate lets them through."""
    one, other = "AI should be unbiased", "The AI must be unbiased."
    assert side(one, "en") == side(other, "en")
    assert read(one, "en").polarity == read(other, "en").polarity == 1


def test_overlap_is_sharing_an_idea_or_all_content() -> None:
    """Two signed ideas in common repeat each other; one idea among others does not."""
    apart = np.eye(4, dtype=np.float32)
    contents = [
        frozenset({"+honesty", "+kindness", "help"}),
        frozenset({"+honesty", "+kindness", "quick"}),
        frozenset({"+honesty"}),
        frozenset({"-honesty", "gardens"}),
    ]
    ideas = [frozenset(item for item in one if item[0] in "+-") for one in contents]
    pairs = cluster.overlaps(apart, [1, 1, -1, 1], contents, ideas, ["en"] * 4)
    found = set(zip(pairs.i.tolist(), pairs.j.tolist(), strict=True))
    assert found == {(0, 1), (0, 2), (1, 2)}


def test_overlap_between_languages_needs_less_likeness() -> None:
    """Cosines across languages are lower for equal meaning, so the threshold is."""
    cosine = 0.5
    vectors = np.array([[1, 0], [cosine, (1 - cosine**2) ** 0.5]], dtype=np.float32)
    nothing = [frozenset[str]()] * 2

    def count(languages: list[str]) -> int:
        return len(cluster.overlaps(vectors, [1, 1], nothing, nothing, languages).i)

    assert count(["en", "de"]) == 1
    assert count(["en", "en"]) == 0
