"""Real free-text answers as statements, for tests and benchmarks: read where they lie."""

from __future__ import annotations

import csv
from pathlib import Path

from aggregation.types import Statement

GLOBAL_DIALOGUES = "global-dialogues-4/GD4_verbatim_map.csv"
REMESH = "remesh-medical/CD1_med_N200.csv"
CCAI = "ccai/comments.csv"


def global_dialogues(data: Path) -> tuple[Statement, ...]:
    """Answers from people in many countries, in English or English translation."""
    with (data / GLOBAL_DIALOGUES).open(encoding="utf-8-sig", newline="") as file:
        return tuple(
            Statement(row["Thought ID"], row["Thought Text"], author=row["Participant ID"])
            for row in csv.DictReader(file)
            if row["Thought Text"].strip()
        )


def remesh(data: Path) -> tuple[Statement, ...]:
    """Answers about AI and medical advice. Each question has a table of its own, with a header."""
    found: list[Statement] = []
    column = None
    with (data / REMESH).open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.reader(file), start=1):
            if row[:1] == ["Question ID"]:
                column = row.index("Responses")
            elif column is not None and row[1:2] == ["Ask Opinion"] and row[column].strip():
                found.append(Statement(f"r{number}", row[column]))
    return tuple(found)


def ccai(data: Path) -> tuple[Statement, ...]:
    """Short norms by US adults on how an AI should behave, whatever a moderator made of them."""
    with (data / CCAI).open(encoding="utf-8-sig", newline="") as file:
        return tuple(
            Statement(row["comment-id"], row["comment-body"], author=row["author-id"])
            for row in csv.DictReader(file)
            if row["comment-body"].strip()
        )
