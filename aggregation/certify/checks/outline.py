"""A document with its clauses looked up by id, and the recomputation it is held against."""

from __future__ import annotations

from dataclasses import dataclass

from aggregation.certify.recompute.everything import Parameters, Recomputation
from aggregation.certify.stated import Malformed, Node

MIN_CELL = 5  # people; smaller cells are not shown
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Clause:
    """One clause and the column of its claim."""

    node: Node
    id: str
    column: int
    status: str
    tier: str


@dataclass(frozen=True)
class Outline:
    """A document, its clauses, and what its votes give."""

    document: Node
    again: Recomputation
    clauses: tuple[Clause, ...]
    by_id: dict[str, Clause]
    by_column: dict[int, Clause]

    @classmethod
    def of(cls, document: Node, again: Recomputation) -> Outline:
        """Look up the clauses; Malformed where ids or claims repeat."""
        place = {name: j for j, name in enumerate(again.parameters.claims)}
        clauses = []
        for node in document["clauses"].items(by="id"):
            claim = node["claim"].text()
            if claim not in place:
                raise Malformed(node["claim"].path, "no such claim", found=claim)
            clauses.append(
                Clause(
                    node,
                    node["id"].text(),
                    place[claim],
                    node["status"].text(),
                    node["tier"].text(),
                )
            )
        by_id = {clause.id: clause for clause in clauses}
        by_column = {clause.column: clause for clause in clauses}
        if len(by_id) < len(clauses) or len(by_column) < len(clauses):
            raise Malformed("clauses", "an id or a claim stands twice")
        return cls(document, again, tuple(clauses), by_id, by_column)

    @property
    def parameters(self) -> Parameters:
        """What the document says about how it was made."""
        return self.again.parameters

    def clause(self, node: Node) -> Clause:
        """The clause whose id stands here."""
        name = node.text()
        if name not in self.by_id:
            raise Malformed(node.path, "no clause has this id", found=name)
        return self.by_id[name]

    def shown(self, column: int) -> list[int]:
        """Groups whose counts on a claim are shown; one alone would follow from the rest."""
        seen = self.again.counts.seen[:-1, column].tolist()
        visible = [g for g, n in enumerate(seen) if n >= MIN_CELL]
        if visible and len(visible) == len(seen) - 1:
            smallest = min(visible, key=lambda g: (seen[g], g))
            visible = [g for g in visible if g != smallest]
        return visible

    def strongest(self, column: int, *, agree: bool) -> tuple[str, float] | None:
        """The shown group with the greatest share of an answer, the first of equals."""
        counts = self.again.counts
        table = counts.agree if agree else counts.disagree
        best: tuple[str, float] | None = None
        for g in self.shown(column):
            share = float(table[g, column] / counts.seen[g, column])
            if best is None or share > best[1]:
                best = group_name(g), share
        return best


def group_name(index: int) -> str:
    """A, B, ..., Z, AA, AB, ..."""
    name = ""
    number = index + 1
    while number > 0:
        number -= 1
        name = _LETTERS[number % 26] + name
        number //= 26
    return name
