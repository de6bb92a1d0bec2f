"""examples/abcd.md: the prompts behind each test anchor `[^abcd]` of spec.md."""

from __future__ import annotations

from typing import Any

from aggregation.exports.archive import to_zip
from aggregation.exports.criteria import criterion
from aggregation.exports.evals import framed_test
from aggregation.exports.marks import escape, fenced
from aggregation.exports.rubric import STANDING

Document = dict[str, Any]

FOLDER = "examples"
_AUTHORS = {"organizer": "the organizer", "citizen": "a citizen", "model": "a model"}


def to_examples(document: Document) -> dict[str, bytes]:
    """A file per test: path -> content."""
    titles = {section["id"]: section["title"] for section in document["sections"]}
    return {
        f"{FOLDER}/{test['id']}.md": _file(clause, test, titles).encode()
        for clause in document["clauses"]
        if clause["status"] in STANDING
        for test in clause["tests"]
    }


def to_archive(document: Document) -> bytes:
    """All of them in one file, for where a folder cannot be downloaded."""
    return to_zip(to_examples(document))


def _file(clause: Document, test: Document, titles: dict[str, str]) -> str:
    theme = escape(titles.get(clause["section"], "no theme"))
    caption = escape(test["title"] or test["situation"])
    lines = [
        f"Examples for [^{test['id']}] in {theme}:",
        "",
        f"Clause: [{clause['id']}](../spec.md#{clause['id']})",
        "",
        f"**Example**: {caption}",
        "",
        fenced([("user", framed_test(test))]),
        "",
        f"What counts: {escape(criterion(clause))}",
        "",
        f"The situation was written by {_AUTHORS[test['written_by']]} "
        f"({escape(test['source'])}); the question around it is a frame of this export.",
    ]
    return "\n".join(lines) + "\n"
