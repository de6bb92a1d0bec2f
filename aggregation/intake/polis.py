"""Reads a Polis export: comments.csv with votes.csv, participants-votes.csv or both."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from aggregation.errors import AggregationInputError, IntakeError, Problem
from aggregation.intake import cells
from aggregation.intake.assemble import ModerationMode, Source, assemble
from aggregation.intake.ballots import (
    LOG_COLUMNS,
    MATRIX_COLUMNS,
    is_matrix,
    read_log,
    read_matrix,
)
from aggregation.intake.comments import COMMENT_COLUMNS, Comments, read_comments
from aggregation.intake.model import Intake
from aggregation.intake.report import WHOLE_FILE, Report
from aggregation.intake.sheet import Sheet, plain_name

COMMENTS_FILE = "comments.csv"
VOTES_FILE = "votes.csv"
MATRIX_FILES = ("participants-votes.csv", "participant-votes.csv")
SUMMARY_FILE = "summary.csv"

# What a file holds, by the columns that tell it, and the name it has in an export.
_HOLDS = {
    "statements": (COMMENT_COLUMNS, COMMENTS_FILE),
    "one vote in each row": (LOG_COLUMNS, VOTES_FILE),
    "one person's votes in each row": (MATRIX_COLUMNS, MATRIX_FILES[0]),
}
_STATEMENTS, _LOG, _MATRIX = _HOLDS

_ID_HEADERS = frozenset(("participant", "participant-id", "voter-id", "id"))


def read_polis(
    comments: Path | None,
    votes: Path | None,
    participants_votes: Path | None = None,
    *,
    title: str,
    id: str = "consultation",
    question: str = "",
    exclude: Path | None = None,
    moderation: ModerationMode = "auto",
) -> Intake:
    """Read an export whole, or raise IntakeError with every defect and return nothing.

    votes : the log of events, of which the latest vote per person and comment counts; a matrix
        given here is recognised by its columns
    participants_votes : the matrix of latest votes, with people's groups; where both are given,
        the log alone decides about votes
    exclude : one participant id per line, whose votes are left out; statements stay
    moderation : "strict" uses accepted statements only, "open" undecided ones too, "auto" is
        strict where any statement is accepted and open otherwise

    Votes are +1 agree, 0 pass, -1 disagree as in Polis's CSV files (its database negates them).
    """
    if moderation not in get_args(ModerationMode):
        modes = ", ".join(get_args(ModerationMode))
        raise AggregationInputError(f"moderation {moderation!r} is none of {modes}.")
    report = Report()
    _refuse_misplaced(comments, votes, participants_votes, report)
    excluded = _read_exclusions(exclude, report) if exclude is not None else ()
    if votes is not None and participants_votes is None and _holds(votes) == [_MATRIX]:
        votes, participants_votes = None, votes
    read = _read_comments(comments, report)
    # With some statements unread, every vote on them would look like a vote on nothing.
    places = None if report.found else {one.id: n for n, one in enumerate(read.statements)}
    log = matrix = None
    if votes is not None:
        sheet = Sheet(votes, report, required=LOG_COLUMNS)
        log = Source(sheet.name, read_log(sheet, places))
    if participants_votes is not None:
        sheet = Sheet(participants_votes, report, required=MATRIX_COLUMNS)
        matrix = Source(sheet.name, read_matrix(sheet, places))
    source = log or matrix
    if source is None:
        rule = "There are statements without votes: no file of votes was given."
        remedy = f"Give {VOTES_FILE} or {MATRIX_FILES[0]} too."
        report.add(VOTES_FILE, row=None, field=WHOLE_FILE, rule=rule, remedy=remedy)
        raise report.error()
    report.close()
    intake = assemble(read, source, matrix=matrix, excluded=excluded, moderation=moderation)
    return intake.entitled(title=title, id=id, question=question)


def read_polis_folder(
    folder: Path,
    *,
    title: str | None = None,
    id: str | None = None,
    question: str | None = None,
    exclude: Path | None = None,
    moderation: ModerationMode = "auto",
) -> Intake:
    """Read the export in a folder, under the file names that Polis gives.

    Title and question come from summary.csv where they are not given; the title is else the
    folder's name, as is the id.
    """
    if not folder.is_dir():
        rule, remedy = "There is no such folder.", "Check its name."
        raise IntakeError((Problem(folder.name, None, WHOLE_FILE, rule, remedy),))
    summary = _read_summary(folder / SUMMARY_FILE)
    return read_polis(
        _present(folder, COMMENTS_FILE),
        _present(folder, VOTES_FILE),
        _present(folder, *MATRIX_FILES),
        title=title or summary.get("topic") or folder.resolve().name,
        id=id or folder.resolve().name,
        question=summary.get("conversation-description", "") if question is None else question,
        exclude=exclude,
        moderation=moderation,
    )


def _holds(path: Path) -> list[str]:
    """What a file may be by its columns; nothing for a file that is none of an export."""
    found = []
    for what, (columns, _) in _HOLDS.items():
        sheet = Sheet(path, Report(), required=columns)
        if sheet.columns and (what != _MATRIX or is_matrix(sheet)):
            found.append(what)
    return found


def _refuse_misplaced(
    comments: Path | None, votes: Path | None, matrix: Path | None, report: Report
) -> None:
    """Raise IntakeError where files stand in each other's places.

    What else would be wrong with them follows from that, so only this is told.
    """
    given = {COMMENTS_FILE: comments, VOTES_FILE: votes, MATRIX_FILES[0]: matrix}
    fitting = {COMMENTS_FILE: (_STATEMENTS,), VOTES_FILE: (_LOG, _MATRIX)}
    fitting[MATRIX_FILES[0]] = (_MATRIX,)
    held = {place: _holds(path) for place, path in given.items() if path is not None}
    for place, found in held.items():
        if not found or set(found) & set(fitting[place]):
            continue
        named = _HOLDS[found[0]][1]
        rule = f"By its columns this file holds {found[0]}, so it is {named} and not {place}."
        swapped = [
            other
            for other, has in held.items()
            if set(has) & set(fitting[place]) and set(found) & set(fitting[other])
        ]
        remedy = (
            f"Change places: what was given as {swapped[0]} belongs here."
            if swapped
            else f"Give it in the place of {named}, and {place} here."
        )
        report.add(place, row=None, field=WHOLE_FILE, rule=rule, remedy=remedy)
    report.close()


def _present(folder: Path, *names: str) -> Path | None:
    """The first of these files that the folder holds."""
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _read_comments(path: Path | None, report: Report) -> Comments:
    """The statements; without a file, a report that there are none for the votes."""
    if path is not None:
        return read_comments(Sheet(path, report, required=COMMENT_COLUMNS))
    rule = "There are votes without statements: no file of comments was given."
    remedy = f"Give {COMMENTS_FILE} too."
    report.add(COMMENTS_FILE, row=None, field=WHOLE_FILE, rule=rule, remedy=remedy)
    return Comments((), (), 0)


def _read_exclusions(path: Path, report: Report) -> tuple[str, ...]:
    """One id per line, each once; a heading above them is passed over."""
    sheet = Sheet(path, report, names=("participant",))
    ids: dict[str, None] = {}
    for row, line in sheet.rows():
        if not ids and plain_name(line[0]) in _ID_HEADERS:
            continue
        person = sheet.value(row, line, "participant", cells.identifier)
        if person is not None:
            ids[person] = None
    return tuple(ids)


def _read_summary(path: Path) -> dict[str, str]:
    """Names and values of summary.csv, outer white space taken off; empty without the file."""
    if not path.is_file():
        return {}
    report = Report()
    sheet = Sheet(path, report, names=("name", "value"))
    found = {plain_name(name): value.strip() for _, (name, value) in sheet.rows()}
    report.close()
    return found
