"""The shape of one language's table, and its compiled form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import regex

Cue: TypeAlias = tuple[str, Literal["must", "should", "may"], int]

NEVER = r"(?!)"
_START = r"^[\s,\"'“”„«»‘’¡*•(\[–—-]*+"


@dataclass(frozen=True)
class Table:
    """Regular expressions, case ignored; every one is a fragment without named groups.

    Subjects. addressee: who is told what to do; agent: the AI alone, as the subject of "can".
    Leads. opinion: "I think that"; denial: "I don't think that"; myself: the speaker as the
    subject of a duty, which tells of a life and asks for nothing, save for own_right ("I should be
    able to"); embedded: what before a cue shows that it belongs to a question or to a noun
    ("how AI should", "a task that needs").
    Cues. cues: (pattern, modal, polarity), the earlier one wins at the same place; duty: cues that,
    negated, lift a duty; restrict: makes a permission a duty ("may only"); weak, permits, stative:
    "can", "may", and the verbs of being able that make them a statement of fact.
    Negation. negator, not_only: after a cue; contraction: "n't"; before: ahead of a cue; reverser:
    verbs that turn the wish round; late_negation, late_reverser, continued: where negation follows
    the object; fact_negation: in a sentence without a norm;
    reply: a whole answer that asks for nothing.
    Passed over after a cue: adverb, filler.
    Orders. order_not, order_lead, verbs: imperatives; auxiliary: shows that the word before was a
    noun; wish_that: "Que la IA ..."; bare: an addressee with a bare verb. Wishes without a verb:
    demand, demand_not; demand_end: the banning verb at the end; infinitive: ends a wish that a
    negation inside turns round; finite: a verb that makes a statement of fact.
    Side words. absolute: counts anywhere; absolute_near: only beside the frame or at the end;
    condition, short_condition ("where possible"), exception, aside; main_start: words that begin a
    main clause after a condition without a comma ("then").
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
    contraction: str = NEVER
    short_condition: str = NEVER
    agent: str = NEVER
    restrict: str = NEVER
    weak: str = NEVER
    permits: str = NEVER
    stative: str = NEVER
    bare: str = NEVER
    late_negation: str = NEVER
    late_reverser: str = NEVER
    continued: str = NEVER
    reply: str = NEVER
    myself: str = NEVER
    own_right: str = NEVER
    embedded: str = NEVER
    licence: str = NEVER
    no_duty: str = NEVER
    refusal: str = NEVER
    wish_that: str = NEVER
    demand_end: str = NEVER
    infinitive: str = NEVER
    main_start: str = NEVER


class Rules:
    """A table, compiled."""

    def __init__(self, table: Table) -> None:
        self.cues = {f"c{i}": (modal, sign) for i, (_, modal, sign) in enumerate(table.cues)}
        self.cue = _compile(
            "|".join(f"(?P<c{i}>{pattern})" for i, (pattern, _, _) in enumerate(table.cues))
        )
        gap = r"[\s,]*+"
        self.tail = _compile(
            rf"{gap}(?:(?P<plain>{table.not_only})|(?P<negator>{table.negator})"
            rf"|(?P<reverser>{table.reverser})|(?P<filler>{table.filler}|{table.adverb}))"
            r"(?!\w)"
        )
        # Possessive wherever blanks may run on: a masked clause is nothing but blanks.
        aside = rf"(?:[\s,]*+(?:{table.adverb}|{table.negator})\b)*"
        self.addressee_before = _compile(rf"(?<!\w)(?:{table.addressee})\b{aside}[\s,]*+$")
        self.before_cue = _compile(rf"(?<!\w)(?:(?:{table.adverb}|{table.negator})\s+)+$")
        self.opinion = _compile(rf"(?:{_START})?(?<!\w)(?:{table.opinion}|{table.denial})[\s,:]*$")
        self.denial = _compile(rf"(?<!\w)(?:{table.denial})")
        self.duty = _compile(table.duty)
        self.negator = _compile(rf"(?<!\w)(?:{table.negator})(?!\w)|{table.contraction}")
        self.limits = _compile(rf"(?<!\w)(?:{table.restrict})(?!\w)")
        self.restrict = _compile(rf"[\s,]*+(?:{table.restrict})(?!\w)")
        self.agent_before = _compile(
            rf"{_START}(?:(?:{table.opinion}|{table.denial})[\s,:]*)?(?:{table.agent}){aside}[\s,]*+$"
        )
        self.before = _compile(table.before)
        self.weak = _compile(table.weak)
        self.permits = _compile(table.permits)
        self.stative = _compile(rf"{aside}[\s,]*+(?:{table.stative})\b")
        lead = rf"{_START}(?:(?:{table.order_lead})\b[\s,:]*)*"
        self.order_not = _compile(rf"{lead}(?:{table.order_not})(?:(?<=['’])|(?!\w))")
        self.order = _compile(
            rf"{lead}(?P<verb>(?:{table.verbs})(?!\w))(?!\s+(?:{table.auxiliary})\b)"
        )
        self.demand = _compile(rf"{_START}(?:{table.demand})")
        self.demand_not = _compile(rf"{_START}(?:{table.demand_not})(?!\w)")
        self.finite = _compile(rf"(?<!\w)(?:{table.finite})")
        self.bare = _compile(rf"{_START}(?:{table.bare})")
        self.absolute = _compile(rf"(?<!\w)(?:{table.absolute})(?!\w)")
        self.absolute_near = _compile(rf"(?<!\w)(?:{table.absolute_near})(?!\w)")
        self.condition = _compile(f"{table.short_condition}|{table.condition}")
        self.short_condition = _compile(table.short_condition)
        self.exception = _compile(table.exception)
        self.aside = _compile(table.aside)
        self.fact_negation = _compile(table.fact_negation)
        self.main_clause = _compile(
            rf"(?<!\w)(?:(?:{table.addressee})\b{aside}[\s,]++(?:{self.cue.pattern})"
            rf"|(?:{table.main_start}))"
        )
        self.myself = _compile(rf"(?<!\w)(?:{table.myself}){aside}[\s,]*+$")
        self.myself_after = _compile(rf"\s++(?:{table.myself})(?!\w)")
        self.own_right = _compile(table.own_right)
        self.embedded = _compile(table.embedded)
        self.licence = _compile(table.licence)
        self.no_duty = _compile(table.no_duty)
        self.refusal = _compile(rf"(?:{table.permits}|{table.refusal})")
        self.wish_that = _compile(
            rf"{lead}(?P<that>{table.wish_that})\s*"
            rf"(?P<subject>(?:(?:{table.addressee})\s+)?)"
            rf"(?:(?P<between>(?:[\w'’]+\s+){{0,4}}?)(?P<negator>(?:{table.negator})(?!\w)\s*))?"
        )
        self.demand_end = _compile(rf"(?<!\w)(?:{table.demand_end})")
        self.infinitive = _compile(rf"(?<!\w)(?:{table.infinitive})")
        self.negates_late = table.late_negation != NEVER
        self.late_negation = _compile(table.late_negation)
        self.late_reverser = _compile(table.late_reverser)
        self.continued = _compile(table.continued)
        self.reply = _compile(rf"\W*(?:{table.reply})\W*$")


def _compile(pattern: str) -> regex.Pattern[str]:
    return regex.compile(pattern, regex.IGNORECASE)
