"""Sentence boundaries, as offsets into the text that was given."""

from __future__ import annotations

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from aggregation.text import segment


@pytest.mark.parametrize(
    ("text", "language", "sentences"),
    [
        ("Be kind. Be honest!", "en", ["Be kind.", "Be honest!"]),
        ("Dr. Smith agrees. So do I.", "en", ["Dr. Smith agrees.", "So do I."]),
        ("Use laws, e.g. the GDPR. Always.", "en", ["Use laws, e.g. the GDPR.", "Always."]),
        ("Free schools for all.Education matters.", "en",
         ["Free schools for all.", "Education matters."]),
        ("Visit www.example.org today", "en", ["Visit www.example.org today"]),
        ("Be kind\nBe honest", "en", ["Be kind", "Be honest"]),
        ("1. Be kind.\n2. Be honest.", "en", ["1. Be kind.", "2. Be honest."]),
        ("😀 Be kind. 👍", "en", ["😀 Be kind. 👍"]),
        ("It should cite, z. B. Quellen. Immer.", "de",
         ["It should cite, z. B. Quellen.", "Immer."]),
        ("Die KI soll z.B. Quellen nennen. Sie darf nicht lügen.", "de",
         ["Die KI soll z.B. Quellen nennen.", "Sie darf nicht lügen."]),
        ("Ca. 30 Prozent reichen. Mehr nicht!", "de", ["Ca. 30 Prozent reichen.", "Mehr nicht!"]),
        ("La IA debe ayudar. ¿Por qué no? ¡Claro!", "es",
         ["La IA debe ayudar.", "¿Por qué no?", "¡Claro!"]),
        ("El Sr. Pérez está de acuerdo. Yo también.", "es",
         ["El Sr. Pérez está de acuerdo.", "Yo también."]),
        ("政府應該管制。我同意！", "zh", ["政府應該管制。", "我同意！"]),
        ("...", "en", ["..."]),
        ("   ", "en", []),
        ("", "en", []),
    ],
)  # fmt: skip
def test_sentences_are_found(text: str, language: str, sentences: list[str]) -> None:
    """Abbreviations hold together; lines, lists and forgotten spaces come apart."""
    assert [text[a:b] for a, b in segment(text, language)] == sentences


@given(
    st.text(
        alphabet=st.one_of(st.characters(codec="utf-8"), st.sampled_from(" .!?\n。aA1😀")),
        max_size=120,
    ),
    st.sampled_from(["en", "de", "es", "zh", "th", "ar", "und", "", "de-AT"]),
)
def test_offsets_hold_for_any_text(text: str, language: str) -> None:
    """Ranges are ordered, apart, trimmed, and together they hold every letter."""
    ranges = segment(text, language)
    edges = [edge for pair in ranges for edge in pair]
    assert edges == sorted(edges)
    assert all(text[a:b] and text[a:b] == text[a:b].strip() for a, b in ranges)
    kept = "".join(text[a:b] for a, b in ranges)
    assert regex.findall(r"\p{L}", kept) == regex.findall(r"\p{L}", text)
