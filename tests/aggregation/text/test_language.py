"""Which language a text is in, or an honest "und"."""

from __future__ import annotations

import pytest

from aggregation.text import identify


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("The AI should be honest with people.", "en"),
        ("Die KI sollte ehrlich zu den Menschen sein.", "de"),
        ("La IA debería ser honesta con las personas.", "es"),
        ("L'IA devrait être honnête avec les gens.", "fr"),
        ("政府應該對運輸業設置公平的管制規則", "zh"),
        ("AIは人々に正直であるべきです。", "ja"),
        ("", "und"),
        ("123 !!! 😀", "und"),
        ("Lol", "und"),
    ],
)
def test_languages_are_told_apart(text: str, code: str) -> None:
    """Sentences have a language; scraps and symbols have none."""
    assert identify(text) == code


def test_the_choice_can_be_narrowed() -> None:
    """A consultation in two languages gets no third one, and no language at all means unknown."""
    german = "Die KI sollte ehrlich zu den Menschen sein."
    assert identify(german, allowed=["de", "en"]) == "de"
    assert identify(german, allowed=["en", "fr"]) in {"en", "fr", "und"}
    assert identify(german, allowed=["xx"]) == "und"
    assert identify(german) == "de"
