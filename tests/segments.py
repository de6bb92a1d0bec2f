"""The gold set of sentences and how well a segmenter does on it.

`python -m tests.segments` prints the table for the tuned and the held-out part.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from aggregation.text import segment
from aggregation.text.standing import Sentence, sentences

GOLD = Path(__file__).parent / "aggregation" / "text" / "gold" / "segments.jsonl"
LEANING = GOLD.with_name("leaning.jsonl")
HELD_OUT = 3  # every third line


@dataclass(frozen=True)
class Labelled:
    """A text with its sentences as a person marked them; `leans` says which need a context."""

    text: str
    language: str
    ranges: tuple[tuple[int, int], ...]
    leans: tuple[bool, ...]
    held_out: bool


@dataclass
class Score:
    """Counts of boundaries (the starts after the first) and of texts without any slip."""

    right: int = 0
    found: int = 0
    wanted: int = 0
    exact: int = 0
    texts: int = 0

    def __str__(self) -> str:
        return (
            f"P {self.precision:.3f} R {self.recall:.3f} F1 {self.f1:.3f} "
            f"exact {self.exact}/{self.texts} boundaries {self.wanted}"
        )

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.wanted if self.wanted else 1.0

    @property
    def f1(self) -> float:
        both = self.found + self.wanted
        return 2 * self.right / both if both else 1.0


def labelled(data: Path | None, gold: Path = GOLD) -> list[Labelled]:
    """Every labelled text; without a data folder only those that we wrote ourselves."""
    tables: dict[str, list[list[str]]] = {}
    found = []
    for number, line in enumerate(gold.read_text(encoding="utf-8").splitlines()):
        entry = json.loads(line)
        text = entry.get("text")
        if text is None:
            if data is None:
                continue
            name = entry["source"]
            if name not in tables:
                with (data / name).open(encoding="utf-8-sig", newline="") as file:
                    tables[name] = list(csv.reader(file))
            text = tables[name][entry["row"]][entry["column"]]
            if hashlib.sha256(text.encode()).hexdigest() != entry["sha256"]:
                raise ValueError(f"{name}, row {entry['row']}, is not the text that was labelled.")
        segments = entry["segments"]
        found.append(
            Labelled(
                text,
                entry["language"],
                tuple((start, end) for start, end, _ in segments),
                tuple(bool(leans) for *_, leans in segments),
                number % HELD_OUT == 0,
            )
        )
    return found


def score(
    texts: Iterable[Labelled], segment: Callable[[str, str], Sequence[tuple[int, int]]]
) -> Score:
    """How the boundaries of a segmenter compare with those of a person."""
    total = Score()
    for one in texts:
        ranges = tuple(segment(one.text, one.language))
        ours = {start for start, _ in ranges[1:]}
        theirs = {start for start, _ in one.ranges[1:]}
        total.right += len(ours & theirs)
        total.found += len(ours)
        total.wanted += len(theirs)
        total.exact += ranges == one.ranges
        total.texts += 1
    return total


def score_leaning(
    texts: Iterable[Labelled], sentences: Callable[[str, str], Sequence[Sentence]]
) -> Score:
    """How the marks of leaning compare, on the sentences of which both agree where they begin."""
    total = Score()
    for one in texts:
        marked = {found.start: found.leans for found in sentences(one.text, one.language)}
        for (start, _), leans in zip(one.ranges, one.leans, strict=True):
            ours = marked.get(start)
            if ours is not None:
                total.right += ours and leans
                total.found += ours
                total.wanted += leans
                total.exact += ours == leans
                total.texts += 1
    return total


if __name__ == "__main__":
    folder = Path(__file__).parent.parent.parent / "shared" / "data"
    gold = labelled(folder if folder.is_dir() else None)
    for held_out in (False, True):
        part = [one for one in gold if one.held_out == held_out]
        print("held out" if held_out else "tuned on")
        for language in sorted({one.language for one in part}):
            print(f"  {language} ", score([o for o in part if o.language == language], segment))
        print("  all", score(part, segment))
        for language in sorted({one.language for one in part}):
            mine = [one for one in part if one.language == language]
            print(f"  leaning {language} ", score_leaning(mine, sentences))
        print("  leaning all", score_leaning(part, sentences))
    if folder.is_dir():
        print(
            "marked after the rules were made", score_leaning(labelled(folder, LEANING), sentences)
        )
