"""The sample consultation that `make demo` loads.

Synthetic: written for this demonstration; no real people. README.md tells how it is made.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from civic.pages.sample import model
from civic.pages.sample.model import (
    CAMPS,
    Answer,
    Judgement,
    Norm,
    Person,
    Reaction,
    Statement,
)

__all__ = [
    "CAMPS",
    "WROTE_PROMPTS",
    "Answer",
    "Consultation",
    "Judgement",
    "Norm",
    "Person",
    "Reaction",
    "Sample",
    "SampleError",
    "Statement",
    "load",
]

FOLDER = Path(__file__).resolve().parent
NOTICE = "Synthetic: written for this demonstration; no real people."
WROTE_PROMPTS = "an invented organizer (synthetic)"
SEED = 2026


class SampleError(ValueError):
    """The sample's files break one of its own rules; the message names the place."""


@dataclass(frozen=True)
class Consultation:
    """What was asked, and when. `camps` names the invented opinion groups by key, `told` holds
    further columns of the platform's consultation: who asks, why, and what follows."""

    slug: str
    title: str
    question: str
    description: str
    licence: str
    languages: tuple[str, ...]
    synthetic: bool
    opened: datetime
    closed: datetime
    camps: Mapping[str, str]
    told: Mapping[str, Any]


@dataclass(frozen=True)
class Sample:
    """A whole invented consultation; `people` are its writers, then those who only react.

    answers : what invented machines answered, each tries a sentence; judgements : of people on them
    """

    consultation: Consultation
    people: tuple[Person, ...]
    statements: tuple[Statement, ...]
    reactions: tuple[Reaction, ...]
    answers: tuple[Answer, ...]
    judgements: tuple[Judgement, ...]


def load(seed: int = SEED) -> Sample:
    """The sample, checked, with the reactions and judgements that `seed` draws.

    Raises SampleError where the files break a rule.
    """
    about = _read("consultation.json")
    rows = _read("statements.json")
    consultation = _consultation(about)
    statements = tuple(_statement(row) for row in rows)
    people = (*(_writer(row) for row in rows), *_reactors(about["reactors"]))
    answers = tuple(one for row in _read("answers.json") for one in _answers(row))
    _check(consultation, people=people, statements=statements)
    _check_answers(answers, statements=statements)
    drawn = model.reactions(people, statements=statements, closed=consultation.closed, seed=seed)
    judged = model.judgements(
        people,
        answers=answers,
        silenced=frozenset(one.author for one in statements if one.rejected),
        opened=statements[-1].written,
        closed=consultation.closed,
        seed=seed,
    )
    return Sample(consultation, people, statements, drawn, answers, judged)


def _read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def _consultation(about: Mapping[str, Any]) -> Consultation:
    return Consultation(
        slug=about["slug"],
        title=about["title"],
        question=about["question"],
        description=about["description"],
        licence=about["licence"],
        languages=tuple(about["languages"]),
        synthetic=about["synthetic"],
        opened=datetime.fromisoformat(about["opened"]),
        closed=datetime.fromisoformat(about["closed"]),
        camps=about["camps"],
        told=about["told"],
    )


def _statement(row: Mapping[str, Any]) -> Statement:
    between = "" if row["language"] == "zh" else " "
    text = ""
    for sentence in row["sentences"]:
        gap = "\n\n" if sentence.get("paragraph") else between
        text += (gap if text else "") + sentence["text"]
    norms = tuple(
        Norm(sentence["text"], sentence["lean"])
        for sentence in row["sentences"]
        if "lean" in sentence
    )
    return Statement(
        key=row["key"],
        author=row["author"],
        language=row["language"],
        written=datetime.fromisoformat(row["written"]),
        text=text,
        norms=norms,
        rejected=row.get("rejected", ""),
    )


def _answers(row: Mapping[str, Any]) -> list[Answer]:
    """The answers to one prompt."""
    about = {name: row[name] for name in ("statement", "sentence", "prompt")}
    return [Answer(**about, **one) for one in row["answers"]]


def _writer(row: Mapping[str, Any]) -> Person:
    return Person(row["author"], row["name"], row["about"], row["language"], row["camp"])


def _reactors(counts: Mapping[str, int]) -> list[Person]:
    """People without a statement, numbered on from the writers, camp by camp."""
    camps = [camp for camp in CAMPS for _ in range(counts[camp])]
    keys = [f"p{number}" for number in range(counts["first_key"], counts["first_key"] + len(camps))]
    return [
        Person(key, f"Participant {key[1:]}", "", "en", camp)
        for key, camp in zip(keys, camps, strict=True)
    ]


def _check(
    consultation: Consultation, *, people: tuple[Person, ...], statements: tuple[Statement, ...]
) -> None:
    _unique("person", (person.key for person in people))
    _unique("statement", (statement.key for statement in statements))
    _unique("author", (statement.author for statement in statements))
    if NOTICE not in consultation.description or not consultation.synthetic:
        raise SampleError(f"consultation.json: the description has to say {NOTICE!r}")
    for statement in statements:
        for rule, holds in _rules(consultation, statement):
            if not holds:
                raise SampleError(f"statement {statement.key}: {rule}")


def _check_answers(answers: tuple[Answer, ...], *, statements: tuple[Statement, ...]) -> None:
    _unique("answer", (one.key for one in answers))
    norms = {(one.key, norm.sentence) for one in statements for norm in one.norms}
    for one in answers:
        if (one.statement, one.sentence) not in norms:
            raise SampleError(f"answer {one.key}: the sentence that it tries is no norm")
        if tuple(one.lean) != CAMPS or not all(0 <= p <= 1 for p in one.lean.values()):
            raise SampleError(f"answer {one.key}: it needs one leaning in [0, 1] for each camp")
        if "synthetic" not in one.by:
            raise SampleError(f"answer {one.key}: its writer has to be called synthetic")


def _rules(consultation: Consultation, statement: Statement) -> list[tuple[str, bool]]:
    norms = statement.norms
    return [
        (
            "its language is not one of the consultation's",
            statement.language in consultation.languages,
        ),
        (
            "it was written outside the consultation",
            consultation.opened <= statement.written < consultation.closed,
        ),
        (
            "a norm does not stand in it exactly once",
            all(statement.text.count(norm.sentence) == 1 for norm in norms),
        ),
        ("it is rejected and has norms, or neither", bool(norms) != bool(statement.rejected)),
        (
            "a norm needs one leaning in [0, 1] for each camp",
            all(
                tuple(norm.lean) == CAMPS and all(0 <= p <= 1 for p in norm.lean.values())
                for norm in norms
            ),
        ),
    ]


def _unique(what: str, keys: Iterable[str]) -> None:
    twice = [key for key, count in Counter(keys).items() if count > 1]
    if twice:
        raise SampleError(f"{what} {twice[0]} appears twice")
