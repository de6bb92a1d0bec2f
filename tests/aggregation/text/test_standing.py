"""Which sentences stand alone, and what is shown with those that do not."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from aggregation.text import segment
from aggregation.text.standing import sentences
from tests.segments import LEANING, labelled, score_leaning

HOSTILE = " .!?\n。！？؟،:;-–•1a)(\"'“”«»「」A😀👍\u200d\ufe0f\u0301\u202e\0\ud800\u2028éقو她"


@pytest.mark.parametrize(
    ("text", "language", "leaning"),
    [
        ("AI must not lie. It should be honest.", "en", ["It should be honest."]),
        ("It should be honest. It is important to check facts.", "en", []),
        ("No ads. And never for kids. Same for politics.", "en",
         ["And never for kids.", "Same for politics."]),
        ("Refuse? Never.", "en", ["Never."]),
        ("I tried AI. I enjoy it very much. We need doctors.", "en", ["I enjoy it very much."]),
        ("AI should\n- help people\n- be kind", "en", ["AI should", "- help people", "- be kind"]),
        ("Die KI soll helfen. Sie darf nicht lügen. Es muss Regeln geben.", "de",
         ["Sie darf nicht lügen."]),
        ("Verbote sind nötig. Das Klima leidet. Das ist klar.", "de", ["Das ist klar."]),
        ("La IA ayuda. Nunca debe mentir. Los médicos deciden.", "es", ["Nunca debe mentir."]),
        ("L'IA aide. Elle ne doit pas mentir. Il faut des règles.", "fr",
         ["Elle ne doit pas mentir."]),
        ("A IA ajuda. Ela não pode mentir. O médico decide.", "pt", ["Ela não pode mentir."]),
        ("人工智能很有用。它不能说谎。其他国家也有法律。", "zh", ["它不能说谎。"]),
        ("الذكاء الاصطناعي مفيد. وهو ليس إنسانا. الطبيب يقرر.", "ar", ["وهو ليس إنسانا."]),
        ("AI ni nzuri. Inapaswa kuwa kweli.", "sw", []),
    ],
)  # fmt: skip
def test_sentences_that_point_back_lean(text: str, language: str, leaning: list[str]) -> None:
    """Pronouns, ellipses and bare answers lean; orders, full claims and first sentences do not."""
    found = sentences(text, language)
    assert [text[one.start : one.end] for one in found if one.leans] == leaning


def test_the_context_reaches_back_to_a_sentence_that_stands() -> None:
    """A chain of pronouns is read from where it began; who stands alone is shown alone."""
    text = "Cats help. AI must not lie. It harms. They know."
    shown = [text[slice(*one.context)] for one in sentences(text, "en")]
    assert shown == [
        "Cats help.",
        "AI must not lie.",
        "AI must not lie. It harms.",
        "AI must not lie. It harms. They know.",
    ]


def test_a_point_is_shown_with_what_announced_it() -> None:
    """However far up the list the lead-in stands."""
    text = "AI should:\n- a b\n- c d\n- e f\n- g h\n- i j"
    assert text[slice(*sentences(text, "en")[-1].context)] == text


@given(
    st.text(
        alphabet=st.one_of(st.characters(), st.sampled_from(HOSTILE + "itthsandne")), max_size=150
    ),
    st.sampled_from(["en", "de", "es", "fr", "pt", "zh", "ar", "ja", "th", "hi", "und", "", "x-y"]),
)
def test_ranges_hold_for_any_text(text: str, language: str) -> None:
    """The same ranges as `segment`; a context holds its sentence and stays inside the text."""
    found = sentences(text, language)
    assert [(one.start, one.end) for one in found] == segment(text, language)
    for one in found:
        start, end = one.context
        assert 0 <= start <= one.start < one.end <= end <= len(text)
        assert one.leans or one.context == (one.start, one.end)
    kept = "".join(text[one.start : one.end] for one in found)
    assert regex.findall(r"\p{L}", kept) == regex.findall(r"\p{L}", text)


def test_our_own_messy_texts_are_marked_as_a_person_marks_them() -> None:
    """On the texts that we wrote; those who labelled also made the tables, so this is a floor."""
    total = score_leaning(labelled(None), sentences)
    assert total.precision >= 0.95
    assert total.recall >= 0.85


def test_what_citizens_wrote_is_rarely_marked_without_need(data_dir: Path) -> None:
    """A mark can be trusted; of sentences that lean on what was said, some stay unmarked."""
    total = score_leaning(labelled(data_dir), sentences)
    assert total.precision >= 0.93
    assert total.recall >= 0.8
    later = score_leaning(labelled(data_dir, LEANING), sentences)
    assert later.precision >= 0.93
    assert later.recall >= 0.65


@pytest.mark.parametrize("language", ["en", "es", "zh"])
@pytest.mark.parametrize(
    "unit",
    ["and ", "it. ", "i it ", "- a b\n", "如果", "también ", "not. ", "x" * 500 + ":\n- a b\n"],
)
def test_time_grows_no_faster_than_the_text(unit: str, language: str) -> None:
    """Twenty thousand characters made to hurt take no more than a moment."""
    started = time.process_time()
    sentences((unit * 20_000)[:20_000], language)
    assert time.process_time() - started < 2
