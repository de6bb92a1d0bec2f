"""Small consultations with a known answer, and turns that must not change it."""

from __future__ import annotations

import numpy as np

from aggregation.types import Claim, Corpus, Span, Statement
from aggregation.votes import VoteTable

# Sentence, and the probability that somebody of camp A or B agrees; the rest mostly disagrees.
SENTENCES = (
    ("The AI should always tell the truth.", 0.97, 0.96),
    ("The AI should never sell private data.", 0.97, 0.95),
    ("An assistant must explain its reasons when it is asked about medicine.", 0.94, 0.95),
    ("It should cooperate with emergency services.", 0.93, 0.95),
    ("The AI should refuse every question about weapons.", 0.08, 0.92),
    ("The AI should speak about politics without any limits.", 0.90, 0.10),
    ("The AI should rule the whole country.", 0.03, 0.04),
    ("The AI should tell jokes about cats.", 0.60, 0.45),
    ("The AI should hum melodies in the morning.", 0.44, 0.42),
    ("Mountains are high and rivers are long.", 0.96, 0.97),
    ("The AI should withhold adult films.", 0.05, 0.94),
    ("The AI should lecture about gambling.", 0.04, 0.93),
    ("The AI should write satire of ministers.", 0.95, 0.06),
    ("The AI should explain lock picking.", 0.94, 0.05),
)
LATE = "The AI should keep a diary of sunsets."


def corpus(*, order: np.ndarray | None = None) -> Corpus:
    """One statement per sentence, the last answered by three people only."""
    texts = [text for text, _, _ in SENTENCES] + [LATE]
    rows = range(len(texts)) if order is None else order
    return Corpus(
        title="A small consultation",
        id="small",
        statements=tuple(
            Statement(id=str(row), text=texts[row], author=f"w{row}", language="en") for row in rows
        ),
        claims=tuple(Claim(id=str(row), span=Span(str(row), 0, len(texts[row]))) for row in rows),
        as_of="2026-01-02T03:04:05Z",
    )


def ballots(*, seed: int = 1, people: int = 240) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Participant ids, claim ids and votes of two equal camps that answer everything."""
    rng = np.random.default_rng(seed)
    who, what, value = [], [], []
    for person in range(people):
        for row, (_, a, b) in enumerate(SENTENCES):
            draw = rng.random()
            agrees = a if person % 2 else b
            vote = 1 if draw < agrees else (0 if draw > 0.99 else -1)
            who.append(f"p{person}")
            what.append(str(row))
            value.append(vote)
    for person in range(3):
        who.append(f"p{person}")
        what.append(str(len(SENTENCES)))
        value.append(1)
    return np.array(who), np.array(what), np.array(value)


def votes(*, sign: int = 1, order: np.ndarray | None = None) -> VoteTable:
    """The ballots as a table, negated or with their rows in another order."""
    who, what, value = ballots()
    rows = np.arange(who.size) if order is None else order
    return VoteTable.from_arrays(who[rows], what[rows], sign * value[rows])
