"""Opens one CSV file with named columns and lets only well-formed, storable rows through."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from aggregation.intake.cells import BadCell
from aggregation.intake.records import (
    DELIMITERS,
    MAX_FILE_BYTES,
    BrokenRecord,
    open_text,
    records,
)
from aggregation.intake.report import WHOLE_FILE, Report, listed, shortened
from aggregation.text.clean import MAX_BYTES

T = TypeVar("T")

MAX_CELL_BYTES = MAX_BYTES  # the longest statement that any door takes

# What no store or page can hold: control characters but tab and line ends, and lone surrogates.
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_ENCODED_SURROGATE = re.compile("\udced[\udca0-\udcbf][\udc80-\udcbf]")


class Sheet:
    """A CSV file under its column names.

    `columns` maps each name, lower-cased and with "-" for "_" and spaces, to its place; `header`
    holds the names as written. Defects go to the report; a sheet with a defective header has no
    `columns` and no rows. A file without a header is given its `names`.
    """

    def __init__(
        self,
        path: Path,
        report: Report,
        *,
        required: tuple[str, ...] = (),
        names: tuple[str, ...] = (),
        max_bytes: int = MAX_FILE_BYTES,
    ) -> None:
        self.path = path
        self.name = path.name
        self.report = report
        self.delimiter = ","
        self.header = list(names)
        self.header_row = 0
        self.columns: dict[str, int] = {}
        self._broken = False
        self._max_bytes = max_bytes
        if self._is_readable() and (names or self._read_header(required)):
            self._name_columns(required)

    def problem(self, row: int | None, field: str, rule: str, remedy: str) -> None:
        """Report a defect of this file."""
        self.report.add(self.name, row=row, field=shortened(field), rule=rule, remedy=remedy)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Rows below the header that have every cell and hold nothing unstorable.

        The row number counts records from 1 as a spreadsheet shows them; rows left wholly empty
        are passed over.
        """
        if not self.columns:
            return
        empty = True
        for row, cells in self._records():
            if row == self.header_row:
                continue
            empty = False
            if self._is_whole(row, cells) and self._is_storable(row, cells):
                yield row, cells
        if empty and not self._broken:
            rule = "The file has a header and no rows." if self.header_row else "The file is empty."
            self.problem(self.header_row or None, WHOLE_FILE, rule, "Export it again.")

    def value(self, row: int, line: list[str], column: str, read: Callable[[str], T]) -> T | None:
        """A cell as `read` reads it; None where there is no such column or, reported, it is bad."""
        place = self.columns.get(column)
        if place is None:
            return None
        try:
            return read(line[place])
        except BadCell as bad:
            self.problem(row, self.header[place], bad.rule, bad.remedy)
            return None

    def _records(self) -> Generator[tuple[int, list[str]], None, None]:
        """The file's records up to its end or to the first that cannot be split."""
        try:
            yield from records(self.path, delimiter=self.delimiter)
        except BrokenRecord as broken:
            self._broken = True
            fault = broken.fault
            self.problem(broken.row, self._column(fault.cell), fault.rule, fault.remedy)

    def _column(self, place: int) -> str:
        """A column's name as written, or its number where it has none."""
        named = place < len(self.header) and self.header[place].strip()
        return self.header[place] if named else f"cell {place + 1}"

    def _is_readable(self) -> bool:
        """Whether there is a file of a bearable size in a readable encoding."""
        if not self.path.is_file():
            self.problem(None, WHOLE_FILE, "There is no such file.", "Check its name and folder.")
            return False
        try:
            with self.path.open("rb") as file:
                start = file.read(4)
        except OSError as error:
            rule = f"The file cannot be opened: {error.strerror}."
            self.problem(None, WHOLE_FILE, rule, "Check that it may be read.")
            return False
        size = self.path.stat().st_size
        if size > self._max_bytes:
            rule = f"The file has {size:,} bytes; at most {self._max_bytes:,} are read."
            self.problem(None, WHOLE_FILE, rule, "Split the consultation into smaller files.")
        elif start.startswith((b"\xff\xfe", b"\xfe\xff")):
            rule = "The file is UTF-16; only UTF-8 is read."
            self.problem(None, WHOLE_FILE, rule, 'Save it again as "CSV UTF-8".')
        elif start.startswith(b"PK\x03\x04"):
            rule = "The file is a zip archive or a spreadsheet workbook, not CSV."
            self.problem(None, WHOLE_FILE, rule, 'Unpack it, or save the sheet as "CSV UTF-8".')
        else:
            return True
        return False

    def _read_header(self, required: tuple[str, ...]) -> bool:
        """Find the delimiter under which most expected columns appear; keep that header."""
        self.delimiter = max(DELIMITERS, key=lambda mark: _names_under(self.path, mark, required))
        with closing(self._records()) as rows:
            for row, cells in rows:
                faultless = self._is_storable(row, cells)
                self.header_row, self.header = row, cells
                return faultless
        if not self._broken:
            self.problem(None, WHOLE_FILE, "The file is empty.", "Export it again.")
        return False

    def _name_columns(self, required: tuple[str, ...]) -> None:
        """Index the header by column name; report names that are missing or stand twice."""
        columns: dict[str, int] = {}
        faultless = True
        for place, written in enumerate(self.header):
            name = plain_name(written)
            if name and name in columns:
                rule = f"The column stands twice, as number {columns[name] + 1} and {place + 1}."
                self.problem(self.header_row, written, rule, "Keep one of the two.")
                faultless = False
            columns.setdefault(name, place)
        for name in required:
            if name not in columns:
                self._miss(name, list(columns), required)
                faultless = False
        self.columns = columns if faultless else {}

    def _miss(self, name: str, found: list[str], required: tuple[str, ...]) -> None:
        """Report a column that is not there, with the likeliest misspelling of it."""
        spare = [other for other in found if other not in required]
        near = difflib.get_close_matches(name, spare, n=1, cutoff=0.5)
        rule = (
            f"Column '{name}' is missing. Expected: {', '.join(required)}; "
            f"found: {listed([written or '(no name)' for written in self.header])}."
        )
        instead = f"Rename column '{shortened(near[0])}' to '{name}'." if near else ""
        self.problem(self.header_row, name, rule, instead or f"Add column '{name}'.")

    def _is_whole(self, row: int, cells: list[str]) -> bool:
        """Whether the row has one cell for each column."""
        have, expected = len(cells), len(self.header)
        if have == expected:
            return True
        if have < expected:
            field = self._column(have)
            remedy = "Give every row all its cells, empty ones included."
        else:
            field = self._column(expected - 1)
            remedy = "Put texts that hold the delimiter in quotation marks."
        self.problem(row, field, f"The row has {have} cells; the header has {expected}.", remedy)
        return False

    def _is_storable(self, row: int, cells: list[str]) -> bool:
        """Whether no cell is too long or holds what cannot be stored."""
        joined = "".join(cells)
        if len(joined) * 4 <= MAX_CELL_BYTES and not _UNSTORABLE.search(joined):
            return True
        faultless = True
        for place, cell in enumerate(cells):
            fault = _fault(cell)
            if fault:
                self.problem(row, self._column(place), *fault)
                faultless = False
        return faultless


def plain_name(written: str) -> str:
    """A column's name without regard to case, outer spaces, and the choice of "-", "_" or space."""
    return re.sub(r"[\s_-]+", "-", written.strip().lower())


def _names_under(path: Path, delimiter: str, names: tuple[str, ...]) -> int:
    """How many of `names` the first line that is not blank holds when split at `delimiter`."""
    with open_text(path) as file:
        line = next((line for line in file if line.strip()), "")
    cells = line.strip().split(delimiter, maxsplit=1000)
    return len(set(names) & {plain_name(cell.strip('"')) for cell in cells})


def _fault(cell: str) -> tuple[str, str] | None:
    """The rule a cell breaks, with its remedy; None for a cell that can be stored."""
    size = len(cell.encode("utf-8", "surrogatepass"))
    if size > MAX_CELL_BYTES:
        rule = f"The cell has {size:,} bytes; at most {MAX_CELL_BYTES:,} are stored."
        return rule, "Shorten the text, or split it into several rows."
    found = _UNSTORABLE.search(cell)
    if found is None:
        return None
    where = f"at character {found.start() + 1}"
    code = ord(found.group())
    if code == 0:
        return f"The cell holds a NUL character {where}.", "Take the character out."
    if _ENCODED_SURROGATE.match(cell, found.start()):
        return f"The cell holds a lone surrogate {where}.", "Take the character out."
    if code >= 0xD800:
        return f"The cell is not valid UTF-8 {where}.", 'Save the file again as "CSV UTF-8".'
    return f"The cell holds control character U+{code:04X} {where}.", "Take the character out."
