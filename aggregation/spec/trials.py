"""What a clause can be tried on: situations to put to a model, and answers that citizens judged.

Nothing here is written by us. A situation is an organizer's scenario that a quoted statement spoke
to, or a citizen's own condition; an answer is one that people judged, with whoever wrote it.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
import rfc8785

from aggregation.errors import AggregationInputError
from aggregation.opinion import wilson
from aggregation.types import Answer, Corpus
from aggregation.votes import VoteTable, natural_key

Document = dict[str, Any]

STANDING = ("adopted", "provisional", "contested")
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_ANCHOR_LENGTH = 4
_LEAST_WORDS = 4  # of a condition: "when possible" is no situation
_LEAST_CHARACTERS = 8  # ... where words are not told apart by spaces


@dataclass(frozen=True)
class Trials:
    """Writes `tests` and `examples` into a document's clauses.

    judgements : people x answers, +1 for a good answer, -1 for a bad one, 0 for neither
    least : people below whom no count is shown
    """

    corpus: Corpus
    judgements: VoteTable | None
    least: int

    def write(self, clauses: list[Document]) -> None:
        """Fill in both lists of every clause; anchors are told apart over the whole document."""
        answers = self._by_claim()
        taken: set[str] = set()
        for clause in sorted(clauses, key=lambda one: natural_key(one["claim"])):
            clause["tests"] = self._tests(clause) if clause["status"] in STANDING else []
            for test in clause["tests"]:
                test["id"] = _anchor(clause["claim"], test, taken)
            clause["examples"] = self._examples(answers.get(clause["claim"], []))

    def _tests(self, clause: Document) -> list[Document]:
        known = {one.id: one for one in self.corpus.scenarios}
        spoken_to = dict.fromkeys(
            self.corpus.statement(passage["statement"]).scenario for passage in clause["evidence"]
        )
        tests: list[Document] = [
            {
                "kind": "scenario",
                "title": known[key].title,
                "situation": known[key].text,
                "written_by": known[key].written_by,
                "source": key,
                "language": self.corpus.language or clause["language"],
            }
            for key in spoken_to
            if key in known
        ]
        tests += [
            {
                "kind": "condition",
                "title": None,
                "situation": condition,
                "written_by": "citizen",
                "source": clause["evidence"][0]["statement"],
                "language": clause["language"],
            }
            for condition in clause["applies_when"]
            if _is_situation(condition)
        ]
        return tests

    def _by_claim(self) -> dict[str, list[Answer]]:
        """The answers to show for each claim, in natural order of their ids."""
        found: defaultdict[str, list[Answer]] = defaultdict(list)
        for answer in sorted(self.corpus.answers, key=lambda one: natural_key(one.id)):
            found[answer.claim].append(answer)
        return found

    def _examples(self, answers: list[Answer]) -> list[Document]:
        """One example per prompt, its answers by what people made of them."""
        held: dict[tuple[str, str, str], Document] = {}
        for answer in answers:
            key = answer.prompt, answer.prompt_by, answer.source
            example = held.setdefault(
                key,
                {
                    "prompt": answer.prompt,
                    "prompt_by": answer.prompt_by,
                    "source": answer.source,
                    "good": [],
                    "bad": [],
                    "undecided": [],
                },
            )
            judged = self._judged(answer.id)
            example[verdict(judged)].append(
                {"id": answer.id, "text": answer.text, "by": answer.by, "judged": judged}
            )
        return list(held.values())

    def _judged(self, answer: str) -> Document:
        table = self.judgements
        values = np.zeros(0, dtype=np.int64)
        if table is not None and answer in table.statements:
            column = table.statements.index(answer)
            values = table.values.data[(table.columns == column) & table.served_data]
        if len(values) < self.least:
            return {"n": None, "suppressed": True}
        return counted(int((values > 0).sum()), int((values < 0).sum()), n=len(values))


def counted(agree: int, disagree: int, *, n: int) -> Document:
    """Judgements of one answer, with the margin among those who took a side and its interval.

    margin = (agree - disagree) / (agree + disagree); lo, hi: 2 s - 1 at both ends of Wilson's 95 %
    interval of the share s = agree / (agree + disagree), so that 0 lies between them exactly where
    the interval of the share holds a half.
    """
    sides = agree + disagree
    low, high = (float(bound) for bound in wilson(agree, sides))
    return {
        "n": n,
        "agree": agree,
        "disagree": disagree,
        "unsure": n - sides,
        "margin": _six((agree - disagree) / sides) if sides else None,
        "lo": _six(2 * low - 1),
        "hi": _six(2 * high - 1),
    }


def verdict(judged: Document) -> str:
    """good or bad where the interval of the margin leaves out 0, else undecided."""
    if judged["n"] is None or judged["lo"] <= 0 <= judged["hi"]:
        return "undecided"
    return "good" if judged["lo"] > 0 else "bad"


def judgements_digest(corpus: Corpus, judgements: VoteTable | None) -> str | None:
    """SHA-256 over the answers and what people made of them; None where there are none."""
    if not corpus.answers:
        return None
    rows: list[Any] = [
        [one.id, one.claim, one.prompt, one.prompt_by, one.text, one.by, one.source]
        for one in sorted(corpus.answers, key=lambda one: one.id)
    ]
    told = judgements.content_digest() if judgements is not None else None
    return "sha256:" + hashlib.sha256(rfc8785.dumps([rows, told])).hexdigest()


def check_answers(corpus: Corpus, judgements: VoteTable | None) -> None:
    """Raise AggregationInputError where answers and judgements do not fit what they are about."""
    claims = {claim.id for claim in corpus.claims}
    for answer in corpus.answers:
        if answer.claim not in claims:
            raise AggregationInputError(
                f"Answer {answer.id!r} is judged against claim {answer.claim!r}, which the corpus "
                "does not have. Correct the claim, or leave the answer out."
            )
    known = {answer.id for answer in corpus.answers}
    strange = [] if judgements is None else sorted(set(judgements.statements) - known)
    if strange:
        raise AggregationInputError(
            f"Judgements name answer {strange[0]!r}, which is not among the answers. Add it, or "
            "leave its judgements out."
        )


def _is_situation(condition: str) -> bool:
    words = condition.split()
    if condition.isascii() or len(words) > 1:
        return len(words) >= _LEAST_WORDS
    return len(condition) >= _LEAST_CHARACTERS


def _anchor(claim: str, test: Document, taken: set[str]) -> str:
    """Four letters or digits that follow from the claim and the situation, and stay with them."""
    attempt = 0
    while True:
        told = rfc8785.dumps([claim, test["kind"], test["situation"], attempt])
        number = int.from_bytes(hashlib.sha256(told).digest()[:8], "big")
        anchor = ""
        for _ in range(_ANCHOR_LENGTH):
            number, letter = divmod(number, len(_LETTERS))
            anchor += _LETTERS[letter]
        if anchor not in taken:
            taken.add(anchor)
            return anchor
        attempt += 1


def _six(value: float) -> float:
    return round(value, 6) + 0.0
