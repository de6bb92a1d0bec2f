"""What clauses are tried on: only situations and answers that somebody wrote and people judged."""

from __future__ import annotations

import copy
import json
from dataclasses import replace

import forgeries
import numpy as np
import pytest
import trials
import worlds
from hypothesis import given
from hypothesis import strategies as st

from aggregation.certify.verify import verify
from aggregation.errors import AggregationInputError
from aggregation.run import aggregate, by_number
from aggregation.spec import InvalidSpec, corpus_digest, schema, validate
from aggregation.spec.trials import counted, verdict
from aggregation.votes import VoteTable


@pytest.fixture(scope="module")
def spec():
    outcome = aggregate(trials.corpus(), worlds.votes(), judgements=trials.judgements())
    return json.loads(outcome.content)


def clause_of(spec, claim):
    return next(clause for clause in spec["clauses"] if clause["claim"] == claim)


def test_a_scenario_becomes_a_test_of_the_clauses_that_spoke_to_it(spec):
    """In the organizer's words, with its title and its key."""
    (test,) = clause_of(spec, "3")["tests"]
    assert test["situation"] == trials.NIGHT.text
    assert test["title"] == "At night"
    assert (test["kind"], test["written_by"], test["source"]) == ("scenario", "organizer", "night")


def test_a_condition_becomes_a_test_in_the_citizens_words(spec):
    """The statement that holds it is named."""
    (test,) = clause_of(spec, "2")["tests"]
    assert test["situation"] == "when it is asked about medicine"
    assert (test["kind"], test["written_by"], test["source"]) == ("condition", "citizen", "2")


def test_what_nobody_wrote_is_no_test(spec):
    """A clause without scenario and condition has none, nor has one that was not adopted."""
    assert clause_of(spec, "1")["tests"] == []
    assert all(not c["tests"] for c in spec["clauses"] if c["status"] == "not_adopted")


def test_anchors_are_told_apart_and_stay(spec):
    """Four letters or digits each, the same after another seed and with more clauses."""
    anchors = [test["id"] for clause in spec["clauses"] for test in clause["tests"]]
    assert len(anchors) == len(set(anchors)) == 3
    assert all(len(anchor) == 4 for anchor in anchors)
    again = aggregate(trials.corpus(), worlds.votes()).document
    assert anchors == [test["id"] for clause in again["clauses"] for test in clause["tests"]]


def test_answers_stand_by_what_people_made_of_them(spec):
    """Good and bad where the interval leaves out 0, else undecided; who wrote them is told."""
    (example,) = clause_of(spec, "0")["examples"]
    assert [one["id"] for one in example["good"]] == ["1"]
    assert [one["id"] for one in example["bad"]] == ["2"]
    assert [one["id"] for one in example["undecided"]] == ["3", "4"]
    assert (example["prompt"], example["prompt_by"]) == (trials.PROMPT, "Ana")
    (good,) = example["good"]
    assert good["by"] == "model-a"
    counts = {name: good["judged"][name] for name in ("n", "agree", "disagree", "unsure")}
    assert counts == {"n": 39, "agree": 36, "disagree": 2, "unsure": 1}
    assert example["undecided"][1]["judged"] == {"n": None, "suppressed": True}


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 50))
def test_negated_judgements_turn_the_verdict(agree, disagree, unsure):
    """Good becomes bad, and what is undecided stays so."""
    n = agree + disagree + unsure
    one, other = counted(agree, disagree, n=n), counted(disagree, agree, n=n)
    turned = {"good": "bad", "bad": "good", "undecided": "undecided"}
    assert verdict(other) == turned[verdict(one)]
    assert other["lo"] == pytest.approx(-one["hi"], abs=2e-6)
    assert one["lo"] <= (one["margin"] or 0) <= one["hi"]


def test_judges_names_and_order_decide_nothing(spec):
    """Renamed people in another order give the same bytes."""
    table = trials.judgements()
    order = np.random.default_rng(2).permutation(table.count)
    names = np.array([f"x{7919 * (row + 1) % 104729}" for row in range(len(table.participants))])
    renamed = VoteTable.from_arrays(
        names[table.rows][order],
        np.array(table.statements)[table.columns][order],
        table.values.data[order],
    )
    outcome = aggregate(trials.corpus(), worlds.votes(), judgements=renamed)
    assert json.loads(outcome.content) == spec
    assert by_number(renamed).digest() == by_number(table).digest()


def test_authors_names_leave_no_trace(spec):
    """Whatever authors are called, the document is the same."""
    corpus = trials.corpus()
    renamed = tuple(replace(one, author=f"{one.author}@example.org") for one in corpus.statements)
    outcome = aggregate(
        replace(corpus, statements=renamed), worlds.votes(), judgements=trials.judgements()
    )
    assert json.loads(outcome.content) == spec


def test_scenarios_are_part_of_the_digest_and_their_absence_is_not():
    """Another situation is another input; without any the digest is what it was."""
    corpus = trials.corpus()
    other = replace(corpus, scenarios=(replace(trials.NIGHT, text="Another night."),))
    assert corpus_digest(corpus) != corpus_digest(other)
    assert corpus_digest(replace(corpus, scenarios=())) == corpus_digest(worlds.corpus())


@pytest.mark.parametrize("broken", ["claim", "answer"])
def test_answers_that_fit_nothing_are_refused(broken):
    """A claim or an answer that is not there is named."""
    corpus = trials.corpus()
    if broken == "claim":
        corpus = replace(corpus, answers=(replace(trials.ANSWERS[0], claim="none"),))
    else:
        corpus = replace(corpus, answers=trials.ANSWERS[:2])
    with pytest.raises(AggregationInputError, match=r"'none'|answer '3'"):
        aggregate(corpus, worlds.votes(), judgements=trials.judgements())


# -- the schema and the checks ---------------------------------------------------------------------


def test_earlier_documents_are_still_accepted(spec):
    """1.3 without examples and tests; with them it is refused."""
    earlier = copy.deepcopy(spec)
    earlier["schema_version"] = "1.3"
    del earlier["provenance"]["judgements_digest"]
    with pytest.raises(InvalidSpec):
        validate(earlier)
    for clause in earlier["clauses"]:
        clause["examples"], clause["tests"] = [], []
    validate(earlier)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("tests", 0, "id"), "a b"),
        (("tests", 0, "written_by"), "model"),
        (("tests", 0, "more"), 1),
        (("examples", 0, "prompt"), ""),
        (("examples", 0, "good", 0, "judged", "margin"), 2),
        (("examples", 0, "good", 0, "by"), ""),
    ],
)
def test_the_schema_is_strict_about_both(spec, path, value):
    """Another field, another value or nobody who wrote it is refused."""
    changed = copy.deepcopy(spec)
    node = clause_of(changed, "0")
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    with pytest.raises(InvalidSpec):
        validate(changed)


def test_the_figures_of_examples_are_verified(spec):
    """They hold; a changed count, a moved answer and an anchor that stands twice are seen."""
    assert [check.name for check in verify(spec, worlds.votes()) if not check.ok] == []

    def failed(change):
        changed = copy.deepcopy(spec)
        change(clause_of(changed, "0"))
        sealed = forgeries.sealed(changed)
        return [check.name for check in verify(sealed, worlds.votes()) if not check.ok]

    def more_agree(clause):
        clause["examples"][0]["good"][0]["judged"]["agree"] += 1

    def moved(clause):
        clause["examples"][0]["good"] += clause["examples"][0]["bad"]
        clause["examples"][0]["bad"] = []

    def twice(clause):
        clause["tests"] = [*clause["tests"], *clause["tests"]]

    (name, *_) = failed(more_agree)
    assert "examples[0].good[1].judged" in name
    assert any("judged" in name for name in failed(moved))
    assert failed(twice) == ["clauses.tests"]


def test_another_validator_reads_the_schema_alike(spec):
    """A second implementation accepts the document, and refuses what the first one refuses."""
    fastjsonschema = pytest.importorskip("fastjsonschema")
    check = fastjsonschema.compile(schema())
    check(copy.deepcopy(spec))
    for change in ({"schema_version": "9"}, {"more": 1}, {"clauses": [{"id": "a"}]}):
        with pytest.raises(fastjsonschema.JsonSchemaException):
            check(copy.deepcopy(spec) | change)
