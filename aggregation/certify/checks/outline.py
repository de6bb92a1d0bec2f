"""A document with its clauses looked up by id, and the recomputation it is held against."""

from __future__ import annotations

from dataclasses import dataclass

from aggregation.certify.recompute.everything import Parameters, Recomputation
from aggregation.certify.stated import Malformed, Node

EARLIER = "1.2"  # its documents hide less, and do not say which counts are too small
EARLIER_CELL = 5
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
    least: int
    is_earlier: bool

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
        is_earlier = document["schema_version"].value == EARLIER
        least = EARLIER_CELL if is_earlier else document["method"]["least_cell"].integer(low=5)
        return cls(document, again, tuple(clauses), by_id, by_column, least, is_earlier)

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

    def is_told(self, column: int) -> bool:
        """Whether enough people answered for the counts over everybody to be shown."""
        return int(self.again.counts.seen[-1, column]) >= self.least

    def shown(self, column: int) -> list[int]:
        """Groups whose counts on a claim are shown, none of which gives a hidden one away."""
        *seen, everybody = self.again.counts.seen[:, column].tolist()
        visible = [g for g, n in enumerate(seen) if n >= self.least]
        if self.is_earlier:
            lone = len(visible) == len(seen) - 1
            return _without_smallest(visible, seen) if lone else visible
        while visible and self._gives_away(visible, seen, everybody):
            visible = _without_smallest(visible, seen)
        return visible

    def _gives_away(self, visible: list[int], seen: list[int], everybody: int) -> bool:
        """Whether the counts over everybody, less those shown, are about too few or one group."""
        rest = everybody - sum(seen[g] for g in visible)
        groupless = everybody - sum(seen)
        one_group = groupless == 0 and len(visible) + 1 == len(seen)
        return one_group or 1 <= rest < self.least

    def hides_groups(self, column: int) -> bool:
        """Whether a group is hidden, and with it all that was worked out from it."""
        return not self.is_earlier and len(self.shown(column)) < self.again.crowd.k

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


def _without_smallest(visible: list[int], seen: list[int]) -> list[int]:
    """All but the group with the fewest answers, the first of equals."""
    order = sorted(visible, key=lambda g: (seen[g], g))
    return sorted(order[1:])


def group_name(index: int) -> str:
    """A, B, ..., Z, AA, AB, ..."""
    name = ""
    number = index + 1
    while number > 0:
        number -= 1
        name = _LETTERS[number % 26] + name
        number //= 26
    return name
