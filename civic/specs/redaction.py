"""A document without the words of people who had them deleted. Pure functions, no rows.

Numbers, statuses and certificates stay: they are about reactions, and remain true. What goes is
every passage of the erased statements and every name made of one: a clause's id is a slug of its
words. A clause whose own words go stands in the words of the first other person whom it quotes;
where there is none, it says that its words were removed.

Words are taken out where words of citizens stand, and nowhere else: somebody who wrote "must" or a
sentence of ours and had it deleted changes no status and no explanation.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any

from aggregation.spec.document import document_digest

Document = dict[str, Any]

GONE = "[removed at the author’s request]"  # stored English, as everything in a document
# Fields that hold the id of a clause, and lists of such ids.
_ID = {"clause"}
_IDS = {"clauses", "similar_to", "conflicts_with", "survivors", "chosen", "conflicts", "tensions"}
_SEAL = {"audit_root", "signature"}
_LONG = 16  # characters from which a passage is looked for inside markup


@dataclass(frozen=True)
class Redacted:
    """passages : how many quotes were removed. renamed : old clause id -> new one."""

    document: Document
    passages: int = 0
    renamed: Mapping[str, str] = field(default_factory=dict)


def redact(document: Document, *, statements: Collection[str]) -> Redacted:
    """The document without the words of these statements (keys), its digest computed anew.

    The document given stays as it is.
    """
    document = copy.deepcopy(document)
    passages, renamed, texts = 0, {}, {}
    for clause in document["clauses"]:
        hers = [one for one in clause["evidence"] if one["statement"] in statements]
        fresh = [one for one in hers if one["quote"] != GONE]
        passages += len(fresh)
        first = clause["evidence"][0]
        stood_in = first["quote"] == GONE and clause["text"] in {one["quote"] for one in fresh}
        own = bool(fresh) and first is fresh[0]
        for passage in fresh:
            passage |= {"quote": GONE, "start": 0, "end": len(GONE), "language": "en"}
            passage.pop("context", None)
        if own or stood_in:
            _stand_in_others_words(clause)
            texts[clause["id"]] = clause["text"]
            renamed |= _new_name(clause)
    _replace(document, texts=texts, renamed=renamed)
    document["provenance"]["document_digest"] = document_digest(document)
    return Redacted(document, passages, renamed)


class Redaction:
    """These statements' words, taken out of each document once, however many copies there are.

    One outcome stands in the file of its run, in the version drafted from it and, as the one
    before, in later runs. Copies differ in their seal alone, which the digest leaves out.
    """

    def __init__(self, statements: Collection[str]) -> None:
        self.statements = statements
        self._done: dict[str, Redacted] = {}

    def of(self, document: Document) -> Redacted | None:
        """The document without the words; None where it holds none of them."""
        if not quotes_any(document, statements=self.statements):
            return None
        digest = document_digest(document)
        if digest not in self._done:
            self._done[digest] = redact(document, statements=self.statements)
        found, sealed = self._done[digest], document["provenance"]
        seal = {name: sealed[name] for name in _SEAL & sealed.keys()}
        provenance = found.document["provenance"] | seal
        return replace(found, document=found.document | {"provenance": provenance})


def quotes_any(document: Document, *, statements: Collection[str]) -> bool:
    """Whether the document still holds words of these statements."""
    return any(
        passage["statement"] in statements and passage["quote"] != GONE
        for clause in document["clauses"]
        for passage in clause["evidence"]
    )


def blank_statements(head: Document, *, statements: Collection[str]) -> Document:
    """What an analysis was given, with these statements blanked, so that every place in them still
    exists and what was computed can be computed again from the reactions."""
    head = copy.deepcopy(head)
    for one in head["statements"]:
        if one["id"] in statements:
            one["text"] = "\N{FULL BLOCK}" * len(one["text"])
    return head


def redact_pictures(
    held: Document, *, passages: Collection[str], renamed: Mapping[str, str]
) -> Document:
    """What was drawn, without these words and with the clauses' new ids; the input stays."""
    held = copy.deepcopy(held)
    _replace(held, texts={}, renamed=renamed)
    long = sorted((one for one in passages if len(one) >= _LONG), key=lambda one: (-len(one), one))
    swept: Document = _sweep(held, long)
    return swept


def without_empty(document: Document) -> Document:
    """The document without clauses whose words are gone: nobody can follow an empty norm."""
    return document | {"clauses": [one for one in document["clauses"] if one["text"] != GONE]}


def _stand_in_others_words(clause: Document) -> None:
    heir = next((one for one in clause["evidence"] if one["quote"] != GONE), None)
    clause["text"] = heir["quote"] if heir else GONE
    clause["language"] = heir["language"] if heir else "en"
    clause["applies_when"] = clause["exceptions"] = []  # they were said in the words that go
    clause["tests"] = [one for one in clause["tests"] if one["written_by"] != "citizen"]


def _new_name(clause: Document) -> dict[str, str]:
    """A name for the clause that says nothing; none where it has such a one already."""
    suffix = re.sub(r"[^a-z0-9]+", "_", clause["claim"].lower()).strip("_")
    name = f"clause_{suffix}"
    return {} if clause["id"] == name else {clause["id"]: name}


def _replace(node: Any, *, texts: Mapping[str, str], renamed: Mapping[str, str]) -> None:
    """Give every mention of the clauses their new words and ids, wherever they are named."""
    if isinstance(node, list):
        for one in node:
            _replace(one, texts=texts, renamed=renamed)
        return
    if not isinstance(node, dict):
        return
    if "text" in node and node.get("clause") in texts:
        node["text"] = texts[node["clause"]] if "code" not in node else node["text"]
    for key, value in node.items():
        if key in _IDS:
            node[key] = _named(value, renamed)
        elif isinstance(value, str) and (key in _ID or (key == "id" and "claim" in node)):
            node[key] = renamed.get(value, value)
        elif key == "constraint" and ":" in value:
            kind, *ids = value.split(":")
            named = [renamed.get(one, one) for one in ids] if kind != "theme" else ids
            node[key] = ":".join([kind, *named])
        if isinstance(node[key], dict | list):
            _replace(node[key], texts=texts, renamed=renamed)


def _named(value: Any, renamed: Mapping[str, str]) -> Any:
    """A list of ids, or of pairs of ids, with the new ones; lists of other things stay."""
    if isinstance(value, list):
        return [_named(one, renamed) for one in value]
    return renamed.get(value, value) if isinstance(value, str) else value


def _sweep(node: Any, passages: Collection[str]) -> Any:
    """The same value, its strings without these passages, written plainly or escaped."""
    if isinstance(node, dict):
        return {key: _sweep(value, passages) for key, value in node.items()}
    if isinstance(node, list):
        return [_sweep(value, passages) for value in node]
    if isinstance(node, str):
        for passage in passages:
            for form in (passage, escape(passage), escape(passage, quote=False)):
                node = node.replace(form, GONE)
    return node
