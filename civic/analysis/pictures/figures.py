"""What the pictures and their tables say, from the spec document alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

Document = dict[str, Any]
Clause = dict[str, Any]
Numbers = dict[str, Any]

TOP = 6  # sentences shown of common ground, of differences and of voices
MARGINS = 12  # adopted clauses whose margin is drawn, the least firm first
PARTS = ("adopted", "provisional", "voice", "plural", "not_adopted")
STATUSES = ("adopted", "provisional", "contested", "not_adopted")


def figures(document: Document) -> dict[str, Numbers]:
    """Picture -> its numbers, for all pictures but the opinion map."""
    clauses = document["clauses"]
    return {
        "glance": glance(clauses),
        "common": support_rows(common_ground(clauses)[:TOP]),
        "differences": support_rows(differences(clauses)[:TOP]),
        "themes": themes(document),
        "margins": margins(clauses),
    }


def part_of(clause: Clause) -> str:
    """The part a clause stands in: its status, and voice or plural for the contested."""
    if clause["status"] == "contested":
        return "voice" if clause["tier"] == "voice" else "plural"
    return "not_adopted" if clause["status"] == "retired" else str(clause["status"])


def glance(clauses: Sequence[Clause]) -> Numbers:
    """How many clauses stand in each part, and how they bind."""
    parts = Counter(map(part_of, clauses))
    binding = Counter((part_of(c), c["modality"].removesuffix("_not")) for c in clauses)
    return {
        "rows": [
            {"part": part, "clauses": parts[part]}
            | {word: binding[part, word] for word in ("must", "should", "may")}
            for part in PARTS
        ]
    }


def common_ground(clauses: Iterable[Clause]) -> list[Clause]:
    """Adopted clauses, the most important first, as the document orders them."""
    return [clause for clause in clauses if clause["status"] == "adopted"]


def voices(clauses: Iterable[Clause]) -> list[Clause]:
    """What a part asks for and no group stands against, the most important first."""
    return [clause for clause in clauses if part_of(clause) == "voice"]


def differences(clauses: Iterable[Clause]) -> list[Clause]:
    """Where two groups clearly differ, the widest first: their intervals do not even touch."""
    apart = [(distance(clause), clause["id"], clause) for clause in clauses]
    found = [one for one in apart if one[0] > 0]
    return [clause for _, _, clause in sorted(found, key=lambda one: (-one[0], one[1]))]


def distance(clause: Clause) -> float:
    """How far the interval of the group most for it lies above that of the group least for it."""
    cells = [cell for cell in clause["support"]["by_group"] if cell["n"]]
    if len(cells) < 2:
        return 0.0
    return float(max(c["lo"] for c in cells) - min(c["hi"] for c in cells))


def support_rows(clauses: Iterable[Clause]) -> Numbers:
    """Support of sentences in each group, with base and interval; None where too few answered."""
    return {
        "rows": [
            {
                "clause": clause["id"],
                "measures": clause["support"]["measures"],
                "overall": _cell(clause["support"]["overall"]),
                "groups": [
                    {"group": cell["group"], **_cell(cell)}
                    for cell in clause["support"]["by_group"]
                ],
            }
            for clause in clauses
        ]
    }


def _cell(cell: dict[str, Any]) -> dict[str, Any]:
    if not cell["n"]:
        return {"n": cell["n"], "estimate": None, "lo": None, "hi": None}
    return {name: cell[name] for name in ("n", "estimate", "lo", "hi")}


def themes(document: Document) -> Numbers:
    """Themes with their topics, and how many sentences of each part they hold."""
    status = {clause["id"]: part_status(clause) for clause in document["clauses"]}

    def counted(title: str, names: Sequence[str]) -> Numbers:
        held = Counter(status[name] for name in names)
        return {"title": title, "clauses": len(names)} | {one: held[one] for one in STATUSES}

    rows = []
    for section in document["sections"]:
        if not section["clauses"]:
            continue
        topics = [counted(t["title"], t["clauses"]) for t in section["topics"] if t["clauses"]]
        left = len(section["clauses"]) - sum(topic["clauses"] for topic in topics)
        row = counted(section["title"], section["clauses"])
        rows.append(row | {"id": section["id"], "language": section["language"]})
        rows[-1] |= {"topics": topics, "without_topic": left}
    return {"rows": sorted(rows, key=lambda row: (-row["clauses"], row["id"]))}


def part_status(clause: Clause) -> str:
    """A status of a clause that still stands; what was retired is no longer adopted."""
    return "not_adopted" if clause["status"] == "retired" else str(clause["status"])


def margins(clauses: Iterable[Clause]) -> Numbers:
    """How many supporters would have to change sides before an adopted clause lost its place."""
    held = [c for c in common_ground(clauses) if c["margin"]]
    held.sort(key=lambda c: (c["margin"]["flips"], c["id"]))
    rows = [{"clause": c["id"], "people": c["margin"]["flips"]} for c in held]
    middle = rows[(len(rows) - 1) // 2]["people"] if rows else None
    return {
        "rows": rows[:MARGINS],
        "clauses": len(rows),
        "least": rows[0]["people"] if rows else None,
        "middle": middle,
        "most": rows[-1]["people"] if rows else None,
    }
