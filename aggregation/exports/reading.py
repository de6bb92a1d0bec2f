"""Reads spec.md back, as a tool for the Model Spec's conventions would.

What is escaped is text; what stands in fences or in commentary blocks holds no headings and no test
anchors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from aggregation.errors import AggregationError

AUTHORITIES = ("root", "system", "developer", "user", "guideline")
_HEADING = re.compile(r"(#{1,6}) (.*) \{#([a-z0-9_.]+)(?: authority=([a-z]+))?\}")
_ITEM = re.compile(r"- \[“.*”\]\(#([a-z0-9_]+)\)\{#\1\}")
_REFERENCE = re.compile(r"\[\?\]\(#([^)\s]*)\)")
_ANCHOR = re.compile(r"\[\^([a-z0-9]{4})\]")
_ESCAPED = re.compile(r"\\(.)")


class NotModelSpec(AggregationError):
    """A text breaks the conventions; the message names the line."""


@dataclass(frozen=True)
class Heading:
    """One heading; `authority` is None where it carries none."""

    level: int
    title: str
    id: str
    authority: str | None


@dataclass(frozen=True)
class ModelSpec:
    """What the conventions make of a text.

    items : ids of list items, at which clauses stand that are no norms
    references : ids that the text points to; anchors : of tests, in their order
    examples : the content of each example's fence; commentary : each block's text
    """

    headings: tuple[Heading, ...]
    items: tuple[str, ...]
    references: tuple[str, ...]
    anchors: tuple[str, ...]
    examples: tuple[str, ...]
    commentary: tuple[str, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """Every id that a reference can point to."""
        return (*(heading.id for heading in self.headings), *self.items)

    @property
    def authorities(self) -> dict[str, str]:
        """Clause id -> authority, for headings that carry one."""
        return {one.id: one.authority for one in self.headings if one.authority is not None}


def parse(text: str) -> ModelSpec:
    """The structure of a spec.md. Raises NotModelSpec for a heading or fence that is not closed."""
    headings: list[Heading] = []
    items: list[str] = []
    references: list[str] = []
    anchors: list[str] = []
    examples: list[str] = []
    commentary: list[list[str]] = []
    for number, kind, line in _lines(text):
        if kind == "example":
            examples.append(line)
            continue
        bare = _ESCAPED.sub("", line)
        references += _REFERENCE.findall(bare)
        if kind == "commentary":
            if line.startswith("!!!"):
                commentary.append([])
            else:
                commentary[-1].append(_ESCAPED.sub(r"\1", line.strip()))
            continue
        anchors += _ANCHOR.findall(bare)
        if line.startswith("#"):
            headings.append(_heading(line, number))
        elif (found := _ITEM.match(line)) is not None:
            items.append(found[1])
    told = tuple("\n".join(block).strip() for block in commentary)
    return ModelSpec(
        *(tuple(headings), tuple(items), tuple(references)),
        *(tuple(anchors), tuple(examples), told),
    )


def _lines(text: str) -> Iterator[tuple[int, str, str]]:
    """Line number, kind and line; a fence comes as one piece of kind "example"."""
    fence, kind = "", "text"
    held: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if fence:
            if line == fence:
                yield number, "example", "\n".join(held)
                fence, held = "", []
            else:
                held.append(line)
            continue
        opening = re.match(r"~{3,}", line)
        if opening:
            fence = opening[0]
            continue
        if line.startswith("!!! meta"):
            kind = "commentary"
        elif line and not line.startswith("    "):
            kind = "text"
        yield number, kind, line
    if fence:
        raise NotModelSpec("An example's fence is never closed. Close it with as many tildes.")


def _heading(line: str, number: int) -> Heading:
    found = _HEADING.fullmatch(line)
    if found is None:
        raise NotModelSpec(f"Line {number} is a heading without an id. Give it one: {{#id}}.")
    level, title, name, authority = found.groups()
    if authority is not None and authority not in AUTHORITIES:
        raise NotModelSpec(f"Line {number}: {authority} is no authority of a Model Spec.")
    return Heading(len(level), _ESCAPED.sub(r"\1", title), name, authority)
