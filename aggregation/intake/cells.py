"""Reads one cell at a time: an id, a vote, a moment, a moderator's word, a text, a language."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from aggregation.intake.report import shortened
from aggregation.text import TextRefused, clean_text
from aggregation.types import Moderation

MAX_ID_LENGTH = 100

VOTES = {"1": 1, "1.0": 1, "+1": 1, "0": 0, "0.0": 0, "-1": -1, "-1.0": -1}
MODERATION = {
    "1": Moderation.ACCEPTED,
    "0": Moderation.WAITING,
    "-1": Moderation.REJECTED,
}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = int((datetime(2100, 1, 1, tzinfo=UTC) - _EPOCH) / timedelta(milliseconds=1))
_FIRST_MILLISECONDS = 100_000_000_000  # as seconds the year 5138, as milliseconds 1973
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")


class BadCell(ValueError):
    """A cell breaks the `rule` of its column; `remedy` says what to do."""

    def __init__(self, rule: str, remedy: str) -> None:
        super().__init__(rule)
        self.rule = rule
        self.remedy = remedy


def identifier(cell: str) -> str:
    """An id without outer white space, 1-100 characters on one line. Raises BadCell."""
    value = cell.strip()
    if not value:
        raise BadCell("The id is empty.", "Give the row its id, or remove the row.")
    if len(value) > MAX_ID_LENGTH or any(mark in value for mark in "\r\n\t"):
        rule = f"'{shortened(value)}' is no id: ids are one line of at most {MAX_ID_LENGTH} "
        raise BadCell(f"{rule}characters.", "Check that the columns are in their places.")
    return value


def author(cell: str) -> str:
    """The id of who wrote a statement, "" where nobody is named. Raises BadCell."""
    return identifier(cell) if cell.strip() else ""


def vote(cell: str) -> int:
    """1 agree, 0 pass, -1 disagree. Raises BadCell."""
    value = VOTES.get(cell.strip())
    if value is None:
        rule = f"'{shortened(cell)}' is no vote; votes are 1 (agree), 0 (pass), -1 (disagree)."
        raise BadCell(rule, "Correct the vote, or leave it out where the person never voted.")
    return value


def moderation(cell: str) -> Moderation:
    """A moderator's word as Polis exports it. Raises BadCell."""
    value = MODERATION.get(cell.strip().removesuffix(".0"))
    if value is None:
        rule = f"'{shortened(cell)}' is none of 1 (accepted), 0 (undecided), -1 (rejected)."
        raise BadCell(rule, "Give one of the three numbers.")
    return value


def moment(cell: str) -> int:
    """A moment in milliseconds since 1970 UTC, from epoch seconds, milliseconds or ISO 8601.

    ISO times without an offset are UTC. Raises BadCell outside 1970-2100.
    """
    value = cell.strip()
    if value.isascii() and value.isdigit() and len(value) <= 16:
        number = int(value)
        milliseconds = number if number >= _FIRST_MILLISECONDS else number * 1000
    else:
        milliseconds = _iso_milliseconds(value)
    if not 0 <= milliseconds <= _LATEST:
        raise _no_moment(value)
    return milliseconds


def iso(milliseconds: int) -> str:
    """The moment as ISO 8601 in UTC, to the second: "2023-07-18T13:20:33Z"."""
    seconds = _EPOCH + timedelta(seconds=milliseconds // 1000)
    return seconds.strftime("%Y-%m-%dT%H:%M:%SZ")


def statement(cell: str) -> str:
    """A statement's text as it is stored, by the rules of every other door. Raises BadCell."""
    try:
        return clean_text(cell)
    except TextRefused as refused:
        remedy = "Give the row its text, or remove the row." if not cell.strip() else refused.remedy
        raise BadCell(refused.problem, remedy) from refused


def language(cell: str) -> str:
    """A BCP-47 code as written, "" for none. Raises BadCell."""
    value = cell.strip()
    if value and not _LANGUAGE.fullmatch(value):
        rule = f"'{shortened(value)}' is no language code."
        raise BadCell(rule, 'Give a BCP-47 code such as "en" or "de-AT", or leave it empty.')
    return value


def _iso_milliseconds(value: str) -> int:
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError as error:
        raise _no_moment(value) from error
    aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    return (aware - _EPOCH) // timedelta(milliseconds=1)


def _no_moment(value: str) -> BadCell:
    rule = f"'{shortened(value)}' is no moment between 1970 and 2100."
    return BadCell(rule, "Give milliseconds or seconds since 1970, or ISO 8601.")
