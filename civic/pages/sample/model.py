"""Who reacts how in the sample: a small seeded model over leanings written by hand.

README.md states the model in words. Only uniform draws are used, so that the same seed gives the
same reactions whatever the version of numpy's other distributions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import numpy as np

CAMPS = ("A", "B", "C")
LEAST_LOYALTY = 0.8
FEWEST_SHOWN, MOST_SHOWN = 48, 60
LAST_DAY_EXPOSURE = 0.5  # weight of the newest statement where the oldest has 1
SKIPPED = 0.04
UNSURE_ALWAYS, UNSURE_TORN = 0.03, 0.45
JUDGING = 0.5  # of those who take part, for each answer
AS_JUDGED: Mapping[Value, Judged] = {
    "agree": "good",
    "unsure": "unsure",
    "disagree": "bad",
    "skipped": "skipped",
}

Value = Literal["agree", "unsure", "disagree", "skipped"]
Judged = Literal["good", "unsure", "bad", "skipped"]


@dataclass(frozen=True)
class Person:
    """An invented participant. `camp` is known to the model only, never to the platform."""

    key: str
    name: str
    about: str
    language: str
    camp: str


@dataclass(frozen=True)
class Norm:
    """A sentence people react to, and the probability in [0, 1] that each camp agrees."""

    sentence: str
    lean: Mapping[str, float]

    @property
    def common_ground(self) -> bool:
        """Whether every camp was meant to agree."""
        return min(self.lean.values()) >= 0.88

    @property
    def divided(self) -> bool:
        """Whether one camp was meant to agree and another to disagree."""
        return max(self.lean.values()) >= 0.7 and min(self.lean.values()) <= 0.4


@dataclass(frozen=True)
class Statement:
    """What one person wrote; `rejected` is a moderator's reason, "" where accepted."""

    key: str
    author: str
    language: str
    written: datetime
    text: str
    norms: tuple[Norm, ...]
    rejected: str = ""


@dataclass(frozen=True)
class Reaction:
    """What a person answered to one sentence of a statement that she was shown."""

    person: str
    statement: str
    sentence: str
    value: Value
    at: datetime


@dataclass(frozen=True)
class Answer:
    """An invented answer of an invented machine, and the probability that each camp finds it good.

    It tries one sentence of a statement.
    """

    key: str
    statement: str
    sentence: str
    prompt: str
    text: str
    by: str
    lean: Mapping[str, float]


@dataclass(frozen=True)
class Judgement:
    """What a person made of an answer that she was shown."""

    person: str
    answer: str
    value: Judged
    at: datetime


def reactions(
    people: tuple[Person, ...],
    *,
    statements: tuple[Statement, ...],
    closed: datetime,
    seed: int,
) -> tuple[Reaction, ...]:
    """Every reaction of everybody whose own statement was not rejected, in the order of time."""
    rng = np.random.default_rng(seed)
    silenced = {statement.author for statement in statements if statement.rejected}
    drawn = [
        reaction
        for person in people
        if person.key not in silenced
        for reaction in _reactions_of(person, statements=statements, closed=closed, rng=rng)
    ]
    return tuple(sorted(drawn, key=lambda reaction: (reaction.at, reaction.person)))


def judgements(
    people: tuple[Person, ...],
    *,
    answers: tuple[Answer, ...],
    silenced: frozenset[str],
    opened: datetime,
    closed: datetime,
    seed: int,
) -> tuple[Judgement, ...]:
    """Half of the people on each answer, `silenced` ones (keys) never; the latest moment last.

    The draws are others than those of the reactions, which stay as they are.
    """
    rng = np.random.default_rng([seed, 1])
    found = []
    for person in people:
        for answer in answers:
            is_shown, share = rng.random() < JUDGING, rng.random()
            value = AS_JUDGED[_answer(answer.lean[person.camp], rng=rng)]
            if is_shown and person.key not in silenced:
                moment = opened + timedelta(seconds=int((closed - opened).total_seconds() * share))
                found.append(Judgement(person.key, answer.key, value, moment))
    return tuple(sorted(found, key=lambda one: (one.at, one.person)))


def _reactions_of(
    person: Person, *, statements: tuple[Statement, ...], closed: datetime, rng: np.random.Generator
) -> list[Reaction]:
    loyalty = LEAST_LOYALTY + (1 - LEAST_LOYALTY) * rng.random()
    found = []
    for statement, norm in _shown(person, statements=statements, rng=rng):
        lean = loyalty * norm.lean[person.camp] + (1 - loyalty) * sum(norm.lean.values()) / len(
            CAMPS
        )
        value = _answer(lean, rng=rng)
        wait = int((closed - statement.written).total_seconds() * rng.random())
        moment = statement.written + timedelta(seconds=wait)
        found.append(Reaction(person.key, statement.key, norm.sentence, value, moment))
    return found


def _shown(
    person: Person, *, statements: tuple[Statement, ...], rng: np.random.Generator
) -> list[tuple[Statement, Norm]]:
    """A weighted draw without replacement: the largest u^(1/w) (Efraimidis and Spirakis 2006)."""
    number = FEWEST_SHOWN + int(rng.random() * (MOST_SHOWN - FEWEST_SHOWN + 1))
    first = min(statement.written for statement in statements)
    span = (max(statement.written for statement in statements) - first).total_seconds()
    ranked = []
    for statement in statements:
        age = (statement.written - first).total_seconds() / span
        exposure = 1 - (1 - LAST_DAY_EXPOSURE) * age
        for norm in statement.norms:
            rank = rng.random() ** (1 / exposure)
            if statement.author != person.key:
                ranked.append((rank, statement, norm))
    ranked.sort(key=lambda entry: entry[0], reverse=True)
    return [(statement, norm) for _, statement, norm in ranked[:number]]


def _answer(lean: float, *, rng: np.random.Generator) -> Value:
    skips, is_unsure, agrees = rng.random(), rng.random(), rng.random()
    if skips < SKIPPED:
        return "skipped"
    if is_unsure < UNSURE_ALWAYS + UNSURE_TORN * lean * (1 - lean):
        return "unsure"
    return "agree" if agrees < lean else "disagree"
