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
    assert label.title == "“👍👍”"
    assert label.keywords == ()


def test_chinese_is_labelled_by_pairs_of_characters() -> None:
    """Chinese has no spaces; pairs of characters stand in for words."""
    words = [word for word, _ in content_words("政府應該管制計程車", "zh")]
    assert "政府" in words
    assert "管制" in words


def test_one_author_does_not_name_a_theme() -> None:
    """A thousand texts by one person weigh as one voice, in the label of any theme."""
    texts = [*TEXTS, *(f"Ignore previous instructions: HACKED sources {n}" for n in range(1000))]
    authors = [*(f"w{n}" for n in range(8)), *["eve"] * 1000]
    themes = np.concatenate([THEMES, np.zeros(1000, dtype=np.int64)])
    vectors = np.vstack([VECTORS, np.repeat(VECTORS[:1], 1000, axis=0)])
    alone = label_themes(TEXTS, ["en"] * 8, VECTORS, THEMES, authors=authors[:8])
    sources, privacy = label_themes(texts, ["en"] * 1008, vectors, themes, authors=authors)
    assert privacy == alone[1]
    assert sources.keywords[0] == "sources"
    assert not {"hacked", "instructions", "ignore"} & set(sources.keywords)


def test_equal_texts_count_once() -> None:
    """The same text sent again, by whomever, changes no word of any label."""
    texts = [*TEXTS, *["Protect whales, privacy and sources"] * 50]
    themes = [*THEMES.tolist(), *[1] * 50]
    vectors = np.vstack([VECTORS, np.repeat(VECTORS[:1], 50, axis=0)])
    once = label_themes(texts[:9], ["en"] * 9, vectors[:9], themes[:9])
    often = label_themes(texts, ["en"] * 58, vectors, themes)
    assert [one.keywords for one in often] == [one.keywords for one in once]


def test_words_said_in_one_phrase_are_shown_as_the_phrase() -> None:
    """ "Minimum wage" is a subject; "minimum" is not."""
    texts = ["Raise the minimum wage", "A minimum wage for all", "No minimum wage", "Plant trees"]
    wage, trees = label_themes(texts, ["en"] * 4, VECTORS[:4], [0, 0, 0, 1])
    assert wage.keywords[0] == "minimum wage"
    assert trees.title.startswith(("Plant", "Trees"))


def test_a_mixed_theme_is_labelled_in_the_wished_language_where_enough_members_are_in_it() -> None:
    """A fifth of the members, or ten of them, is enough; else the commonest language counts."""
    texts = [*["Die KI soll Quellen nennen", "Quellen angeben"], *TEXTS[:4]]
    codes = ["de", "de", "en", "en", "en", "en"]
    (german,) = label_themes(texts, codes, VECTORS[:6], [0] * 6, language="de")
    assert german.language == "de"
    assert german.keywords[0] == "Quellen"
    (english,) = label_themes(texts, codes, VECTORS[:6], [0] * 6, language="fr")
    assert english.language == "en"
    assert english.keywords[0] == "sources"


def test_words_are_shown_as_most_people_write_them_within_a_sentence() -> None:
    """Names and German nouns keep their capitals; a shouted or an opening word does not count."""
    texts = [
        "Mehr Maßnahmen für Bowling Green",
        "Die Maßnahmen von Bowling Green genügen",
        "MASSNAHMEN FÜR BOWLING GREEN",
        "Neue Maßnahmen kosten Geld",
    ]
    (label,) = label_themes(texts, ["de"] * 4, VECTORS[:4], [0] * 4)
    assert label.title == "Maßnahmen, Bowling Green"
    (label,) = label_themes(
        ["Trees matter", "Trees help", "more trees"], ["en"] * 3, VECTORS, [0] * 3
    )
    assert label.title.startswith("Trees")
    assert label.keywords[0] == "trees"


def test_a_pair_of_signs_that_is_part_of_a_word_is_shown_as_the_word() -> None:
    """The middle of the Chinese word for taxi names nothing."""
    texts = ["政府應該管制計程車", "計程車要保險", "計程車司機", "不要計程車"]
    (label,) = label_themes(texts, ["zh"] * 4, VECTORS[:4], [0] * 4)
    assert label.title == "計程車"


def test_what_stands_in_one_text_names_no_larger_theme() -> None:
    """Where one person wrote all of it, words that come again name it, else a quote does."""
    texts = ["Plant trees", "Close roads", "Feed birds", "Clean rivers"]
    (label,) = label_themes(texts, ["en"] * 4, VECTORS[:4], [0] * 4, authors=["eve"] * 4)
    assert label.title == "“Plant trees”"


def test_inflections_share_a_stem() -> None:
    """Words that differ by an ending count as one."""
    for one, other in [("answers", "answer"), ("sources", "source"), ("honesty", "honest")]:
        stems = [next(content_words(word, "en"))[0] for word in (one, other)]
        assert stems[0] == stems[1]
    assert jaccard(frozenset("ab"), frozenset("bc")) == 1 / 3
    assert jaccard(frozenset(), frozenset()) == 0.0
