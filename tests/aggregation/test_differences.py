"""Two versions side by side: a clause is the same to the byte, or it is named with its causes."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import worlds

from aggregation.run import aggregate
from aggregation.spec import to_bytes
from aggregation.spec.differences import CAUSES, Difference, difference
from aggregation.types import Settings
from aggregation.votes import VoteTable

Document = dict[str, Any]


@pytest.fixture(scope="module")
def first() -> Document:
    return aggregate(worlds.corpus(), worlds.votes()).document


def turned(document: Document, *, count: int = 40) -> Document:
    """The next version, after some agreements to its first clause were taken back."""
    claim = document["clauses"][0]["claim"]
    who, what, value = worlds.ballots()
    value = value.copy()
    value[[i for i in range(len(what)) if what[i] == claim and value[i] == 1][:count]] = -1
    votes = VoteTable.from_arrays(who, what, value)
    return aggregate(worlds.corpus(), votes, Settings(version=2), previous=document).document


def require_whole(found: Difference, before: Document, after: Document) -> None:
    """Every clause of both is the same bytes in both, or is named once with a known cause."""
    old, new = ({c["claim"]: to_bytes(c) for c in one["clauses"]} for one in (before, after))
    named = [change.clause["claim"] for change in found.changes]
    same = {c["claim"] for c in after["clauses"] if c["id"] in found.unchanged}
    assert len(named) == len(set(named))
    assert set(named) | same == old.keys() | new.keys()
    assert not set(named) & same
    assert all(old[claim] == new[claim] for claim in same)
    for change in found.changes:
        assert change.causes
        assert set(change.causes) <= CAUSES.keys()
        if change.before is not None and change.after is not None:
            assert change.fields


def test_the_same_input_gives_the_same_clauses_to_the_byte(first: Document) -> None:
    """A version is not the last one's echo: with nothing new, no byte of any clause moves."""
    second = aggregate(
        worlds.corpus(), worlds.votes(), Settings(version=2), previous=first
    ).document
    third = aggregate(
        worlds.corpus(), worlds.votes(), Settings(version=3), previous=second
    ).document
    found = difference(second, third)
    require_whole(found, second, third)
    assert found.same_input
    assert found.changes == ()
    assert len(found.unchanged) == len(third["clauses"])


def test_what_stood_before_is_told_as_a_rule(first: Document) -> None:
    """From the first version to the second all that is new is what each clause held before."""
    second = aggregate(
        worlds.corpus(), worlds.votes(), Settings(version=2), previous=first
    ).document
    found = difference(first, second)
    require_whole(found, first, second)
    assert {change.causes for change in found.changes} == {("held",)}
    assert {change.kind for change in found.changes} == {"numbers"}


def test_other_answers_are_the_cause_where_they_were_given(first: Document) -> None:
    """Support that differs says that other answers were counted; what it is says each figure."""
    second = turned(first)
    found = difference(first, second)
    require_whole(found, first, second)
    assert not found.same_input
    for change in found.changes:
        counts = [one["support"]["overall"] for one in (change.before, change.after)]
        assert ("reactions" in change.causes) == (counts[0] != counts[1])
    change = next(c for c in found.changes if c.clause["claim"] == first["clauses"][0]["claim"])
    told = {one.path: (one.before, one.after) for one in change.figures}
    before, after = told["support.overall.agree"]
    assert after == max(0, before - 40) < before


def test_what_was_counted_is_no_rule(first: Document) -> None:
    """More answers, people and another seed change figures that stand among the rules."""
    after = copy.deepcopy(first)
    after["method"]["welfare"]["observed_share"] /= 2
    after["method"]["groups"] |= {"min_mass": 0.2, "seed": 7}
    after["clauses"][0]["stability"] = 0.5
    found = difference(first, after)
    assert found.settings == ()
    assert all("rule" not in change.causes for change in found.changes)


def test_another_rule_is_a_cause_and_is_told(first: Document) -> None:
    """The same input judged by other thresholds: every moved clause says so."""
    policy = first["method"]["policy"]
    name = next(k for k, v in policy.items() if isinstance(v, float) and 0.5 < v < 0.9)
    second = copy.deepcopy(first)
    second["method"]["policy"][name] += 0.01
    second["clauses"][0] |= {"status": "provisional"}
    found = difference(first, second)
    assert [one.path for one in found.settings] == [f"policy.{name}"]
    assert [(c.kind, c.causes) for c in found.changes] == [("standing", ("rule",))]


def passage_gone(document: Document) -> tuple[Document, str]:
    """The document with one more passage in its first clause, and the statement of it."""
    more = copy.deepcopy(document)
    source = more["clauses"][0]["evidence"][0]
    more["clauses"][0]["evidence"].append(source | {"statement": "other", "role": "paraphrase"})
    return more, "other"


@pytest.mark.parametrize("fate", ["moderation", "withdrawal", "erasure", ""])
def test_a_lost_passage_says_what_became_of_its_statement(first: Document, fate: str) -> None:
    """Hidden, withdrawn or erased: whoever keeps the statements knows, and the change says it."""
    more, statement = passage_gone(first)
    found = difference(more, first, fates={statement: fate} if fate else {})
    assert [c.causes for c in found.changes] == [(fate or "sources_removed",)]
    assert [c.kind for c in found.changes] == ["sources"]
    assert [c.causes for c in difference(first, more).changes] == [("sources_added",)]


def test_erased_words_are_the_cause_of_other_words(first: Document) -> None:
    """A clause whose words were removed says that, not that somebody wrote it anew."""
    second = copy.deepcopy(first)
    clause = second["clauses"][0]
    gone = {"quote": "[gone]", "start": 0, "end": 6}
    clause["evidence"] = [one | gone for one in clause["evidence"]]
    clause["text"] = "[gone]"
    found = difference(first, second, erased_as="[gone]")
    assert [(c.kind, c.causes) for c in found.changes] == [("words", ("erasure",))]


def test_a_wording_that_nobody_said_before_was_written_anew(first: Document) -> None:
    """The same passages, other words: a person or a model wrote them, and that is said."""
    second = copy.deepcopy(first)
    second["clauses"][0] |= {"text": "Be kind.", "drafted_by": "organizer"}
    assert [c.causes for c in difference(first, second).changes] == [("ratification",)]


def test_clauses_come_and_go_with_a_cause(first: Document) -> None:
    """A new sentence is new; one whose words stand elsewhere now was put together with another."""
    fewer = copy.deepcopy(first)
    gone = fewer["clauses"].pop()
    assert [(c.kind, c.causes) for c in difference(fewer, first).changes] == [
        ("added", ("new_sentence",))
    ]
    assert [(c.kind, c.causes) for c in difference(first, fewer).changes] == [
        ("removed", ("sources_removed",))
    ]
    fewer["clauses"][0]["evidence"] += gone["evidence"]
    kinds = {c.kind: c.causes for c in difference(first, fewer).changes}
    assert kinds == {"removed": ("joined",), "sources": ("joined",)}


def test_a_neighbour_that_moved_is_no_cause_of_its_own(first: Document) -> None:
    """A clause that only points elsewhere now follows from the rest."""
    second = copy.deepcopy(first)
    second["clauses"][0]["similar_to"] = []
    second["clauses"][0]["weight"] = 0.5
    assert [c.causes for c in difference(first, second).changes] == [("rest",)]
