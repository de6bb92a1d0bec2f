"""Tables that leave as CSV: no cell of them is a formula to a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse

from aggregation.exports.sheets import harmless


def cell(value: object) -> str:
    """A value as text; an apostrophe before what a spreadsheet would take for a formula."""
    return harmless("" if value is None else str(value))


class _Line:
    """What the writer of CSV writes into: it hands each line back."""

    def write(self, line: str) -> str:
        return line


def lines(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The lines of a CSV file, every cell in quotes."""
    writer = csv.writer(_Line(), quoting=csv.QUOTE_ALL)
    yield writer.writerow(head)
    for row in rows:
        yield writer.writerow([cell(value) for value in row])


def download(
    name: str, *, head: Sequence[str], rows: Iterable[Sequence[object]]
) -> StreamingHttpResponse:
    """A CSV file to save under this name."""
    response = StreamingHttpResponse(lines(head, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
