"""Reads answers that citizens judged: one file of answers, one of who judged which and how."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from aggregation.intake import cells
from aggregation.intake.report import Report
from aggregation.intake.sheet import Sheet
from aggregation.types import Answer
from aggregation.votes import VoteTable

ANSWER_COLUMNS = ("answer", "claim", "prompt", "text", "by", "prompt-by")
JUDGEMENT_COLUMNS = ("participant", "answer", "judgement")


def read_answers(
    path: Path,
    *,
    name: Callable[[str], str] = cells.identifier,
    claim: Callable[[str], str] = cells.identifier,
) -> tuple[Answer, ...]:
    """The answers, each with the claim it is judged against and who wrote it.

    name, claim : read the cells of those ids; they raise BadCell where they know an id to be wrong

    Raises IntakeError naming every defect.
    """
    report = Report()
    sheet = Sheet(path, report, required=ANSWER_COLUMNS)
    found: dict[str, Answer] = {}
    for row, line in sheet.rows():
        key = sheet.value(row, line, "answer", name)
        tried = sheet.value(row, line, "claim", claim)
        prompt = sheet.value(row, line, "prompt", cells.statement)
        text = sheet.value(row, line, "text", cells.statement)
        by = sheet.value(row, line, "by", cells.identifier)
        prompt_by = sheet.value(row, line, "prompt-by", cells.identifier)
        source = sheet.value(row, line, "source", cells.author) or path.name
        if None in (key, tried, prompt, text, by, prompt_by):
            continue
        if key in found:
            rule = f"Answer '{key}' stands above already."
            sheet.problem(row, "answer", rule, "Give every answer its own id.")
        told = [str(one) for one in (key, tried, prompt, text, by, prompt_by, source)]
        found[str(key)] = Answer(*told)
    report.close()
    return tuple(found.values())


def read_judgements(
    path: Path,
    *,
    among: tuple[Answer, ...],
    participant: Callable[[str], str] = cells.identifier,
) -> VoteTable:
    """People x answers: 1 for a good answer, -1 for a bad one, 0 for neither.

    participant : reads the cell of that id; it raises BadCell where it knows an id to be wrong

    Raises IntakeError naming every defect.
    """
    report = Report()
    sheet = Sheet(path, report, required=JUDGEMENT_COLUMNS)
    known = {answer.id for answer in among}
    people: list[str] = []
    answers: list[str] = []
    values: list[int] = []

    def of_known(cell: str) -> str:
        name = cells.identifier(cell)
        if name not in known:
            rule = f"Answer '{name}' is not among the answers."
            raise cells.BadCell(rule, "Add it to the answers, or take its judgements out.")
        return name

    for row, line in sheet.rows():
        person = sheet.value(row, line, "participant", participant)
        answer = sheet.value(row, line, "answer", of_known)
        value = sheet.value(row, line, "judgement", cells.vote)
        if person is None or answer is None or value is None:
            continue
        people.append(person)
        answers.append(answer)
        values.append(value)
    report.close()
    return VoteTable.from_arrays(
        np.array(people, dtype=object),
        np.array(answers, dtype=object),
        np.array(values, dtype=np.int8),
    )
