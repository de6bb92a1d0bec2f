"""A small consultation in the form of a Polis export, made by rule: two opposed halves."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

PEOPLE = 36
SHARED = (
    "An AI should say when it is not sure.",
    "An AI must never pretend to be a human being.",
    "An AI should name the sources of what it claims.",
    "An AI should point people in danger to somebody who can help.",
)
DIVIDING = (
    "An AI should refuse to talk about politics.",
    "An AI may decide for a person who cannot decide.",
    "An AI should always obey whoever pays for it.",
    "An AI should keep what it was told for ever.",
)
UNREAD = ("Cheap watches, buy now!", "An AI should explain itself to children.")
HEAD = ["timestamp", "datetime", "comment-id", "author-id", "agrees", "disagrees"]
WHEN = "1700000000000"


def write(
    folder: Path, *, spoilt: bool = False, texts: Sequence[str] = (*SHARED, *DIVIDING, *UNREAD)
) -> tuple[Path, Path]:
    """`comments.csv` and `votes.csv` in the folder; spoilt: with a vote of 7 in the last row.

    Everybody agrees with the first four statements; on the other four the halves differ. The last
    two wait for a moderator.
    """
    comments, votes = folder / "comments.csv", folder / "votes.csv"
    with comments.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow([*HEAD, "moderated", "comment-body"])
        for number, text in enumerate(texts):
            moderated = 0 if text in UNREAD else 1
            rows.writerow([WHEN, "", number, number, 0, 0, moderated, text])
    with votes.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["timestamp", "datetime", "comment-id", "voter-id", "vote"])
        rows.writerows(_votes())
        if spoilt:
            rows.writerow([WHEN, "", 0, PEOPLE, 7])
    return comments, votes


def _votes() -> list[list[object]]:
    rows: list[list[object]] = []
    for person in range(PEOPLE):
        for number in range(len(SHARED) + len(DIVIDING)):
            agrees = number < len(SHARED) or person % 2 == number % 2
            dissents = (person * 7 + number * 3) % 19 == 0  # nobody is of one piece
            rows.append([WHEN, "", number, person, -1 if agrees == dissents else 1])
    return rows
