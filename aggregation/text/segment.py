"""Where does one sentence end and the next begin? Offsets into the stored text, never copies.

sentencex finds the boundaries; what citizens' writing does to it is mended here. New: a line ends
a sentence, and so do a forgotten space ("for all.Education"), a point of a list that runs on in
one line, "etc." before a capital, and a mood emoji after a few words. Taken back: cuts inside an
abbreviation, after the number of a point, between two lines of one wrapped sentence. A piece
without letters belongs to its neighbour.

Words that begin with a capital are no sign of a forgotten full stop: of 14 such places in 9,787
real English texts 11 were slips of the shift key.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import regex
import sentencex

from aggregation.text.points import MOOD, marks_of_points, moods

_TABLES = json.loads((Path(__file__).parent / "boundaries.json").read_text(encoding="utf-8"))
_TITLES = {code: frozenset(words) for code, words in _TABLES["titles"].items()}
_BEFORE_NUMBERS = frozenset(_TABLES["before_numbers"])
_HALVES = frozenset(map(tuple, _TABLES["halves"]))
_LIST_ENDS = "|".join(map(regex.escape, _TABLES["list_ends"]))

# A lower-case word of two letters or more, the mark, then a capital that starts a real word.
# Two letters on both sides leave "U.S.A", "e.V.", "z.B." and file names like "a.Txt" alone.
_MISSING_SPACE = regex.compile(
    r"(?<=\p{Ll}{2}[.!?…]{1,5}['\"”’»)]?)(?=\p{Lu}\p{Ll}|[¿¡«“]\p{L}|\p{Lu}\s\p{Ll})"
    r"|(?<=\p{Lu}{4}[.!?]{1,5})(?=\p{Lu}{2}\P{N})"
    r"|(?<=\p{Han}[。！？])(?=[\p{Latin}\p{N}])"  # sentencex waits for another Chinese character
    r"|(?<=\p{Ll}{5}[.!?]) (?=\p{N})"  # and takes a number for part of an ordinal
)
_AFTER_LIST = regex.compile(rf"(?<!\w)(?i:{_LIST_ENDS})\.\s+(?=\p{{Lu}})")
_LINE = regex.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_NO_CHARACTER = regex.compile(r"[\ud800-\udfff]")  # half a surrogate pair: sentencex fails
_LETTER = regex.compile(r"\p{L}")
_FIRST_WORD = regex.compile(r"[\p{L}\p{M}º]+")
# What closes a sentence never opens one; a quotation goes on where Japanese names its speaker.
_CLOSING = regex.compile(r"[.,;:!?…。，！？、)\]}»”]+(?=\s|$)\s*")
_QUOTED_ON = regex.compile(r"(?<=[」』])(?=と|って)")
_OPEN_END = regex.compile(r"[.!?:;…。！？]\W*$")
_WRAPPED = 60  # code points; shorter lines were ended on purpose
_WINDOW = 2_000  # code points
_REACH = 60  # code points before a cut that may hold an abbreviation


def segment(text: str, language: str = "en") -> list[tuple[int, int]]:
    """Half-open [start, end) code-point ranges of the sentences, in order, without overlap.

    Each text[start:end] is trimmed and holds a letter; together they cover every letter of the
    text. A text without any letter gives one range over what is not white space, or none.
    """
    base = language.split("-")[0].lower() if language not in ("", "und") else "en"
    pieces: list[tuple[int, int]] = []
    for start, end in _lines(text):
        line = _NO_CHARACTER.sub("\ufffd", text[start:end]).replace("\n", " ")
        edges = sorted(_cuts(line, base) | {0, len(line)})
        trimmed = (_trim(text, start + a, start + b) for a, b in pairwise(edges))
        pieces += [piece for piece in trimmed if piece[0] < piece[1]]
    return _join_letterless(text, pieces)


def _lines(text: str) -> Iterator[tuple[int, int]]:
    """The lines; those that an editor wrapped in the middle of a sentence are one."""
    spans = [line.span() for line in _LINE.finditer(text)]
    widest = max((end - start for start, end in spans), default=0)
    first = None
    for (start, end), following in pairwise([*spans, None]):
        first = start if first is None else first
        if following is None or not _goes_on(text, (start, end), following, widest):
            yield first, end
            first = None


def _goes_on(text: str, line: tuple[int, int], following: tuple[int, int], widest: int) -> bool:
    """Whether the next line goes on with this one, because its first word found no room here."""
    start, end = line
    word = _FIRST_WORD.match(text, following[0], following[1])
    return (
        following[0] == end + 1
        and end - start >= _WRAPPED
        and word is not None
        and word.group()[0].islower()
        and end - start + 1 + len(word.group()) > widest
        and _OPEN_END.search(text[max(start, end - 5) : end]) is None
    )


def _cuts(line: str, language: str) -> set[int]:
    """Where pieces of one line begin."""
    points, labels = marks_of_points(line)
    found = set(_sentence_ends(line, language))
    found = {_after(_CLOSING, line, cut) for cut in found if not _is_inside(line, cut, language)}
    found = {_after(MOOD, line, cut) for cut in found}
    found -= labels
    found.update(
        gap.end()
        for gap in _MISSING_SPACE.finditer(line)
        if not _is_inside(line, gap.end(), language)
    )
    found.update(gap.end() for gap in _AFTER_LIST.finditer(line))
    return found | points | moods(line, sorted(found | points))


def _sentence_ends(line: str, language: str) -> Iterator[int]:
    """Where sentencex ends a sentence. It is given a window at a time: its time is quadratic."""
    start, width = 0, _WINDOW
    while start < len(line):
        window = line[start : start + width]
        ends = [
            int(one["end_index"]) for one in sentencex.get_sentence_boundaries(language, window)
        ]
        rest = start + width >= len(line)
        # The last sentence of a window may be cut short: the next window begins with it.
        sure = ends if rest else ends[:-1]
        yield from (start + end for end in sure)
        if rest:
            return
        start, width = (start + sure[-1], _WINDOW) if sure else (start, 2 * width)


def _is_inside(line: str, cut: int, language: str) -> bool:
    """Whether a cut falls inside an abbreviation, or inside a quotation that goes on."""
    before = line[max(0, cut - _REACH) : cut].rstrip()
    if _QUOTED_ON.match(line, cut):
        return True
    if not before.endswith("."):
        return False
    word = before[:-1].rpartition(" ")[2].lstrip("([{\"'„“«‘")
    rest = line[cut : cut + _REACH].lstrip()
    following = _FIRST_WORD.match(rest)
    half = (word.lower(), following.group().lower() if following else "")
    return (
        word.lower() in _TITLES[""]
        or word.lower() in _TITLES.get(language, ())
        or (half in _HALVES and rest[len(half[1]) : len(half[1]) + 1] in (".", "", " "))
        or (rest[:1].isdigit() and (word in _BEFORE_NUMBERS or word.lower() in _BEFORE_NUMBERS))
    )


def _after(pattern: regex.Pattern[str], line: str, cut: int) -> int:
    """The cut, or what follows the pattern where the next piece would begin with it."""
    found = pattern.match(line, cut)
    return found.end() if found else cut


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    lead = len(piece) - len(piece.lstrip())
    return start + lead, max(start + lead, start + len(piece.rstrip()))


def _join_letterless(text: str, pieces: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Glue pieces without letters to the next one; a mood, and what comes last, to the one before.

    A number announces what follows, an emoji comments on what was said.
    """
    joined: list[tuple[int, int]] = []
    pending: int | None = None
    for start, end in pieces:
        first = start if pending is None else pending
        if _LETTER.search(text, start, end) is not None:
            joined.append((first, end))
            pending = None
        elif joined and pending is None and MOOD.match(text, start, end):
            joined[-1] = (joined[-1][0], end)
        else:
            pending = first
    if pending is not None:
        last = pieces[-1][1]
        joined[-1:] = [(joined[-1][0], last)] if joined else [(pending, last)]
    return joined
