"""CSV for people who open it in a spreadsheet: no cell of it is a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

# How a text begins that some spreadsheet would compute, full-width forms included.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "|", "%")


def harmless(text: str) -> str:
    """A text as a cell; an apostrophe before what a spreadsheet would take for a formula."""
    # An apostrophe is doubled, so that whoever takes one off always gets the text back.
    if text.startswith(("'", *_FORMULA)) or text.lstrip().startswith(_FORMULA):
        return f"'{text}"
    return text


def to_csv(head: Sequence[str], rows: Iterable[Sequence[str | int | float | None]]) -> bytes:
    """The rows under their heading; numbers stay numbers, None is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([harmless(name) for name in head])
    for row in rows:
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row])
    return text.getvalue().encode()
