"""From corpus and votes to a spec: what must be found, and what must change nothing."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest
import worlds

from aggregation.errors import AggregationInputError
from aggregation.run import STAGES, aggregate
from aggregation.spec import InvalidSpec, from_bytes, validate
from aggregation.types import Claim, Corpus, Curation, Moderation, Settings, Span, Statement
from aggregation.votes import VoteTable

TURNED = {"must": "must_not", "must_not": "must", "should": "should_not", "should_not": "should"}


@pytest.fixture(scope="module")
def spec():
    return aggregate(worlds.corpus(), worlds.votes(), Settings()).document


def by_claim(document):
    return {clause["claim"]: clause for clause in document["clauses"]}


def test_two_camps_are_told_apart(spec):
    """People who answer alike form a group: a hundred and twenty each."""
    assert [group["size"] for group in spec["groups"]] == [120, 120]


def test_what_both_camps_want_is_adopted(spec):
    """Broad support in both camps makes a norm, with its own polarity."""
    clauses = by_claim(spec)
    assert (clauses["0"]["status"], clauses["0"]["modality"]) == ("adopted", "must")
    assert (clauses["1"]["status"], clauses["1"]["modality"]) == ("adopted", "must_not")
    assert clauses["2"]["applies_when"] == ["when it is asked about medicine"]


def test_what_both_camps_reject_is_a_prohibition(spec):
    """A sentence nearly everybody disagrees with binds the other way, and says so."""
    clause = by_claim(spec)["6"]
    assert (clause["status"], clause["stance"]) == ("adopted", "rejects")
    assert clause["modality"] == "must_not"
    assert clause["support"]["measures"] == "disagree"


def test_what_divides_the_camps_is_contested(spec):
    """Opposed camps make no norm but a procedure, overridable by the user."""
    for name in ("4", "5", "10", "11", "12", "13"):
        clause = by_claim(spec)[name]
        assert (clause["status"], clause["tier"]) == ("contested", "plural")
        assert clause["authority"] == "user"
        assert clause["procedure"]


def test_the_rest_is_not_adopted_with_its_reason(spec):
    """Little support, too few answers and sentences without a norm each have their own reason."""
    clauses = by_claim(spec)
    assert clauses["8"]["reason"]["code"] == "more_oppose"
    assert clauses["14"]["reason"]["code"] == "few_reactions"
    assert clauses["9"]["reason"]["code"] == "not_a_norm"
    assert {clauses[name]["status"] for name in ("8", "9", "14")} == {"not_adopted"}


def test_weights_sum_to_one_over_adopted_clauses(spec):
    """Priority is shared out whole, and only among norms."""
    weights = [c["weight"] for c in spec["clauses"] if c["status"] == "adopted"]
    assert sum(weights) == pytest.approx(1, abs=1e-5)
    assert all(c["weight"] is None for c in spec["clauses"] if c["status"] != "adopted")


def test_every_quote_is_where_the_spec_says(spec):
    """Offsets lead to exactly the quoted words in the stored statement."""
    texts = {s.id: s.text for s in worlds.corpus().statements}
    for clause in spec["clauses"]:
        assert clause["evidence"]
        for passage in clause["evidence"]:
            text = texts[passage["statement"]]
            assert text[passage["start"] : passage["end"]] == passage["quote"]


def test_counts_are_a_hand_count(spec):
    """The published numbers are the votes, counted by hand."""
    who, what, value = worlds.ballots()
    for name, clause in by_claim(spec).items():
        mine = value[what == name]
        overall = clause["support"]["overall"]
        if mine.size < 10:
            assert overall == {"n": None, "suppressed": True}
            continue
        counted = [(mine == vote).sum() for vote in (1, -1, 0)]
        assert [overall["agree"], overall["disagree"], overall["unsure"]] == counted
    assert spec["population"]["reactions"] == who.size


def test_cells_of_few_people_are_not_shown(spec):
    """Three answers from two groups are shown for nobody but everybody."""
    clause = by_claim(spec)["14"]
    assert clause["support"]["overall"]["n"] is None
    assert all(cell["n"] is None for cell in clause["support"]["by_group"])


def test_same_input_and_seed_same_bytes():
    """Nothing but the input and the seed decides a byte."""
    first, second = (aggregate(worlds.corpus(), worlds.votes(), Settings(seed=3)) for _ in range(2))
    assert first.content == second.content


def test_the_order_of_rows_changes_nothing():
    """Statements, claims and votes may come in any order."""
    rng = np.random.default_rng(5)
    size = worlds.ballots()[0].size
    shuffled = aggregate(
        worlds.corpus(order=rng.permutation(15)), worlds.votes(order=rng.permutation(size))
    )
    assert shuffled.content == aggregate(worlds.corpus(), worlds.votes()).content


def test_names_of_people_decide_nothing():
    """A pseudonymised copy of the votes gives the same spec, its digest of the votes aside."""
    who, what, value = worlds.ballots()
    names = {name: f"n{place}" for place, name in enumerate(sorted(set(who), reverse=True))}
    renamed = VoteTable.from_arrays([names[name] for name in who], what, value)
    first, second = (aggregate(worlds.corpus(), table) for table in (worlds.votes(), renamed))
    del first.document["provenance"], second.document["provenance"]
    assert first.document == second.document
    groups = [dict(zip(o.participants, o.labels.tolist(), strict=True)) for o in (first, second)]
    assert {names[name]: label for name, label in groups[0].items()} == groups[1]


def test_negating_all_votes_swaps_must_and_must_not(spec):
    """What was demanded is forbidden, what divided still divides, and nothing else moves."""
    turned = by_claim(aggregate(worlds.corpus(), worlds.votes(sign=-1), Settings()).document)
    for name, clause in by_claim(spec).items():
        other = turned[name]
        if clause["status"] == "adopted":
            assert (other["status"], other["modality"]) == ("adopted", TURNED[clause["modality"]])
            assert other["stance"] != clause["stance"]
            assert other["weight"] == pytest.approx(clause["weight"], abs=1e-5)
        elif clause["tier"] == "plural":
            assert (other["status"], other["tier"]) == ("contested", "plural")


def test_votes_that_were_not_served_support_nothing():
    """Friends who look a claim up by themselves do not carry it over the threshold."""
    who, what, value = worlds.ballots()
    served = ~((what == "0") & (value == 1))
    table = VoteTable.from_arrays(who, what, value, served=served)
    outcome = aggregate(worlds.corpus(), table, Settings(least_cell=5))
    clause = by_claim(outcome.document)["0"]
    assert clause["status"] != "adopted"
    assert clause["support"]["overall"]["agree"] == 0
    assert outcome.document["population"]["reactions_not_served"] == (~served).sum()


def test_statements_that_a_moderator_hid_are_not_in_the_spec():
    """Neither their claims nor passages merged from them appear anywhere."""
    before = worlds.corpus()
    hidden = tuple(
        Statement(s.id, s.text, s.author, s.language, Moderation.REJECTED) if s.id == "0" else s
        for s in before.statements
    )
    claims = tuple(
        Claim(c.id, c.span, members=(Span("0", 0, 10),)) if c.id == "1" else c
        for c in before.claims
    )
    corpus = Corpus(title="", statements=hidden, claims=claims)
    document = aggregate(corpus, worlds.votes()).document
    cited = {p["statement"] for c in document["clauses"] for p in c["evidence"]}
    assert "0" not in cited | by_claim(document).keys()
    assert document["population"]["silence"]["statements_rejected"] == 1


def test_nobody_and_nothing_are_an_answer_too():
    """An empty consultation has an empty, valid spec."""
    empty = VoteTable.from_arrays([], [], [])
    document = aggregate(Corpus(title="Nothing yet", statements=(), claims=()), empty).document
    assert document["clauses"] == []
    silent = aggregate(worlds.corpus(), empty).document
    assert {c["reason"]["code"] for c in silent["clauses"]} == {"no_reactions"}


def test_one_person_is_not_a_people():
    """A single voter makes no norm."""
    table = VoteTable.from_arrays(["p"] * 4, ["0", "1", "2", "3"], [1, 1, 1, 1])
    document = aggregate(worlds.corpus(), table).document
    assert not [c for c in document["clauses"] if c["status"] == "adopted"]


def test_clause_ids_survive_a_new_round(spec):
    """The next version keeps every id, and says what changed and why."""
    who, what, value = worlds.ballots()
    turned = np.where(what == "3", -value, value)
    table = VoteTable.from_arrays(who, what, turned)
    second = aggregate(worlds.corpus(), table, Settings(version=2), previous=spec).document
    ids = {name: clause["id"] for name, clause in by_claim(spec).items()}
    assert {name: clause["id"] for name, clause in by_claim(second).items()} == ids
    assert [c["change"] for c in second["changes"] if c["clause"] == ids["3"]] == ["modality"]
    assert by_claim(second)["3"]["history"][-1]["version"] == 2


def test_inputs_are_left_as_they_were():
    """A run changes neither the corpus nor the votes it is given."""
    corpus, table = worlds.corpus(), worlds.votes()
    before, digest = copy.deepcopy(corpus), table.digest()
    aggregate(corpus, table)
    assert (corpus, table.digest()) == (before, digest)


def test_each_stage_tells_that_it_runs():
    """Progress names every stage once before and once after, in order."""
    told: list[tuple[str, int]] = []
    outcome = aggregate(
        worlds.corpus(), worlds.votes(), progress=lambda s, done, _: told.append((s, done))
    )
    assert told == [(s, i + after) for i, s in enumerate(STAGES) for after in (0, 1)]
    assert tuple(outcome.seconds) == STAGES


def test_a_vote_on_an_unknown_claim_is_refused():
    """The message names the claim and the remedy."""
    table = VoteTable.from_arrays(["p"], ["no such claim"], [1])
    with pytest.raises(AggregationInputError, match=r"no such claim.*Add its statement"):
        aggregate(worlds.corpus(), table)


def test_a_span_outside_its_statement_is_refused():
    """A claim cannot cite what nobody wrote."""
    corpus = Corpus(
        title="",
        statements=(Statement("s", "Short.", language="en"),),
        claims=(Claim("c", Span("s", 0, 99)),),
    )
    with pytest.raises(AggregationInputError, match="from 0 to 99"):
        aggregate(corpus, VoteTable.from_arrays([], [], []))


def test_the_document_comes_back_from_its_bytes(spec):
    """Writing and reading a spec loses nothing, and the schema guards it."""
    outcome = aggregate(worlds.corpus(), worlds.votes())
    assert from_bytes(outcome.content) == outcome.document
    broken = copy.deepcopy(spec)
    broken["clauses"][0]["modality"] = "perhaps"
    with pytest.raises(InvalidSpec, match=r"clauses\[0\].modality"):
        validate(broken)


def test_paraphrases_are_not_adopted_twice():
    """Of two sentences that say one thing, one stands in the spec and the other points to it."""
    texts = ("The AI should always tell the truth.", "An AI must never lie to people.")
    others = [text for text, _, _ in worlds.SENTENCES[1:6]]
    statements = tuple(
        Statement(str(i), text, language="en") for i, text in enumerate((*texts, *others))
    )
    claims = tuple(Claim(s.id, Span(s.id, 0, len(s.text))) for s in statements)
    who, what, value = worlds.ballots()
    first = what == "0"
    moved = np.array([str(int(w) + 1) if w != "0" else "0" for w in what])
    keep = np.array([int(w) <= 6 for w in moved])
    table = VoteTable.from_arrays(
        np.concatenate([who[keep], who[first]]),
        np.concatenate([moved[keep], np.full(first.sum(), "1")]),
        np.concatenate([value[keep], value[first]]),
    )
    document = aggregate(Corpus(title="", statements=statements, claims=claims), table).document
    pair = [by_claim(document)[name] for name in ("0", "1")]
    assert sorted(c["status"] for c in pair) == ["adopted", "not_adopted"]
    left, kept = sorted(pair, key=lambda c: c["status"] == "adopted")
    assert left["reason"]["clause"] == kept["id"]


def test_a_permission_is_never_made_a_duty():
    """Broad support for "may" leaves it a may, whatever is done with the permission."""
    corpus = worlds.corpus()
    texts = {"0": "The AI may give medical advice.", "1": "The AI may refuse to answer."}
    statements = tuple(replace(s, text=texts.get(s.id, s.text)) for s in corpus.statements)
    claims = tuple(
        replace(c, span=Span(c.id, 0, len(texts[c.id]))) if c.id in texts else c
        for c in corpus.claims
    )
    document = aggregate(replace(corpus, statements=statements, claims=claims), worlds.votes())
    clauses = by_claim(document.document)
    for name in texts:
        assert (clauses[name]["status"], clauses[name]["modality"]) == ("adopted", "may")


def test_one_hidden_group_hides_another():
    """A single hidden cell would follow from the overall counts and the rest."""
    who, what, value = worlds.ballots()
    camp = np.array([int(w[1:]) % 2 for w in who])
    few = (what == "3") & (camp == 1)
    keep = ~few | (np.cumsum(few) <= 4)
    table = VoteTable.from_arrays(who[keep], what[keep], value[keep])
    clause = by_claim(aggregate(worlds.corpus(), table).document)["3"]
    assert clause["support"]["overall"]["n"] == 124
    assert all(cell["n"] is None for cell in clause["support"]["by_group"])


def test_predictions_do_not_lift_a_claim_that_few_were_asked_about():
    """Of two equally liked claims the one with more answers comes first under a budget of one."""
    who, what, value = worlds.ballots()
    dropped = (what == "0") & (np.array([int(w[1:]) for w in who]) >= 60)
    table = VoteTable.from_arrays(who[~dropped], what[~dropped], value[~dropped])
    settings = Settings(policy={"common_budget": 1})
    document = aggregate(worlds.corpus(), table, settings).document
    assert [c["claim"] for c in document["clauses"] if c["status"] == "adopted"] != ["0"]


def test_words_that_lean_are_quoted_with_their_place_and_with_how_they_read():
    """ "It must never do so" says little alone: the passage around it stands beside it."""
    text = "Some assistants sell what they hear. It must never do so unless a court orders it."
    start = text.index("It must")
    corpus = Corpus(
        title="Leaning",
        statements=(Statement(id="s", text=text, author="w", language="en"),),
        claims=(
            Claim(
                id="c",
                span=Span("s", start, len(text)),
                context=Span("s", 0, len(text)),
            ),
        ),
    )
    votes = VoteTable.from_arrays([f"p{i}" for i in range(30)], ["c"] * 30, [1] * 30)
    clause = aggregate(corpus, votes, Settings(embedder="hashing", bootstrap=5)).document[
        "clauses"
    ][0]
    assert clause["text"] == text[start:]
    assert clause["evidence"][0]["context"] == {"quote": text, "start": 0, "end": len(text)}
    assert clause["exceptions"] == ["unless a court orders it"]
    assert clause["reading"]["modal"] == "must"
    assert clause["reading"]["absolute"] is True


def test_the_words_that_a_person_kept_stand_whatever_their_answers():
    """An organizer lets one claim stand for another that more people answered."""
    who, what, value = worlds.ballots()
    fewer = (what != "0") | (np.arange(what.size) % 3 > 0)
    table = VoteTable.from_arrays(who[fewer], what[fewer], np.where(what == "1", 1, value)[fewer])
    joined = replace(worlds.corpus(), curation=Curation(together=(("0", "1"),)))
    settings = Settings(embedder="hashing", bootstrap=5)
    free = aggregate(worlds.corpus(), table, settings).document
    held = aggregate(joined, table, settings).document
    status = {clause["claim"]: clause["status"] for clause in free["clauses"]}
    assert status["0"] == status["1"] == "adopted"
    clauses = {clause["claim"]: clause for clause in held["clauses"]}
    assert clauses["0"]["status"] == "adopted"
    assert clauses["1"]["status"] == "not_adopted"
    assert clauses["1"]["reason"]["clause"] == clauses["0"]["id"]
    assert clauses["0"]["support"]["overall"]["n"] < clauses["1"]["support"]["overall"]["n"]
