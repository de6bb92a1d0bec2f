"""What a person's receipt says of a statement: where its sentences are, how it was judged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import prefetch_related_objects

from civic.consultations.models import Membership
from civic.specs.selectors import Place, SentencePlace, my_part
from civic.statements.appeals import can_appeal
from civic.statements.models import Appeal, Ruling, Statement


@dataclass(frozen=True)
class Item:
    """One statement of mine.

    ruling : the decision in force, None where nobody made one. appeal : the newest one of mine.
    can_appeal : whether I may ask for another look now
    """

    statement: Statement
    place: Place | None
    sentences: tuple[SentencePlace, ...]
    ruling: Ruling | None
    appeal: Appeal | None
    can_appeal: bool

    @property
    def state(self) -> str:
        """Where it is as a whole: a value of `Place`, or "shown"."""
        return self.place.value if self.place else "shown"


def items_of(membership: Membership, statements: Iterable[Statement]) -> list[Item]:
    """The receipt of these statements (of `statements_of`), in a fixed number of queries."""
    rows = list(statements)
    prefetch_related_objects(rows, "rulings", "appeals", "segments__claim__statement")
    return [
        _item(place.statement, place.place, place.sentences)
        for place in my_part(membership, among=rows)
    ]


def _item(statement: Statement, place: Place | None, sentences: tuple[SentencePlace, ...]) -> Item:
    rulings = [one for one in statement.rulings.all() if one.stage == Ruling.Stage.FINAL]
    appeals = list(statement.appeals.all())
    ruling = rulings[0] if rulings else None
    is_waiting = any(one.outcome == Appeal.Outcome.OPEN for one in appeals)
    return Item(
        statement=statement,
        place=place,
        sentences=sentences,
        ruling=ruling,
        appeal=appeals[0] if appeals else None,
        can_appeal=not is_waiting and can_appeal(statement, appeals, ruling=ruling),
    )
