"""Everything that leaves the house: each export is a pure function of the spec document.

`render` gives one file by its name; `whole` all of them with the examples in their folder, and,
where the votes are given too, the files of votes. Reading order: marks, sheets, lines, archive (how
each kind of file is written), criteria and frames (what is asked and what counts), then one file
per export; reading reads spec.md back, inputs and bundle are what an auditor needs.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from aggregation.exports import (
    evals,
    examples,
    polis,
    preferences,
    principles,
    rubric,
    system_prompt,
    talk_to_the_city,
)
from aggregation.exports.markdown import to_markdown
from aggregation.spec import Document, schema, to_bytes
from aggregation.votes import VoteTable


def _prompt(name: str) -> Callable[[Document], bytes]:
    tokens = system_prompt.BUDGETS[name]
    return lambda document: system_prompt.to_system_prompt(document, tokens=tokens).encode()


_WRITERS: dict[str, Callable[[Document], bytes]] = {
    "spec.json": to_bytes,
    "spec.schema.json": lambda _: (json.dumps(schema(), indent=2) + "\n").encode(),
    "spec.md": lambda document: to_markdown(document).encode(),
    "examples.zip": examples.to_archive,
    "principles.json": lambda document: principles.to_json(document).encode(),
    **{name: _prompt(name) for name in system_prompt.BUDGETS},
    "system_prompt.report.json": lambda document: system_prompt.report(document).encode(),
    "rubric.jsonl": rubric.to_rubric,
    "evals.jsonl": evals.to_evals,
    "pairs.jsonl": preferences.to_pairs,
    "unpaired.jsonl": preferences.to_unpaired,
    "contested.jsonl": preferences.to_contested,
    "comments.csv": polis.comments_csv,
    "comment-groups.csv": polis.comment_groups_csv,
    "report.json": talk_to_the_city.to_report,
}
_VOTE_WRITERS: dict[str, Callable[[polis.Matrix], bytes]] = {
    "votes.csv": polis.Matrix.votes_csv,
    "participants-votes.csv": polis.Matrix.participants_votes_csv,
}
NAMES = tuple(_WRITERS)
VOTE_NAMES = tuple(_VOTE_WRITERS)  # need the votes beside the document; not for the public
FOLDED = "examples.zip"  # in a folder its files stand by themselves
POLIS = "polis"  # the folder of the CSV files
_TYPES = {
    "json": "application/json",
    "jsonl": "application/jsonl",
    "md": "text/markdown; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "zip": "application/zip",
}
CONTENT_TYPES = {name: _TYPES[name.rsplit(".", 1)[1]] for name in NAMES} | {
    "spec.schema.json": "application/schema+json"
}


def render(name: str, document: Document) -> bytes:
    """The bytes of one export; KeyError for a name that is not in `NAMES`."""
    return _WRITERS[name](document)


def whole(document: Document, votes: VoteTable | None = None) -> dict[str, bytes]:
    """Every export of a document by its path in a folder."""
    files = {
        f"{POLIS}/{name}" if name.endswith(".csv") else name: render(name, document)
        for name in NAMES
        if name != FOLDED
    }
    files |= examples.to_examples(document)
    if votes is not None:
        matrix = polis.Matrix(document, votes)
        files |= {f"{POLIS}/{name}": write(matrix) for name, write in _VOTE_WRITERS.items()}
    return files
