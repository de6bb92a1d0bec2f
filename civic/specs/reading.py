"""A spec document arranged for a reader: parts, themes, and what was not adopted by reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

Clause = dict[str, Any]
Document = dict[str, Any]

PARTS = (
    (
        "adopted",
        "Common ground",
        "Broad support overall and in every opinion group. These are the norms of this spec.",
    ),
    (
        "provisional",
        "Provisional",
        "Strong support so far, from too few people to be sure. Guidelines, not yet norms.",
    ),
    (
        "contested",
        "Contested",
        "What divides people, and what a part of them asks for. No sentence here is a norm: each "
        "says what an AI should do about it.",
    ),
)
REASON_TITLES = {
    "represented_by": "Another clause stands for both",
    "overlaps": "Too close in meaning to another clause",
    "likely_overlaps": "Promising, but too close to another clause",
    "voice_overlaps": "A minority’s wish, too close to another clause",
    "contradicts": "Contradicts another clause that was chosen",
    "likely_contradicts": "Promising, but contradicts an adopted clause",
    "voice_contradicts": "A minority’s wish that contradicts a clause that stands",
    "theme_full": "Its theme was full",
    "budget": "The spec was full",
    "voice_budget": "The room for minority voices was full",
    "not_a_norm": "Does not say how an AI should behave",
    "unclear_norm": "Unclear whether it says how an AI should behave",
    "no_reactions": "Nobody was asked",
    "few_reactions": "Too few answers",
    "tie": "As many for as against",
    "more_oppose": "More against than for",
    "group_opposes": "A group is clearly against it",
    "no_majority": "No group has a majority for it",
    "not_broad": "Support is not broad enough",
}


@dataclass(frozen=True)
class Theme:
    """Clauses of one part that are about the same thing."""

    title: str
    clauses: list[Clause]


@dataclass(frozen=True)
class Part:
    """One part of a spec: all clauses of one status, by theme, in the document's order."""

    status: str
    title: str
    meaning: str
    themes: list[Theme]

    @property
    def count(self) -> int:
        return sum(len(theme.clauses) for theme in self.themes)


def parts_of(document: Document) -> list[Part]:
    """The parts that hold rules or disagreements; what was not adopted stands apart."""
    titles = {section["id"]: section["title"] for section in document["sections"]}
    parts = []
    for status, title, meaning in PARTS:
        held: dict[str, list[Clause]] = {}
        for clause in document["clauses"]:
            if clause["status"] == status:
                name = titles.get(clause["section"], "Other")
                held.setdefault(name, []).append(clause)
        themes = [Theme(name, clauses) for name, clauses in held.items()]
        parts.append(Part(status, title, meaning, themes))
    return parts


def left_out(document: Document, *, reason: str = "", query: str = "") -> list[Clause]:
    """Clauses not adopted, of one reason if asked, whose words contain `query`."""
    wanted = query.casefold().strip()
    return [
        clause
        for clause in document["clauses"]
        if clause["status"] in ("not_adopted", "retired")
        and (not reason or clause["reason"]["code"] == reason)
        and (not wanted or wanted in clause["text"].casefold())
    ]


def reasons_of(document: Document) -> list[tuple[str, str, int]]:
    """(code, title, how many) for every reason that kept a clause out, the commonest first."""
    counts = Counter(clause["reason"]["code"] for clause in left_out(document))
    return [(code, REASON_TITLES.get(code, code), n) for code, n in counts.most_common()]
