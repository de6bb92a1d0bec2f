"""What themes are called."""

from __future__ import annotations

import numpy as np

from aggregation.text.labels import label_themes
from aggregation.text.words import content_words, jaccard

TEXTS = [
    "The AI should cite its sources",
    "AI should name the source of each answer",
    "Always cite sources",
    "AI should never invent sources",
    "The AI should protect privacy",
    "AI should not invade privacy",
    "Private data must stay private",
    "Protect the privacy of users",
]
THEMES = np.array([0, 0, 0, 0, 1, 1, 1, 1])
POLARITY = np.array([1, 1, 1, -1, 1, -1, 1, 1])
VECTORS = np.eye(8, dtype=np.float32)


def test_a_theme_is_titled_by_what_sets_it_apart() -> None:
    """Telling words come first, each stem once; no stop word and no "AI" names a theme."""
    sources, privacy = label_themes(TEXTS, ["en"] * 8, VECTORS, THEMES, polarity=POLARITY)
    assert sources.keywords[0] == "sources"
    assert "source" not in sources.keywords
    assert privacy.keywords[0] == "privacy"
    assert sources.title.startswith("Sources")
    assert not {"ai", "should", "the"} & {*sources.keywords, *privacy.keywords}


def test_each_side_of_a_theme_has_its_own_quote() -> None:
    """A theme that holds both wishes and refusals shows one of each."""
    sources, privacy = label_themes(TEXTS, ["en"] * 8, VECTORS, THEMES, polarity=POLARITY)
    assert sources.medoids[-1] == 3
    assert privacy.medoids[-1] == 5
    assert sources.medoids[1] in {0, 1, 2}


def test_themes_without_words_are_titled_by_a_quote() -> None:
    """Emoji alone still give a heading."""
    (label,) = label_themes(["👍👍", "👍"], ["und", "und"], VECTORS[:2], [0, 0])
    assert label.title.startswith("👍")
    assert label.keywords == ()


def test_chinese_is_labelled_by_pairs_of_characters() -> None:
    """Chinese has no spaces; pairs of characters stand in for words."""
    words = [word for word, _ in content_words("政府應該管制計程車", "zh")]
    assert "政府" in words
    assert "管制" in words


def test_inflections_share_a_stem() -> None:
    """Words that differ by an ending count as one."""
    for one, other in [("answers", "answer"), ("sources", "source"), ("honesty", "honest")]:
        stems = [next(content_words(word, "en"))[0] for word in (one, other)]
        assert stems[0] == stems[1]
    assert jaccard(frozenset("ab"), frozenset("bc")) == 1 / 3
    assert jaccard(frozenset(), frozenset()) == 0.0
