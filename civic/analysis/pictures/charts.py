"""How each picture is laid out, from its numbers alone."""

from __future__ import annotations

import math
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from civic.analysis.pictures import kit
from civic.analysis.pictures.kit import Layer, Row, colour, group_colour, group_shape
from civic.analysis.pictures.tiles import Box, tiles

Numbers = dict[str, Any]
PART_COLOURS = {
    "adopted": colour("adopted"),
    "provisional": colour("provisional"),
    "voice": colour("contested"),
    "plural": colour("contested"),
    "contested": colour("contested"),
    "not_adopted": colour("left"),
}
PART_SHAPES = {
    "adopted": "circle",
    "provisional": "M-1,0A1,1,0,1,1,1,0A1,1,0,1,1,-1,0Z",
    "voice": "M0,-1L1.05,0.85L-1.05,0.85Z",
    "plural": "M0,-1.15L1.15,0L0,1.15L-1.15,0Z",
}
HOLLOW = ("provisional", "plural")
PER_LINE = 20  # marks in a line of the spec at a glance
GUTTER = 26  # room for the number of a row


def opinion_map(numbers: Numbers) -> str:
    """Cells, darker where more people stand, with the outline and the letter of each group."""
    edge = 3  # so that an outline at the border is drawn whole
    step = (kit.WIDTH - 2 * edge) / numbers["side"]
    most = max(cell["people"] for cell in numbers["cells"])
    cells, corners = [], defaultdict(list)
    middle: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for cell in numbers["cells"]:
        x, y, letter = edge + cell["column"] * step, edge + cell["row"] * step, cell["group"]
        cells.append(
            {"x": _px(x + 0.5), "y": _px(y + 0.5), "x2": _px(x + step - 0.5)}
            | {"y2": _px(y + step - 0.5), "fill": group_colour(letter)}
            | {"opacity": round(0.25 + 0.6 * math.sqrt(cell["people"] / most), 3)}
        )
        corners[letter] += [(x, y), (x + step, y), (x, y + step), (x + step, y + step)]
        for place, value in enumerate((x + step / 2, y + step / 2, 1)):
            middle[letter][place] += value * cell["people"]
    paths = [
        [
            {"x": _px(x), "y": _px(y), "stroke": group_colour(letter)}
            for x, y in hull(corners[letter])
        ]
        for letter in sorted(corners)
    ]
    letters = [
        {"letter": letter, "x": _px(x / people), "y": _px(y / people)}
        for letter, (x, y, people) in sorted(middle.items())
    ]
    return kit.picture(
        [kit.rects(cells), kit.outlines(paths), *_lettered(letters, size=24)], height=kit.WIDTH
    )


def glance(numbers: Numbers) -> str:
    """One mark per clause, a block per part; what was not adopted is told in words only."""
    step = kit.WIDTH / PER_LINE
    marks: list[Row] = []
    y = step / 2
    for row in numbers["rows"]:
        part, count = row["part"], row["clauses"]
        if part not in PART_SHAPES or not count:
            continue
        paint = PART_COLOURS[part]
        for number in range(count):
            line, place = divmod(number, PER_LINE)
            marks.append(
                {"x": _px((place + 0.5) * step), "y": _px(y + line * step), "size": 9}
                | {"shape": PART_SHAPES[part], "stroke": paint}
                | {"fill": colour("surface") if part in HOLLOW else paint}
            )
        y += step * (-(-count // PER_LINE)) + 10
    return kit.picture([kit.shapes(marks)], height=_px(y - step / 2 - 6)) if marks else ""


LANE, TOP = 22, 22  # of the support of sentences: room for a group, and above all of them


def support(numbers: Numbers) -> str:
    """Per sentence a line from 0 to 100 %, on it each group's share with its interval."""
    rows = numbers["rows"]
    groups = max((len(row["groups"]) for row in rows), default=0)
    if not groups:
        return ""
    block = LANE * groups + 8
    height = TOP + block * len(rows) + 4
    bands, spans, marks, numbered = [], [], [], []
    for place, row in enumerate(rows):
        y = TOP + place * block
        if place % 2 == 0:
            bands.append({"x": 0, "x2": kit.WIDTH, "y": y, "y2": y + block})
            bands[-1] |= {"fill": colour("sunken"), "opacity": 0.6}
        numbered.append({"x": 4, "y": y + block / 2, "text": str(place + 1), "align": "left"})
        for lane, cell in enumerate(row["groups"]):
            if cell["estimate"] is not None:
                middle = y + 4 + LANE * (lane + 0.5)
                spans.append(_interval(cell, middle))
                marks.append({"letter": cell["group"], "x": _at(cell["estimate"]), "y": middle})
    grid, words = _scale(height)
    return kit.picture(
        [
            *(kit.rects(bands), kit.rules(grid), kit.texts(words), kit.rules(spans, width=4)),
            *(kit.texts(numbered, size=14, weight=700), *_lettered(marks, size=17)),
        ],
        height=height,
    )


def _at(share: float) -> float:
    """Where a share stands between the left end of a line, 0 %, and its right end, 100 %."""
    left, right = GUTTER + 12, kit.WIDTH - 14
    return _px(left + (right - left) * share)


def _interval(cell: Numbers, y: float) -> Row:
    ends = {"x": _at(cell["lo"]), "x2": _at(cell["hi"]), "y": y, "y2": y}
    return ends | {"stroke": group_colour(cell["group"])}


def _scale(height: float) -> tuple[list[Row], list[Row]]:
    """Lines at the quarters, and words above the ends and the middle."""
    grid = [
        {"x": _at(share), "x2": _at(share), "y": TOP, "y2": height - 4}
        | {"stroke": colour("quiet" if share == 0.5 else "line")}
        for share in (0, 0.25, 0.5, 0.75, 1)
    ]
    ends = [(0.0, "0 %", "left", -12), (0.5, "50 %", "center", 0), (1.0, "100 %", "right", 14)]
    words = [
        {"x": _at(share) + shift, "y": 9, "text": text, "align": side, "fill": colour("quiet")}
        for share, text, side, shift in ends
    ]
    return grid, words


def margins(numbers: Numbers) -> str:
    """Per adopted clause, the least firm first, a bar as long as people would have to change."""
    rows = numbers["rows"]
    if not rows:
        return ""
    most, lane = max(row["people"] for row in rows), 22
    room = kit.WIDTH - GUTTER - 44
    bars, words, numbered = [], [], []
    for place, row in enumerate(rows):
        y, length = place * lane, room * row["people"] / max(most, 1)
        bars.append(
            {"x": GUTTER, "x2": _px(GUTTER + max(length, 2)), "y": y + 4, "y2": y + lane - 4}
        )
        bars[-1]["fill"] = colour("adopted")
        words.append({"x": _px(GUTTER + max(length, 2) + 6), "y": y + lane / 2, "align": "left"})
        words[-1]["text"] = str(row["people"])
        numbered.append({"x": 4, "y": y + lane / 2, "text": str(place + 1), "align": "left"})
    layers = [kit.rects(bars), kit.texts(words, weight=600), kit.texts(numbered, weight=700)]
    return kit.picture(layers, height=lane * len(rows))


def themes(numbers: Numbers) -> str:
    """Themes as areas as large as they hold sentences, their topics within, parts as a strip."""
    rows = numbers["rows"]
    if not rows:
        return ""
    whole = Box(0, 0, kit.WIDTH, 300)
    plates: list[Row] = []
    strips: list[Row] = []
    words: list[Row] = []
    titles: list[Row] = []
    places = tiles([row["clauses"] for row in rows], whole)
    for number, (row, box) in enumerate(zip(rows, places, strict=True), start=1):
        inner = box.inset(2)
        titles += _title(f"{number}  {row['title']}", inner)
        body = Box(inner.x, inner.y + 20, inner.width, max(inner.height - 20, 0))
        parts = [*row["topics"]]
        if row["without_topic"] or not parts:
            held = {name: row[name] - sum(t[name] for t in parts) for name in _STRIP}
            parts.append({"title": "", "clauses": row["without_topic"] or row["clauses"], **held})
        for place, (part, tile) in enumerate(
            zip(parts, tiles([p["clauses"] for p in parts], body), strict=True), start=1
        ):
            code = f"{number}.{place}" if part["title"] else ""
            _tile(part, tile.inset(1), plates, strips, words, code=code)
    layers = [kit.rects(plates), kit.rects(strips), kit.texts(words), kit.texts(titles, weight=700)]
    return kit.picture(layers, height=300)


_STRIP = ("adopted", "provisional", "contested", "not_adopted")


def _tile(
    part: Numbers,
    box: Box,
    plates: list[Row],
    strips: list[Row],
    words: list[Row],
    *,
    code: str,
) -> None:
    """One topic; where its title has no room, its number in the table."""
    plates.append(_rect(box) | {"fill": colour("sunken")})
    x = box.x
    for name in _STRIP:
        width = box.width * part[name] / max(part["clauses"], 1)
        if width > 0:
            strip = Box(x, box.y + max(box.height - 7, 0), width, min(7, box.height))
            strips.append(_rect(strip) | {"fill": PART_COLOURS[name]})
            strips[-1]["opacity"] = 0.45 if name == "not_adopted" else 1
            x += width
    room = Box(box.x, box.y, box.width, box.height - 8)
    lines = wrapped(part["title"], width=room.width - 8, most=4)
    if any("…" in line for line in lines) or 14 * len(lines) + 4 > room.height:
        lines = [code] if measure(code) <= room.width and room.height >= 16 else []
    for line, text in enumerate(lines):
        y = room.y + 11 + 14 * line
        words.append({"x": _px(room.x + 4), "y": _px(y), "text": text, "align": "left"})


def _title(text: str, box: Box) -> list[Row]:
    [line, *_] = wrapped(text, width=box.width - 6, most=1) or [""]
    return [{"x": _px(box.x + 3), "y": _px(box.y + 10), "text": line, "align": "left"}]


def wrapped(text: str, *, width: float, most: int) -> list[str]:
    """A text in up to so many lines of this width; what does not fit ends in an ellipsis.

    Widths are estimated, generously: a picture must not depend on the fonts that a machine has.
    """
    lines, words = [""], " ".join(text.split()).split(" ")
    for word in words:
        longer = f"{lines[-1]} {word}".strip()
        if measure(longer) <= width:
            lines[-1] = longer
        elif lines[-1] and len(lines) < most:
            lines.append(word)
        else:
            lines[-1] = longer
            break
    return [_cut(line, width) for line in lines if line]


def measure(text: str) -> float:
    """About how wide a text of the smallest size is."""
    return sum(kit.TEXT * _advance(character) for character in text)


def _advance(character: str) -> float:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Mn", "Me"):
        return 0.0
    return 1.0 if unicodedata.east_asian_width(character) in "WF" else 0.58


def _cut(line: str, width: float) -> str:
    if measure(line) <= width and len(line) <= 120:
        return line
    line = line[:120]
    while line and measure(line + "…") > width:
        line = line[:-1]
    return f"{line.rstrip(' ,')}…" if line else ""


def _lettered(rows: Sequence[Row], *, size: int) -> list[Layer]:
    """The sign of each group: its shape, with its letter in it."""
    signs = [
        {"x": row["x"], "y": row["y"], "size": size, "shape": group_shape(row["letter"])}
        | {"fill": colour("surface"), "stroke": group_colour(row["letter"])}
        for row in rows
    ]
    letters = [{"x": row["x"], "y": row["y"] + 0.5, "text": row["letter"]} for row in rows]
    return [kit.shapes(signs), kit.texts(letters, size=max(kit.TEXT, size - 9), weight=700)]


def hull(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The corners of the convex hull (Andrew's monotone chain)."""
    ordered = sorted(set(points))

    def half(found: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
        kept: list[tuple[float, float]] = []
        for point in found:
            while len(kept) > 1 and _turn(kept[-2], kept[-1], point) <= 0:
                kept.pop()
            kept.append(point)
        return kept[:-1]

    return half(ordered) + half(ordered[::-1])


def _turn(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _rect(box: Box) -> Row:
    ends = {"x2": _px(box.x + box.width), "y2": _px(box.y + box.height)}
    return {"x": _px(box.x), "y": _px(box.y)} | ends


def _px(value: float) -> float:
    return round(float(value), 2)


CHARTS: dict[str, Callable[[Numbers], str]] = {
    "map": opinion_map,
    "glance": glance,
    "common": support,
    "differences": support,
    "themes": themes,
    "margins": margins,
}
