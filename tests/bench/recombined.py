"""As many statements as asked for, made of real people's half sentences; none is a real opinion.

Each has one sentence or two; a sentence is the first half of the words of one real sentence and the
second half of another's, so that 100,000 of them are distinct while words, lengths and norms are
those of real answers. The first thousand are the same whatever the number asked for.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from aggregation.text import segment
from aggregation.types import Statement
from tests import corpora

SEED = 4
SECOND = 0.48  # share of statements with two sentences: global-dialogues-4 has 1.48 on average
LEAST_WORDS = 4


def recombined(data: Path, count: int) -> tuple[Statement, ...]:
    """`count` statements in English, numbered from 0."""
    halves = [_halves(sentence) for sentence in _sentences(data)]
    starts, ends = [first for first, _ in halves], [second for _, second in halves]
    rng = np.random.default_rng(SEED)
    seen: set[str] = set()
    found: list[Statement] = []
    while len(found) < count:
        first, second = rng.integers(len(halves), size=(2, 2)).tolist()
        parts = [starts[first[0]] + " " + ends[first[1]]]
        if rng.random() < SECOND:
            parts.append(starts[second[0]] + " " + ends[second[1]])
        text = " ".join(parts)
        if text not in seen:
            seen.add(text)
            found.append(Statement(str(len(found)), text, language="en"))
    return tuple(found)


def _sentences(data: Path) -> list[str]:
    real = (*corpora.global_dialogues(data), *corpora.remesh(data), *corpora.ccai(data))
    sentences = (one.text[a:b] for one in real for a, b in segment(one.text, "en"))
    return [text for text in sentences if len(text.split()) >= LEAST_WORDS]


def _halves(sentence: str) -> tuple[str, str]:
    words = sentence.split()
    middle = len(words) // 2
    end = " ".join(words[middle:])
    return " ".join(words[:middle]), end if end[-1] in ".!?" else end + "."
