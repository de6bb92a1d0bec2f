"""Tables of votes to test on: invented ones, and the matrix of a real Polis export."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from aggregation.opinion import Projection
from aggregation.votes import VoteTable


def two_camps(rng: np.random.Generator, *, people: int = 80, claims: int = 24) -> VoteTable:
    """Two camps that agree on a third of the claims and take opposite sides on the rest."""
    camp = np.where(np.arange(people) < people * 0.6, 1, -1)
    shared = np.arange(claims) % 3 == 0
    lean = np.where(shared, 1, np.where(rng.random(claims) < 0.5, 1, -1))
    sides = np.where(shared, 1, camp[:, None]) * lean
    noise = rng.random((people, claims))
    values = np.where(noise < 0.1, 0, np.where(noise < 0.2, -sides, sides))
    rows, columns = np.nonzero(rng.random((people, claims)) < 0.7)
    return VoteTable.from_arrays(rows, columns, values[rows, columns])


def rows_of(votes: VoteTable) -> tuple[list[str], list[str], np.ndarray]:
    """A table's votes as the columns it could have been read from."""
    return (
        [votes.participants[i] for i in votes.rows],
        [votes.statements[j] for j in votes.columns],
        votes.values.data.astype(np.int64),
    )


def negated(votes: VoteTable) -> VoteTable:
    """The same people with every agreement turned into disagreement and back."""
    participants, statements, values = rows_of(votes)
    return VoteTable.from_arrays(participants, statements, -values).reindex(votes.statements)


def polis_matrix(folder: Path) -> tuple[VoteTable, dict[str, str]]:
    """The last votes of a Polis export, and the group that Polis gave each participant."""
    with (folder / "participants-votes.csv").open(newline="", encoding="utf-8") as file:
        header, *rows = list(csv.reader(file))
    first, group = header.index("n-disagree") + 1, header.index("group-id")
    cells = [
        (row[0], claim, int(vote))
        for row in rows
        for claim, vote in zip(header[first:], row[first:], strict=True)
        if vote
    ]
    participants, statements, values = zip(*cells, strict=True)
    return VoteTable.from_arrays(participants, statements, values), {r[0]: r[group] for r in rows}


def clumps(rng: np.random.Generator, *, people: int) -> np.ndarray:
    """People around three spots of the plane, half of them around the first."""
    spots = np.array([[0.0, 0.0], [12.0, 0.0], [0.0, 12.0]])
    return spots[rng.choice(3, size=people, p=[0.5, 0.3, 0.2])] + rng.normal(size=(people, 2))


def standing(points: np.ndarray) -> Projection:
    """People who stand at these places, all of them eligible."""
    names = tuple(str(number) for number in range(len(points)))
    everyone = np.ones(len(points), dtype=bool)
    return Projection(names, points, everyone, np.zeros((0, 2)), np.zeros(0))
