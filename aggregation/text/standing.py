"""Which sentences can stand alone, and what does a reader need beside those that cannot?

"It should be honest" says nothing to whoever did not read the sentence before. Such a sentence is
marked and shown with its context; its words are never changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

import regex

from aggregation.text.points import is_point
from aggregation.text.segment import segment

_TABLES = json.loads((Path(__file__).parent / "standing.json").read_text(encoding="utf-8"))
_WORD = regex.compile(r"[\p{L}\p{M}]+(?:['’-][\p{L}\p{M}]+)*")
_OPENING = regex.compile(r"^\P{L}*")
_NOTHING = regex.compile(r"(?!)")
_CLOSE = regex.compile(r"\P{L}+$")
_SHORT = 4  # words of a sentence that "not" or "only" alone makes lean
_VERBS = 2  # words that are no noun, between "I" and a pronoun
_BE = frozenset(("is", "are", "was", "were", "can", "should", "must", "will", "would", "has"))
_ANSWER = 4  # words of the longest bare answer ("on no account, never")
_BEFORE = 3  # sentences of context at most, the lead-in of a list aside


@dataclass(frozen=True)
class Sentence:
    """One sentence: text[start:end], in code points.

    leans : a reader who sees nothing else cannot know what is claimed
    context : the range of the text to show with it; (start, end) itself where it stands alone
    """

    start: int
    end: int
    leans: bool
    context: tuple[int, int]


def sentences(text: str, language: str = "en") -> tuple[Sentence, ...]:
    """The sentences as `segment` finds them, each with what a reader needs to understand it.

    "It", "they", "this" lean on what was said before, also where they stand for the AI that a
    consultation is about: marking costs a line of context, not marking may turn a wish round. The
    first sentence does not lean on anything, since its "it" is what the question asks about; the
    lead-in of a list ("AI should:") leans on its first point. In a language without a table here
    nothing leans.
    """
    ranges = segment(text, language)
    table = _table(language.split("-")[0].lower())
    if table is None:
        return tuple(Sentence(start, end, False, (start, end)) for start, end in ranges)
    leads = [_leads_in(text, ranges, place) for place in range(len(ranges))]
    return tuple(_marked(text, ranges, leads, table))


def _marked(
    text: str, ranges: Sequence[tuple[int, int]], leads: Sequence[bool], table: _Words | _Starts
) -> Iterator[Sentence]:
    stands, lead = 0, None  # the last sentence that stands, the lead-in of the list we are in
    for place, (start, end) in enumerate(ranges):
        sentence = text[start:end]
        if lead is not None and not is_point(text, start):
            lead = None
        if leads[place]:
            stands, lead = place, place
            yield Sentence(start, end, True, (start, ranges[place + 1][1]))
        elif lead is not None and table.completes(text[slice(*ranges[lead])], sentence):
            yield Sentence(start, end, True, (ranges[lead][0], end))
        elif place and table.leans(sentence):
            first = max(stands, place - _BEFORE)
            yield Sentence(start, end, True, (ranges[first][0], end))
        else:
            stands = place
            yield Sentence(start, end, False, (start, end))


def _leads_in(text: str, ranges: Sequence[tuple[int, int]], place: int) -> bool:
    """Whether a sentence only announces the points of a list that follow it."""
    if place + 1 == len(ranges) or not is_point(text, ranges[place + 1][0]):
        return False
    start, end = ranges[place]
    return text[end - 1] in ":：" or (not is_point(text, start) and text[end - 1].isalpha())


@dataclass(frozen=True)
class _Words:
    """The words by which one language leans; see standing.json."""

    connectors: frozenset[str]
    pronouns: frozenset[str]
    expletive: regex.Pattern[str]
    openers: regex.Pattern[str]
    anywhere: regex.Pattern[str]
    partials: frozenset[str]
    short: frozenset[str]
    verbs: frozenset[str]
    subordinators: frozenset[str]
    light: frozenset[str]
    answers: frozenset[str]
    speakers: frozenset[str]
    stops: frozenset[str]

    def leans(self, sentence: str) -> bool:
        """Whether the sentence points at one before it, or leaves out what that one said."""
        words = [word.lower().replace("’", "'") for word in _WORD.findall(sentence[:400])]
        if not words:
            return False
        if len(words) <= _ANSWER and self.answers.issuperset(words):
            return True
        skipped = next((n for n, one in enumerate(words) if one not in self.connectors), None)
        if skipped is None:
            return True
        rest = words[skipped:]
        return (
            any(self.openers.match(" ".join(words[n:])) for n in range(skipped + 1))
            or self.anywhere.search(" ".join(words)) is not None
            or self._is_elliptic(sentence, words, rest)
            or self._points_back(rest)
        )

    def _is_elliptic(self, sentence: str, words: list[str], rest: list[str]) -> bool:
        """Whether a subject or a verb is missing, or the main clause."""
        asks = sentence.rstrip().endswith(("?", "؟", "？"))
        whole = "," in sentence or "،" in sentence
        return (
            (len(rest) < len(words) and rest[0] in self.partials and not whole)
            or (len(rest) < len(words) and len(rest) <= _SHORT and self.light.isdisjoint(rest))
            or (len(words) <= _SHORT and words[0] in self.short)
            or (rest[0] in self.verbs and not asks)
            or (words[0] in self.subordinators and not whole)
        )

    def _points_back(self, rest: list[str]) -> bool:
        """Whether a pronoun comes before any word that it could stand for.

        After "I" or "we" a verb or two may come first ("I enjoy it"): no pronoun stands for those.
        """
        spare = _VERBS if rest[0] in self.speakers else 0
        for place, word in enumerate(rest):
            if word in self.pronouns:
                near = " ".join(rest[place : place + 12])
                before = " ".join(rest[max(0, place - 1) : place + 12])
                return not (self.expletive.match(near) or self.expletive.match(before))
            if word in self.light and word not in self.stops:
                continue
            following = rest[place + 1 : place + 2]
            if not spare or word in self.stops or word.endswith("s") or _BE.issuperset(following):
                return False
            spare -= 1
        return False

    def completes(self, lead: str, point: str) -> bool:
        """Whether a point of a list goes on with the sentence that its lead-in began."""
        begins = _OPENING.sub("", point)[:1]
        last = _WORD.findall(lead[-60:])[-1:]
        return begins.islower() or (bool(last) and last[0].lower() in self.verbs)


@dataclass(frozen=True)
class _Starts:
    """The same for a language that writes no spaces: how a leaning sentence starts."""

    openers: regex.Pattern[str]
    answers: frozenset[str]

    def leans(self, sentence: str) -> bool:
        """Whether the sentence starts by pointing at one before it, or is a bare answer."""
        words = _OPENING.sub("", sentence[:400])
        bare = _CLOSE.sub("", words)
        return bare in self.answers or self.openers.match(words) is not None

    def completes(self, lead: str, point: str) -> bool:
        """Never: what is left out cannot be told from the script."""
        return False


@cache
def _table(language: str) -> _Words | _Starts | None:
    entry = _TABLES.get(language)
    if entry is None:
        return None
    if "pronouns" not in entry:
        return _Starts(regex.compile(entry["openers"]), frozenset(entry["answers"].split()))
    phrases = {
        name: regex.compile(rf"(?<!\w)(?:{entry[name]})(?!\w)") if name in entry else _NOTHING
        for name in ("expletive", "openers", "anywhere")
    }
    sets = {
        field.name: frozenset(entry.get(field.name, "").split())
        for field in fields(_Words)
        if field.name not in phrases
    }
    return _Words(**phrases, **sets)
