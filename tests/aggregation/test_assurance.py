"""The certificates of a spec in words: every figure in a sentence stands in the document."""

from __future__ import annotations

import copy
import re

import numpy as np
import pytest
import worlds

from aggregation.run import aggregate
from aggregation.spec import assurance
from aggregation.spec.words import percent
from aggregation.votes import VoteTable


@pytest.fixture(scope="module")
def spec():
    return aggregate(worlds.corpus(), worlds.votes()).document


def told(document) -> dict[str, str]:
    return {answer.title: answer.text for answer in assurance(document)}


def test_the_thresholds_are_the_policys(spec):
    """A stricter policy reads as a stricter policy."""
    text = told(spec)["Counted, not guessed"]
    assert "60 % among everybody" in text
    assert "in each of the 2 opinion groups at least 50 %" in text
    stricter = copy.deepcopy(spec)
    stricter["method"]["policy"]["must_pooled"] = 0.9
    assert "for a MUST 90 %" in told(stricter)["Counted, not guessed"]


def test_the_firmest_the_middle_and_the_least_firm_are_named(spec):
    """By the number of supporters who would have to change sides."""
    flips = sorted(c["margin"]["flips"] for c in spec["clauses"] if c["status"] == "adopted")
    text = told(spec)["How many people would have to change their minds"]
    assert f"until {flips[-1]} supporters" in text
    assert f"the least firm until {flips[0]} did" in text
    narrow = sum(f < 10 for f in flips)
    assert (f"could overturn {narrow} clause" in text) == bool(narrow)


def test_a_single_person_is_told_in_the_singular(spec):
    """One supporter, one clause."""
    document = copy.deepcopy(spec)
    adopted = [c for c in document["clauses"] if c["status"] == "adopted"]
    document["clauses"] = adopted[:1]
    adopted[0]["margin"]["flips"] = 1
    text = told(document)["How many people would have to change their minds"]
    assert "The adopted clause stands until 1 supporter changed sides" in text


def test_what_is_owed_and_missing_is_said_plainly(spec):
    """A violated guarantee is not hidden behind a kind sentence."""
    document = copy.deepcopy(spec)
    selection = document["certificates"]["selections"][0]
    selection |= {"chosen": 3, "candidates": 9, "integrality_gap": 0.02, "upper_bound": 2.0}
    assert "better by more than 1.0 %" in told(document)["Choosing for common ground"]
    selection["ejr_plus"] = {"holds": False, "worst": 1.25, "clause": None}
    text = told(document)["Choosing for common ground"]
    assert "does not have it (EJR+ ratio 1.25)" in text


def test_estimates_that_are_no_better_are_called_no_better(spec):
    """The comparison is read off the figures."""
    document = copy.deepcopy(spec)
    document["certificates"]["completion"] |= {"log_loss": 0.5, "mean_log_loss": 0.4}
    assert "no better than each claim's average" in told(document)["What was estimated"]


def test_nobody_and_nothing_leave_only_what_can_be_said():
    """Without votes no sentence speaks of clauses, rules or estimates."""
    empty = aggregate(worlds.corpus(), VoteTable.from_arrays([], [], [])).document
    assert list(told(empty)) == ["Counted, not guessed", "What nobody can be sure of"]


def test_no_sentence_holds_a_figure_that_is_not_a_word_or_a_number(spec):
    """No None, nan or leftover braces; and with other answers other figures."""
    every = " ".join(told(spec).values())
    assert not re.search(r"None|nan|\{|\}", every)
    who, what, value = worlds.ballots(seed=5)
    other = aggregate(worlds.corpus(), VoteTable.from_arrays(who, what, value)).document
    assert " ".join(told(other).values()) != every


@pytest.mark.parametrize(
    ("value", "words"),
    [
        *((0.0, "0 %"), (0.0001, "<0.1 %"), (0.003, "0.3 %"), (0.0996, "10.0 %")),
        *((0.5, "50 %"), (0.999, ">99 %"), (1.0, "100 %")),
    ],
)
def test_small_shares_keep_a_decimal(value, words):
    """Never rounded down to none or up to all."""
    assert percent(np.float64(value), fine=True) == words
