"""Words of different spelling that name one idea, with its sign: "truth" and "never lie" agree.

A short table per language for the ideas that citizens name most often when they speak about how an
AI should behave. It only keeps a document from saying things twice; it never merges sentences.
"""

from __future__ import annotations

import json
from functools import cache, lru_cache
from importlib.resources import files

import regex

from aggregation.text.words import WORDS_KEPT, content_words

_Row = tuple[regex.Pattern[str], str, int]


@cache
def _tables(language: str) -> tuple[tuple[_Row, ...], frozenset[str]]:
    """For one language: (pattern of words, idea, +1 or -1), and words that tell no two norms apart.

    Those are what any sentence about an assistant may be about or addressed to.
    """
    content = files("aggregation.text").joinpath("concepts.json").read_text(encoding="utf-8")
    read = json.loads(content)
    rows = []
    for idea, by_language in read["ideas"].items():
        for word in by_language.get(language, "").split():
            sign = -1 if word.startswith("-") else 1
            pattern = regex.escape(word.lstrip("-"), special_only=True).replace(
                r"\*", r"[\p{L}\p{M}]*"
            )
            rows.append((regex.compile(pattern), idea, sign))
    return tuple(rows), frozenset(read["light"].get(language, "").split())


def contents(text: str, language: str, *, polarity: int) -> frozenset[str]:
    """What a sentence is about: "+idea" or "-idea" for known ideas, stems for other words.

    polarity : +1 where the sentence asks for its content, -1 where it forbids it; "never lie" and
    "tell the truth" both give {"+honesty"}.
    """
    return frozenset(content_items(text, language, polarity=polarity))


def content_items(text: str, language: str, *, polarity: int) -> tuple[str, ...]:
    """The same in the order of the words, each once."""
    base = language.split("-")[0].lower()
    light = _tables(base)[1]
    found: dict[str, None] = {}
    sign = polarity
    for stem, word in content_words(text, language):
        if word == "non":  # "non bias" in two words
            sign = -polarity
            continue
        known = _known(word, base)
        if known is not None:
            found["-+"[known[1] * sign > 0] + known[0]] = None
        elif word not in light:
            found[stem] = None
        sign = polarity
    return tuple(found)


@lru_cache(WORDS_KEPT)
def _known(word: str, base: str) -> tuple[str, int] | None:
    """The idea that a word stands for, and its sign; None for any other word."""
    table = _tables(base)[0]
    return next(((idea, sign) for pattern, idea, sign in table if pattern.fullmatch(word)), None)


def is_idea(item: str) -> bool:
    """Whether an item of `contents` is a known idea, not the stem of a word."""
    return item[0] in "+-"
