"""Collects every defect of the input files, so that their owner can mend them in one go."""

from __future__ import annotations

from collections.abc import Sequence

from aggregation.errors import IntakeError, Problem

MAX_PROBLEMS = 200
WHOLE_FILE = "whole file"


class Report:
    """The defects found so far; beyond `MAX_PROBLEMS` they are only counted."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.found = 0

    def add(self, file: str, *, row: int | None, field: str, rule: str, remedy: str) -> None:
        """Note one defect; `row` counts as a spreadsheet does, the header being row 1."""
        self.found += 1
        if self.found <= MAX_PROBLEMS:
            self.problems.append(Problem(file, row, field, rule, remedy))

    def close(self) -> None:
        """Raise what was found, if anything was."""
        if self.found:
            raise self.error()

    def error(self) -> IntakeError:
        """All defects as one error; where some are left out, its last entry says how many."""
        hidden = self.found - len(self.problems)
        if not hidden:
            return IntakeError(tuple(self.problems))
        rule = f"{hidden} more problems were found and are not listed."
        remedy = "Mend those above first, then read the file again."
        last = Problem(self.problems[-1].file, None, WHOLE_FILE, rule, remedy)
        return IntakeError((*self.problems, last))


def listed(names: Sequence[str], *, limit: int = 12) -> str:
    """Names in a row for a sentence: at most `limit` of them, each shortened."""
    shown = ", ".join(shortened(name) for name in names[:limit])
    return shown if len(names) <= limit else f"{shown} and {len(names) - limit} more"


def shortened(name: str, *, limit: int = 60) -> str:
    """A name, or its first `limit` characters with an ellipsis."""
    return name if len(name) <= limit else f"{name[: limit - 1]}…"
