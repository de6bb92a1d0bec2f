"""One case: `python -m tests.bench.growth PEOPLE CLAIMS REACTIONS` runs the library end to end.

The people are of three synthetic camps that agree on a third of the claims; the embedder is the
hashing one, so that what is timed is the aggregation and not the reading of sentences.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np

from aggregation.run import aggregate
from aggregation.types import Claim, Corpus, Settings, Span, Statement
from aggregation.votes import VoteTable
from tests.bench.machine import peak_megabytes

SYLLABLES = ("ba", "do", "fi", "gu", "ke", "lo", "mi", "na", "pe", "ru", "sa", "to", "vi", "zu")


def corpus(claims: int) -> Corpus:
    """As many norms as asked for, in invented words, so that few of them are near each other."""
    drawn = np.random.default_rng(1).choice(SYLLABLES, size=(claims, 3, 4))
    texts = [
        f"The AI should {' '.join(''.join(word) for word in words)}." for words in drawn.tolist()
    ]
    return Corpus(
        title="Growth",
        statements=tuple(Statement(str(j), text, language="en") for j, text in enumerate(texts)),
        claims=tuple(Claim(str(j), Span(str(j), 0, len(text))) for j, text in enumerate(texts)),
    )


def reactions(people: int, claims: int, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Participant, claim and vote of `count` distinct cells drawn at random."""
    rng = np.random.default_rng(0)
    cells = np.unique(rng.integers(people * claims, size=count + count // 10))
    cells = rng.permutation(cells)[:count]
    who, what = (cells // claims).astype(np.int32), (cells % claims).astype(np.int32)
    lean = np.where(np.arange(claims) % 3 == 0, 0.9, rng.random((3, claims)))
    draw = rng.random(count)
    agrees = draw < lean[who % 3, what]
    return who, what, np.where(draw > 0.95, 0, np.where(agrees, 1, -1)).astype(np.int8)


def measure(people: int, claims: int, count: int) -> dict[str, object]:
    """Seconds of every stage and the peak memory of this process in MB."""
    who, what, vote = reactions(people, claims, count)
    start = time.perf_counter()
    votes = VoteTable.from_arrays(who, what, vote)
    building = time.perf_counter() - start
    del who, what, vote
    outcome = aggregate(corpus(claims), votes, Settings(embedder="hashing", bootstrap=20))
    return {"seconds": {"table": building} | outcome.seconds, "peak": peak_megabytes()}


if __name__ == "__main__":
    json.dump(measure(*map(int, sys.argv[1:])), sys.stdout)
