"""What a norm is made of: conditions, exceptions, who is to act, the frame and its content."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregation.text import direction, read, side, strip_frame


@pytest.mark.parametrize(
    ("text", "language", "absolute"),
    [
        ("The AI should always cite its sources.", "en", True),
        ("The AI must protect its existence at all costs", "en", True),
        ("AI should not act like it always knows the truth.", "en", False),
        ("The AI should be fair.", "en", False),
        ("Die KI sollte niemals lügen.", "de", True),
        ("La IA nunca debe mentir.", "es", True),
        ("L'IA ne doit jamais mentir.", "fr", True),
    ],
)
def test_absolute_words_count_only_where_they_govern_the_norm(
    text: str, language: str, absolute: bool
) -> None:
    """An "always" inside what is described does not make the norm absolute."""
    assert read(text, language).absolute is absolute


@pytest.mark.parametrize(
    ("text", "language", "conditions", "exceptions"),
    [
        (
            "AI should act as a friend if a person needs one",
            "en",
            ["if a person needs one"],
            [],
        ),
        (
            "The AI should never share data unless the user agrees.",
            "en",
            [],
            ["unless the user agrees"],
        ),
        (
            "AI must obey orders except where such orders would harm a human",
            "en",
            [],
            ["except where such orders would harm a human"],
        ),
        ("If asked, the AI should cite its sources.", "en", ["If asked"], []),
        ("When a child asks the AI should be careful.", "en", ["When a child asks"], []),
        ("Where possible this aspect must be eliminated.", "en", ["Where possible"], []),
        ("AI should let you know if your questions are risky", "en", [], []),
        ("The AI should not act as if it were human.", "en", [], []),
        (
            "Die KI sollte Fragen beantworten, wenn sie sicher ist.",
            "de",
            ["wenn sie sicher ist"],
            [],
        ),
        (
            "Die KI darf keine Daten teilen, es sei denn, die Person stimmt zu.",
            "de",
            [],
            ["es sei denn, die Person stimmt zu"],
        ),
        (
            "La IA no debería compartir datos a menos que el usuario lo pida.",
            "es",
            [],
            ["a menos que el usuario lo pida"],
        ),
        (
            "L'IA ne doit pas répondre sauf si elle est sûre.",
            "fr",
            [],
            ["sauf si elle est sûre"],
        ),
    ],
)
def test_conditions_and_exceptions_are_quoted_from_the_text(
    text: str, language: str, conditions: list[str], exceptions: list[str]
) -> None:
    """The words that limit a norm are found as ranges of the text itself."""
    reading = read(text, language)
    assert [text[a:b] for a, b in reading.conditions] == conditions
    assert [text[a:b] for a, b in reading.exceptions] == exceptions


@pytest.mark.parametrize(
    ("text", "language", "actor", "addressee"),
    [
        ("The AI should be honest.", "en", "The AI", "ai"),
        ("Companies that build AI should publish their data.", "en", "Companies", "developer"),
        ("I want AI companies to pay for it.", "en", "AI companies", "developer"),
        ("The government must protect minors.", "en", "The government", "government"),
        ("Users should be able to delete their data.", "en", "Users", "user"),
        ("Parents and teachers should talk to them.", "en", "Parents and teachers", "people"),
        ("Under no circumstances should the AI lie.", "en", "the AI", "ai"),
        ("It should never refuse to answer.", "en", "It", "unknown"),
        ("AI should be regulated.", "en", None, "unknown"),
        ("AI should be regulated by the state.", "en", "the state", "government"),
        ("It is wrong for chatbots to flirt.", "en", "chatbots", "ai"),
        ("Don't lie to people.", "en", None, "unknown"),
        ("More bike lanes", "en", None, "unknown"),
        ("AI is dangerous.", "en", None, "unknown"),
        ("Wenn sie es nicht weiß, soll die KI das sagen.", "de", "die KI", "ai"),
        ("Ich möchte nicht, dass Firmen meine Daten sehen.", "de", "Firmen", "developer"),
        ("Die Daten sollen geschützt werden.", "de", None, "unknown"),
        ("Die Daten sollen vom Staat geschützt werden.", "de", "Staat", "government"),
        ("Que los médicos revisen las respuestas.", "es", "los médicos", "people"),
        ("El Estado debe protegernos.", "es", "El Estado", "government"),
        ("Me gustaría que el asistente fuera breve.", "es", "el asistente", "ai"),
        ("Il faut que les médecins relisent.", "fr", "les médecins", "people"),
    ],
)
def test_who_is_to_act_is_quoted_or_unknown(
    text: str, language: str, actor: str | None, addressee: str
) -> None:
    """The actor's own words, where the sentence names one; a passive or an order names none."""
    reading = read(text, language)
    assert (None if reading.actor is None else text[slice(*reading.actor)]) == actor
    assert reading.addressee == addressee


@pytest.mark.parametrize(
    ("text", "language", "content"),
    [
        ("The AI should never lie to people.", "en", "lie to people"),
        ("Don't lie to people", "en", "lie to people"),
        ("I think that the AI should not be allowed to lie to people", "en", "lie to people"),
        ("The AI should be kind.", "en", "kind"),
        ("Die KI sollte Menschen nicht anlügen.", "de", "Menschen anlügen"),
        ("La IA nunca debe mentir.", "es", "mentir"),
        ("人工智慧應該永遠說實話。", "zh", "說實話"),
        ("A IA nunca deve mentir.", "pt", "mentir"),
        ("Tell the truth", "en", "tell the truth"),
        ("AI can help doctors", "en", "AI can help doctors"),
        ("L'IA ne doit pas mentir.", "fr", "mentir"),
        ("AI is dangerous", "en", "AI is dangerous"),
        ("The AI should", "en", "The AI should"),
        ("😀", "en", "😀"),
    ],
)
def test_the_frame_comes_off_and_the_content_stays(text: str, language: str, content: str) -> None:
    """Sentences that ask for the same thing in different frames have the same content."""
    assert strip_frame(text, language) == content


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("AI should encourage self-harm", "AI should discourage self-harm"),
        ("More parking lots", "Fewer parking lots"),
        ("AI should be biased", "AI should be unbiased"),
        ("The AI should lie", "The AI should not lie"),
    ],
)
def test_hidden_negation_puts_opposites_on_different_sides(one: str, other: str) -> None:
    """Opposites differ in direction, so that no gate lets them pass together."""
    assert direction(one, "en") == -direction(other, "en")
    assert side(one, "en") != side(other, "en")


@given(st.text(max_size=200), st.sampled_from(["en", "de", "es", "fr", "zh", "pt", "und", ""]))
def test_any_text_can_be_read(text: str, language: str) -> None:
    """Whatever is written, ranges lie inside it and the content is never empty."""
    reading = read(text, language)
    ranges = [*reading.conditions, *reading.exceptions, *reading.negations]
    ranges += [] if reading.frame is None else [reading.frame]
    assert all(0 <= start <= end <= len(text) for start, end in ranges)
    assert bool(strip_frame(text, language)) == bool(text)
