"""Ideas with signs keep a spec from saying one thing in two ways."""

from __future__ import annotations

import pytest

from aggregation.text import read
from aggregation.text.concepts import contents, is_idea


def about(text: str, language: str = "en") -> frozenset[str]:
    return contents(text, language, polarity=read(text, language).polarity)


@pytest.mark.parametrize(
    ("first", "second", "language"),
    [
        ("The AI should tell the truth", "AI should never lie to people", "en"),
        ("The ai should not hurt humans.", "The AI shouldn't cause harm to anyone else.", "en"),
        ("AI should give references", "The AI should always cite its sources.", "en"),
        ("The AI should be impartial", "AI should not be biased", "en"),
        ("Die KI soll ehrlich sein.", "Die KI darf niemals lügen.", "de"),
        ("La IA debe decir la verdad.", "La IA no debe mentir nunca.", "es"),
    ],
)
def test_one_idea_in_other_words_is_one_idea(first, second, language):
    """Asking for a thing and forbidding its opposite are about the same, with the same sign."""
    shared = about(first, language) & about(second, language)
    assert [item for item in shared if is_idea(item)]


def test_ideas_cross_languages():
    """The same norm in three languages carries the same idea."""
    found = [
        about("The AI should be honest."),
        about("Die KI soll ehrlich sein.", "de"),
        about("La IA debe ser honesta.", "es"),
    ]
    assert set.intersection(*map(set, found)) == {"+honesty"}


def test_an_idea_turned_round_has_the_other_sign():
    """To forbid the truth is not to ask for it."""
    assert about("The AI should tell the truth") == {"+honesty"}
    assert about("The AI should never tell the truth") == {"-honesty"}


def test_other_words_stay_what_they_are():
    """Words outside the table are stems, without a sign."""
    items = about("The AI should protect endangered languages")
    assert items
    assert not any(is_idea(item) for item in items)
