"""What a reading yields: the corpus, its votes as plain arrays, and what the reader chose."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from aggregation.types import BoolArray, Corpus, IntArray
from aggregation.votes import VoteTable


@dataclass(frozen=True)
class Participant:
    """A person of the source, with the opinion group that the source put her in, if any."""

    id: str
    group: str | None = None


@dataclass(frozen=True, eq=False)
class VoteArrays:
    """One entry per vote, at most one vote per person and claim, in natural order of both ids.

    participant, claim : ids (str); value : 1 agree, 0 unsure, -1 disagree
    timestamp : milliseconds since 1970 UTC, None where the source has no times
    served : False where the author of the claim's statement voted on it herself
    """

    participant: NDArray[np.object_]
    claim: NDArray[np.object_]
    value: IntArray
    served: BoolArray
    timestamp: IntArray | None = None

    def __len__(self) -> int:
        return len(self.value)


NO_VOTES = VoteArrays(
    participant=np.array([], dtype=np.object_),
    claim=np.array([], dtype=np.object_),
    value=np.array([], dtype=np.int64),
    served=np.array([], dtype=np.bool_),
)


@dataclass(frozen=True, eq=False)
class Intake:
    """Everything that was read from one source.

    participants : all known persons in natural order of their ids, voters or not
    notes : choices that the reader made, in sentences
    counts : name -> number, in the order to show them before anything is stored
    segments : statement id -> {column: value}, of files that describe their authors
    """

    corpus: Corpus
    votes: VoteArrays = NO_VOTES
    participants: tuple[Participant, ...] = ()
    notes: tuple[str, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    segments: dict[str, dict[str, str]] = field(default_factory=dict)

    def table(self) -> VoteTable:
        """The votes with one column for every claim of the corpus, voted on or not."""
        votes = VoteTable.from_arrays(
            self.votes.participant,
            self.votes.claim,
            self.votes.value,
            served=self.votes.served,
            timestamp=self.votes.timestamp,
        )
        return votes.reindex(claim.id for claim in self.corpus.claims)

    def entitled(self, *, title: str, id: str, question: str) -> Intake:
        """This intake with a named corpus."""
        corpus = replace(self.corpus, title=title, id=id, question=question)
        return replace(self, corpus=corpus)
