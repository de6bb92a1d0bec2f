"""report.json: themes, topics, claims and quotes in the shape of Talk to the City (v0.2).

Nothing is written for it: descriptions are keywords and counts, a claim's title is its own words.
Authors are not named, so each statement is its own source.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from aggregation.spec.words import counted, percent

Document = dict[str, Any]

_COLORS = (
    *("violet", "blueSea", "blueSky", "greenLeaf", "greenLime"),
    *("yellow", "red", "purple", "brown"),
)
_NAMELESS = "Without a theme"
ANONYMOUS = "Anonymous"


def to_report(document: Document) -> bytes:
    """The report as JSON; ids follow from what they name, so that they are the same every time."""
    clauses = {clause["id"]: clause for clause in document["clauses"]}
    sources: dict[str, Document] = {}
    topics = [
        _topic(section, place, clauses, sources)
        for place, section in enumerate([*document["sections"], *_rest(document)])
        if section["clauses"]
    ]
    warning = "Invented example: no real people. " if document["synthetic"] else ""
    data = {
        "title": document["title"],
        "description": f"{warning}{document['question']}".strip() or document["summary"],
        "questionAnswers": [
            {"question": "What was found?", "answer": document["summary"]},
            {"question": "How was it found?", "answer": document["method"]["rule"]},
        ],
        "topics": topics,
        "sources": list(sources.values()),
        "date": document["created_at"],
    }
    metadata = {
        "startTimestamp": _milliseconds(document["created_at"]),
        "duration": 0,
        "totalCost": "0",
        "author": document["id"],
    }
    content = {"data": ["v0.2", data], "metadata": ["v0.2", metadata]}
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def _rest(document: Document) -> list[Document]:
    """A section of the clauses that no theme holds."""
    left = [clause["id"] for clause in document["clauses"] if clause["section"] is None]
    nameless = {"id": "", "title": _NAMELESS, "keywords": [], "topics": [], "clauses": left}
    return [nameless] if left else []


def _topic(
    section: Document, place: int, clauses: dict[str, Document], sources: dict[str, Document]
) -> Document:
    held: defaultdict[str, list[str]] = defaultdict(list)
    inner: dict[str, str] = {
        name: one["title"] for one in section["topics"] for name in one["clauses"]
    }
    for name in section["clauses"]:
        held[inner.get(name, str(section["title"]))].append(name)
    keywords: dict[str, list[str]] = {one["title"]: one["keywords"] for one in section["topics"]}
    return {
        "id": _id("topic", section["id"]),
        "title": section["title"],
        "description": ", ".join(section["keywords"]),
        "topicColor": _COLORS[place % len(_COLORS)],
        "subtopics": [
            {
                "id": _id("subtopic", section["id"], title),
                "title": title,
                "description": ", ".join(keywords.get(title) or section["keywords"]),
                "claims": [
                    _claim(clauses[name], number, sources)
                    for number, name in enumerate(names, start=1)
                ],
            }
            for title, names in held.items()
        ],
    }


def _claim(clause: Document, number: int, sources: dict[str, Document]) -> Document:
    return {
        "id": _id("claim", clause["id"]),
        "title": " ".join(clause["text"].split()),
        "number": number,
        "quotes": [_quote(clause, passage, sources) for passage in clause["evidence"]],
        "similarClaims": [],
        # Fields of this export; readers of the format pass over what they do not know.
        "clauseId": clause["id"],
        "status": clause["status"],
        "reason": clause["reason"]["text"],
        "support": _support(clause),
    }


def _support(clause: Document) -> str:
    cell = clause["support"]["overall"]
    if cell["n"] is None:
        return "too few to show"
    people = counted(cell["n"], "person", plural="people")
    share = percent(cell["estimate"]) if cell["n"] else "nobody"
    return f"{share} of {people} {clause['support']['measures']}"


def _quote(clause: Document, passage: Document, sources: dict[str, Document]) -> Document:
    key = f"{passage['statement']}:{passage['start']}"
    source = _id("source", key)
    words = passage["quote"]
    sources.setdefault(
        source, {"id": source, "interview": ANONYMOUS, "data": ["text", {"text": words}]}
    )
    return {
        "id": _id("quote", clause["id"], key),
        "text": words,
        "reference": {
            "id": _id("reference", clause["id"], key),
            "sourceId": source,
            "interview": ANONYMOUS,
            "data": ["text", {"startIdx": 0, "endIdx": len(words)}],
            "statement": passage["statement"],
        },
    }


def _id(*parts: str) -> str:
    return str(uuid.UUID(bytes=hashlib.sha256("\n".join(parts).encode()).digest()[:16], version=5))


def _milliseconds(moment: str) -> int:
    if not moment:
        return 0
    parsed = datetime.fromisoformat(moment)
    return int((parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp() * 1000)
