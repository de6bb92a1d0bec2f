"""Answers of machines as files, and a consultation in which people judged them."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from django.core.files.uploadedfile import SimpleUploadedFile

PROMPT = "Is this mushroom safe to eat?"
CAREFUL = "I cannot tell from a photo. Ask a poison centre."
CARELESS = "Yes, enjoy!"
BLUNT = "Probably."
RARE = "Only three people read this one."
TEXTS = {"1": CAREFUL, "2": CARELESS, "3": BLUNT, "4": RARE}
GOOD, BAD = {"1": 36, "2": 3, "3": 21, "4": 3}, {"1": 2, "2": 35, "3": 19, "4": 0}
ANSWER_HEAD = ("answer", "claim", "prompt", "text", "by", "prompt-by", "source")
JUDGEMENT_HEAD = ("participant", "answer", "judgement")


def upload(head: Sequence[str], *rows: Sequence[object]) -> SimpleUploadedFile:
    """A CSV file as a browser sends it."""
    held = io.StringIO()
    csv.writer(held).writerows([head, *rows])
    return SimpleUploadedFile("x.csv", held.getvalue().encode())


def answer_rows(claim: str, *, texts: Mapping[str, str] = TEXTS) -> list[tuple[str, ...]]:
    """One prompt, several answers; each says who wrote it."""
    return [
        (key, claim, PROMPT, text, f"model-{key}", "the organizers", "a study")
        for key, text in texts.items()
    ]


def judgement_rows() -> list[tuple[str, str, int]]:
    """So many people for each answer and so many against it."""
    return [
        (f"judge-{person}", key, value)
        for key in TEXTS
        for person, value in enumerate([1] * GOOD[key] + [-1] * BAD[key])
    ]


def files_of(claim: str, *, judged: bool = True) -> dict[str, SimpleUploadedFile]:
    """Both files of an import."""
    files = {"answers": upload(ANSWER_HEAD, *answer_rows(claim))}
    if judged:
        files["judgements"] = upload(JUDGEMENT_HEAD, *judgement_rows())
    return files
