"""The CSV files for Polis's family of tools: they add up, and no cell of them is a formula."""

from __future__ import annotations

import copy
import csv
import io
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import worlds
from hypothesis import given
from hypothesis import strategies as st

from aggregation import intake, opinion
from aggregation.exports import render, whole
from aggregation.exports.polis import Matrix, numbered
from aggregation.exports.sheets import harmless, to_csv
from aggregation.run import aggregate
from aggregation.votes import VoteTable


def table(content):
    """The rows of a CSV file as dictionaries."""
    return list(csv.DictReader(io.StringIO(content.decode())))


@pytest.fixture(scope="module")
def outcome():
    who, what, value = worlds.ballots()
    served = np.random.default_rng(6).random(len(who)) < 0.95
    votes = VoteTable.from_arrays(who, what, value, served=served)
    return aggregate(worlds.corpus(), votes)


@pytest.fixture(scope="module")
def files(outcome):
    return {
        path.removeprefix("polis/"): content
        for path, content in whole(outcome.document, outcome.ballots).items()
        if path.startswith("polis/")
    }


def test_the_four_files_add_up(outcome, files):
    """Counts of comments, of groups and of people are those of the votes, all of them served."""
    votes = table(files["votes.csv"])
    assert len(votes) == outcome.document["population"]["reactions"]
    told = Counter((row["comment-id"], row["vote"]) for row in votes)
    for row in table(files["comment-groups.csv"]):
        if row["total-votes"]:
            assert int(row["total-agrees"]) == told[row["comment-id"], "1"]
            assert int(row["total-disagrees"]) == told[row["comment-id"], "-1"]
    matrix = table(files["participants-votes.csv"])
    assert sum(int(row["n-votes"]) for row in matrix) == len(votes)
    assert sum(int(row["n-agree"]) for row in matrix) == sum(row["vote"] == "1" for row in votes)
    cells = {(r["participant"], c): v for r in matrix for c, v in r.items() if c.isdigit() and v}
    assert cells == {(row["voter-id"], row["comment-id"]): row["vote"] for row in votes}


def test_groups_are_those_of_the_document(outcome, files):
    """As many people in each, and as many of their votes, as the document counts."""
    matrix = table(files["participants-votes.csv"])
    sizes = Counter(row["group-id"] for row in matrix if row["group-id"])
    assert [sizes[str(g)] for g in range(len(sizes))] == [
        group["size"] for group in outcome.document["groups"]
    ]
    for row in table(files["comment-groups.csv"]):
        for g, letter in enumerate("ab"):
            if row[f"group-{letter}-votes"]:
                own = [r[row["comment-id"]] for r in matrix if r["group-id"] == str(g)]
                assert int(row[f"group-{letter}-agrees"]) == own.count("1")
                assert int(row[f"group-{letter}-votes"]) == len(own) - own.count("")


def test_hidden_counts_stay_hidden(files):
    """Three people answered the last sentence: its cells are empty, and where strict readers take
    no empty cell there is no column."""
    last = table(files["comment-groups.csv"])[-1]
    assert {value for name, value in last.items() if name.endswith("s")} == {""}
    assert not {"agrees", "disagrees"} & table(files["comments.csv"])[0].keys()


def test_counts_that_may_be_shown_stand_beside_the_comments(outcome, files):
    """Without that sentence the columns are there, and say what the votes say."""
    shown = copy.deepcopy(outcome.document)
    del shown["clauses"][[c["claim"] for c in shown["clauses"]].index("14")]
    told = Counter((row["comment-id"], row["vote"]) for row in table(files["votes.csv"]))
    comments = table(render("comments.csv", shown))
    assert len(comments) == 14
    for row in comments:
        counts = [told[row["comment-id"], vote] for vote in ("1", "-1")]
        assert [int(row["agrees"]), int(row["disagrees"])] == counts


def test_no_person_is_named(files):
    """People are numbered by what they answered; the one author's number is nobody's."""
    matrix = table(files["participants-votes.csv"])
    assert [row["participant"] for row in matrix] == [str(n) for n in range(len(matrix))]
    assert {row["author-id"] for row in table(files["comments.csv"])} == {str(len(matrix))}
    assert {row["n-comments"] for row in matrix} == {""}


def test_ids_that_are_no_numbers_are_numbered(outcome):
    """Polis's tools take whole numbers; the claim's own id stands beside."""
    changed = copy.deepcopy(outcome.document)
    for clause in changed["clauses"]:
        clause["claim"] = f"c{clause['claim']}"
    assert [number for number, _ in numbered(changed)] == list(range(15))
    assert [row["claim-id"] for row in table(render("comments.csv", changed))][:2] == ["c0", "c1"]


def test_our_own_reader_takes_them_and_finds_the_same_groups(tmp_path: Path, outcome, files):
    """Read back as any Polis export, the groups have the same people and the same counts."""
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    taken = intake.read_polis_folder(tmp_path)
    again = aggregate(taken.corpus, taken.table()).document
    for group, other in zip(outcome.document["groups"], again["groups"], strict=True):
        assert (group["size"], group["label"]) == (other["size"], other["label"])
    counts = {c["claim"]: c["support"]["by_group"] for c in outcome.document["clauses"]}
    for clause in again["clauses"]:
        named = [{k: cell.get(k) for k in ("n", "agree")} for cell in clause["support"]["by_group"]]
        here = [{k: cell.get(k) for k in ("n", "agree")} for cell in counts[clause["claim"]]]
        assert named == here


def test_polis_consensus_follows_from_the_matrix_alone(outcome, files):
    """Group-informed consensus, counted from the file as Polis counts it, is what we compute."""
    matrix = table(files["participants-votes.csv"])
    names = [name for name in matrix[0] if name.isdigit()]
    product = np.ones(len(names))
    for g in ("0", "1"):
        own = [row for row in matrix if row["group-id"] == g]
        agree = np.array([sum(row[n] == "1" for row in own) for n in names])
        seen = np.array([sum(row[n] != "" for row in own) for n in names])
        product *= (agree + 1) / (seen + 2)
    served = outcome.ballots.served_only()
    kept = [p for p, n in zip(served.participants, np.diff(served.values.indptr), strict=True) if n]
    served = served.restrict(participants=kept)
    groups = opinion.groups(opinion.project(served), min_mass=0.05, k_max=5, seed=0)
    ours = opinion.group_consensus(opinion.group_support(served, groups), direction=1)
    np.testing.assert_allclose(product, ours, atol=1e-12)


@given(st.text())
def test_no_cell_is_a_formula_and_every_text_comes_back(text):
    """What a spreadsheet would compute gets an apostrophe; taking it off gives the text."""
    cell = harmless(text)
    assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠", "|", "%"))
    assert cell.removeprefix("'") == text


def test_numbers_stay_numbers():
    """A vote of -1 is no formula."""
    content = to_csv(["vote", "=head"], [(-1, "=1+1"), (None, "plain")])
    assert content.decode().splitlines() == ["vote,'=head", "-1,'=1+1", ",plain"]


def test_a_forged_document_is_not_exported_with_votes(outcome):
    """Votes of other claims than the document's are refused in a sentence."""
    changed = json.loads(outcome.content)
    changed["clauses"] = changed["clauses"][1:]
    with pytest.raises(Exception, match="no clause"):
        Matrix(changed, outcome.ballots).votes_csv()
