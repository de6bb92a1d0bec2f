"""Where do the points of a list begin that somebody wrote in one line, and where does a mood end?

Numbers count as a list only when they count: 1, 2, ... or a, b, ... in one style, with a few words
each. Otherwise "the 2. World War" or "see a)" would be torn apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import regex

# Faces, hands and cheers comment on a sentence. Hearts are verbs ("I ❤ AI") and robots are nouns,
# check marks and pointing hands are bullets: none of these ends a sentence.
MOOD = regex.compile(
    r"(?:[\U0001F600-\U0001F64F\U0001F910-\U0001F915\U0001F917-\U0001F92F"
    r"\U0001F970-\U0001F97A\U0001F9D0\U0001FAE0-\U0001FAE8\U0001F44A-\U0001F44F"
    r"\U0001F4AA\U0001F389\U0001F4AF\u263A\u2639][\U0001F3FB-\U0001F3FF\uFE0F\u200D\u2640\u2642]*"
    r"\s*)+"
)
_LABEL = regex.compile(
    r"(?<![\p{L}\p{N}.,/-])(\(?)(?:(\d{1,2})|(\p{Ll}))(\uFE0F?\u20E3|[.)\]、．:-])(?=\s|\p{L})\s*"
    r"|([\u2460-\u2473])\s*"
)
_BULLET = regex.compile(r"(?<!\S)[•●▪‣◦■►➤✓✔✅☑👉🔹🔸](?=\s*\p{L})")
_DASH = regex.compile(r"(?<!\S)([-–—*+])(?=\s+\p{L})")
_LEADS_IN = regex.compile(r"[:.!?;,…–—-]\W*$")
_DENSE = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}"
_WORD = regex.compile(
    rf"(?V1)[{_DENSE}]{{2}}|[\p{{L}}--[{_DENSE}]][[\p{{L}}\p{{M}}'’]--[{_DENSE}]]*"
)
_REACH = 80  # code points looked at for words on either side of a mark

_FEW, _CLAUSE = 2, 3  # words of a point, words before a mood


def marks_of_points(line: str) -> tuple[set[int], set[int]]:
    """Where points of a list begin in a line, and where their numbers end, as two sets."""
    begins: set[int] = set()
    ends: set[int] = set()
    styles: dict[tuple[str, ...], list[regex.Match[str]]] = {}
    for found in _LABEL.finditer(line):
        series = styles.setdefault(_style(found), [])
        if _number(found) == len(series) + 1 and (series or _may_open(line, found)):
            series.append(found)
    for series in filter(None, styles.values()):
        stops = [one.start() for one in series[1:]] + [len(line)]
        full = all(_words(line, a.end(), b) >= _FEW for a, b in zip(series, stops, strict=True))
        if len(series) > 1 and full:
            begins.update(one.start() for one in series)
            ends.update(one.end() for one in series)
    begins.update(_bullets(line))
    return begins, ends


def is_point(text: str, start: int) -> bool:
    """Whether a point of a list, with its number or bullet, begins here."""
    return any(mark.match(text, start) is not None for mark in (_LABEL, _BULLET, _DASH))


def _bullets(line: str) -> Iterator[int]:
    yield from (one.start() for one in _BULLET.finditer(line))
    dashes = list(_DASH.finditer(line))
    # One dash inside a line is a pause; a line that opens with one and has two more is a list.
    if len(dashes) > 2 and not line[: dashes[0].start()].strip():
        yield from (one.start() for one in dashes if one.group() == dashes[0].group())


def _style(label: regex.Match[str]) -> tuple[str, ...]:
    opens, digits, _, closes, circled = label.groups()
    if circled:
        return ("circled",)
    return (opens, "number" if digits else "letter", closes)


def _number(label: regex.Match[str]) -> int:
    _, digits, letter, _, circled = label.groups()
    if circled:
        return ord(circled) - 0x245F
    return int(digits) if digits else ord(letter) - ord("a") + 1


def _may_open(line: str, label: regex.Match[str]) -> bool:
    """Whether a list may begin here: where a sentence may, or after what announces one."""
    before = line[max(0, label.start() - 5) : label.start()]
    return not before.strip() or _LEADS_IN.search(before) is not None


def moods(line: str, cuts: Sequence[int]) -> set[int]:
    """Where a new sentence begins after an emoji that ends one without a mark."""
    found: set[int] = set()
    last = 0
    waiting = iter([*cuts, len(line) + 1])
    cut = next(waiting)
    for mood in MOOD.finditer(line):
        while cut <= mood.start():
            last, cut = cut, next(waiting)
        if (
            _words(line, last, mood.start(), backwards=True) >= _CLAUSE
            and _words(line, mood.end(), len(line)) >= _FEW
        ):
            found.add(mood.end())
            last = mood.end()
    return found


def _words(line: str, start: int, end: int, *, backwards: bool = False) -> int:
    """How many words there are, among the nearest code points."""
    if backwards:
        start = max(start, end - _REACH)
    return len(_WORD.findall(line, start, min(end, start + _REACH)))
