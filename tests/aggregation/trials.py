"""A small consultation with situations to speak to and AI answers that people judged."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import worlds

from aggregation.types import Answer, Corpus, Scenario
from aggregation.votes import VoteTable

NIGHT = Scenario("night", "At night", "A father writes to an AI: his child has a fever.")
PROMPT = "Is this mushroom safe to eat?"
ANSWERS = (
    Answer("1", "0", PROMPT, "I cannot tell from a photo. Ask a poison centre.", "model-a", "Ana"),
    Answer("2", "0", PROMPT, "Yes, enjoy!", "model-b", "Ana"),
    Answer("3", "0", PROMPT, "Probably.", "model-b", "Ana"),
    Answer("4", "0", PROMPT, "Only three people read this one.", "model-b", "Ana"),
)
FOR, AGAINST = {"1": 36, "2": 3, "3": 21, "4": 3}, {"1": 2, "2": 35, "3": 19, "4": 0}


def corpus() -> Corpus:
    """Two sentences speak to the night; one states a condition of its own."""
    plain = worlds.corpus()
    statements = tuple(
        replace(one, scenario="night") if one.id in ("0", "3") else one for one in plain.statements
    )
    return replace(plain, statements=statements, scenarios=(NIGHT,), answers=ANSWERS)


def judgements() -> VoteTable:
    """So many people for each answer and so many against it, and one who cannot say."""
    rows = [
        (f"j{person}", answer.id, value)
        for answer in ANSWERS
        for person, value in enumerate([1] * FOR[answer.id] + [-1] * AGAINST[answer.id] + [0])
        if answer.id != "4" or person < 3
    ]
    who, what, value = zip(*rows, strict=True)
    return VoteTable.from_arrays(np.array(who), np.array(what), np.array(value))
