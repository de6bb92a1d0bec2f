"""The shape of one language's table, and its compiled form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import regex

Cue: TypeAlias = tuple[str, Literal["must", "should", "may"], int]

NEVER = r"(?!)"
_START = r"^[\s\"'“”„«»‘’*•(\[–—-]*"


@dataclass(frozen=True)
class Table:
    """Regular expressions, case ignored; every one is a fragment without named groups.

    addressee: who is told what to do. opinion: "I think that". denial: "I don't think that".
    cues: (pattern, modal, polarity), the earlier one wins at the same place. duty: cues that,
    negated, lift a duty. weak, permits, stative: "can", "may"; verbs of being able.
    negator, not_only: after a cue. before: negation ahead of a cue. adverb, filler: passed over
    after a cue. reverser: verbs that turn the wish round. late_negation, late_reverser, continued:
    for languages where negation follows the object. order_not, order_lead, verbs: imperatives.
    demand, demand_not: wishes without a verb. finite: a verb that makes a statement of fact.
    auxiliary: after a word that could be an imperative, shows that it is a noun. absolute: counts
    anywhere; absolute_near: only beside the frame or at the end. condition, exception, aside: side words and clauses.
    """

    addressee: str
    opinion: str
    denial: str
    cues: tuple[Cue, ...]
    duty: str
    negator: str
    not_only: str
    before: str
    adverb: str
    filler: str
    reverser: str
    order_not: str
    order_lead: str
    verbs: str
    demand: str
    demand_not: str
    finite: str
    auxiliary: str
    absolute: str
    absolute_near: str
    condition: str
    exception: str
    aside: str
    fact_negation: str
    weak: str = NEVER
    permits: str = NEVER
    stative: str = NEVER
    bare: str = NEVER
    late_negation: str | None = None
    late_reverser: str = NEVER
    continued: str | None = None


class Rules:
    """A table, compiled."""

    def __init__(self, table: Table) -> None:
        self.cues = {f"c{i}": (modal, sign) for i, (_, modal, sign) in enumerate(table.cues)}
        self.cue = _compile(
            "|".join(f"(?P<c{i}>{pattern})" for i, (pattern, _, _) in enumerate(table.cues))
        )
        gap = r"[\s,]*"
        self.tail = _compile(
            rf"{gap}(?:(?P<plain>{table.not_only})|(?P<negator>{table.negator})"
            rf"|(?P<reverser>{table.reverser})|(?P<filler>{table.filler}|{table.adverb}))"
            r"(?!\w)"
        )
        aside = rf"(?:\s*,?\s*(?:{table.adverb}|{table.negator})\b\s*,?)*"
        self.addressee_before = _compile(rf"(?<!\w)(?:{table.addressee})\b{aside}\s*$")
        self.before_cue = _compile(rf"(?<!\w)(?:(?:{table.adverb}|{table.negator})\s+)+$")
        self.opinion = _compile(rf"(?:{_START})?(?<!\w)(?:{table.opinion}|{table.denial})[\s,:]*$")
        self.denial = _compile(rf"(?<!\w)(?:{table.denial})")
        self.duty = _compile(table.duty)
        self.negator = _compile(rf"(?:{table.negator})")
        self.before = _compile(table.before)
        self.weak = _compile(table.weak)
        self.permits = _compile(table.permits)
        self.stative = _compile(rf"\s*(?:{table.stative})\b")
        lead = rf"{_START}(?:(?:{table.order_lead})\b[\s,:]*)*"
        self.order_not = _compile(rf"{lead}(?:{table.order_not})(?!\w)")
        self.order = _compile(rf"{lead}(?P<verb>(?:{table.verbs})(?!\w))(?!\s+(?:{table.auxiliary})\b)")
        self.demand = _compile(rf"{_START}(?:{table.demand})")
        self.demand_not = _compile(rf"{_START}(?:{table.demand_not})(?!\w)")
        self.finite = _compile(rf"(?<!\w)(?:{table.finite})")
        self.bare = _compile(rf"{_START}(?:{table.bare})")
        self.absolute = _compile(rf"(?<!\w)(?:{table.absolute})(?!\w)")
        self.absolute_near = _compile(rf"(?<!\w)(?:{table.absolute_near})(?!\w)")
        self.condition = _compile(table.condition)
        self.exception = _compile(table.exception)
        self.aside = _compile(table.aside)
        self.fact_negation = _compile(table.fact_negation)
        self.main_clause = _compile(
            rf"(?<!\w)(?:{table.addressee})\b{aside}\s+(?:{self.cue.pattern})"
        )
        self.late_negation = (
            None if table.late_negation is None else _compile(table.late_negation)
        )
        self.late_reverser = _compile(table.late_reverser)
        self.continued = None if table.continued is None else _compile(table.continued)


def _compile(pattern: str) -> regex.Pattern[str]:
    return regex.compile(pattern, regex.IGNORECASE)
