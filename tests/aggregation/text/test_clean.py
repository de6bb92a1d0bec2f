"""Which texts are taken, which are refused, and what is kept as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregation.errors import AggregationInputError
from aggregation.text import TextRefused, clean_text, duplicate_key, personal_data_hints


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        ("  Be kind.\r\nAlways.\r", "Be kind.\nAlways."),
        ("cafe\u0301", "café"),
        ("\u202eevil\u202c text\u2066", "evil text"),
        ("👩\u200d👩\u200d👧 می\u200cخواهم", "👩\u200d👩\u200d👧 می\u200cخواهم"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("=SUM(A1:A9)", "=SUM(A1:A9)"),
        ("a\tb", "a\tb"),
        ("Tiếng Việt ở thế", "Tiếng Việt ở thế"),
    ],
)
def test_harmless_text_is_kept(raw: str, stored: str) -> None:
    """Line ends and accents are made uniform, text-direction tricks go, everything else stays."""
    assert clean_text(raw) == stored


@pytest.mark.parametrize(
    ("raw", "rule", "words"),
    [
        ("ab\0c", "forbidden_character", "NUL character at character 3"),
        ("ab\ud800", "forbidden_character", "lone surrogate"),
        ("a\x07b", "forbidden_character", r"U\+0007 at character 2"),
        ("a\x85b", "forbidden_character", r"U\+0085"),
        ("a" + "\u0336" * 9, "too_many_marks", "at character 2"),
        ("", "empty", "Write a sentence"),
        (" \u200b\u2060\n", "empty", "empty"),
        ("x" * 10_001, "too_long", "10,001 characters, the limit is 10,000"),
        ("界" * 13_400, "too_long", "40,200 bytes, the limit is 40,000"),
        ("x" * 10_000_000, "too_long", "10,000,000"),
    ],
)
def test_harmful_text_is_refused_with_rule_and_place(raw: str, rule: str, words: str) -> None:
    """A refusal says what is wrong, where, and what to do."""
    with pytest.raises(TextRefused, match=words) as refusal:
        clean_text(raw)
    assert refusal.value.rule == rule
    assert isinstance(refusal.value, AggregationInputError)


def test_the_limit_counts_characters_as_people_see_them() -> None:
    """A family emoji of seven code points is one character."""
    assert clean_text("👩\u200d👩\u200d👧" * 100, max_graphemes=100)


@given(st.text(max_size=300))
def test_cleaning_twice_changes_nothing(raw: str) -> None:
    """What was accepted once is accepted again, byte for byte."""
    try:
        once = clean_text(raw)
    except TextRefused:
        return
    assert clean_text(once) == once
    assert once.encode()


def test_copies_share_a_key_and_others_do_not() -> None:
    """Case, width, punctuation and spacing do not make a new statement; words and emoji do."""
    assert duplicate_key("AI should be  FAIR!") == duplicate_key("ai should be fair")
    assert duplicate_key("ＡＩ") == duplicate_key("ai")
    assert duplicate_key("AI should be fair") != duplicate_key("AI should be safe")
    assert duplicate_key("👍") != duplicate_key("👎")


@pytest.mark.parametrize(
    ("text", "hints"),
    [
        ("Write to anna.meier@example.org", ("email",)),
        ("Call +49 170 1234567 now", ("phone",)),
        ("Pay DE89 3704 0044 0532 0130 00", ("iban",)),
        ("In 2050 we want 1,000,000 trees and 15$/hour", ()),
        ("AI should be fair", ()),
    ],
)
def test_personal_data_is_hinted_at(text: str, hints: tuple[str, ...]) -> None:
    """E-mail addresses, phone and account numbers are noticed; years and amounts are not."""
    assert personal_data_hints(text) == hints
