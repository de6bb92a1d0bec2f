"""Which texts are taken, which are refused, and what is kept as it is."""

from __future__ import annotations

import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregation.errors import AggregationInputError
from aggregation.text import (
    TextRefused,
    clean_text,
    duplicate_key,
    personal_data_hints,
    segment,
)
from tests.corpora import ccai, global_dialogues, remesh

FAMILY = "👨\u200d👩\u200d👧\u200d👦"  # seven code points, 25 bytes, one character
SCOTLAND = "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"


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
        ("one\u2028two\u2029three", "one\ntwo\nthree"),
        ("\ufeffBe kind", "Be kind"),
        ("Be kind\U000e0068\U000e0069 now", "Be kind now"),
        (SCOTLAND, SCOTLAND),
        ("\u200fשלום\u200e", "\u200fשלום\u200e"),
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
        ("\u3164\u115f", "empty", "empty"),  # Hangul fillers are letters that draw nothing
        ("\u2800\ufe0f", "empty", "empty"),
        ("x" * 10_001, "too_long", "10,001 characters, the limit is 10,000"),
        ("界" * 13_400, "too_long", "13,400 characters, the limit is 10,000"),
        ("x" * 10_000_000, "too_long", "10,000,000"),
        (FAMILY * 13_000, "too_long", "325,000 bytes, the limit is 300,000"),
        ("a\ufffe", "forbidden_character", r"U\+FFFE, which is no character at character 2"),
        ("a\r\nb\0", "forbidden_character", "at character 5"),
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


@pytest.mark.parametrize("unit", ["x", "界", "é", "क्षि", "👍🏽", FAMILY, "á̧", "🏴‍☠️"])
def test_ten_thousand_characters_are_welcome(unit: str) -> None:
    """In any script, however many bytes one character takes."""
    assert clean_text(unit * 10_000) == unicodedata.normalize("NFC", unit * 10_000)


@given(
    st.text(
        alphabet=st.one_of(
            st.characters(),
            st.sampled_from(
                " \r\n\t\u2028\u202e\u2066\ufeff\U000e0041\U000e007f🏴\u0301é\ufffe\0각"
            ),
        ),
        max_size=300,
    )
)
def test_cleaning_twice_changes_nothing(raw: str) -> None:
    """What was accepted once is accepted again, byte for byte, and any database can hold it."""
    try:
        once = clean_text(raw)
    except TextRefused:
        return
    assert clean_text(once) == once == once.strip() == unicodedata.normalize("NFC", once)
    assert once.encode()
    for start, end in segment(once):
        assert once.encode().decode()[start:end] == once[start:end] != ""


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
        ("Mail: josé_99+x@correo.example.es!", ("email",)),
        ("Call +49 170 1234567 now", ("phone",)),
        ("Ruft mich an: 0664/123 45 67", ("phone",)),
        ("0043 1 58858-0 wochentags", ("phone",)),
        ("Tel. (030) 901 820 12", ("phone",)),
        ("my number is 555-867-5309.", ("phone",)),
        ("my number is (270) 867 5309.", ("phone",)),
        ("mi móvil: 612 345 678", ("phone",)),
        ("06 12 34 56 78, appelez-moi", ("phone",)),
        ("Zap: (11) 91234-5678", ("phone",)),
        ("打我电话 +86 138 0013 8000", ("phone",)),
        ("Pay DE89 3704 0044 0532 0130 00", ("iban",)),
        ("IBAN: AT611904300234573201", ("iban",)),
        ("I live at Hauptstraße 12a, 1010 Wien", ("address",)),
        ("vivo en Calle Mayor 5, 28013 Madrid", ("address",)),
        ("12 rue de la Paix, 75002 Paris", ("address",)),
        ("at 221 Baker Street, London NW1 6XE", ("address",)),
        ("1600 Pennsylvania Avenue, Washington DC 20500", ("address",)),
        ("In 2050 we want 1,000,000 trees and 15$/hour", ()),
        ("Wir brauchen 100 000 000 Euro bis 31.12.2030", ()),
        ("From 01.01.2024 to 2025-12-31, 24/7", ()),
        ("Die Mariahilfer Straße 12 soll autofrei werden", ()),
        ("Close Main Street between 5 and 7", ()),
        ("See https://example.org/a/0664123456789/b@c.de", ()),
        ("ISBN 978-3-16-148410-0, DE89 3704 0044 0532 0130 01", ()),
        ("Paragraph 0.5.2 of rule 10.000.000.000", ()),
        ("@OpenAI must answer", ()),
        ("AI should be fair", ()),
    ],
)
def test_personal_data_is_hinted_at(text: str, hints: tuple[str, ...]) -> None:
    """Mail, phone, account and street addresses are noticed; years, amounts and places are not."""
    assert personal_data_hints(text) == hints


def test_nothing_in_real_consultations_looks_personal(data_dir: Path) -> None:
    """Moderators took personal data out of these: whatever is hinted at is a false alarm."""
    texts = [one.text for one in (*global_dialogues(data_dir), *remesh(data_dir), *ccai(data_dir))]
    assert [text for text in texts if personal_data_hints(text)] == []


@pytest.mark.parametrize(
    "unit", ["1", "+", "0 ", "(0", "a.", "a@", "A1 ", "1 a ", "Via a ", "5 rue a "]
)
def test_hints_take_no_longer_for_hostile_text(unit: str) -> None:
    """Ten thousand characters made to hurt take no more than a moment."""
    started = time.process_time()
    personal_data_hints((unit * 10_000)[:10_000])
    assert time.process_time() - started < 2
