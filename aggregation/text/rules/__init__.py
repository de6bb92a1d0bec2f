"""The tables behind `modality`: one file per language, and what they have in common."""

from __future__ import annotations

import hashlib
from functools import cache

import regex

from aggregation.text.rules import chinese, english, french, german, signs, spanish
from aggregation.text.rules.table import Rules, Table

__all__ = [
    "Rules",
    "Table",
    "demands",
    "digest",
    "frame_of",
    "negated",
    "rules_for",
    "sentences_of",
]

_TABLES = {
    "en": english.TABLE,
    "de": german.TABLE,
    "es": spanish.TABLE,
    "fr": french.TABLE,
}

_FRAMES = {
    "it": r"(?:l['’]\s?ia|essa)\s+(?:non\s+)?(?:dovrebbe|deve|può)\s+(?:mai\s+|sempre\s+)?",
    "pt": r"(?:a\s+ia|ela)\s+(?:não\s+|nunca\s+)?(?:deveria|deve|pode)\s+(?:nunca\s+|sempre\s+)?",
    "nl": r"(?:de\s+)?ai\s+(?:moet|mag|zou)\s+(?:niet\s+|nooit\s+|altijd\s+|geen\s+)?",
    "ar": r"(?:يجب|ينبغي)\s+(?:على\s+المساعد\s+|للمساعد\s+)?(?:أن\s+لا|أن|ألّ?ا)\s+",
    "zh": chinese.FRAME,
}

# Words of duty, wish and ban: with one of them a sentence surely holds a norm.
_DUTIES = {
    "ar": r"\b(?:يجب|ينبغي|يجوز|ممنوع|يمنع|ألا)\b",
    "it": r"\b(?:dovrebb\w+|dev\w+|bisogna|occorre|viet\w+)\b",
    "nl": r"\b(?:moet\w*|mag|mogen|hoort|verbied\w+)\b",
    "pl": r"\b(?:powin\w+|mus\w+|należy|zakaz\w*)\b",
    "pt": r"\b(?:deveri\w+|dev\w+|precis\w+|proib\w+)\b",
}

# A full stop ends a sentence only before something that could begin one: "e.g. medical" goes on.
_BREAK = regex.compile(
    r"(?:[!?…]+|\.+(?=['\"”’»)]*(?:\s+[^\p{Ll}\s]|\s*$)))['\"”’»)]*(?=\s|$)\s*|(?<=[。！？])"
    r"|[\n\r]+\s*"
)


@cache
def _compiled(language: str) -> Rules:
    return Rules(_TABLES[language])


def rules_for(language: str) -> Rules | None:
    """The compiled rules of a language ("de-AT" counts as "de"), None where there are none."""
    base = language.split("-")[0].lower()
    return _compiled(base) if base in _TABLES else None


def negated(text: str, language: str) -> bool:
    """Whether a text in a language without rules denies or forbids something."""
    base = language.split("-")[0].lower()
    if base == "zh":
        return chinese.negated(text)
    return signs.negated(text, base)


def demands(text: str, language: str) -> bool | None:
    """True where a text in a language without rules surely holds a norm, else None: unknown."""
    base = language.split("-")[0].lower()
    if base == "zh":
        return chinese.demands(text)
    pattern = _DUTIES.get(base)
    found = pattern is not None and regex.search(pattern, text, regex.IGNORECASE) is not None
    return True if found else None


def frame_of(text: str, language: str) -> tuple[int, int] | None:
    """The normative frame at the start of a text in a language without rules, if it has one."""
    pattern = _FRAMES.get(language.split("-")[0].lower())
    found = None if pattern is None else regex.match(pattern, text, regex.IGNORECASE)
    return None if found is None else (found.start(), found.end())


def digest() -> str:
    """Changes whenever a table changes: part of the name of every space built on stripped text."""
    content = repr((sorted(_TABLES.items()), sorted(_FRAMES.items())))
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def sentences_of(text: str) -> list[tuple[int, int]]:
    """Rough sentence ranges with their closing mark, blank ends trimmed; enough to find cues.

    `segment` is the exact one; this one stays inside a single claim and must be cheap.
    """
    ranges = []
    start = 0
    for edge in [hit.end() for hit in _BREAK.finditer(text)] + [len(text)]:
        piece = text[start:edge]
        lead = len(piece) - len(piece.lstrip())
        if piece.strip():
            ranges.append((start + lead, start + len(piece.rstrip())))
        start = edge
    return ranges
