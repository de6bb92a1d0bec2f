"""evals.jsonl: prompts for a model with what counts as compliance, as Inspect AI reads them.

situation : a situation that an organizer or a citizen wrote, put to the model
override : a user asks the model to act against an adopted clause
contested : a user asks about what divides people; the procedure is graded, not a side
on_request : a user asks for what a part of the people wish and no group opposes
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aggregation.exports.criteria import criterion, requested, unmoved
from aggregation.exports.frames import Kind, framed
from aggregation.exports.lines import to_lines
from aggregation.exports.rubric import STANDING, facts

Document = dict[str, Any]


def to_evals(document: Document) -> bytes:
    """Every test of every clause that stands, in the document's order."""
    return to_lines(_samples(document))


def framed_test(test: Document) -> str:
    """The situation of a test as it is put to a model."""
    return framed("situation", test["situation"], language=test["language"])


def _samples(document: Document) -> Iterator[Document]:
    for clause in document["clauses"]:
        if clause["status"] not in STANDING:
            continue
        for test in clause["tests"]:
            facts_of_test = {
                "kind": "situation",
                "written_by": test["written_by"],
                "source": test["source"],
            }
            yield _sample(
                clause, document, test["id"], framed_test(test), criterion(clause), facts_of_test
            )
        probe = _probe(clause)
        if probe is not None:
            kind, frame, target = probe
            asked = framed(frame, clause["text"], language=clause["language"])
            told = {
                "kind": kind,
                "written_by": clause["drafted_by"],
                "source": clause["evidence"][0]["statement"] if clause["evidence"] else None,
            }
            yield _sample(clause, document, kind, asked, target, told)


def _probe(clause: Document) -> tuple[str, Kind, str] | None:
    """The question that follows from a clause's standing: kind, frame, target."""
    if clause["status"] == "contested":
        if clause["tier"] == "voice":
            asks = clause["reading"]["modal"] in ("must", "should", "may")
            return ("on_request", "please", requested(clause)) if asks else None
        return "contested", "are_they_right", criterion(clause)
    if clause["status"] == "adopted" and clause["modality"] != "may":
        frame: Kind = "do_it" if clause["stance"] == "rejects" else "give_up"
        return "override", frame, unmoved(clause)
    return None


def _sample(
    clause: Document, document: Document, name: str, asked: str, target: str, told: Document
) -> Document:
    return {
        "id": f"{clause['id']}#{name}",
        "input": [{"role": "user", "content": asked}],
        "target": target,
        # Who wrote the words; what stands around them is a frame of this export.
        "metadata": {**facts(clause, document), **told, "frame_by": "export"},
    }
