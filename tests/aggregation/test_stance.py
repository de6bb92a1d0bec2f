"""Candidates for contradictions."""

from __future__ import annotations

import numpy as np
import pytest

from aggregation import embed, stance
from aggregation.text import direction

TEXTS = {
    "a": "The AI should give medical advice.",
    "b": "The AI should not give medical advice.",
    "c": "AI should be unbiased",
    "d": "The AI should be biased",
    "e": "The AI should cite its sources.",
    "f": "Die KI sollte keine medizinischen Ratschläge geben.",
}


def _found(threshold: float = 0.55) -> list[stance.Candidate]:
    texts = list(TEXTS.values())
    codes = ["en"] * 5 + ["de"]
    vectors = embed.load("use3").embed(texts, codes)
    signs = [direction(text, code) for text, code in zip(texts, codes, strict=True)]
    return list(stance.candidates(vectors, signs, ids=list(TEXTS), threshold=threshold))


def test_opposed_statements_are_candidates_across_languages() -> None:
    """A wish and its denial are found, also in two languages and with the denial inside a word."""
    pairs = {(c.first, c.second) for c in _found()}
    assert {("a", "b"), ("a", "f"), ("c", "d")} <= pairs


def test_agreeing_statements_are_no_candidates() -> None:
    """Paraphrases and unrelated norms do not contradict each other."""
    pairs = {frozenset((c.first, c.second)) for c in _found()}
    assert frozenset("bf") not in pairs
    assert not any("e" in pair for pair in pairs)


def test_the_nearest_contradiction_comes_first() -> None:
    """Candidates are ordered by similarity and can be cut to the best."""
    found = _found(0.0)
    assert [c.similarity for c in found] == sorted((c.similarity for c in found), reverse=True)
    vectors = np.eye(2, dtype=np.float32)[[0, 0, 0]]
    best = stance.candidates(vectors, [1, -1, -1], ids=["x", "y", "z"], most=1)
    assert [(c.first, c.second) for c in best] == [("x", "y")]


def test_ids_must_fit_the_vectors() -> None:
    """A wrong number of ids is an error, never a silent misnaming."""
    with pytest.raises(ValueError, match="1 ids do not fit 2 vectors"):
        stance.candidates(np.eye(2, dtype=np.float32), [1, -1], ids=["x"])
