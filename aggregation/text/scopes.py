"""Which side clauses limit a sentence? From their opener ("if", "unless") to where they end."""

from __future__ import annotations

from typing import TypeAlias

import regex

from aggregation.text.rules import Rules

Range: TypeAlias = tuple[int, int]

_STOP = regex.compile(r"[,;:，；。.!?)—–]|$")
_WORDY = regex.compile(r"[\p{L}\p{N}]")


def scopes(sentence: str, opener: regex.Pattern[str], rules: Rules) -> tuple[Range, ...]:
    """Half-open ranges from an opener to a comma, or to where the main clause begins."""
    found: list[Range] = []
    first = _WORDY.search(sentence)
    for hit in opener.finditer(sentence):
        if found and hit.start() < found[-1][1]:
            continue
        stop = _STOP.search(sentence, hit.end())
        end = len(sentence) if stop is None else stop.start()
        if rules.short_condition.fullmatch(sentence, *hit.span()):
            end = hit.end()
        elif first is None or hit.start() <= first.start():
            main = rules.main_clause.search(sentence, hit.end() + 1, end)
            end = end if main is None else main.start()
        end = hit.end() + len(sentence[hit.end() : end].rstrip())
        found.append((hit.start(), end))
    return tuple(found)


def mask(text: str, ranges: tuple[Range, ...]) -> str:
    """The text with the ranges blanked out, so that offsets stay the same."""
    pieces, done = [], 0
    for start, end in ranges:
        pieces += [text[done:start], " " * (end - start)]
        done = end
    return "".join([*pieces, text[done:]])


def shift(ranges: tuple[Range, ...], by: int) -> tuple[Range, ...]:
    """The same ranges, `by` code points further on."""
    return tuple((start + by, end + by) for start, end in ranges)
