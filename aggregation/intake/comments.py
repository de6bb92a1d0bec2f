"""Reads Polis's comments.csv: one statement with one claim per row, in natural order of ids."""

from __future__ import annotations

from dataclasses import dataclass

from aggregation.intake import cells
from aggregation.intake.sheet import Sheet
from aggregation.types import Claim, Span, Statement
from aggregation.votes import natural_key

MAX_STATEMENTS = 100_000

# Columns of our own tables, which no export of Polis has: there an apostrophe stands before what a
# spreadsheet would compute, and before another apostrophe, so that one is always to be taken off.
OURS = frozenset({"claim-id", "passages"})
COMMENT_COLUMNS = ("comment-id", "author-id", "moderated", "comment-body")


@dataclass(frozen=True)
class Comments:
    """Statements and their claims in the same order; newest : milliseconds since 1970, or 0."""

    statements: tuple[Statement, ...]
    claims: tuple[Claim, ...]
    newest: int


def read_comments(sheet: Sheet) -> Comments:
    """Every comment as a statement, with one claim over its whole text under the same id."""
    found: dict[str, tuple[Statement, Claim]] = {}
    rows: dict[str, int] = {}
    newest = 0
    taken_off = "'" if OURS & sheet.columns.keys() else ""
    for row, line in sheet.rows():
        if len(rows) >= MAX_STATEMENTS:
            rule = f"The file holds more than {MAX_STATEMENTS:,} statements."
            sheet.problem(row, "comment-id", rule, "Split the consultation.")
            break
        line = [cell.removeprefix(taken_off) for cell in line]
        comment = sheet.value(row, line, "comment-id", cells.identifier)
        if comment is not None and comment in rows:
            rule = f"Comment '{comment}' stands in row {rows[comment]} already."
            sheet.problem(row, "comment-id", rule, "Give every comment its own id.")
            continue
        author = sheet.value(row, line, "author-id", cells.author)
        moderated = sheet.value(row, line, "moderated", cells.moderation)
        text = sheet.value(row, line, "comment-body", cells.statement)
        time = sheet.value(row, line, "timestamp", cells.moment)
        newest = max(newest, time or 0)
        if comment is None:
            continue
        rows[comment] = row
        if moderated is not None and text is not None:
            statement = Statement(comment, text, author=author or None, moderation=moderated)
            found[comment] = statement, Claim(comment, Span(comment, 0, len(text)))
    order = sorted(found, key=natural_key)
    return Comments(
        statements=tuple(found[comment][0] for comment in order),
        claims=tuple(found[comment][1] for comment in order),
        newest=newest,
    )
