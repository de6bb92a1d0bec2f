"""Wanted or unwanted? The sign alone, for languages that have no table of `modality`.

A denial counts beside the first word of duty, or at the start of an order; what is denied later
belongs to the content ("must serve people and not companies"). A ban takes a denial back.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import regex


@dataclass(frozen=True)
class Signs:
    """aside: side clauses; duty: words of duty and ban; denial, ban; before, after: how many words
    from the duty a denial still governs it (nobody, nothing, "no machine" govern from anywhere
    before: everywhere); start: words from the start, where there is no duty.
    """

    aside: str
    duty: str
    denial: str
    ban: str
    everywhere: str
    before: int = 2
    after: int = 2
    start: int = 2


_TABLES = {
    "pt": Signs(
        aside=(
            r"\b(?:quando|se|caso|embora|porque|a\s+menos\s+que|a\s+não\s+ser\s+que|exceto|salvo)\b"
            r"[^,.;!?]*"
        ),
        duty=r"(?:deveri\w+|dev(?:e|em|emos)|precis\w+|pode\w*|tem\s+de|tem\s+que|proib\w+)",
        denial=r"(?:não(?!\s+(?:só|somente|apenas))|nunca|jamais)",
        ban=r"(?:proib\w+|evit\w+|chega\s+de|basta\s+de|fim\s+d\w+)",
        everywhere=r"(?:nenhum\w*|ninguém|em\s+caso\s+algum)",
    ),
    "it": Signs(
        aside=(
            r"\b(?:quando|se|qualora|sebbene|perché|a\s+meno\s+che|salvo|tranne|eccetto)\b[^,.;!?]*"
        ),
        duty=r"(?:dovrebb\w+|dev\w+|bisogna|occorre|può|possono|viet\w+)",
        denial=r"(?:non(?!\s+(?:solo|soltanto))|mai)",
        ban=r"(?:viet\w+|evitar\w*|evit[aio]\w*|basta(?!\s+che)|stop)",
        everywhere=r"(?:nessun\w*|niente|in\s+nessun\s+caso)",
    ),
    "nl": Signs(
        aside=r"\b(?:als|wanneer|indien|hoewel|omdat|tenzij|behalve)\b[^,.;!?]*",
        duty=r"(?:moet(?:en)?|mag|mogen|zou(?:den)?|hoor(?:t|en)|wil(?:len)?|verb(?:ied\w*|oden))",
        denial=r"(?:niet(?!\s+(?:alleen|slechts))|nooit|geen)",
        ban=r"(?:verb(?:ied\w*|oden)|vermijd\w*|stop\w*)",
        everywhere=r"(?:niemand|nergens|geen\s+enkele?|in\s+geen\s+geval)",
        after=8,  # The denial follows its object: "moet mensen niet beoordelen".
    ),
    "pl": Signs(
        aside=r"\b(?:jeśli|jeżeli|gdy|kiedy|chociaż|ponieważ|chyba\s+że|z\s+wyjątkiem)\b[^,.;!?]*",
        duty=r"(?:powin\w+|mus\w+|może|mogą|należy|wolno|zakaz\w*|zabron\w+)",
        denial=r"(?:nie(?!\s+tylko)|nigdy)",
        ban=r"(?:zakaz\w*|zabron\w+|unika\w+|stop|dość)",
        everywhere=r"(?:żad\w+|nikt|nic|w\s+żadnym\s+wypadku)",
    ),
    "ar": Signs(
        aside=r"(?<!\w)(?:عندما|إذا|اذا|حين|حينما|لأن|إلا\s+إذا|ما\s+لم)(?!\w)[^،,.؛!؟]*",
        duty=r"(?:يجب|ينبغي|يجوز|يحق|ممنوع|يمنع|يُمنع)",
        denial=r"(?:لا(?!\s+ال)|لن|أل[ّ]?ا|أن\s+لا)",
        ban=r"(?:عدم|ممنوع\w*|يمنع|يُمنع)",
        everywhere=r"(?!)",
        before=1,
        after=4,
        start=4,
    ),
}


class _Compiled:
    def __init__(self, table: Signs) -> None:
        word, gap = r"\w++", r"[\s'’\-]++"
        self.table = table
        self.aside = _compile(table.aside)
        self.duty = _compile(rf"(?<!\w){table.duty}(?!\w)")
        hit = rf"(?<!\w){table.denial}(?!\w)"
        ban = rf"(?<!\w){table.ban}(?!\w)"
        self.everywhere = _compile(rf"(?<!\w){table.everywhere}(?!\w)")
        self.before = _compile(rf"{hit}(?:{gap}{word}){{0,{table.before - 1}}}\s*$")
        near = rf"\s*(?:{word}{gap}){{0,{table.after - 1}}}"
        self.after = _compile(near + hit)
        self.ban_after = _compile(rf"\s*(?:{word}{gap}){{0,1}}{ban}")
        self.ban = _compile(ban)
        lead = rf"[^\w]*+(?:{word}{gap}){{0,{table.start - 1}}}"
        self.start, self.ban_start = _compile(lead + hit), _compile(lead + ban)


@cache
def _compiled(language: str) -> _Compiled | None:
    table = _TABLES.get(language)
    return None if table is None else _Compiled(table)


def negated(text: str, language: str) -> bool:
    """Whether a text denies or forbids what it speaks of; False where the language is not known."""
    signs = _compiled(language)
    if signs is None:
        return False
    main = signs.aside.sub(lambda hit: " " * len(hit.group()), text)
    if not main.strip(" ,.;!?،؛"):
        main = text
    duty = signs.duty.search(main)
    if duty is None:
        denied = signs.start.match(main) or signs.everywhere.search(main)
        return bool(denied) != bool(signs.ban_start.match(main))
    head = main[max(0, duty.start() - 80) : duty.start()]
    denied = (
        signs.before.search(head)
        or signs.everywhere.search(head)
        or signs.after.match(main, duty.end())
        or signs.start.match(main)
    )
    banned = signs.ban.fullmatch(duty.group()) or signs.ban_after.match(main, duty.end())
    return bool(denied) != bool(banned)


def _compile(pattern: str) -> regex.Pattern[str]:
    return regex.compile(pattern, regex.IGNORECASE)
