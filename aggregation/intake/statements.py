"""Reads a plain table of statements: who said what, in which language, and who they are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from aggregation.intake import cells
from aggregation.intake.comments import MAX_STATEMENTS
from aggregation.intake.model import Intake, Participant
from aggregation.intake.records import MAX_FILE_BYTES
from aggregation.intake.report import Report
from aggregation.intake.sheet import Sheet
from aggregation.types import Corpus, Statement
from aggregation.votes import natural_key

STATEMENT_COLUMNS = ("author", "text")
LARGE, LARGE_BYTES = 5_000_000, 4 * 1024**3
_KNOWN = frozenset((*STATEMENT_COLUMNS, "language", "id"))


def read_statements_csv(
    path: Path,
    *,
    title: str,
    id: str = "consultation",
    question: str = "",
    language: str = "",
    large: bool = False,
) -> Intake:
    """Statements without claims and votes, from columns `author` and `text`.

    Optional columns: `language` (BCP-47) and `id`; without ids a statement is called by its row
    in the file. Every other column is a segment of the people, such as "region". The delimiter
    is a comma, a semicolon or a tab. Raises IntakeError with every defect found.

    language : of statements that name none; "" leaves it to be identified
    large : take files of LARGE_BYTES and LARGE statements, for who runs this on a machine of hers
    """
    report = Report()
    most = LARGE if large else MAX_STATEMENTS
    size = LARGE_BYTES if large else MAX_FILE_BYTES
    sheet = Sheet(path, report, required=STATEMENT_COLUMNS, max_bytes=size)
    described = {name: place for name, place in sheet.columns.items() if name not in _KNOWN}
    unnamed = described.pop("", None) is not None
    found: dict[str, Statement] = {}
    segments: dict[str, dict[str, str]] = {}
    for row, line in sheet.rows():
        if len(found) >= most:
            rule = f"The file holds more than {most:,} statements."
            sheet.problem(row, "text", rule, "Split the consultation.")
            break
        statement = _statement(sheet, row, line, found)
        if statement is not None:
            found[statement.id] = replace(statement, language=statement.language or language)
            segments[statement.id] = {
                sheet.header[place].strip(): line[place].strip() for place in described.values()
            }
    report.close()
    ids = sorted(found, key=natural_key)
    people = {one.author for one in found.values() if one.author is not None}
    nameless = sum(one.author is None for one in found.values())
    notes = []
    if nameless:
        notes.append(f"Statements without an author: {nameless:,}.")
    if unnamed:
        notes.append("A column without a name was left out.")
    return Intake(
        corpus=Corpus(title, tuple(found[one] for one in ids), (), id=id, question=question),
        participants=tuple(Participant(one) for one in sorted(people, key=natural_key)),
        notes=tuple(notes),
        counts={"statements": len(found), "participants": len(people), "segments": len(described)},
        segments={one: segments[one] for one in ids},
    )


def _statement(
    sheet: Sheet, row: int, line: list[str], found: dict[str, Statement]
) -> Statement | None:
    """The row's statement; None, reported, where a cell is bad."""

    def fresh(cell: str) -> str:
        name = cells.identifier(cell)
        if name in found:
            rule, remedy = f"Id '{name}' stands above already.", "Give every row its own id."
            raise cells.BadCell(rule, remedy)
        return name

    own = "id" in sheet.columns
    name = sheet.value(row, line, "id", fresh) if own else str(row)
    author = sheet.value(row, line, "author", cells.author)
    language = sheet.value(row, line, "language", cells.language)
    text = sheet.value(row, line, "text", cells.statement)
    if name is None or author is None or text is None:
        return None
    return Statement(name, text, author=author or None, language=language or "")
