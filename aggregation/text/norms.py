"""Which words of a main clause make it a norm, and which way do they point?

Sought in this order: a strong cue ("should"), an order ("Don't lie"), a weak cue ("may"), a wish
without a verb ("More bike lanes"). Every negation is folded into one polarity.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import regex

from aggregation.text.rules import Rules
from aggregation.text.scopes import Range

Modal: TypeAlias = Literal["must", "should", "may", "none", "unknown"]

_CLAUSE_END = regex.compile(r"[,;:–—]")
_NEAR = 80  # code points before a cue in which its subject is looked for


@dataclass(frozen=True)
class Norm:
    """A cue found in one sentence, with its sign and the words that carry it."""

    modal: Modal
    polarity: int
    is_norm: bool | None
    frame: Range | None
    negations: tuple[Range, ...] = ()
    cue: Range | None = None


def find_norm(main: str, rules: Rules) -> Norm:
    """The norm of a main clause: a strong cue, an order, a weak cue, a demand, or none."""
    if rules.reply.match(main):  # "No problem" forbids no problems.
        return Norm("none", plain_polarity(main, rules), False, None)
    for seek in (_strong, _order, _weak, _demand, _bare):
        norm = seek(main, rules)
        if norm is not None:
            return norm
    # A cue passed over leaves it open: some write "I should be kind" in the machine's name.
    is_norm = None if rules.cue.search(main) else False if rules.finite.search(main) else None
    return Norm("none", plain_polarity(main, rules), is_norm, None)


def _strong(main: str, rules: Rules) -> Norm | None:
    """The leftmost cue that asks for something, rather than to tell or to wonder."""
    for hit in rules.cue.finditer(main):
        if _asks_nothing(main, hit, rules):
            continue
        modal, polarity = rules.cues[str(hit.lastgroup)]
        norm = _around(main, hit.start(), hit.end(), rules, modal=modal, polarity=polarity)
        return replace(norm, cue=hit.span())
    return None


def _asks_nothing(main: str, hit: regex.Match[str], rules: Rules) -> bool:
    """ "I have to take pills" tells of a life; "I should be able to delete my data" demands.

    Nor does a cue ask for anything inside another thought: "it is unclear how AI should react".
    """
    head = main[max(0, hit.start() - _NEAR) : hit.start()]
    if rules.embedded.search(head):
        return True
    if not (rules.myself.search(head) or rules.myself_after.match(main, hit.end())):
        return False
    return rules.own_right.match(main, hit.end()) is None


def _weak(main: str, rules: Rules) -> Norm | None:
    """Words such as "can": they permit or forbid only where the addressee is their subject."""
    hit = rules.weak.search(main)
    if hit is None or rules.agent_before.match(main, 0, hit.start()) is None:
        return None
    norm = _around(main, hit.start(), hit.end(), rules, modal="may", polarity=1)
    if rules.stative.match(main, hit.end()):  # "cannot feel", "may become": what is, or might be
        return Norm("none", norm.polarity, False, None)
    end = hit.end() if norm.frame is None else norm.frame[1]
    if norm.polarity > 0 or norm.modal == "may":  # "may refuse" permits a refusal, bans nothing
        if rules.refusal.search(main, hit.start(), end) is None:
            return Norm("none", norm.polarity, None, None)
        return replace(norm, modal="may", cue=hit.span())
    return replace(norm, modal="must", polarity=-1, cue=hit.span())


def _around(main: str, start: int, end: int, rules: Rules, *, modal: Modal, polarity: int) -> Norm:
    """Grow the frame around a cue and fold every negation into the polarity."""
    head, cue = main[:start], main[start:end]
    if modal == "may" and rules.restrict.match(main, end):
        modal = "must"  # "may only be used for" leaves no choice.
    denied = rules.denial.search(head) is not None
    negative = bool(rules.negator.search(cue)) or bool(rules.before.search(head))
    flips = int(denied)
    while (step := rules.tail.match(main, end)) is not None and step.end() > end:
        negative |= step.lastgroup == "negator"
        flips += step.lastgroup == "reverser"
        end = step.end()
    negations: tuple[Range, ...] = ()
    if rules.negates_late:
        late_negative, late_flips, negations = _late(main, end, rules)
        negative |= late_negative
        flips += late_flips
    allowed = rules.permits.search(main, start, end) and not rules.limits.search(main, start, end)
    if allowed and not negative and modal == "should":
        modal = "may"  # "should be allowed to" asks for a permission.
    elif modal == "may" and negative:  # Not being allowed to is a prohibition, "not ok" a blame.
        modal = "should" if rules.licence.match(cue) else "must"
    elif negative and modal == "must" and rules.duty.fullmatch(cue.strip()):
        modal = "may"  # "does not have to": no duty, though not a wish for it either.
    elif negative and rules.no_duty.fullmatch(cue.strip()):
        modal = "may"
    sign = -polarity if (flips + negative) % 2 else polarity
    return Norm(modal, sign, True, (_frame_start(main, start, rules), end), negations)


def _late(main: str, end: int, rules: Rules) -> tuple[bool, int, tuple[Range, ...]]:
    """Negations that follow their objects, as in "Die KI sollte Menschen nicht ..."."""
    stop = regex.compile(r"(?<=\w)\s*[,;:–—]|$").search(main, end)
    until = len(main) if stop is None else stop.start()
    if (more := rules.continued.search(main, until)) is not None:
        until = more.end()  # "nicht weigern, ... zu", "darauf verzichten, ... zu"
    negations = [hit.span() for hit in rules.late_negation.finditer(main, end, until)]
    reversals = [hit.span() for hit in rules.late_reverser.finditer(main, end, until)]
    return bool(negations), len(reversals), tuple(negations + reversals)


def _frame_start(main: str, start: int, rules: Rules) -> int:
    """Where the frame begins: at the addressee or an opinion before it, else at the cue."""
    first = rules.addressee_before.search(main, 0, start)
    if first is None:
        first = rules.before_cue.search(main, 0, start)
    begin = start if first is None else int(first.start())
    opinion = rules.opinion.search(main, 0, begin)
    return begin if opinion is None else int(opinion.start())


def _order(main: str, rules: Rules) -> Norm | None:
    """An imperative at the start: "Don't lie", "Respect everyone", "No bullying"."""
    begin = len(main) - len(main.lstrip())  # After a side clause, which stays in the content.
    negative = rules.order_not.match(main)
    if negative is not None:
        end, flips = _reversals(main, negative.end(), rules)
        return Norm("should", -1 if flips % 2 == 0 else 1, True, (begin, end))
    positive = rules.order.match(main)
    if positive is None:
        return _wish_that(main, begin, rules)
    denied = False
    negations: tuple[Range, ...] = ()
    if rules.negates_late:
        denied, flips, negations = _late(main, positive.end(), rules)
        denied ^= bool(flips % 2)
    frame = (begin, positive.start("verb"))
    return Norm("should", -1 if denied else 1, True, frame, negations)


def _reversals(main: str, end: int, rules: Rules) -> tuple[int, int]:
    """Where the words that belong to a frame end, and how often they turn the wish round."""
    flips = 0
    while (step := rules.tail.match(main, end)) is not None and step.end() > end:
        flips += step.lastgroup == "reverser"
        end = step.end()
    return end, flips


def _wish_that(main: str, begin: int, rules: Rules) -> Norm | None:
    """A wish that begins with "that", as in "Que la IA no mienta"."""
    hit = rules.wish_that.match(main)
    if hit is None or rules.finite.search(main, hit.end("that"), hit.end() + _NEAR):
        return None
    apart = bool((hit.group("between") or "").strip())
    end, flips = _reversals(main, hit.end("subject") if apart else hit.end(), rules)
    negative = hit.group("negator") is not None
    sign = -1 if (flips + negative) % 2 else 1
    negations = (hit.span("negator"),) if apart else ()
    return Norm("should", sign, True, (begin, end), negations, cue=hit.span("that"))


def _demand(main: str, rules: Rules) -> Norm | None:
    """A wish without a verb: "More bike lanes", "Keine neuen Autobahnen"."""
    if rules.finite.search(main):
        return None
    if (negative := rules.demand_not.search(main)) is not None:
        return Norm("should", -1, True, negative.span())
    if (ban := rules.demand_end.search(main)) is not None:
        return Norm("should", -1, True, ban.span())
    if rules.demand.search(main) is None:
        return None
    first = _CLAUSE_END.search(main)
    inner = rules.late_negation.search(main, 0, len(main) if first is None else first.start())
    if rules.infinitive.search(main) is None:
        inner = None
    return Norm("should", 1 if inner is None else -1, True, None if inner is None else inner.span())


def _bare(main: str, rules: Rules) -> Norm | None:
    """An addressee with a bare verb: "AI respect everyone"."""
    hit = rules.bare.match(main)
    return None if hit is None else Norm("should", 1, True, (0, hit.end()), cue=(hit.end(),) * 2)


def plain_polarity(main: str, rules: Rules) -> int:
    return -1 if rules.fact_negation.search(main) else 1
