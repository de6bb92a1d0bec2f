"""The votes behind a spec as a table of their own: what an auditor recomputes it from.

One row per vote, people by numbers that follow from what they answered, so that nobody is named.
"""

from __future__ import annotations

import csv
import io
import math
from array import array
from pathlib import Path

import numpy as np

from aggregation.intake import cells
from aggregation.intake.report import Report
from aggregation.intake.sheet import Sheet
from aggregation.votes import VoteTable

COLUMNS = ("participant", "claim", "vote", "served", "importance", "probability")


def write_votes(table: VoteTable) -> bytes:
    """The table as CSV, people and claims in natural order of their ids."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row, column, vote, served, importance, probability in zip(
        table.rows.tolist(),
        table.columns.tolist(),
        table.values.data.tolist(),
        table.served_data.tolist(),
        table.importance_data.tolist(),
        table.probability_data.tolist(),
        strict=True,
    ):
        known = ("" if math.isnan(x) else repr(x) for x in (importance, probability))
        person, claim = table.participants[row], table.statements[column]
        writer.writerow((person, claim, vote, int(served), *known))
    return text.getvalue().encode()


def read_votes(path: Path) -> VoteTable:
    """The table that `write_votes` wrote. Raises IntakeError naming every defect."""
    report = Report()
    sheet = Sheet(path, report, required=COLUMNS[:3])
    people: list[str] = []
    claims: list[str] = []
    votes, served = array("b"), array("b")
    importance: list[float | None] = []
    probability: list[float | None] = []
    seen: set[tuple[str, str]] = set()
    for row, line in sheet.rows():
        person = sheet.value(row, line, "participant", cells.identifier)
        claim = sheet.value(row, line, "claim", cells.identifier)
        vote = sheet.value(row, line, "vote", cells.vote)
        shown = sheet.value(row, line, "served", _flag)
        marks = sheet.value(row, line, "importance", _importance)
        chance = sheet.value(row, line, "probability", _probability)
        if person is None or claim is None or vote is None:
            continue
        if (person, claim) in seen:
            rule = f"Participant {person} already voted on claim {claim} above."
            sheet.problem(row, "claim", rule, "Keep the vote that counts.")
        seen.add((person, claim))
        people.append(person)
        claims.append(claim)
        votes.append(vote)
        served.append(shown is not False)
        importance.append(marks)
        probability.append(chance)
    report.close()
    return VoteTable.from_arrays(
        np.array(people, dtype=object),
        np.array(claims, dtype=object),
        np.array(votes, dtype=np.int8),
        served=np.array(served, dtype=bool),
        importance=importance if any(x is not None for x in importance) else None,
        probability=probability if any(x is not None for x in probability) else None,
    )


def _flag(cell: str) -> bool:
    if cell.strip() not in ("0", "1"):
        rule = "The cell is neither 1 (the platform showed the claim) nor 0."
        raise cells.BadCell(rule, "Give one of the two.")
    return cell.strip() == "1"


def _importance(cell: str) -> float | None:
    return _number(cell, rule="The importance is not a whole number from 1 to 5.", low=1, high=5)


def _probability(cell: str) -> float | None:
    found = _number(cell, rule="The probability is not above 0 and at most 1.", low=0, high=1)
    if found == 0:
        raise cells.BadCell("The probability is not above 0.", "Leave it empty if it is unknown.")
    return found


def _number(cell: str, *, rule: str, low: float, high: float) -> float | None:
    if not cell.strip():
        return None
    try:
        number = float(cell)
    except ValueError:
        number = math.nan
    if not low <= number <= high or (high > 1 and number != int(number)):
        raise cells.BadCell(rule, "Leave the cell empty if it is not known.")
    return number
