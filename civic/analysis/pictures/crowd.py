"""The opinion map: how many people stand where, told only where there are enough of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from aggregation.types import BoolArray, FloatArray, IntArray

Numbers = dict[str, Any]
SIDES = (24, 20, 16, 13, 11, 9, 7, 6, 5, 4)  # cells per side, the finest that shows enough is used
ENOUGH = 0.8  # share of the people who are to stand in cells that are shown
REACH = 0.98  # share of the people along each axis whom the frame holds; the rest stand at its edge


def opinion_map(
    places: FloatArray, labels: IntArray, names: Sequence[str], *, k: int
) -> Numbers | None:
    """People counted in a grid of square cells; None where no cell holds enough of them.

    places (n, 2), labels (n,) -1 where somebody answered too little to be placed; names: the
    groups' letters. A cell is told by its row and column, how many people stand in it, and the
    group of most of them. Cells with fewer than k people are left out, and with them so many more
    that what is left out cannot be worked out from the total.
    """
    placed = labels >= 0
    people, group = places[placed], labels[placed]
    if len(people) < k:
        return None
    frame = _frame(people)
    for side in SIDES:
        counts = _counts(people, group, frame, side, groups=len(names))
        shown = shown_cells(counts.sum(axis=2), k=k)
        seen = int(counts.sum(axis=2)[shown].sum())
        if seen >= ENOUGH * len(people):
            break
    if not shown.any():
        return None
    cells = [
        {
            "row": int(row),
            "column": int(column),
            "people": int(counts[row, column].sum()),
            "group": names[int(np.argmax(counts[row, column]))],
        }
        for row, column in zip(*np.nonzero(shown), strict=True)
    ]
    return {
        "side": side,
        "k": k,
        "frame": [round(float(edge), 6) for edge in frame],
        "people": len(people),
        "shown": seen,
        "cells": cells,
    }


def shown_cells(counts: IntArray, *, k: int) -> BoolArray:
    """Which cells may be told: none with fewer than k people, nor any that the total gives away.

    People left out are none at all or k at least: with fewer, the smallest cells go as well.
    """
    shown: BoolArray = counts >= k
    while 0 < int(counts[~shown].sum()) < k and shown.any():
        smallest = np.where(shown, counts, counts.max() + 1)
        shown[np.unravel_index(int(np.argmin(smallest)), counts.shape)] = False
    return shown


def cell_of(place: tuple[float, float], numbers: Numbers) -> tuple[float, float]:
    """Where somebody stands in the frame, from 0 to 1 from its left and its top edge."""
    left, top, size = numbers["frame"]
    x, y = (place[0] - left) / size, (top - place[1]) / size
    return min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)


def _frame(people: FloatArray) -> tuple[float, float, float]:
    """(left, top, size) of the square that holds nearly everybody, so that few strain it."""
    tail = (1 - REACH) / 2
    low, high = np.quantile(people, [tail, 1 - tail], axis=0)
    size = float(max(*(high - low), 1e-9)) * 1.04
    centre = (low + high) / 2
    return float(centre[0] - size / 2), float(centre[1] + size / 2), size


def _counts(
    people: FloatArray,
    group: IntArray,
    frame: tuple[float, float, float],
    side: int,
    *,
    groups: int,
) -> IntArray:
    """(side, side, groups) people by row from the top, column from the left, and group."""
    left, top, size = frame
    column = np.clip(((people[:, 0] - left) / size * side).astype(int), 0, side - 1)
    row = np.clip(((top - people[:, 1]) / size * side).astype(int), 0, side - 1)
    counts = np.zeros((side, side, groups), dtype=np.int64)
    np.add.at(counts, (row, column, group), 1)
    return counts
