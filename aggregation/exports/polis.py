"""comments.csv, comment-groups.csv, votes.csv, participants-votes.csv: for Polis's family of tools.

+1 is agree, -1 disagree, 0 pass, as in Polis's own CSV files; an empty cell is a vote never cast.
Only votes that the platform asked for are written, the latest of each person, so that the counts of
all four files add up. People are numbered by what they answered, and no author is named. The two
files of votes need the votes beside the document, and are not for the public: a row of many answers
can tell who somebody is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import numpy as np

from aggregation.certify.recompute.everything import Recomputation
from aggregation.certify.stated import Node
from aggregation.certify.verify import recomputation
from aggregation.exports.sheets import to_csv
from aggregation.types import IntArray
from aggregation.votes import VoteTable, natural_key

Document = dict[str, Any]
Row = list[str | int | None]

_COUNTS = ("votes", "agrees", "disagrees", "passes")


def comments_csv(document: Document) -> bytes:
    """One row per clause, every cell of a type that strict readers of Polis's exports take.

    timestamp : moment of the newest input, as single statements carry no time here
    author-id : a number that no voter has, the same in every row: no author is in a spec
    agrees, disagrees : left out of the file where too few people answered some clause for its
        counts to be shown; comment-groups.csv has every count that may be
    """
    moment, day = _moment(document)
    nobody = document["population"]["participants"]
    cells = {clause["id"]: clause["support"]["overall"] for clause in document["clauses"]}
    counts = ("agree", "disagree")
    shown = counts if all("agree" in cell for cell in cells.values()) else ()
    head = [
        *("timestamp", "datetime", "comment-id", "author-id", *(f"{name}s" for name in shown)),
        *("moderated", "is-meta", "comment-body", "clause-id", "claim-id"),
    ]
    return to_csv(
        head,
        (
            [
                *(moment, day, number, nobody),
                *(cells[clause["id"]][name] for name in shown),
                *(1, 0, clause["text"], clause["id"], clause["claim"]),
            ]
            for number, clause in numbered(document)
        ),
    )


def comment_groups_csv(document: Document) -> bytes:
    """How each opinion group answered each clause, as far as the document shows it."""
    letters = [group["id"].lower() for group in document["groups"]]
    head = [
        *("comment-id", "comment"),
        *(f"total-{name}" for name in _COUNTS),
        *(f"group-{letter}-{name}" for letter in letters for name in _COUNTS),
    ]
    rows: list[Row] = []
    for number, clause in numbered(document):
        cells = [clause["support"]["overall"], *clause["support"]["by_group"]]
        counts = [cell.get(name) for cell in cells for name in ("n", "agree", "disagree", "unsure")]
        rows.append([number, clause["text"], *counts])
    return to_csv(head, rows)


def numbered(document: Document) -> Iterator[tuple[int, Document]]:
    """The clauses by comment number: the claim's own where all are whole numbers, else counted."""
    clauses = sorted(document["clauses"], key=lambda clause: natural_key(clause["claim"]))
    names = [clause["claim"] for clause in clauses]
    keeps = all(name.isascii() and name.isdigit() and str(int(name)) == name for name in names)
    for place, clause in enumerate(clauses):
        yield int(clause["claim"]) if keeps else place, clause


def _moment(document: Document) -> tuple[int, str]:
    said = document["created_at"]
    if not said:
        return 0, ""
    parsed = datetime.fromisoformat(said)
    aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    return int(aware.timestamp() * 1000), aware.astimezone(UTC).isoformat()


@dataclass(frozen=True)
class Matrix:
    """The votes behind a document, with everybody's opinion group computed from them again."""

    document: Document
    votes: VoteTable

    @cached_property
    def _again(self) -> Recomputation:
        return recomputation(Node("", self.document), self.votes)

    @cached_property
    def _numbers(self) -> list[int]:
        """The comment number of each column; columns stand in natural order of claims."""
        return [number for number, _ in numbered(self.document)]

    def votes_csv(self) -> bytes:
        """One row per vote, comment by comment."""
        served = self._again.served
        order = np.lexsort((served.row, served.column))
        moment, day = _moment(self.document)
        rows = zip(
            served.column[order].tolist(),
            served.row[order].tolist(),
            served.value[order].tolist(),
            strict=True,
        )
        return to_csv(
            ["timestamp", "datetime", "comment-id", "voter-id", "vote"],
            ([moment, day, self._numbers[j], person, vote] for j, person, vote in rows),
        )

    def participants_votes_csv(self) -> bytes:
        """One row per person: opinion group (0 is group A), counts, and the vote on each comment.

        n-comments is empty: who wrote what is not in a spec.
        """
        served, labels = self._again.served, self._again.crowd.labels
        head = ["participant", "group-id", "n-comments", "n-votes", "n-agree", "n-disagree"]
        starts = np.searchsorted(served.row, np.arange(served.n + 1))

        def rows() -> Iterator[Row]:
            for person in range(served.n):
                own = slice(int(starts[person]), int(starts[person + 1]))
                yield [
                    *(person, _group(labels, person), None, *_totals(served.value[own])),
                    *_cells(served.column[own], served.value[own], width=served.m),
                ]

        return to_csv([*head, *map(str, self._numbers)], rows())


def _group(labels: IntArray, person: int) -> int | None:
    label = int(labels[person])
    return None if label < 0 else label


def _totals(values: IntArray) -> tuple[int, int, int]:
    return len(values), int((values > 0).sum()), int((values < 0).sum())


def _cells(columns: IntArray, values: IntArray, *, width: int) -> Row:
    cells: Row = [None] * width
    for column, value in zip(columns.tolist(), values.tolist(), strict=True):
        cells[column] = value
    return cells
