"""How an import looks in a terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from aggregation.errors import Problem
from aggregation.intake import Intake


def show_problems(console: Console, problems: Iterable[Problem]) -> None:
    """The defects of the files: where, which rule, what to do."""
    table = Table("File", "Row", "Field", "Rule", "Remedy", title="Nothing was written")
    for one in problems:
        row = "" if one.row is None else str(one.row)
        table.add_row(one.file, row, one.field, one.rule, one.remedy)
    console.print(table)


def show_intake(console: Console, taken: Intake) -> None:
    """What would be written, and which choices the reader made."""
    table = Table("What", "Number", title=taken.corpus.title)
    for name, number in taken.counts.items():
        table.add_row(name, f"{number:,}")
    console.print(table)
    for note in taken.notes:
        console.print(f"- {note}")
