"""What can go wrong in an aggregation, each with a sentence a person can act on."""

from __future__ import annotations

from dataclasses import dataclass


class AggregationError(Exception):
    """Root of everything this package raises on purpose."""


class AggregationInputError(AggregationError, ValueError):
    """The input breaks a stated rule; the message names where, which rule, and the remedy."""


class EmbedderUnavailable(AggregationError):
    """A sentence encoder cannot be had now; the message names it, what failed and the remedy."""


class Infeasible(AggregationError):
    """The constraints of a clause problem cannot all hold; `constraints` names a clash."""

    def __init__(self, message: str, *, constraints: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.constraints = constraints


class NotCertified(AggregationError):
    """A solver's answer did not reach the promised duality gap."""

    def __init__(self, message: str, *, gap: float) -> None:
        super().__init__(message)
        self.gap = gap


@dataclass(frozen=True)
class Problem:
    """One defect of an input file, told so that its owner can mend it."""

    file: str
    row: int | None  # 1-based line of the file as a spreadsheet shows it; None: the whole file
    field: str
    rule: str
    remedy: str

    def __str__(self) -> str:
        where = self.file if self.row is None else f"{self.file}, row {self.row}"
        return f"{where}, field {self.field}: {self.rule} {self.remedy}"


class IntakeError(AggregationInputError):
    """A file cannot be taken in; `problems` lists every defect found (capped), in file order."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems
