"""What does a sentence ask for, how strongly, in which direction, and under which conditions?

Rules, one table per language in `rules/`. The reader masks side clauses ("if ...", "unless ...",
"because ..."), takes the leftmost cue of the main clause, and folds negations into one polarity:
"should not refuse to" asks for the thing. Where no rule speaks the answer is "unknown" or None;
nothing is guessed from the words' meaning.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import regex

from aggregation.text.rules import Rules, demands, frame_of, negated, rules_for, sentences_of

Modal: TypeAlias = Literal["must", "should", "may", "none", "unknown"]
Range: TypeAlias = tuple[int, int]


@dataclass(frozen=True)
class Reading:
    """How a text binds; every range is half-open, in code points of the text that was read.

    `modal` is the strength asked for, `polarity` -1 where the content is unwanted, `absolute` True
    for "always", "never", "under no circumstances". `conditions` and `exceptions` are the side
    clauses that limit the norm. `is_norm` is None where the rules cannot tell. `frame` is the
    normative part ("The AI should never"), `negations` the negating words outside it.
    """

    modal: Modal
    polarity: int = 1
    absolute: bool = False
    conditions: tuple[Range, ...] = ()
    exceptions: tuple[Range, ...] = ()
    is_norm: bool | None = None
    frame: Range | None = None
    negations: tuple[Range, ...] = ()


@dataclass(frozen=True)
class _Norm:
    """A cue found in one sentence, with its sign and the words that carry it."""

    modal: Modal
    polarity: int
    is_norm: bool | None
    frame: Range | None
    negations: tuple[Range, ...] = ()


def read(text: str, language: str) -> Reading:
    """Read the first sentence of `text` that carries a norm; failing that, the first sentence."""
    rules = rules_for(language)
    if rules is None:
        sign = -1 if negated(text, language) else 1
        is_norm, frame = demands(text, language), frame_of(text, language)
        return Reading("unknown", polarity=sign, is_norm=is_norm, frame=frame)
    first: Reading | None = None
    for start, end in sentences_of(text):
        reading = _read_sentence(text, start, end, rules)
        if reading.is_norm:
            return reading
        first = first or reading
    return first or Reading("none", is_norm=False)


def strip_frame(text: str, language: str) -> str:
    """The content of a norm without its normative frame and negation, for comparing contents.

    "The AI should never lie." and "Don't lie" both give "lie". Never empty: where nothing with a
    letter would be left, the text itself.
    """
    reading = read(text, language)
    return strip_read(text, reading)


def strip_read(text: str, reading: Reading) -> str:
    """As strip_frame, for a text that was read before."""
    if reading.frame is None:
        return text
    kept = list(text)
    for start, end in (reading.frame, *reading.negations):
        kept[start:end] = [" "] * (end - start)
    content = regex.sub(r"\s+", " ", "".join(kept)).strip(" .!,;:。，！、\"'“”„«»-–—…")
    if not text[slice(*reading.frame)].strip():  # An order: "Tell the truth" is "tell the truth".
        content = content[:1].lower() + content[1:]
    return content if regex.search(r"\p{L}", content) else text


def _read_sentence(text: str, start: int, end: int, rules: Rules) -> Reading:
    sentence = text[start:end]
    exceptions = _scopes(sentence, rules.exception, rules)
    open_text = _mask(sentence, exceptions)
    conditions = _scopes(open_text, rules.condition, rules)
    main = _mask(open_text, conditions)
    main = _mask(main, _scopes(main, rules.aside, rules))
    if regex.search(r"[?？]['\"”’»)\s]*$", sentence):
        norm = _Norm("none", _plain_polarity(main, rules), False, None)
    else:
        norm = _find(main, rules)
    return Reading(
        norm.modal,
        polarity=norm.polarity,
        absolute=norm.is_norm is not False and _is_absolute(sentence, norm, rules),
        conditions=_shift(conditions, start),
        exceptions=_shift(exceptions, start),
        is_norm=norm.is_norm,
        frame=None if norm.frame is None else (norm.frame[0] + start, norm.frame[1] + start),
        negations=_shift(norm.negations, start),
    )


def _is_absolute(sentence: str, norm: _Norm, rules: Rules) -> bool:
    """Words such as "always" count in the frame, just after it, or as the last word."""
    if rules.absolute.search(sentence) is not None:
        return True
    start, end = norm.frame or (0, 0)
    near = regex.compile(r"(?:\W*\w+){0,2}").match(sentence, end)
    last = regex.search(r"\w+\W*$", sentence)
    places = [(start, end if near is None else near.end()), *norm.negations]
    places += [last.span()] if last else []
    return any(rules.absolute_near.search(sentence, a, b) is not None for a, b in places)


def _shift(ranges: tuple[Range, ...], by: int) -> tuple[Range, ...]:
    return tuple((start + by, end + by) for start, end in ranges)


def _mask(text: str, ranges: tuple[Range, ...]) -> str:
    """The text with the ranges blanked out, so that offsets stay the same."""
    for start, end in ranges:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _scopes(sentence: str, opener: regex.Pattern[str], rules: Rules) -> tuple[Range, ...]:
    """Ranges of side clauses: from their opener to a comma, or to where the main clause begins."""
    found: list[Range] = []
    for hit in opener.finditer(sentence):
        if found and hit.start() < found[-1][1]:
            continue
        stop = regex.compile(r"[,;:，；。.!?)—–]|$").search(sentence, hit.end())
        end = len(sentence) if stop is None else stop.start()
        if rules.short_condition.fullmatch(sentence, *hit.span()):
            end = hit.end()
        elif not regex.search(r"[\p{L}\p{N}]", sentence[: hit.start()]):
            main = rules.main_clause.search(sentence, hit.end() + 1, end)
            end = end if main is None else main.start()
        end = hit.end() + len(sentence[hit.end() : end].rstrip())
        found.append((hit.start(), end))
    return tuple(found)


def _find(main: str, rules: Rules) -> _Norm:
    """The norm of a main clause: a strong cue, an order, a weak cue, a demand, or none."""
    for seek in (_strong, _order, _weak, _demand, _bare):
        norm = seek(main, rules)
        if norm is not None:
            return norm
    is_norm = False if rules.finite.search(main) else None
    return _Norm("none", _plain_polarity(main, rules), is_norm, None)


def _strong(main: str, rules: Rules) -> _Norm | None:
    hit = rules.cue.search(main)
    if hit is None:
        return None
    name = str(hit.lastgroup)
    modal, polarity = rules.cues[name]
    return _around(main, hit.start(), hit.end(), rules, modal=modal, polarity=polarity)


def _weak(main: str, rules: Rules) -> _Norm | None:
    """Words such as "can": they permit or forbid only where the addressee is their subject."""
    hit = rules.weak.search(main)
    if hit is None or rules.agent_before.match(main, 0, hit.start()) is None:
        return None
    norm = _around(main, hit.start(), hit.end(), rules, modal="may", polarity=1)
    if norm.polarity > 0 or norm.modal == "may":  # "may refuse" permits a refusal, bans nothing
        if rules.permits.search(hit.group()) is None:
            return _Norm("may", norm.polarity, None, None)
        return _Norm("may", norm.polarity, True, norm.frame, norm.negations)
    if rules.stative.match(main, norm.frame[1] if norm.frame else hit.end()):
        return _Norm("none", -1, False, None)
    return _Norm("must", -1, True, norm.frame, norm.negations)


def _around(main: str, start: int, end: int, rules: Rules, *, modal: Modal, polarity: int) -> _Norm:
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
    elif modal == "may" and negative:
        modal = "must"  # Not being allowed to is a prohibition.
    elif modal == "must" and negative and rules.duty.fullmatch(cue.strip()):
        modal = "may"  # "does not have to": no duty, though not a wish for it either.
    sign = -polarity if (flips + negative) % 2 else polarity
    return _Norm(modal, sign, True, (_frame_start(main, start, rules), end), negations)


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


def _order(main: str, rules: Rules) -> _Norm | None:
    """An imperative at the start: "Don't lie", "Respect everyone", "No bullying"."""
    negative = rules.order_not.match(main)
    if negative is not None:
        end, flips = negative.end(), 0
        while (step := rules.tail.match(main, end)) is not None and step.end() > end:
            flips += step.lastgroup == "reverser"
            end = step.end()
        return _Norm("should", -1 if flips % 2 == 0 else 1, True, (0, end))
    positive = rules.order.match(main)
    if positive is None:
        return None
    return _Norm("should", 1, True, (0, positive.start("verb")))


def _demand(main: str, rules: Rules) -> _Norm | None:
    """A wish without a verb: "More bike lanes", "Keine neuen Autobahnen"."""
    if rules.finite.search(main):
        return None
    if (negative := rules.demand_not.search(main)) is not None:
        return _Norm("should", -1, True, negative.span())
    if rules.demand.search(main) is not None:
        return _Norm("should", 1, True, None)
    return None


def _bare(main: str, rules: Rules) -> _Norm | None:
    """An addressee with a bare verb: "AI respect everyone"."""
    hit = rules.bare.match(main)
    return None if hit is None else _Norm("should", 1, True, (0, hit.end()))


def _plain_polarity(main: str, rules: Rules) -> int:
    return -1 if rules.fact_negation.search(main) else 1
