"""Where does one sentence end and the next begin? Offsets into the stored text, never copies.

sentencex finds the boundaries; three rules mend what citizens' writing does to it: a new line ends
a sentence, a piece without letters (a list number, an emoji) belongs to the piece after it, and a
missing space ("for all.Education") is a boundary all the same.
"""

from __future__ import annotations

from itertools import pairwise

import regex
import sentencex

# A lower-case word of two letters or more, the mark, then a capital that starts a real word.
# Two letters on both sides leave "U.S.A", "e.V.", "z.B." and file names like "a.Txt" alone.
_MISSING_SPACE = regex.compile(r"(?<=\p{Ll}{2}[.!?]['\"”’)]?)(?=\p{Lu}\p{Ll})")
_LINE = regex.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_LETTER = regex.compile(r"\p{L}")


def segment(text: str, language: str = "en") -> list[tuple[int, int]]:
    """Half-open [start, end) code-point ranges of the sentences, in order, without overlap.

    Each text[start:end] is trimmed and holds a letter; together they cover every letter of the
    text. A text without any letter gives one range over what is not white space, or none.
    """
    pieces: list[tuple[int, int]] = []
    for line in _LINE.finditer(text):
        pieces += _sentences(text, line.start(), line.end(), language)
    return _join_letterless(text, pieces)


def _sentences(text: str, start: int, end: int, language: str) -> list[tuple[int, int]]:
    """Boundaries of one line, with a cut wherever a space was forgotten."""
    line = text[start:end]
    base = language.split("-")[0] if language not in ("", "und") else "en"
    cuts = {0, len(line)}
    cuts.update(int(found["end_index"]) for found in sentencex.get_sentence_boundaries(base, line))
    cuts.update(gap.start() for gap in _MISSING_SPACE.finditer(line))
    edges = sorted(cuts)
    trimmed = (_trim(text, start + a, start + b) for a, b in pairwise(edges))
    return [piece for piece in trimmed if piece[0] < piece[1]]


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    lead = len(piece) - len(piece.lstrip())
    return start + lead, max(start + lead, start + len(piece.rstrip()))


def _join_letterless(text: str, pieces: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Glue pieces without letters to the next one; at the very end, to the one before."""
    joined: list[tuple[int, int]] = []
    pending: int | None = None
    for start, end in pieces:
        first = start if pending is None else pending
        if _LETTER.search(text, start, end) is None:
            pending = first
            continue
        joined.append((first, end))
        pending = None
    if pending is not None:
        last = pieces[-1][1]
        joined[-1:] = [(joined[-1][0], last)] if joined else [(pending, last)]
    return joined
