"""Invented statements that repeat one another in part, as a table to import."""

from __future__ import annotations

import csv
import random
from pathlib import Path

_WHO = ("An AI", "The AI", "AI", "Every assistant")
_MUST = ("should", "must", "should never", "must not")
_DO = ("explain its sources", "answer questions about medicine", "speak for a political party")
_WHEN = ("to children", "in an emergency", "when a doctor asks", "at night", "in court", "at work")
_ASIDE = ("I work in a hospital.", "My children use it every day.", "Why is this so hard?")


def write_statements(file: Path, *, count: int, seed: int) -> Path:
    """A CSV file of so many statements of one to three sentences; many say what others say."""
    chance = random.Random(seed)

    def norm() -> str:
        words = (chance.choice(_WHO), chance.choice(_MUST), chance.choice(_DO))
        number = chance.randrange(10)
        return f"{' '.join(words)} {chance.choice(_WHEN)} in case {number}{chance.choice('.!')}"

    with file.open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["id", "author", "text", "language"])
        for row in range(count):
            sentences = [norm() for _ in range(chance.randrange(1, 3))]
            if chance.random() < 0.3:
                sentences.insert(0, chance.choice(_ASIDE))
            rows.writerow([f"s{row}", f"p{row % 97}", " ".join(sentences), "en"])
    return file
