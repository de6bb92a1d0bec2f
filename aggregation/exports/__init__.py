"""Everything that leaves the house: each export is a pure function of the spec document."""

from __future__ import annotations

import json
from collections.abc import Callable

from aggregation.exports import principles, system_prompt
from aggregation.exports.markdown import to_markdown
from aggregation.spec import Document, schema, to_bytes

_WRITERS: dict[str, Callable[[Document], bytes]] = {
    "spec.json": to_bytes,
    "spec.schema.json": lambda _: (json.dumps(schema(), indent=2) + "\n").encode(),
    "spec.md": lambda document: to_markdown(document).encode(),
    "principles.json": lambda document: principles.to_json(document).encode(),
    "system_prompt.txt": lambda document: system_prompt.to_system_prompt(document).encode(),
}
NAMES = tuple(_WRITERS)
CONTENT_TYPES = {
    "spec.json": "application/json",
    "spec.schema.json": "application/schema+json",
    "spec.md": "text/markdown; charset=utf-8",
    "principles.json": "application/json",
    "system_prompt.txt": "text/plain; charset=utf-8",
}


def render(name: str, document: Document) -> bytes:
    """The bytes of one export; KeyError for a name that is not in `NAMES`."""
    return _WRITERS[name](document)
