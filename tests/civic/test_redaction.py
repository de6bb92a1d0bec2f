"""Taking words out of a document: all of hers, nothing else, and never by a trick."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from aggregation.spec import validate
from aggregation.spec.document import document_digest
from civic.specs import redaction
from civic.specs.models import SpecVersion
from civic.specs.redaction import (
    GONE,
    Redaction,
    blank_statements,
    redact,
    redact_pictures,
    without_empty,
)
from tests.civic.pages.conftest import asked, published, run  # noqa: F401


@pytest.fixture
def document(published: SpecVersion) -> dict[str, Any]:  # noqa: F811
    """A published document with three clauses."""
    return published.load()


def keys_of(clause: dict[str, Any]) -> set[str]:
    return {passage["statement"] for passage in clause["evidence"]}


def test_a_redacted_document_is_a_document(document: dict[str, Any]) -> None:
    """It fits its schema, states its own digest, and leaves the one it was made of alone."""
    before = copy.deepcopy(document)
    gone = keys_of(document["clauses"][0])
    found = redact(document, statements=gone)
    assert document == before
    validate(found.document)
    assert found.document["provenance"]["document_digest"] == document_digest(found.document)
    assert found.passages == 1


def test_every_name_follows(document: dict[str, Any]) -> None:
    """A clause's id is a slug of its words: wherever it stood, the new one stands."""
    old = document["clauses"][0]["id"]
    found = redact(document, statements=keys_of(document["clauses"][0]))
    assert set(found.renamed) == {old}
    assert old not in str(found.document)
    assert str(found.document).count(found.renamed[old]) == str(document).count(old)


def test_redacting_twice_changes_nothing_more(document: dict[str, Any]) -> None:
    """What is gone is counted once."""
    gone = keys_of(document["clauses"][0])
    once = redact(document, statements=gone)
    twice = redact(once.document, statements=gone)
    assert (twice.document, twice.passages, dict(twice.renamed)) == (once.document, 0, {})


def test_copies_are_redacted_once(
    document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same outcome under another seal costs no second redaction, and keeps that seal."""
    gone, calls = keys_of(document["clauses"][0]), []
    monkeypatch.setattr(
        redaction, "redact", lambda *given, **by: calls.append(1) or redact(*given, **by)
    )
    once = Redaction(gone)
    sealed = document | {"provenance": document["provenance"] | {"audit_root": "log 7 root"}}
    first, second = once.of(document), once.of(sealed)
    assert len(calls) == 1
    assert first is not None
    assert second is not None
    assert first.document == redact(document, statements=gone).document
    assert second.document == redact(sealed, statements=gone).document
    assert once.of(first.document) is None
    other = document | {"title": "Another outcome"}
    assert once.of(other).document == redact(other, statements=gone).document
    assert len(calls) == 2


def test_whoever_stood_in_goes_too(document: dict[str, Any]) -> None:
    """Two people said the same; when both are gone, so are the words."""
    clause = document["clauses"][0]
    other = clause["evidence"][0] | {
        "statement": "other",
        "quote": "Be kind.",
        "role": "paraphrase",
    }
    clause["evidence"].append(other | {"start": 0, "end": 8})
    first = clause["evidence"][0]["statement"]
    once = redact(document, statements={first})
    assert once.document["clauses"][0]["text"] == "Be kind."
    twice = redact(once.document, statements={"other"})
    assert twice.document["clauses"][0]["text"] == GONE
    assert "Be kind." not in str(twice.document)


@pytest.mark.parametrize("word", ["must", "agree", "adopted", "A", "en", "common_ground"])
def test_nobody_breaks_a_document_by_deleting_a_word_of_its_own(
    document: dict[str, Any], word: str
) -> None:
    """Somebody whose whole statement was a word that the document uses takes only her quote."""
    clause = document["clauses"][0]
    clause["text"] = clause["evidence"][0]["quote"] = word
    clause["evidence"][0]["end"] = clause["evidence"][0]["start"] + len(word)
    clause["id"] = word
    found = redact(document, statements=keys_of(clause)).document
    validate(found)
    kept = ("status", "modality", "tier", "stance", "support", "authority")
    for before, after in zip(document["clauses"], found["clauses"], strict=True):
        assert [before[name] for name in kept] == [after[name] for name in kept]


def test_an_empty_clause_is_no_norm(document: dict[str, Any]) -> None:
    """What is handed to models leaves it out."""
    found = redact(document, statements=keys_of(document["clauses"][0])).document
    assert len(without_empty(found)["clauses"]) == len(document["clauses"]) - 1


def test_what_was_given_keeps_its_places() -> None:
    """A blanked statement is as long as it was, so that every offset still exists."""
    head = {"statements": [{"id": "a", "text": "Be kind."}, {"id": "b", "text": "Be fair."}]}
    blank = blank_statements(head, statements={"a"})
    assert [one["text"] for one in blank["statements"]] == ["\u2588" * 8, "Be fair."]
    assert head["statements"][0]["text"] == "Be kind."


def test_pictures_lose_words_and_names() -> None:
    """Written plainly or escaped; ids follow; everything else stays."""
    words = "AI & people should be kind."
    held = {
        "numbers": [{"clause": "ai_kind", "words": words}],
        "svg": "<title>AI &amp; people should be kind.</title>",
    }
    found = redact_pictures(held, passages={words}, renamed={"ai_kind": "clause_x"})
    assert found == {
        "numbers": [{"clause": "clause_x", "words": GONE}],
        "svg": f"<title>{GONE}</title>",
    }
