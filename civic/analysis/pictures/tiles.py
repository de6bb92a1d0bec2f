"""Areas in proportion: a rectangle cut into tiles that stay near to square."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Box:
    """A rectangle from its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    def inset(self, margin: float) -> Box:
        """The same, smaller by a margin on each side."""
        return Box(
            self.x + margin,
            self.y + margin,
            max(self.width - 2 * margin, 0.0),
            max(self.height - 2 * margin, 0.0),
        )


def tiles(sizes: Sequence[float], box: Box) -> list[Box]:
    """One tile per size, in the order given, together filling the box.

    Squarified (Bruls, Huizing, van Wijk 2000): a row takes tiles as long as that makes the worst
    of them squarer.
    """
    total = sum(sizes)
    order = sorted(range(len(sizes)), key=lambda i: (-sizes[i], i))
    placed: dict[int, Box] = {}
    scale = box.width * box.height / total if total else 0.0
    rest = box
    while order:
        row = [order[0]]
        side = min(rest.width, rest.height)
        areas = [sizes[order[0]] * scale]
        for index in order[1:]:
            longer = [*areas, sizes[index] * scale]
            if _worst(longer, side) > _worst(areas, side):
                break
            row.append(index)
            areas = longer
        rest = _lay(row, areas, rest, placed)
        order = order[len(row) :]
    return [placed[i] for i in range(len(sizes))]


def _worst(areas: Sequence[float], side: float) -> float:
    """The largest ratio of sides in a row of these areas along a side."""
    depth = sum(areas) / side if side else 0.0
    if not depth:
        return float("inf")
    return max(max(depth * depth / area, area / (depth * depth)) for area in areas if area) or 0.0


def _lay(row: Sequence[int], areas: Sequence[float], rest: Box, placed: dict[int, Box]) -> Box:
    """Put a row of tiles along the shorter side; returns what is left of the box."""
    wide = rest.width >= rest.height
    side = rest.height if wide else rest.width
    depth = sum(areas) / side if side else 0.0
    offset = 0.0
    for index, area in zip(row, areas, strict=True):
        length = area / depth if depth else 0.0
        placed[index] = (
            Box(rest.x, rest.y + offset, depth, length)
            if wide
            else Box(rest.x + offset, rest.y, length, depth)
        )
        offset += length
    if wide:
        return Box(rest.x + depth, rest.y, max(rest.width - depth, 0.0), rest.height)
    return Box(rest.x, rest.y + depth, rest.width, max(rest.height - depth, 0.0))
