"""What does a sentence ask for, how strongly, in which direction, and under which conditions?

Rules, one table per language in `rules/`. The reader masks side clauses ("if ...", "unless ...",
"because ..."), takes the leftmost cue of the main clause, and folds negations into one polarity:
"should not refuse to" asks for the thing. Where no rule speaks the answer is "unknown" or None;
nothing is guessed from the words' meaning.
"""

from __future__ import annotations

from dataclasses import dataclass

import regex

from aggregation.text.actor import Addressee, actor_of
from aggregation.text.norms import Modal, Norm, find_norm, plain_polarity
from aggregation.text.rules import Rules, demands, frame_of, negated, rules_for, sentences_of
from aggregation.text.scopes import Range, mask, scopes, shift

_UNKNOWN: Addressee = "unknown"
_LAST_WORD = regex.compile(r"(?<!\w)\w++\W*+$")
_TWO_WORDS = regex.compile(r"(?:\W*+\w++){0,2}")
_QUESTION = regex.compile(r"[?？]['\"”’»)\s]*$")


@dataclass(frozen=True)
class Reading:
    """How a text binds; every range is half-open, in code points of the text that was read.

    `modal` is the strength asked for, `polarity` -1 where the content is unwanted, `absolute` True
    for "always", "never", "under no circumstances". `conditions` and `exceptions` are the side
    clauses that limit the norm. `is_norm` is None where the rules cannot tell. `frame` is the
    normative part ("The AI should never"), `negations` the negating words outside it. `actor` are
    the words that name who is to act, `addressee` what kind of actor that is: "unknown" for a
    pronoun, a passive ("should be regulated": by whom?), a bare order, or a kind not known.
    """

    modal: Modal
    polarity: int = 1
    absolute: bool = False
    conditions: tuple[Range, ...] = ()
    exceptions: tuple[Range, ...] = ()
    is_norm: bool | None = None
    frame: Range | None = None
    negations: tuple[Range, ...] = ()
    actor: Range | None = None
    addressee: Addressee = "unknown"


def read(text: str, language: str) -> Reading:
    """Read the first sentence of `text` that carries a norm; failing that, the first sentence."""
    rules = rules_for(language)
    if rules is None:
        sign = -1 if negated(text, language) else 1
        is_norm, frame = demands(text, language), frame_of(text, language)
        return Reading("unknown", polarity=sign, is_norm=is_norm, frame=frame)
    first: Reading | None = None
    for start, end in sentences_of(text):
        reading = _read_sentence(text, start, end, rules, language)
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


def _read_sentence(text: str, start: int, end: int, rules: Rules, language: str) -> Reading:
    sentence = text[start:end]
    exceptions = scopes(sentence, rules.exception, rules)
    open_text = mask(sentence, exceptions)
    conditions = scopes(open_text, rules.condition, rules)
    main = mask(open_text, conditions)
    main = mask(main, scopes(main, rules.aside, rules))
    if _QUESTION.search(sentence):
        norm = Norm("none", plain_polarity(main, rules), False, None)
    else:
        norm = find_norm(main, rules)
    actor, addressee = None, _UNKNOWN
    if norm.is_norm and norm.cue is not None:
        actor, addressee = actor_of(main, norm.cue, language)
    return Reading(
        norm.modal,
        polarity=norm.polarity,
        absolute=norm.is_norm is not False and _is_absolute(sentence, norm, rules),
        conditions=shift(conditions, start),
        exceptions=shift(exceptions, start),
        is_norm=norm.is_norm,
        frame=None if norm.frame is None else (norm.frame[0] + start, norm.frame[1] + start),
        negations=shift(norm.negations, start),
        actor=None if actor is None else (actor[0] + start, actor[1] + start),
        addressee=addressee,
    )


def _is_absolute(sentence: str, norm: Norm, rules: Rules) -> bool:
    """Words such as "always" count in the frame, just after it, or as the last word."""
    if rules.absolute.search(sentence) is not None:
        return True
    start, end = norm.frame or (0, 0)
    near = _TWO_WORDS.match(sentence, end)
    last = _LAST_WORD.search(sentence)
    places = [(start, end if near is None else near.end()), *norm.negations]
    places += [last.span()] if last else []
    return any(rules.absolute_near.search(sentence, a, b) is not None for a, b in places)
