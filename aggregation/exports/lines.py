"""JSON Lines: one object per line, the same bytes for the same rows."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

Document = dict[str, Any]


def to_lines(rows: Iterable[Document]) -> bytes:
    """Rows as UTF-8; separators inside strings that some readers take for line ends are escaped."""
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    for mark in ("\u2028", "\u2029", "\x85"):
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return text.encode()


def support_of(clause: Document) -> Document:
    """The observed support that stands beside each row; null where too few people answered."""
    cell, measures = clause["support"]["overall"], clause["support"]["measures"]
    told = {name: cell.get(name) for name in ("n", "estimate", "lo", "hi")}
    return {"basis": clause["support"]["basis"], "measures": measures, **told}
