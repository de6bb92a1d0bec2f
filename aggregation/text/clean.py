"""Is this text fit to be stored for good? Refuse what would break it, keep everything else."""

from __future__ import annotations

import unicodedata

import regex

from aggregation.errors import AggregationInputError

MAX_MARKS = 8  # combining marks in a row; Vietnamese and Hebrew need three or four
BIDI_CONTROLS = {*range(0x202A, 0x202F), *range(0x2066, 0x206A)}

_GRAPHEME = regex.compile(r"\X")
_MARKS = regex.compile(rf"\p{{M}}{{{MAX_MARKS + 1},}}")
_UNREADABLE = regex.compile(r"[\p{C}\p{Z}\s]+")
_NO_LETTER_OR_DIGIT = regex.compile(r"[^\p{L}\p{M}\p{N}]+")
_SYMBOLS_ASIDE = regex.compile(r"[\p{C}\p{Z}\s]+")

_EMAIL = regex.compile(r"[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+")
_PHONE = regex.compile(r"(?<![\w.,])(?:\+|00)?\(?\d(?:[ ./()-]{0,2}\d){8,14}(?![\w])")
_IBAN = regex.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?(?!\w)")


class TextRefused(AggregationInputError):
    """A text cannot be taken as it is; `rule` is a stable code, the message a sentence."""

    rule = "text"


class ForbiddenCharacter(TextRefused):
    """The text holds a character that cannot be stored or shown safely."""

    rule = "forbidden_character"


class TooManyMarks(TextRefused):
    """Accents are piled up so that the text spills over its neighbours."""

    rule = "too_many_marks"


class TextTooLong(TextRefused):
    """The text is longer than the consultation takes."""

    rule = "too_long"


class TextEmpty(TextRefused):
    """Nothing that a person could read is left."""

    rule = "empty"


def clean_text(raw: str, *, max_graphemes: int = 10_000, max_bytes: int = 40_000) -> str:
    """Return the text as it will be stored: NFC, line ends as \\n, no bidirectional controls.

    Joiners (ZWJ, ZWNJ) stay: Persian, Hindi and emoji need them. White space at both ends goes.
    Raises a TextRefused that names the rule, the place (1-based character) and the remedy.
    """
    if len(raw) > max_bytes:  # Every code point takes a byte or more: refuse before any work.
        raise _too_long(len(raw), "characters", max_bytes)
    text = raw.replace("\r\n", "\n").replace("\r", "\n")
    _refuse_forbidden_characters(text)
    text = "".join(character for character in text if ord(character) not in BIDI_CONTROLS)
    text = unicodedata.normalize("NFC", text).strip()
    if not _UNREADABLE.sub("", text):
        raise TextEmpty("The text is empty: it holds nothing but white space. Write a sentence.")
    piled = _MARKS.search(text)
    if piled is not None:
        raise TooManyMarks(
            f"More than {MAX_MARKS} accents follow each other at character {piled.start() + 1}. "
            "Remove the extra accents."
        )
    size = len(text.encode())
    if size > max_bytes:
        raise _too_long(size, "bytes", max_bytes)
    if len(text) > max_graphemes:
        length = sum(1 for _ in _GRAPHEME.finditer(text))
        if length > max_graphemes:
            raise _too_long(length, "characters", max_graphemes)
    return text


def _too_long(size: int, unit: str, limit: int) -> TextTooLong:
    return TextTooLong(
        f"The text has {size:,} {unit}, the limit is {limit:,}. Shorten it or send it in parts."
    )


def _refuse_forbidden_characters(text: str) -> None:
    for place, character in enumerate(text, start=1):
        code = ord(character)
        if character in "\n\t" or 0x20 <= code < 0x7F:
            continue
        if code < 0x20 or 0x7F <= code < 0xA0:
            name = "a NUL character" if code == 0 else f"the control character U+{code:04X}"
        elif 0xD800 <= code <= 0xDFFF:
            name = f"half of a character (a lone surrogate, U+{code:04X})"
        else:
            continue
        raise ForbiddenCharacter(
            f"The text holds {name} at character {place}. Remove it and send the text again."
        )


def duplicate_key(text: str) -> str:
    """The text without case, width, punctuation and spacing: equal keys, equal words.

    A text of symbols alone keeps its symbols, so that two different emoji stay different.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    words: str = _NO_LETTER_OR_DIGIT.sub("", folded)
    return words or str(_SYMBOLS_ASIDE.sub("", folded))


def personal_data_hints(text: str) -> tuple[str, ...]:
    """What looks like personal data: "email", "iban", "phone". A warning, never a refusal."""
    hints = []
    if _EMAIL.search(text):
        hints.append("email")
    bank = _IBAN.search(text)
    if bank:
        hints.append("iban")
    if _PHONE.search(_IBAN.sub(" ", text)):
        hints.append("phone")
    return tuple(hints)
