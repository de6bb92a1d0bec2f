"""pairs.jsonl, unpaired.jsonl, contested.jsonl: what citizens judged of AI answers, for TRL.

Only answers that citizens judged are here, each with who wrote it. An answer counts as good or bad
where the 95 % interval of its margin leaves out 0 (the document says so); all others are contested
and train nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from aggregation.exports.lines import to_lines

Document = dict[str, Any]

_FIELDS = ("n", "suppressed", "agree", "disagree", "unsure", "margin", "lo", "hi")


def to_pairs(document: Document) -> bytes:
    """Preferences in TRL's conversational format with explicit prompt (DPO)."""
    return to_lines(
        {
            "prompt": _said("user", example["prompt"]),
            "chosen": _said("assistant", good["text"]),
            "rejected": _said("assistant", bad["text"]),
            **_about(clause, example, document),
            "chosen_by": good["by"],
            "rejected_by": bad["by"],
            "votes_chosen": _votes(good),
            "votes_rejected": _votes(bad),
        }
        for clause, example in _examples(document)
        for good, bad in product(example["good"], example["bad"])
    )


def to_unpaired(document: Document) -> bytes:
    """Single answers with a label in TRL's conversational format (KTO)."""
    return to_lines(
        {
            "prompt": _said("user", example["prompt"]),
            "completion": _said("assistant", answer["text"]),
            "label": label,
            **_about(clause, example, document),
            "completion_by": answer["by"],
            "votes": _votes(answer),
        }
        for clause, example in _examples(document)
        for name, label in (("good", True), ("bad", False))
        for answer in example[name]
    )


def to_contested(document: Document) -> bytes:
    """Answers over which people are divided, or which too few judged: for reading, not training."""
    return to_lines(
        {
            "prompt": _said("user", example["prompt"]),
            "completion": _said("assistant", answer["text"]),
            **_about(clause, example, document),
            "completion_by": answer["by"],
            "votes": _votes(answer),
        }
        for clause, example in _examples(document)
        for answer in example["undecided"]
    )


def _examples(document: Document) -> Iterator[tuple[Document, Document]]:
    for clause in document["clauses"]:
        for example in clause["examples"]:
            yield clause, example


def _votes(answer: Document) -> Document:
    """The judgements in one order of fields, whatever order the document was read in."""
    judged = answer["judged"]
    return {name: judged[name] for name in _FIELDS if name in judged}


def _said(role: str, words: str) -> list[dict[str, str]]:
    return [{"role": role, "content": words}]


def _about(clause: Document, example: Document, document: Document) -> Document:
    return {
        "clause_id": clause["id"],
        "status": clause["status"],
        "weight": clause["weight"],
        "prompt_by": example["prompt_by"],
        "source": example["source"],
        "basis": "observed",
        "spec": document["id"],
        "version": document["version"],
    }
