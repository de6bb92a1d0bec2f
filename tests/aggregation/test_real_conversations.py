"""Real consultations from end to end: what the specs must say, and what they must never say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from aggregation import intake
from aggregation.run import aggregate
from aggregation.votes import VoteTable

TURNED = {"must": "must_not", "must_not": "must", "should": "should_not", "should_not": "should"}
FORBIDS = re.compile(r"\b(?:should|must|may) (?:not|never)\b|\bshouldn['’]t\b", re.IGNORECASE)


@pytest.fixture(scope="module")
def ccai(data_dir: Path) -> intake.Intake:
    folder = data_dir / "ccai"
    return intake.read_polis(
        folder / "comments.csv",
        None,
        folder / "participants-votes.csv",
        exclude=folder / "ids-to-toss.csv",
        title="CCAI",
        id="ccai",
    )


@pytest.fixture(scope="module")
def spec(ccai: intake.Intake):
    return aggregate(ccai.corpus, ccai.table()).document


def by_claim(document):
    return {clause["claim"]: clause for clause in document["clauses"]}


def test_what_few_agree_with_is_not_adopted_and_the_spec_says_why(spec):
    """An ordained minister, emotions, no advice, no DEI: none is a norm, each has its reason."""
    clauses = by_claim(spec)
    for name in ("326", "83", "212", "903"):
        assert clauses[name]["status"] in ("not_adopted", "contested")
        assert clauses[name]["modality"] not in ("must", "must_not")
        assert clauses[name]["reason"]["text"]
    assert clauses["326"]["reason"]["code"] == clauses["83"]["reason"]["code"] == "more_oppose"


def test_what_divides_people_is_no_norm(spec):
    """Common good before individual rights, and the reverse: both are left to the user."""
    clauses = by_claim(spec)
    assert (clauses["17"]["status"], clauses["17"]["authority"]) == ("contested", "user")
    assert clauses["17"]["reason"]["code"] == "divides_groups"
    assert clauses["18"]["status"] in ("contested", "not_adopted")
    assert clauses["18"]["reason"]["clause"] != clauses["17"]["id"]  # opposites: neither stands in


def test_should_not_never_becomes_should(spec):
    """In every adopted and provisional clause the modality goes the way the sentence does."""
    listed = [c for c in spec["clauses"] if c["status"] in ("adopted", "provisional")]
    assert len(listed) > 50
    for clause in listed:
        if FORBIDS.search(clause["text"]) and clause["stance"] == "affirms":
            assert clause["modality"] in ("must_not", "should_not"), clause["text"]


def test_no_two_adopted_clauses_say_the_same_thing(spec):
    """Whatever was too close to an adopted clause points to one instead of standing beside it."""
    adopted = {c["id"]: c for c in spec["clauses"] if c["status"] == "adopted"}
    assert len(adopted) == spec["method"]["policy"]["common_budget"]
    for clause in adopted.values():
        assert not set(clause["similar_to"]) & adopted.keys()
    pointers = [c["reason"] for c in spec["clauses"] if c["reason"]["code"] == "overlaps"]
    assert pointers
    assert all(reason["clause"] in adopted for reason in pointers)


def test_every_quote_matches_the_export_byte_for_byte(ccai, spec):
    """Ids and offsets lead into the file that was read."""
    for clause in spec["clauses"]:
        for passage in clause["evidence"]:
            text = ccai.corpus.statement(passage["statement"]).text
            found = text[passage["start"] : passage["end"]]
            assert found.encode() == passage["quote"].encode()


def test_negated_votes_swap_every_norm(ccai, spec):
    """MUST and MUST NOT change places on a real consultation, and nothing else moves."""
    votes = ccai.votes
    negated = VoteTable.from_arrays(
        votes.participant, votes.claim, -votes.value, served=votes.served
    )
    turned = by_claim(aggregate(ccai.corpus, negated).document)
    for clause in spec["clauses"]:
        if clause["status"] in ("adopted", "provisional"):
            other = turned[clause["claim"]]
            assert other["status"] == clause["status"], clause["text"]
            assert other["modality"] == TURNED[clause["modality"]], clause["text"]


@pytest.mark.parametrize(
    ("folder", "language"),
    [("vtaiwan.uberx", "zh"), ("austria-climate.5twd2jsnkf.2022-08-08", "de")],
)
def test_other_languages_go_the_whole_way(data_dir, folder, language):
    """A Chinese and a German consultation give specs with norms, in their own words."""
    taken = intake.read_polis_folder(data_dir / "polis" / folder)
    document = aggregate(taken.corpus, taken.table()).document
    adopted = [c for c in document["clauses"] if c["status"] == "adopted"]
    assert len(adopted) >= 10
    assert sum(c["language"] == language for c in adopted) >= 0.9 * len(adopted)
    assert len(document["groups"]) == 2


def test_a_driving_licence_is_no_norm(data_dir):
    """What people say about themselves is never adopted, however many could say it."""
    taken = intake.read_polis_folder(data_dir / "polis" / "vtaiwan.uberx")
    document = aggregate(taken.corpus, taken.table()).document
    clause = next(c for c in document["clauses"] if c["text"] == "我有小型車駕駛執照。")
    assert (clause["status"], clause["reason"]["code"]) == ("not_adopted", "unclear_norm")
