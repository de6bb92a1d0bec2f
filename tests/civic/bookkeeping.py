"""A plain recount: what a consultation must hold after any acts, kept without a database.

It follows the rules as the documents say them, not the platform's code. Every act returns whether
it is allowed; what is not changes nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

Cell = tuple[str, str]  # a person and a claim


@dataclass
class Answer:
    """One answer that was given, in turn."""

    claim: str
    value: str
    served: bool
    is_latest: bool = True
    is_undone: bool = False


@dataclass
class Statement:
    """What one person wrote; `rulings` holds what each decision changed, and is undone once."""

    author: str
    moderation: str = "waiting"
    is_withdrawn: bool = False
    is_erased: bool = False
    is_denied: bool = False  # "not what I meant"
    rulings: list[str | None] = field(default_factory=list)

    @property
    def is_shown(self) -> bool:
        return self.moderation == "accepted" and not self.is_withdrawn


@dataclass
class Claim:
    """What people react to: in whose words, and whose statements say it, the oldest first."""

    words: str
    members: list[str]
    is_hidden: bool = False


@dataclass
class Join:
    """An organizer let one claim stand for another."""

    first: str
    second: str
    is_undone: bool = False


@dataclass
class Book:
    """The whole recount. `lines` counts the acts that leave a line in the log."""

    statements: dict[str, Statement]
    claims: dict[str, Claim]
    answers: dict[str, list[Answer]]
    asked: set[Cell]  # who was shown which claim
    joins: list[Join] = field(default_factory=list)
    apart: set[frozenset[str]] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    lines: Counter[str] = field(default_factory=Counter)

    # --- What is asked of it

    def is_shown(self, claim: str) -> bool:
        held = self.claims[claim]
        return not held.is_hidden and self.statements[held.words].is_shown

    def claim_of(self, statement: str) -> str | None:
        return next((name for name, c in self.claims.items() if statement in c.members), None)

    def latest(self, person: str, claim: str) -> Answer | None:
        rows = (one for one in self.answers[person] if one.claim == claim and one.is_latest)
        return next(rows, None)

    def votes(self) -> dict[Cell, Answer]:
        """What counts now, whoever may see it."""
        rows = ((p, one) for p, given in self.answers.items() for one in given if one.is_latest)
        return {(person, one.claim): one for person, one in rows}

    def stand(self) -> dict[str, str]:
        """Claims that another one's words stand for -> that one, in the end."""
        steps = {
            one.second: one.first
            for one in self.joins
            if not one.is_undone and self.is_shown(one.first)
        }
        found = {}
        for claim, kept in steps.items():
            while kept in steps:
                kept = steps[kept]
            found[claim] = kept
        return found

    def family(self, claim: str) -> set[str]:
        """All claims that count as one with it, itself too."""
        found, before = {claim}, set[str]()
        while found != before:
            before = set(found)
            for one in self.joins:
                if not one.is_undone and found & {one.first, one.second}:
                    found |= {one.first, one.second}
        return found

    def where(self, statement: str) -> str:
        """Where a statement is as a whole."""
        held = self.statements[statement]
        if held.is_withdrawn:
            return "withdrawn"
        return {"rejected": "hidden", "waiting": "waiting", "accepted": "shown"}[held.moderation]

    # --- Acts of citizens

    def react(self, person: str, claim: str, value: str) -> bool:
        if person in self.gone or not self.is_shown(claim):
            return False
        before = self.latest(person, claim)
        if before is not None and before.value == value:
            return True
        if before is not None:
            before.is_latest = False
        own = self.statements[self.claims[claim].words].author == person
        served = (person, claim) in self.asked and not own
        self.answers[person].append(Answer(claim, value, served))
        self.lines["reaction.cast"] += 1
        return True

    def take_back(self, person: str, claim: str) -> bool:
        """The answer goes; the one before it, if it was another, counts again."""
        current = self.latest(person, claim)
        if person in self.gone or current is None:
            return False
        given = [a for a in self.answers[person] if a.claim == claim and not a.is_undone]
        while given and given[-1].value == current.value:
            row = given.pop()
            row.is_latest, row.is_undone = False, True
        if given:
            given[-1].is_latest = True
        self.lines["reaction.undone"] += 1
        return True

    def withdraw(self, statement: str) -> bool:
        held = self.statements[statement]
        if held.author in self.gone:
            return False
        if not held.is_withdrawn:
            held.is_withdrawn = True
            self._settle(statement)
            self.lines["statement.withdrawn"] += 1
        return True

    def deny(self, statement: str) -> bool:
        """The author says that this is not what she meant."""
        return self._judge(statement, is_meant=False)

    def affirm(self, statement: str) -> bool:
        """She takes that back."""
        return self._judge(statement, is_meant=True)

    def _judge(self, statement: str, *, is_meant: bool) -> bool:
        held = self.statements[statement]
        if held.author in self.gone or held.is_withdrawn:
            return False
        if held.is_denied is not is_meant:
            return True
        held.is_denied = not is_meant
        claim = self.claim_of(statement)
        if is_meant and claim and self.claims[claim].words == statement:
            self.claims[claim].is_hidden = False
        self._settle(statement)
        self.lines["sentence.reopened" if is_meant else "sentence.taken_back"] += 1
        return True

    def take_out(self, statement: str) -> bool:
        """A sentence that others' words stand for gets a claim of its own."""
        claim = self.claim_of(statement)
        if self.statements[statement].author in self.gone or claim is None:
            return False
        held = self.claims[claim]
        if held.words == statement:
            return False
        held.members.remove(statement)
        self.claims[f"{statement} alone"] = Claim(statement, [statement])
        self.apart.add(frozenset({claim, f"{statement} alone"}))
        self.lines["segment.unmerged"] += 1
        return True

    def stand_alone(self, claim: str) -> bool:
        """The author of a claim's words takes it out of a joining, for good."""
        if self.statements[self.claims[claim].words].author in self.gone:
            return False
        join = next((j for j in self.joins if j.second == claim and not j.is_undone), None)
        if join is None:
            return False
        join.is_undone = True
        self.apart.add(frozenset({join.first, claim}))
        self.lines["claim.separated"] += 1
        return True

    def leave(self, person: str) -> bool:
        """Her words go, her answers stay under no name."""
        if person in self.gone:
            return False
        hers = [name for name, one in self.statements.items() if one.author == person]
        touched = [c for c in self.claims.values() if c.words in hers or set(c.members) & set(hers)]
        for name in hers:
            self.statements[name].is_withdrawn = self.statements[name].is_erased = True
        for claim in touched:
            claim.members = [one for one in claim.members if one not in hers]
            self._hand_on(claim)
            if claim.words in hers:
                claim.is_hidden = True
        self.gone.add(person)
        self.lines["membership.erased"] += 1
        return True

    # --- Acts of the team

    def rule(self, statement: str, decision: str) -> bool:
        held = self.statements[statement]
        if held.is_withdrawn:
            return False
        held.rulings.append(held.moderation)
        held.moderation = decision
        self._settle(statement)
        self.lines[f"statement.{decision}"] += 1
        return True

    def undo_rule(self, statement: str) -> bool:
        """The newest decision alone, and once."""
        held = self.statements[statement]
        if held.is_withdrawn or not held.rulings or held.rulings[-1] is None:
            return False
        held.moderation, held.rulings[-1] = held.rulings[-1], None
        self._settle(statement)
        self.lines["statement.ruling_undone"] += 1
        return True

    def join(self, first: str, second: str) -> bool:
        if first == second or not (self.is_shown(first) and self.is_shown(second)):
            return False
        standing = [one for one in self.joins if not one.is_undone]
        if any((one.first, one.second) == (first, second) for one in standing):
            return True
        if {first, second} & {one.second for one in standing}:
            return False
        pairs = {frozenset({a, b}) for a in self.family(first) for b in self.family(second)}
        if pairs & self.apart:
            return False
        self.joins.append(Join(first, second))
        self.lines["claims.joined"] += 1
        return True

    def undo_join(self, place: int) -> bool:
        if not self.joins[place].is_undone:
            self.joins[place].is_undone = True
            self.lines["decision.undone"] += 1
        return True

    # --- Whose words a claim stands in

    def _settle(self, statement: str) -> None:
        for claim in self.claims.values():
            if claim.words == statement or statement in claim.members:
                self._hand_on(claim)

    def _hand_on(self, claim: Claim) -> None:
        """To the oldest who said the same, is read by everybody and means it."""
        own = self.statements[claim.words]
        is_meant = not (own.is_denied and claim.words in claim.members)
        if own.is_shown and is_meant:
            return
        heirs = [
            one
            for one in claim.members
            if self.statements[one].is_shown and not self.statements[one].is_denied
        ]
        if heirs:
            claim.words, claim.is_hidden = heirs[0], False
        elif not is_meant:
            claim.is_hidden = True
