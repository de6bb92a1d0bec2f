"""Counts of few people: none is shown, and none follows from what is shown."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import forgeries
import numpy as np
import pytest
import worlds
from hypothesis import given
from hypothesis import strategies as st

from aggregation import intake
from aggregation.__main__ import main
from aggregation.certify import verify
from aggregation.errors import AggregationInputError
from aggregation.run import aggregate
from aggregation.spec import SCHEMA_VERSION, InvalidSpec, from_bytes, validate
from aggregation.spec.cells import shown_groups
from aggregation.types import Settings
from aggregation.votes import VoteTable

EARLIER = Path(__file__).parent / "gold" / "earlier"


def failed(document, votes):
    return [check.name for check in verify(document, votes) if not check.ok]


def sparse(*, people: int = 240, leave_out: int | None = None) -> VoteTable:
    """The small world, where fewer answer each sentence than the one before, of one camp mainly."""
    who, what, value = worlds.ballots(people=people)
    rng = np.random.default_rng(8)
    number = np.array([int(name[1:]) for name in who])
    rare = (what.astype(int) >= 7) & (number % 2 == 1)
    keep = ~rare | (rng.random(len(who)) < 0.3 / (1 + what.astype(int) % 7))
    quiet = (number >= people - 8) & (what.astype(int) > 2)  # they answer too little for a group
    keep &= ~quiet
    if leave_out is not None:
        keep &= number != leave_out
    return VoteTable.from_arrays(who[keep], what[keep], value[keep])


@pytest.fixture(scope="module")
def spec():
    return json.loads(aggregate(worlds.corpus(), sparse()).content)


# -- the rule --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seen", "outside", "shown"),
    [
        ([30, 20, 12], 0, [0, 1, 2]),  # nobody is hidden
        ([30, 20, 3], 0, [0]),  # 3 would follow from the total, so 20 goes with it
        ([30, 20, 3], 40, [0, 1]),  # 3 and 40 people of no group: 43 together tell neither
        ([30, 20, 12], 4, [0, 1]),  # the four of no group would follow
        ([30, 20, 12], 10, [0, 1, 2]),  # ten of no group may follow
        ([30, 20, 3, 2], 0, [0]),  # 3 and 2 are five people
        ([30, 20, 6, 5], 0, [0, 1]),  # eleven people may be told as one sum
        ([30, 20, 0], 0, [0]),  # that nobody of a group answered is hidden like any other count
        ([9, 9], 0, []),
        ([12, 12, 4], 0, [1]),  # of equals the first is hidden
        ([], 7, []),
    ],
)
def test_what_is_left_over_is_about_ten_people_and_more_than_one_group(seen, outside, shown):
    """Counted by hand."""
    assert shown_groups(seen, total=sum(seen) + outside, least=10) == shown


@given(st.lists(st.integers(0, 40), min_size=1, max_size=6), st.integers(0, 30), st.integers(5, 20))
def test_no_difference_of_shown_counts_is_about_few_people(seen, outside, least):
    """The total less any of the shown groups leaves nobody, or enough people of two cells."""
    total = sum(seen) + outside
    shown = shown_groups(seen, total=total, least=least)
    assert all(seen[group] >= least for group in shown)
    left = total - sum(seen[group] for group in shown)
    hidden = [n for group, n in enumerate(seen) if group not in shown]
    if shown and (hidden or outside):
        assert left >= least or left == outside == 0 == sum(hidden)
        assert len(hidden) != 1 or outside > 0
    assert left == 0 or left >= least or not shown


# -- documents -------------------------------------------------------------------------------------


def counts_of(document) -> list[tuple[str, int | None, list[int | None]]]:
    return [
        (c["claim"], c["support"]["overall"]["n"], [one["n"] for one in c["support"]["by_group"]])
        for c in document["clauses"]
    ]


def left_over(overall, groups):
    return overall - sum(n for n in groups if n is not None)


def test_no_count_of_a_document_is_about_fewer_than_ten_people(spec):
    """Ten is the default; the document states it, in a field and in its sentence."""
    assert spec["method"]["least_cell"] == 10
    assert "fewer than 10 people" in spec["method"]["suppression"]
    told = [n for _, overall, groups in counts_of(spec) for n in (overall, *groups)]
    assert min(n for n in told if n is not None) >= 10
    assert None in told


def attacked(document) -> list[str]:
    """Claims of which shown counts, subtracted from each other, tell about few people."""
    found = []
    for claim, overall, groups in counts_of(document):
        if overall is None or all(n is None for n in groups):
            continue
        left = left_over(overall, groups)
        if 0 < left < 10 or (groups.count(None) == 1 and left < 10):
            found.append(claim)
    return found


def half_hidden(document) -> list[dict]:
    """The supports with a hidden group beside a shown one."""
    supports = [clause["support"] for clause in document["clauses"]]
    told = [(one, [group["n"] for group in one["by_group"]]) for one in supports]
    return [s for s, groups in told if None in groups and any(n is not None for n in groups)]


def test_hidden_counts_do_not_follow_within_a_document(spec):
    """Everybody less the shown groups is nobody, or at least ten people of several cells."""
    assert half_hidden(spec), "the world must have a clause with hidden groups beside shown ones"
    assert attacked(spec) == []


@pytest.mark.parametrize("few", [1, 3, 9])
def test_the_attack_finds_what_is_planted(spec, few):
    """A total that leaves few people beside the shown groups; a hidden group that is shown."""
    for place, clause in enumerate(spec["clauses"]):
        if clause["support"] not in half_hidden(spec):
            continue
        planted = json.loads(json.dumps(spec))
        support = planted["clauses"][place]["support"]
        shown = sum(group["n"] for group in support["by_group"] if group["n"] is not None)
        support["overall"]["n"] = shown + few
        assert attacked(planted) == [clause["claim"]]
        planted = json.loads(json.dumps(spec))
        support = planted["clauses"][place]["support"]
        hidden = next(group for group in support["by_group"] if group["n"] is None)
        left = left_over(support["overall"]["n"], [g["n"] for g in support["by_group"]])
        hidden["n"] = left - few
        assert attacked(planted) == [clause["claim"]]


@pytest.mark.parametrize("leave_out", [1, 5, 239])
def test_hidden_counts_do_not_follow_from_two_neighbouring_documents(spec, leave_out):
    """With one person less, what is left over in either document stays about ten people or nobody.

    The counts over everybody differ by that person: what she answered is told by two versions
    of which the reader knows that she alone came between them, and no hiding of cells mends that.
    """
    other = json.loads(aggregate(worlds.corpus(), sparse(leave_out=leave_out)).content)
    assert attacked(other) == []
    mine, theirs = ({claim: rest for claim, *rest in counts_of(one)} for one in (spec, other))
    for claim, (overall, groups) in mine.items():
        overall_other, groups_other = theirs[claim]
        if overall is None or overall_other is None:
            continue
        for n, shown in ((overall, groups), (overall_other, groups_other)):
            if any(one is not None for one in shown):
                assert left_over(n, shown) == 0 or left_over(n, shown) >= 10
        assert 0 <= overall - overall_other <= 1


def test_what_was_worked_out_from_a_hidden_group_is_hidden_with_it(spec):
    """Margins and typical sentences would say how a hidden group answered."""
    hidden = {
        c["id"]: {one["group"] for one in c["support"]["by_group"] if one["n"] is None}
        for c in spec["clauses"]
    }
    assert any(hidden.values())
    assert all(c["margin"] is None for c in spec["clauses"] if hidden[c["id"]])
    for group in spec["groups"]:
        assert all(group["id"] not in hidden[one["clause"]] for one in group["representative"])


def test_a_document_with_hidden_cells_is_verified(spec):
    """Whoever has the votes finds the same cells hidden."""
    assert failed(spec, sparse()) == []


def test_a_smaller_limit_shows_more():
    """The run says how many people a count is about at least."""
    table = sparse()
    numbers = []
    for least in (5, 10, 40):
        document = json.loads(aggregate(worlds.corpus(), table, Settings(least_cell=least)).content)
        assert failed(document, table) == []
        assert document["method"]["least_cell"] == least
        told = [n for _, overall, groups in counts_of(document) for n in (overall, *groups)]
        numbers.append(sum(n is not None for n in told))
        assert min(n for n in told if n is not None) >= least
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[0] > numbers[-1]


# -- what a document may not say -------------------------------------------------------------------


def test_a_document_cannot_claim_another_limit(spec):
    """Cells must be hidden as the field says, and the sentence must name the same number."""
    forged = json.loads(json.dumps(spec))
    forged["method"]["least_cell"] = 5
    names = failed(forgeries.sealed(forged), sparse())
    assert "method.suppression" in names
    assert any(name.startswith("clauses[") for name in names)
    told = json.loads(json.dumps(spec))
    told["method"]["suppression"] = told["method"]["suppression"].replace("10", "5")
    assert failed(forgeries.sealed(told), sparse()) == ["method.suppression"]


@pytest.mark.parametrize("least", [0, 4, -1, 10.0, True, "10", None])
def test_no_run_shows_counts_of_fewer_than_five(least):
    """The settings refuse it and say so; so does the schema of a document that states it."""
    with pytest.raises(AggregationInputError, match=r"least_cell.*at least 5"):
        Settings(least_cell=least)
    with pytest.raises(AggregationInputError):
        replace(Settings(), least_cell=least)


def test_a_document_that_states_fewer_than_five_is_refused(spec):
    """By the schema and by whoever verifies it."""
    forged = json.loads(json.dumps(spec))
    forged["method"]["least_cell"] = 4
    with pytest.raises(InvalidSpec, match="least_cell"):
        validate(forged)
    assert "method.least_cell" in failed(forgeries.sealed(forged), sparse())
    del forged["method"]["least_cell"]
    with pytest.raises(InvalidSpec, match="least_cell"):
        validate(forged)
    assert "method.least_cell" in failed(forgeries.sealed(forged), sparse())


@pytest.mark.parametrize("given", ["4", "0", "-3", "many"])
def test_the_command_line_refuses_to_show_fewer_than_five(given, capsys):
    """By name of the option, before anything is read."""
    with pytest.raises(SystemExit):
        main(["run", "--comments", "c", "--votes", "v", "--out", "o", "--least-cell", given])
    assert "--least-cell" in capsys.readouterr().err


# -- documents of before ---------------------------------------------------------------------------


def test_a_document_published_with_five_still_holds():
    """Version 1.2 of the schema hid counts below five and had no field for it."""
    document = from_bytes((EARLIER / "spec.json").read_bytes())
    assert document["schema_version"] == "1.2"
    votes = intake.read_votes(EARLIER / "votes.csv")
    assert failed(document, votes) == []
    clause = document["clauses"][0]
    clause["support"]["by_group"][0] = {"group": "A", "n": None, "suppressed": True}
    assert failed(forgeries.sealed(document), votes) == [
        f"clauses[{clause['id']}].support.by_group[A].n"
    ]


def test_a_version_after_an_earlier_document_states_its_limit():
    """Clause ids go on; what is hidden follows the new version's own rule."""
    earlier = from_bytes((EARLIER / "spec.json").read_bytes())
    document = aggregate(worlds.corpus(), sparse(), Settings(version=2), previous=earlier).document
    assert (document["schema_version"], document["method"]["least_cell"]) == (SCHEMA_VERSION, 10)
    assert failed(json.loads(json.dumps(document)), sparse()) == []
