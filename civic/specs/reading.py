"""A spec document arranged for a reader: parts, themes, and what was not adopted by reason."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from threading import Lock
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from civic.specs import wording
from civic.specs.models import SpecVersion
from civic.specs.redaction import GONE

Clause = dict[str, Any]
Document = dict[str, Any]

PARTS = {
    "adopted": (
        _("Common ground"),
        _("Broad support overall and in every opinion group. These are the norms of this spec."),
    ),
    "provisional": (
        _("Provisional"),
        _("Strong support so far, from too few people to be sure. Guidelines, not yet norms."),
    ),
    "contested": (
        _("Contested"),
        _(
            "What divides people, and what a part of them asks for. No sentence here is a norm: "
            "each says what an AI should do about it."
        ),
    ),
    "not_adopted": (
        _("Not adopted"),
        _("No sentence here is a norm. Each says why it was not adopted."),
    ),
}
LEFT_OUT = ("not_adopted", "retired")
KEPT = 6  # parsed documents that a process holds; one of a thousand clauses takes some 10 MB

_documents: dict[str, Document] = {}
_lock = Lock()


def document_of(spec: SpecVersion) -> Document:
    """The document of a version, parsed once per process; for reading only.

    Held by its digest, so that a version whose words were erased is never read from memory.
    """
    found = _documents.get(spec.sha256)
    if found is None:
        found = json.loads(bytes(spec.document))
        with _lock:
            while len(_documents) >= KEPT:
                del _documents[next(iter(_documents))]
            _documents[spec.sha256] = found
    return found


@dataclass(frozen=True)
class Theme:
    """Clauses of one part that are about the same thing."""

    title: str
    language: str
    clauses: list[Clause]


@dataclass(frozen=True)
class Part:
    """One part of a spec: clauses of one status, by theme, in the document's order."""

    status: str
    title: str
    meaning: str
    count: int
    themes: list[Theme]

    @property
    def clauses(self) -> list[Clause]:
        """All that are shown, in the order in which they are read."""
        return [clause for theme in self.themes for clause in theme.clauses]

    @property
    def shown(self) -> int:
        return len(self.clauses)

    @property
    def by_reason(self) -> list[tuple[str, list[Clause]]]:
        """The same clauses by why they stand here, the commonest reason first."""
        held: dict[str, list[Clause]] = {}
        for theme in self.themes:
            for clause in theme.clauses:
                told = wording.reason(clause) or clause["reason"]["text"]
                held.setdefault(told, []).append(clause)
        return sorted(held.items(), key=lambda one: -len(one[1]))


def status_of(clause: Clause) -> str:
    """Where a clause stands; what was retired stands with what was not adopted."""
    return "not_adopted" if clause["status"] in LEFT_OUT else str(clause["status"])


def part_of(document: Document, status: str, *, most: int | None = None) -> Part:
    """One part with its first `most` clauses."""
    clauses = [c for c in document["clauses"] if status_of(c) == status]
    return arranged(document, status, clauses[:most], count=len(clauses))


def arranged(document: Document, status: str, clauses: list[Clause], *, count: int) -> Part:
    """These clauses of a part, by theme; `count` is how many the part has in all."""
    title, meaning = PARTS[status]
    sections = {section["id"]: section for section in document["sections"]}
    held: dict[str | None, list[Clause]] = {}
    for clause in clauses:
        held.setdefault(clause["section"], []).append(clause)
    themes = []
    for name, members in held.items():
        section = sections.get(name)
        words = section["title"] if section else gettext("Other")
        themes.append(Theme(words, section["language"] if section else "", members))
    return Part(status, str(title), str(meaning), count, themes)


def parts_of(document: Document, *, most: int | None = None) -> list[Part]:
    """The parts that hold rules or disagreements; what was not adopted stands apart."""
    return [part_of(document, status, most=most) for status in PARTS if status != "not_adopted"]


def found_in(document: Document, status: str, *, reason: str = "", query: str = "") -> list[Clause]:
    """Clauses of a part, of one reason if asked, whose words contain `query`."""
    wanted = query.casefold().strip()
    return [
        clause
        for clause in document["clauses"]
        if status_of(clause) == status
        and (not reason or clause["reason"]["code"] == reason)
        and (not wanted or wanted in clause["text"].casefold())
    ]


def reasons_of(document: Document) -> list[tuple[str, str, int]]:
    """(code, title, how many) for every reason that kept a clause out, the commonest first."""
    counts = Counter(clause["reason"]["code"] for clause in found_in(document, "not_adopted"))
    return [(code, wording.reason_title(code), n) for code, n in counts.most_common()]


def section_of(document: Document, clause: Clause) -> dict[str, Any] | None:
    """The theme a clause stands in, with the topic of it that it belongs to, if any."""
    for section in document["sections"]:
        if section["id"] == clause["section"]:
            topics = (t for t in section["topics"] if clause["id"] in t["clauses"])
            return {"theme": section, "topic": next(topics, None)}
    return None


def is_gone(text: str) -> bool:
    """Whether these words were erased at the wish of whoever wrote them."""
    return text == GONE
