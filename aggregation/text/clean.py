"""Is this text fit to be stored for good? Refuse what would break it, keep everything else."""

from __future__ import annotations

import unicodedata

import regex

from aggregation.errors import AggregationInputError

MAX_GRAPHEMES = 10_000
# 30 bytes for each of 10,000 characters: a family emoji takes 25, Chinese 3. As percent-encoded
# form or escaped JSON that is 900 kB, below the megabyte that the web server reads.
MAX_BYTES = 300_000
MAX_MARKS = 8  # combining marks in a row; Vietnamese and Hebrew need three or four

_GRAPHEME = regex.compile(r"\X")
_MARKS = regex.compile(rf"\p{{M}}{{{MAX_MARKS + 1},}}")
_UNREADABLE = regex.compile(r"[\p{C}\p{Z}\s]+")
# Letters and signs that draw nothing: Hangul fillers, variation selectors, an empty Braille cell.
_INVISIBLE = regex.compile(r"[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800\s]+")
_NO_LETTER_OR_DIGIT = regex.compile(r"[^\p{L}\p{M}\p{N}]+")

_LINE_END = regex.compile(r"\r\n|[\r\u2028\u2029]")
_FORBIDDEN = regex.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\p{Noncharacter_Code_Point}]"
)
# Directions that reorder what a reader sees, byte order marks, annotations between the lines.
_REMOVED = regex.compile(r"[\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]")
# Tags write ASCII that nobody sees. Only the flags of England, Scotland, Wales need them.
_TAGS = regex.compile(
    r"(\U0001F3F4[\U000E0020-\U000E007E]{1,6}\U000E007F)|[\U000E0000-\U000E007F]+"
)


class TextRefused(AggregationInputError):
    """A text cannot be taken as it is.

    rule : a stable code; problem, remedy : a sentence each, together the message
    facts : what the message names (size, limit, unit, place, code), for other languages
    """

    rule = "text"

    def __init__(self, problem: str, remedy: str, **facts: str | int) -> None:
        super().__init__(f"{problem} {remedy}")
        self.problem = problem
        self.remedy = remedy
        self.facts = facts


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


def clean_text(raw: str, *, max_graphemes: int = MAX_GRAPHEMES, max_bytes: int = MAX_BYTES) -> str:
    """Return the text as it will be stored; cleaning it again changes nothing.

    Made uniform: NFC; every line end is \\n; no white space at both ends.
    Removed, because a reader cannot see them and they can deceive her: embeddings, overrides and
    isolates of text direction (U+202A-E, U+2066-9), byte order marks, interlinear annotations, and
    tags outside a flag (U+E0000-7F).
    Refused, because nobody writes them on purpose and databases, UTF-8 or XML cannot hold them:
    NUL and other controls except tab and line ends, lone surrogates, noncharacters (U+FFFE), more
    than MAX_MARKS accents in a row, text without anything to read, text beyond the limits.
    Kept: joiners (ZWJ, ZWNJ) and direction marks (LRM, RLM), which Persian, Hindi, Arabic, Hebrew
    and emoji need; markup and code, which are text like any other.

    Raises a TextRefused that names the rule, the place (1-based character) and the remedy.
    """
    if len(raw) > max_bytes:  # Every code point takes a byte or more: refuse before any work.
        raise _too_long(len(raw), "characters", max_bytes)
    _refuse_forbidden_characters(raw)
    text = _TAGS.sub(r"\1", _REMOVED.sub("", _LINE_END.sub("\n", raw)))
    text = unicodedata.normalize("NFC", text).strip()
    if not _INVISIBLE.sub("", text):
        raise TextEmpty("The text is empty: it holds nothing but white space.", "Write a sentence.")
    piled = _MARKS.search(text)
    if piled is not None:
        raise TooManyMarks(
            f"More than {MAX_MARKS} accents follow each other at character {piled.start() + 1}.",
            "Remove the extra accents.",
            limit=MAX_MARKS,
            place=piled.start() + 1,
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
    problem = f"The text has {size:,} {unit}, the limit is {limit:,}."
    remedy = "Shorten it or send it in parts."
    return TextTooLong(problem, remedy, size=size, unit=unit, limit=limit)


def _refuse_forbidden_characters(text: str) -> None:
    found = _FORBIDDEN.search(text)
    if found is None:
        return
    code = ord(found.group())
    if code == 0:
        name = "a NUL character"
    elif 0xD800 <= code <= 0xDFFF:
        name = f"half of a character (a lone surrogate, U+{code:04X})"
    elif code >= 0xFDD0:
        name = f"U+{code:04X}, which is no character"
    else:
        name = f"the control character U+{code:04X}"
    raise ForbiddenCharacter(
        f"The text holds {name} at character {found.start() + 1}.",
        "Remove it and send the text again.",
        code=f"U+{code:04X}",
        place=found.start() + 1,
    )


def duplicate_key(text: str) -> str:
    """The text without case, width, punctuation and spacing: equal keys, equal words.

    A text of symbols alone keeps its symbols, so that two different emoji stay different.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    words: str = _NO_LETTER_OR_DIGIT.sub("", folded)
    return words or str(_UNREADABLE.sub("", folded))
