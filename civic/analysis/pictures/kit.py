"""One visual language for all pictures: marks in logical pixels, tokens for colours, SVG out.

Vega-Lite draws the marks (through vl-convert, in the worker); colours go through as CSS custom
properties, so that a picture follows the page's theme. Positions and sizes are given in pixels of a
picture 320 wide, which is what a phone shows one to one: no text is measured, so the bytes do not
depend on the fonts of the machine that draws.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import vl_convert

Row = dict[str, Any]
Layer = dict[str, Any]

WIDTH = 320
TEXT = 12  # the smallest text, in pixels on a phone
VEGA_LITE = "5.21"
FONT = "system-ui, sans-serif"
# Letter, colour and shape tell a group apart; each alone would do.
SHAPES = (
    "circle",
    "square",
    "M-1,1V-0.2A1,1,0,0,1,1,-0.2V1Z",
    "M-1,-1V0.2A1,1,0,0,0,1,0.2V-1Z",
    "M0,-1.25L1.25,0L0,1.25L-1.25,0Z",
)


def colour(token: str) -> str:
    """A colour of the stylesheet by its name."""
    return f"var(--{token})"


def group_colour(letter: str) -> str:
    """The colour of an opinion group."""
    return colour(f"group-{letter.lower()}" if letter in "ABCDE" else "quiet")


def group_shape(letter: str) -> str:
    """The shape of an opinion group."""
    return SHAPES[("ABCDE".find(letter)) % len(SHAPES)]


def rects(rows: Sequence[Row]) -> Layer:
    """Rectangles: x, y, x2, y2, fill, opacity."""
    encoding = {side: _raw(side) for side in ("x", "y", "x2", "y2")}
    encoding |= {"fill": _raw("fill"), "fillOpacity": _raw("opacity")}
    return _layer({"type": "rect"}, [{"opacity": 1} | row for row in rows], encoding)


def rules(rows: Sequence[Row], *, width: float = 1, dash: Sequence[int] = ()) -> Layer:
    """Straight lines: x, y, x2, y2, stroke."""
    encoding = {side: _raw(side) for side in ("x", "y", "x2", "y2")} | {"stroke": _raw("stroke")}
    mark = {"type": "rule", "strokeWidth": width, "strokeDash": list(dash)}
    return _layer(mark, rows, encoding)


def shapes(rows: Sequence[Row], *, stroke: float = 2) -> Layer:
    """Marks by shape: x, y, size (of the side), shape, fill, stroke."""
    encoding = {name: _raw(name) for name in ("x", "y", "size", "shape", "fill", "stroke")}
    sized = [row | {"size": row["size"] ** 2} for row in rows]
    return _layer({"type": "point", "strokeWidth": stroke, "opacity": 1}, sized, encoding)


def texts(rows: Sequence[Row], *, size: int = TEXT, weight: int = 400) -> Layer:
    """Words: x, y, text, align, fill."""
    by_side = []
    for align in sorted({row.get("align", "center") for row in rows}):
        held = [row for row in rows if row.get("align", "center") == align]
        mark = {"type": "text", "align": align, "baseline": "middle", "font": FONT}
        encoding = {name: _raw(name) for name in ("x", "y", "text", "fill")}
        encoding["text"]["type"] = "nominal"
        by_side.append(
            _layer(
                mark | {"fontSize": size, "fontWeight": weight},
                [{"fill": colour("ink")} | row for row in held],
                encoding,
            )
        )
    return {"layer": by_side}


def outlines(paths: Sequence[Sequence[Row]], *, width: float = 2) -> Layer:
    """Closed lines, one per list of points: x, y, stroke."""
    rows = [
        point | {"path": number, "order": order}
        for number, path in enumerate(paths)
        for order, point in enumerate([*path, path[0]])
    ]
    encoding = {"x": _raw("x"), "y": _raw("y"), "stroke": _raw("stroke")}
    encoding |= {"order": _raw("order"), "detail": {"field": "path", "type": "nominal"}}
    mark = {"type": "line", "strokeWidth": width, "strokeJoin": "round", "fill": None}
    return _layer(mark, rows, encoding)


def picture(layers: Sequence[Layer], *, height: float, width: float = WIDTH) -> str:
    """The marks as one SVG element, back to front; the same marks are the same bytes."""
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": width,
        "height": height,
        "padding": 0,
        "autosize": "none",
        "background": None,
        "config": {"view": {"stroke": None}, "aria": False},
        "layer": [layer for layer in layers if layer.get("layer") or layer.get("data")],
    }
    return trimmed(vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE))


def trimmed(svg: str) -> str:
    """The drawing without what a page has to say itself: size, roles and names of marks.

    Without its size a picture fills the width it is given. Text keeps its direction: lines of
    numbers run from left to right in every language.
    """
    svg = re.sub(r"<(?:path|g)[^>]*(?:class=\"(?:background|foreground)\")[^>]*/>", "", svg)
    svg = re.sub(r"<[a-z][^>]*>", _bare, svg)
    head = re.match(r"<svg[^>]*viewBox=\"([^\"]*)\"[^>]*>", svg)
    if head is None:
        raise ValueError("the drawing does not begin with an <svg> that tells its size")
    start = (
        '<svg xmlns="http://www.w3.org/2000/svg" class="picture-drawing" '
        f'viewBox="{head.group(1)}" direction="ltr" aria-hidden="true" focusable="false">'
    )
    return start + svg[head.end() :]


def _bare(tag: re.Match[str]) -> str:
    return re.sub(r"\s(?:aria-[a-z]+|role|class|pointer-events|xmlns:xlink)=\"[^\"]*\"", "", tag[0])


def _raw(field: str) -> Row:
    """The value of a field as it is: a pixel, a colour, a shape."""
    if field in ("x2", "y2"):
        return {"field": field}
    kind = "nominal" if field in ("fill", "stroke", "shape", "text") else "quantitative"
    scale = {} if field in ("text", "order") else {"scale": None}
    axis = {"axis": None} if field in ("x", "y") else {}
    return {"field": field, "type": kind} | scale | axis


def _layer(mark: Row, rows: Sequence[Row], encoding: Row) -> Layer:
    if not rows:
        return {}
    return {"data": {"values": list(rows)}, "mark": mark | {"aria": False}, "encoding": encoding}
