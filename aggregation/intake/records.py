"""Splits a CSV file into records, one at a time, and says exactly where one cannot be split."""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

DELIMITERS = ",;\t"
MAX_FILE_BYTES = 64 * 1024 * 1024
MAX_CELLS = 100_000  # of one row

_QUOTING = "Put the cell in quotation marks and double those inside it. Later rows were not read."


@dataclass(frozen=True)
class Fault:
    """Which cell of a record (from 0) cannot be split off, the rule it breaks and the remedy."""

    cell: int
    rule: str
    remedy: str


class BrokenRecord(Exception):
    """Record number `row` of a file cannot be split into cells, for the reason in `fault`."""

    def __init__(self, fault: Fault, *, row: int) -> None:
        super().__init__(fault.rule)
        self.fault = fault
        self.row = row


def records(path: Path, *, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each record that holds anything, with its number as a spreadsheet shows it (from 1).

    A record may span lines inside quotes. Bytes that are not UTF-8 come out as lone surrogates,
    so that the caller can name the cell that holds them. Raises BrokenRecord.
    """
    # The module's limit is shared by the whole process, so it is only ever raised: lowering it
    # again could cut off another reader. Oversized cells are refused by the caller, by name.
    csv.field_size_limit(max(csv.field_size_limit(), MAX_FILE_BYTES))
    with open_text(path) as file:
        reader = csv.reader(_bounded(file, delimiter), delimiter=delimiter, strict=True)
        for row in itertools.count(1):
            first_line = reader.line_num
            try:
                cells = next(reader)
            except StopIteration:
                return
            except OverflowError as error:
                remedy = "Check the delimiter, or split the file by columns."
                raise BrokenRecord(Fault(MAX_CELLS, str(error), remedy), row=row) from error
            except csv.Error as error:
                fault = _find_fault(path, first_line=first_line, delimiter=delimiter)
                fault = fault or Fault(0, f"The row is not valid CSV: {error}.", _QUOTING)
                raise BrokenRecord(fault, row=row) from error
            if any(cells):
                yield row, cells


def open_text(path: Path) -> TextIO:
    """The file as text: outer byte order mark taken off, line ends and stray bytes kept."""
    return path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")


def _bounded(lines: TextIO, delimiter: str) -> Iterator[str]:
    """The lines, up to one that would split into more cells than memory should hold."""
    for line in lines:
        if line.count(delimiter) >= MAX_CELLS:
            raise OverflowError(f"The row has more than {MAX_CELLS:,} cells.")
        yield line


def _find_fault(path: Path, *, first_line: int, delimiter: str) -> Fault | None:
    """Walk the record that starts after `first_line` lines to the cell whose quotes are wrong."""
    with open_text(path) as file:
        text = "".join(itertools.islice(file, first_line, None))
    plain = re.compile(f"[^{re.escape(delimiter)}\r\n]*")
    position = 0
    for cell in itertools.count():
        if text.startswith('"', position):
            end = _closing_quote(text, position)
            if end is None:
                rule = "The quotation mark that opens this cell is never closed."
                return Fault(cell, rule, _QUOTING)
            position = end + 1
            if position < len(text) and text[position] not in f"{delimiter}\r\n":
                rule = "Text follows the closing quotation mark of this cell."
                return Fault(cell, rule, _QUOTING)
        else:
            match = plain.match(text, position)
            position = match.end() if match else position
        if not text.startswith(delimiter, position):
            return None
        position += 1
    return None


def _closing_quote(text: str, start: int) -> int | None:
    """Where the quoted cell that opens at `start` closes; doubled quotes are part of the cell."""
    position = text.find('"', start + 1)
    while position != -1 and text.startswith('"', position + 1):
        position = text.find('"', position + 2)
    return None if position == -1 else position
