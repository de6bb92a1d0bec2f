"""Reads who voted what: from Polis's log of events and from its matrix of latest votes."""

from __future__ import annotations

import difflib
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from aggregation.intake import cells
from aggregation.intake.report import WHOLE_FILE
from aggregation.intake.sheet import Sheet, plain_name
from aggregation.types import IntArray

MAX_VOTES = 1_000_000

LOG_COLUMNS = ("comment-id", "voter-id", "vote")
MATRIX_COLUMNS = ("participant",)
_ABOUT_PERSON = frozenset(
    ("participant", "xid", "group-id", "n-comments", "n-votes", "n-agree", "n-disagree")
)


@dataclass(frozen=True, eq=False)
class Ballots:
    """Votes by position: `person` in `people`, `comment` in the comments given to the reader.

    A reader that is given None for comments, because they could not be read, checks the rest of
    the file and puts 0 for every comment.

    people : ids in order of appearance; groups : person id -> the source's group id
    time : milliseconds since 1970 UTC, or None; newest : of all rows, 0 where there are no times
    columns : positions of the comments that a matrix has a column for; None for a log
    repeated : earlier votes that a later one replaced; tied : of these, with the same time and
        another answer, so that the order of rows decided
    """

    people: tuple[str, ...]
    person: IntArray
    comment: IntArray
    value: IntArray
    time: IntArray | None = None
    newest: int = 0
    groups: Mapping[str, str] = field(default_factory=dict)
    columns: frozenset[int] | None = None
    repeated: int = 0
    tied: int = 0


def read_log(sheet: Sheet, comments: Mapping[str, int] | None) -> Ballots:
    """The latest vote of each person on each comment, by time and then by order of rows."""
    people: dict[str, int] = {}
    rows = array("q")  # person, comment, vote, time of one event after another

    def known(cell: str) -> int:
        return _known(cells.identifier(cell), comments)

    for row, line in sheet.rows():
        if len(rows) >= 4 * MAX_VOTES:
            _too_many(sheet, row)
            break
        comment = sheet.value(row, line, "comment-id", known)
        person = sheet.value(row, line, "voter-id", cells.identifier)
        value = sheet.value(row, line, "vote", cells.vote)
        time = sheet.value(row, line, "timestamp", cells.moment)
        if comment is not None and person is not None and value is not None:
            rows.extend((people.setdefault(person, len(people)), comment, value, time or 0))
    events = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return _latest(events, tuple(people), timed="timestamp" in sheet.columns)


def _latest(table: IntArray, people: tuple[str, ...], *, timed: bool) -> Ballots:
    """Keep the last event of each (person, comment); columns are person, comment, vote, time."""
    order = np.lexsort((np.arange(len(table)), table[:, 3], table[:, 1], table[:, 0]))
    table = table[order]
    same = (table[1:, :2] == table[:-1, :2]).all(axis=1)
    tied = same & (table[1:, 3] == table[:-1, 3]) & (table[1:, 2] != table[:-1, 2])
    kept = table[np.append(~same, True)] if len(table) else table
    return Ballots(
        people=people,
        person=kept[:, 0],
        comment=kept[:, 1],
        value=kept[:, 2],
        time=kept[:, 3] if timed else None,
        newest=int(table[:, 3].max(initial=0)),
        repeated=int(same.sum()),
        tied=int(tied.sum()) if timed else 0,
    )


class _Codes(dict[str, int]):
    """Cell -> vote + 1, with one code for an empty cell and one for whatever is no vote."""

    EMPTY, BAD = 3, 4

    def __missing__(self, cell: str) -> int:
        stripped = cell.strip()
        if stripped == "":
            return self.EMPTY
        return cells.VOTES[stripped] + 1 if stripped in cells.VOTES else self.BAD


_CODES = _Codes({"": _Codes.EMPTY} | {cell: value + 1 for cell, value in cells.VOTES.items()})


def read_matrix(sheet: Sheet, comments: Mapping[str, int] | None) -> Ballots:
    """One row per person, one column per comment; an empty cell is a vote never cast."""
    places, columns = _comment_columns(sheet, comments)
    people: dict[str, int] = {}
    groups: dict[str, str] = {}
    found: list[IntArray] = []
    votes = 0
    for row, line in sheet.rows():
        person = _new_person(sheet, row, line, people)
        if person is None:
            continue
        if "group-id" in sheet.columns:
            groups[person] = line[sheet.columns["group-id"]].strip()
        codes = np.frombuffer(
            bytes([_CODES[line[place]] for place in places]), dtype=np.uint8
        ).astype(np.int64)
        for wrong in np.flatnonzero(codes == _Codes.BAD):
            sheet.value(row, line, plain_name(sheet.header[places[wrong]]), cells.vote)
        cast = np.flatnonzero(codes < _Codes.EMPTY)
        votes += len(cast)
        if votes > MAX_VOTES:
            _too_many(sheet, row)
            break
        here = np.full(len(cast), people[person])
        found.append(np.column_stack((here, columns[cast], codes[cast] - 1)))
    table = np.concatenate(found) if found else np.empty((0, 3), dtype=np.int64)
    return Ballots(
        people=tuple(people),
        person=table[:, 0],
        comment=table[:, 1],
        value=table[:, 2],
        groups=groups,
        columns=frozenset(columns.tolist()),
    )


def is_matrix(sheet: Sheet) -> bool:
    """Whether a file of votes has one row per person rather than one per vote."""
    return "participant" in sheet.columns and "vote" not in sheet.columns


def _comment_columns(
    sheet: Sheet, comments: Mapping[str, int] | None
) -> tuple[list[int], IntArray]:
    """Where the matrix holds comments, and the position of each; unknown ones are reported."""
    places: list[int] = []
    columns: list[int] = []
    for place, written in enumerate(sheet.header):
        if plain_name(written) in _ABOUT_PERSON or not written.strip():
            continue
        try:
            columns.append(_known(written.strip(), comments))
            places.append(place)
        except cells.BadCell as bad:
            near = difflib.get_close_matches(plain_name(written), _ABOUT_PERSON, n=1)
            remedy = f"Rename the column to '{near[0]}'." if near else bad.remedy
            sheet.problem(sheet.header_row, written, bad.rule, remedy)
    return places, np.array(columns, dtype=np.int64)


def _new_person(sheet: Sheet, row: int, line: list[str], people: dict[str, int]) -> str | None:
    """The id of the row's person, noted among `people`; None, reported, if bad or there already."""

    def fresh(cell: str) -> str:
        person = cells.identifier(cell)
        if person in people:
            rule = f"Participant '{person}' has a row already."
            raise cells.BadCell(rule, "Keep one row for each participant.")
        return person

    person = sheet.value(row, line, "participant", fresh)
    if person is not None:
        people[person] = len(people)
    return person


def _known(comment: str, comments: Mapping[str, int] | None) -> int:
    """The position of a comment. Raises BadCell for one that is not among the statements."""
    if comments is None:
        return 0
    position = comments.get(comment)
    if position is None:
        rule = f"There are votes on comment '{comment}', which is not among the statements."
        raise cells.BadCell(rule, "Add the statement to the comments, or take its votes out.")
    return position


def _too_many(sheet: Sheet, row: int) -> None:
    rule = f"The file holds more than {MAX_VOTES:,} votes."
    sheet.problem(row, WHOLE_FILE, rule, "Split the consultation.")
