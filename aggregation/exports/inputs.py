"""inputs/: what a run was given, so that anybody can repeat it. People and authors are numbers.

The statements stand here whole, also those that a moderator hid: their digest is part of the spec.
That, and rows of many answers, make these files ones for auditors and not for the public.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import rfc8785

from aggregation.intake import write_votes
from aggregation.opinion import Groups
from aggregation.spec import Document
from aggregation.spec.document import author_numbers
from aggregation.types import (
    Answer,
    Claim,
    Contradiction,
    Corpus,
    Curation,
    Moderation,
    Scenario,
    Settings,
    Span,
    Statement,
)
from aggregation.votes import VoteTable

FORMAT = "concordance inputs 1"
RUN, VOTES, JUDGEMENTS = "run.json", "votes.csv", "judgements.csv"


@dataclass(frozen=True, eq=False)
class Inputs:
    """Everything that `aggregate` was given, with people under numbers."""

    corpus: Corpus
    settings: Settings
    votes: VoteTable
    judgements: VoteTable | None = None
    previous: Document | None = None
    previous_groups: Groups | None = None
    previous_themes: Mapping[str, str] | None = None

    def run_json(self) -> bytes:
        """All but votes and judgements, as canonical JSON."""
        numbers = author_numbers(self.corpus)
        hidden = tuple(replace(s, author=numbers.get(s.author)) for s in self.corpus.statements)
        corpus = asdict(replace(self.corpus, statements=hidden))
        for one in corpus["statements"]:
            one["moderation"] = one["moderation"].value
        groups = self.previous_groups
        return rfc8785.dumps(
            {
                "format": FORMAT,
                "corpus": corpus,
                "settings": asdict(self.settings),
                "previous": self.previous,
                "previous_groups": None if groups is None else _groups(groups),
                "previous_themes": None
                if self.previous_themes is None
                else dict(self.previous_themes),
            }
        )

    def files(self) -> dict[str, bytes]:
        """Each file by its name."""
        found = {RUN: self.run_json(), VOTES: write_votes(self.votes)}
        if self.judgements is not None:
            found[JUDGEMENTS] = write_votes(self.judgements)
        return found


def read_inputs(content: bytes, votes: VoteTable, judgements: VoteTable | None) -> Inputs:
    """The inputs whose `run_json` this is. Raises ValueError, KeyError or TypeError otherwise."""
    held = json.loads(content)
    if held["format"] != FORMAT:
        raise ValueError(f"the format is {held['format']}, not {FORMAT}")
    groups = held["previous_groups"]
    return Inputs(
        corpus=_corpus(held["corpus"]),
        settings=Settings(**held["settings"]),
        votes=votes,
        judgements=judgements,
        previous=held["previous"],
        previous_groups=None if groups is None else _read_groups(groups),
        previous_themes=held["previous_themes"],
    )


def _corpus(held: dict[str, Any]) -> Corpus:
    curation = {
        name: tuple(map(tuple, rows))
        for name, rows in held["curation"].items()
        if name != "contradictions"
    }
    judged = tuple(Contradiction(**one) for one in held["curation"]["contradictions"])
    parts = {
        "statements": tuple(
            Statement(**one | {"moderation": Moderation(one["moderation"])})
            for one in held["statements"]
        ),
        "claims": tuple(
            Claim(
                one["id"],
                Span(**one["span"]),
                tuple(Span(**span) for span in one["members"]),
                None if one["context"] is None else Span(**one["context"]),
            )
            for one in held["claims"]
        ),
        "curation": Curation(**curation, contradictions=judged),
        "scenarios": tuple(Scenario(**one) for one in held["scenarios"]),
        "answers": tuple(Answer(**one) for one in held["answers"]),
    }
    return Corpus(**held | parts)


def _groups(groups: Groups) -> dict[str, Any]:
    labels = groups.labels.tolist()
    return {"participants": list(groups.participants), "labels": labels, "k": groups.k}


def _read_groups(held: dict[str, Any]) -> Groups:
    labels = np.array(held["labels"], dtype=np.int64)
    sizes = np.bincount(labels[labels >= 0], minlength=held["k"])
    return Groups(tuple(held["participants"]), labels, held["k"], sizes, 0.0)
