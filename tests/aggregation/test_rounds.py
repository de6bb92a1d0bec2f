"""From one version to the next: what stood stays until something clearly speaks against it."""

from __future__ import annotations

import numpy as np
import pytest
import worlds

from aggregation import opinion
from aggregation.lineage import chosen, groups, held
from aggregation.run import aggregate
from aggregation.spec import document_digest
from aggregation.types import Claim, Settings, Span
from aggregation.votes import VoteTable

CLAIMS = tuple(Claim(name, Span(name, 0, 1)) for name in "abcd")


def _clause(claim: str, **changes: object) -> dict[str, object]:
    usual = {"status": "adopted", "tier": "common_ground", "modality": "must", "stance": "affirms"}
    return {"claim": claim} | usual | changes


def test_what_held_a_strength_is_read_off_the_version_before():
    """A prohibition is as strong as a duty; what was only provisional held nothing."""
    previous = {
        "clauses": [
            _clause("a", modality="must_not"),
            _clause("b", modality="should"),
            _clause("c", status="provisional"),
        ]
    }
    assert held(previous, CLAIMS, np.ones(4, dtype=int)) == ("must", "should", None, None)


def test_a_claim_that_turned_round_holds_nothing():
    """Support for the sentence is no support for its opposite."""
    previous = {"clauses": [_clause("a"), _clause("b", stance="rejects")]}
    direction = np.array([-1, -1, 1, 1])
    assert held(previous, CLAIMS, direction) == (None, "must", None, None)


def test_each_budget_remembers_its_own_choice():
    """A divided claim filled no budget."""
    previous = {
        "clauses": [
            _clause("a"),
            _clause("b", status="contested", tier="voice"),
            _clause("c", status="contested", tier="plural"),
            _clause("gone"),
        ]
    }
    expected = {"common_ground": frozenset({0}), "voice": frozenset({1})}
    assert chosen(previous, CLAIMS) == expected
    assert chosen(None, CLAIMS) == {"common_ground": frozenset(), "voice": frozenset()}


def test_earlier_groups_are_told_in_todays_numbers():
    """Who left is left out, who is new has no earlier group."""
    before = opinion.Groups(("x", "y", "z"), np.array([1, 0, 1]), 2, np.array([1, 2]), 0.5)
    found = groups(before, ("z", "new", "y"), ("0", "1", "2"))
    assert found.participants == ("0", "1", "2")
    assert found.labels.tolist() == [1, -1, 0]
    assert found.sizes.tolist() == [1, 1]


def _fewer_for(claim: str, count: int) -> VoteTable:
    """The small world's ballots with the first `count` agreements to a claim taken back."""
    who, what, value = worlds.ballots()
    value = value.copy()
    value[np.flatnonzero((what == claim) & (value == 1))[:count]] = -1
    return VoteTable.from_arrays(who, what, value)


def _strength(document: dict, claim: str) -> str:
    return next(c["modality"] for c in document["clauses"] if c["claim"] == claim)


def _least_flips(claim: str) -> int:
    """How many agreements may turn before a MUST of the small world becomes a SHOULD."""
    for count in range(0, 120, 2):
        if (
            _strength(aggregate(worlds.corpus(), _fewer_for(claim, count)).document, claim)
            != "must"
        ):
            return count
    raise AssertionError("it never fell")


def test_a_must_stays_one_just_below_its_threshold_and_goes_further_down():
    """The same answers give a SHOULD to a newcomer and leave a MUST to what held it."""
    corpus, claim = worlds.corpus(), "3"
    first = aggregate(corpus, worlds.votes()).document
    edge = _least_flips(claim)
    votes = _fewer_for(claim, edge)
    fresh = aggregate(corpus, votes, Settings(version=2)).document
    kept = aggregate(corpus, votes, Settings(version=2), previous=first).document
    assert (_strength(fresh, claim), _strength(kept, claim)) == ("should", "must")
    assert next(c["held"] for c in kept["clauses"] if c["claim"] == claim) == "must"
    fallen = aggregate(
        corpus, _fewer_for(claim, edge + 14), Settings(version=2), previous=first
    ).document
    assert _strength(fallen, claim) == "should"


def test_nothing_new_changes_nothing():
    """The next version of the same input adopts the same and reports no change."""
    corpus, votes = worlds.corpus(), worlds.votes()
    first = aggregate(corpus, votes).document
    second = aggregate(corpus, votes, Settings(version=2), previous=first).document
    assert second["changes"] == []
    assert [c["status"] for c in second["clauses"]] == [c["status"] for c in first["clauses"]]


def test_groups_keep_their_letters_through_a_new_round():
    """Yesterday's group A is A today, though it is the smaller one by now."""
    corpus = worlds.corpus()
    who, what, value = worlds.ballots()
    first = aggregate(corpus, VoteTable.from_arrays(who, what, value))
    label = dict(zip(first.participants, first.labels.tolist(), strict=True))
    leaving = [name for name, group in label.items() if group == 0][:30]
    stays = ~np.isin(who, leaving)
    fewer = VoteTable.from_arrays(who[stays], what[stays], value[stays])
    before = opinion.Groups(
        first.participants, first.labels, 2, np.bincount(first.labels), silhouette=0.0
    )
    matched = aggregate(corpus, fewer, previous_groups=before)
    fresh = aggregate(corpus, fewer)
    assert [group["size"] for group in fresh.document["groups"]] == [120, 90]
    assert [group["size"] for group in matched.document["groups"]] == [90, 120]
    assert matched.document["certificates"]["groups"]["order"] == [1, 0]
    now = dict(zip(matched.participants, matched.labels.tolist(), strict=True))
    assert all(label[name] == group for name, group in now.items())


def test_the_ballots_that_are_published_give_the_same_spec():
    """Nobody is named in them, and nothing of the document is lost."""
    corpus = worlds.corpus()
    first = aggregate(corpus, worlds.votes())
    assert set(first.ballots.participants) == {str(i) for i in range(240)}
    assert aggregate(corpus, first.ballots).content == first.content


@pytest.mark.parametrize("field", ["title", "summary"])
def test_the_documents_digest_covers_what_it_says(field):
    """A word changed is a digest broken."""
    document = aggregate(worlds.corpus(), worlds.votes()).document
    assert document["provenance"]["document_digest"] == document_digest(document)
    assert document_digest(document | {field: "other"}) != document_digest(document)
