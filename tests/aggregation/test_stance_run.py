"""Contradictions in a whole run: what people decided binds, what is only possible costs."""

from __future__ import annotations

import json
from dataclasses import replace

import forgeries
import numpy as np
import pytest

from aggregation import stance
from aggregation.certify import verify
from aggregation.errors import AggregationInputError
from aggregation.exports import to_markdown
from aggregation.run import aggregate
from aggregation.types import Claim, Contradiction, Corpus, Curation, Settings, Span, Statement
from aggregation.votes import VoteTable

TURNED = {"must": "must_not", "must_not": "must", "should": "should_not", "should_not": "should"}
# Sentence, the chance that somebody of camp A or B agrees, and who was asked: half of the people.
SENTENCES = {
    "advice": ("The AI should give medical advice.", 0.95, 0.95, "even"),
    "no_advice": ("The AI should not give medical advice.", 0.93, 0.93, "odd"),
    "no_advice_again": ("An AI should not give any medical advice.", 0.92, 0.92, "odd"),
    "truth": ("The AI should always tell the truth.", 0.97, 0.96, "all"),
    "data": ("The AI should never sell private data.", 0.97, 0.95, "all"),
    "weapons": ("The AI should refuse every question about weapons.", 0.06, 0.94, "all"),
    "politics": ("The AI should speak about politics without any limits.", 0.93, 0.07, "all"),
    "jokes": ("The AI should tell jokes about cats.", 0.75, 0.40, "all"),
    "sober": ("The AI should stay sober whatever the topic.", 0.40, 0.75, "all"),
}
NAMES = tuple(SENTENCES)


def corpus(*judged: tuple[str, str, bool]) -> Corpus:
    """One statement and claim per sentence, and what people decided about pairs of them."""
    texts = {name: text for name, (text, *_) in SENTENCES.items()}
    return Corpus(
        title="A consultation with contradictions",
        id="contradictions",
        statements=tuple(Statement(n, text, author=n, language="en") for n, text in texts.items()),
        claims=tuple(Claim(id=n, span=Span(n, 0, len(text))) for n, text in texts.items()),
        curation=Curation(contradictions=tuple(Contradiction(*one) for one in judged)),
    )


def votes(*, sign: int = 1) -> VoteTable:
    """Two equal camps; where people are of two minds they are unsure rather than against."""
    rng = np.random.default_rng(4)
    who, what, value = [], [], []
    for person in range(400):
        for name, (_, a, b, asked) in SENTENCES.items():
            draw, agrees = rng.random(), a if person % 4 < 2 else b
            if asked != "all" and (person % 2 == 0) != (asked == "even"):
                continue
            unsure = 0.40 if name in ("jokes", "sober") else 0.0
            vote = 1 if draw < agrees else (0 if draw < agrees + unsure else -1)
            who.append(f"p{person}")
            what.append(name)
            value.append(sign * vote)
    return VoteTable.from_arrays(who, what, np.array(value))


def run(*judged, sign: int = 1, **policy):
    return aggregate(corpus(*judged), votes(sign=sign), Settings(bootstrap=20, policy={**policy}))


def by_claim(outcome):
    return {clause["claim"]: clause for clause in outcome.document["clauses"]}


def denial(outcome):
    """Of the two paraphrases that say no, the one that stands for both."""
    clauses = by_claim(outcome)
    pair = clauses["no_advice"], clauses["no_advice_again"]
    (stands,) = [one for one in pair if one["reason"]["code"] != "represented_by"]
    return stands


def common(outcome):
    return outcome.document["certificates"]["selections"][0]


def held(outcome):
    checks = verify(json.loads(outcome.content), outcome.ballots)
    assert [check for check in checks if not check.ok] == []


@pytest.fixture(scope="module")
def undecided():
    return run()


@pytest.fixture(scope="module")
def confirmed():
    return run(("advice", "no_advice", True))


def test_what_may_contradict_is_a_candidate_with_its_evidence(undecided):
    """The two sentences, by their words, with how many took a side on both."""
    found = {(one.first, one.second): one for one in undecided.contradictions}
    one = found["advice", "no_advice"]
    assert (one.source, one.both, one.association) == ("text", 0, None)
    assert one.score >= stance.TELLING
    assert "Nobody took a side on both." in one.why
    rivals = found.get(("politics", "weapons"))
    assert rivals is None or rivals.source == "reactions"


def test_both_may_stand_at_a_stated_cost(undecided):
    """At the default penalty both are adopted; the certificate says what that costs."""
    clauses, proof, other = by_claim(undecided), common(undecided), denial(undecided)
    assert clauses["advice"]["status"] == other["status"] == "adopted"
    pair = [clauses["advice"]["id"], other["id"]]
    assert sorted(pair) in [sorted(one) for one in proof["tensions"]]
    assert (proof["penalty"], proof["lost"]) == (0.01, 0.01)
    assert clauses["advice"]["conflicts_with"] == []
    dissent = clauses["advice"]["dissent"]
    assert [d["basis"] for d in dissent][:1] == ["wording"]
    assert "Possibly against it, by wording" in to_markdown(undecided.document)
    held(undecided)


def test_a_penalty_that_nothing_is_worth_is_a_conflict():
    """The better supported sentence stands alone, and every proof still closes."""
    outcome = run(contradiction_penalty=1.0)
    clauses, proof = by_claim(outcome), common(outcome)
    assert clauses["advice"]["status"] == "adopted"
    assert denial(outcome)["status"] == "not_adopted"
    assert proof["tensions"]
    assert proof["lost"] == 0
    assert any(one["constraint"].startswith("tension:") for one in proof["prices"])
    held(outcome)


def test_no_penalty_leaves_no_trace():
    """At 0 no pair is named and nothing is lost."""
    outcome = run(contradiction_penalty=0.0)
    assert common(outcome)["tensions"] == []
    assert common(outcome)["lost"] == 0
    held(outcome)


def test_what_a_person_confirmed_never_stands_side_by_side(confirmed):
    """One is adopted; the other says why not; both name each other; paraphrases cannot slip in."""
    clauses, proof, other = by_claim(confirmed), common(confirmed), denial(confirmed)
    assert clauses["advice"]["status"] == "adopted"
    for name in ("no_advice", "no_advice_again"):
        assert clauses[name]["status"] == "not_adopted"
    reason = other["reason"]
    assert (reason["code"], reason["clause"]) == ("contradicts", clauses["advice"]["id"])
    assert {other["id"], clauses["no_advice"]["id"]} == set(clauses["advice"]["conflicts_with"])
    assert other["conflicts_with"] == [clauses["advice"]["id"]]
    ends = {clauses["advice"]["id"], other["id"]}
    assert ends in [set(pair) for pair in proof["conflicts"]]
    assert proof["tensions"] == []
    assert {d["basis"] for d in clauses["advice"]["dissent"]} == {"confirmed"}
    assert "nobody can follow both" in to_markdown(confirmed.document)
    pairs = {frozenset((one.first, one.second)) for one in confirmed.contradictions}
    assert frozenset(("advice", "no_advice")) not in pairs
    held(confirmed)


def test_what_a_person_refuted_is_no_candidate_any_more():
    """Neither dissent nor penalty, nor a question; for its paraphrase neither."""
    outcome = run(("no_advice", "advice", False))
    clauses = by_claim(outcome)
    assert clauses["advice"]["status"] == denial(outcome)["status"] == "adopted"
    assert clauses["advice"]["dissent"] == clauses["advice"]["conflicts_with"] == []
    assert common(outcome)["tensions"] == []
    assert not any("advice" in (one.first, one.second) for one in outcome.contradictions)
    held(outcome)


def test_opposite_wishes_of_two_groups_are_both_shown():
    """Each is the wish of another group, and none is vetoed: plural, with the other view named."""
    outcome = run(("jokes", "sober", True))
    clauses = by_claim(outcome)
    for one, other in (("jokes", "sober"), ("sober", "jokes")):
        clause = clauses[one]
        assert (clause["status"], clause["tier"]) == ("contested", "plural")
        assert clause["reason"]["code"] == "opposite_views"
        assert clause["reason"]["clause"] == clauses[other]["id"]
        assert clause["conflicts_with"] == [clauses[other]["id"]]
        assert "Present the main views fairly" in clause["procedure"]
    held(outcome)


def test_negated_votes_swap_every_norm_with_a_decision_too(confirmed):
    """Who rejects both sides of a confirmed pair cannot have both rejections either."""
    turned = by_claim(run(("advice", "no_advice", True), sign=-1))
    for name, clause in by_claim(confirmed).items():
        if clause["status"] in ("adopted", "provisional"):
            assert turned[name]["status"] == clause["status"]
            assert turned[name]["modality"] == TURNED[clause["modality"]]


@pytest.mark.parametrize("name", ["undecided", "confirmed"])
def test_no_new_number_or_name_can_be_changed_unseen(name, request):
    """Each figure of tensions, of conflicts and of dissent, even under a new seal."""
    outcome = request.getfixturevalue(name)
    document = json.loads(outcome.content)
    changes = [
        (path, value + step)
        for path, value in forgeries.places(document)
        for step in (1e-3, 1)
        if isinstance(value, int | float) and not isinstance(value, bool)
        if path[-1] in ("penalty", "lost", "both", "agree_both")
    ]
    place = {c["claim"]: k for k, c in enumerate(document["clauses"])}
    truth = document["clauses"][place["truth"]]["id"]
    changes.append((("clauses", place["advice"], "conflicts_with"), [truth]))
    proof = ("certificates", "selections", 0)
    changes.append(((*proof, "conflicts" if name == "confirmed" else "tensions"), []))
    for path, value in changes:
        with forgeries.altered(document, path, value):
            checks = verify(forgeries.sealed(document), outcome.ballots)
            assert not all(check.ok for check in checks), path
    assert len(changes) >= 6


def test_decisions_about_what_is_not_there_have_no_say(undecided):
    """A claim that a moderator hid takes its decisions with it; a later decision overrules."""
    known = run(("advice", "gone", True))
    assert by_claim(known)["advice"]["conflicts_with"] == []
    ids, family = ["a", "b", "c"], np.array([0, 0, 2])
    twice = [Contradiction("a", "c", True), Contradiction("c", "a", False)]
    assert stance.judged(twice, ids=ids, family=family).excluding == ()
    once = stance.judged(twice[:1], ids=ids, family=family)
    assert once.confirmed == ((0, 2),)
    assert once.excluding == ((0, 2), (1, 2))


def test_the_penalty_is_a_part_of_the_policy():
    """It is stated in the spec, and a senseless one is refused by name."""
    for wrong in (-0.1, 2.0, float("nan")):
        with pytest.raises(AggregationInputError, match="contradiction_penalty"):
            run(contradiction_penalty=wrong)


def test_inputs_stay_as_they_were():
    """A run with decisions changes neither corpus nor votes."""
    given, table = corpus(("advice", "no_advice", True)), votes()
    before = replace(given), table.values.copy()
    aggregate(given, table, Settings(bootstrap=5))
    assert given == before[0]
    assert (table.values != before[1]).nnz == 0
