"""Which pairs are put to citizens, and what their answers suggest."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregation.errors import AggregationInputError
from aggregation.stance import Answers, Evidence, read_answers, to_ask

counts = st.integers(0, 300)


def pair(first: str, second: str, score: float = 0.5) -> Evidence:
    return Evidence(first, second, 0.7, 0, None, None, None, 0, "text", score)


PAIRS = [pair("1", "2"), pair("1", "3"), pair("2", "5"), pair("4", "7")]


def test_many_who_take_a_side_confirm_and_many_who_see_room_refute():
    """Both suggestions need a bar and enough answers; in between the question stays open."""
    assert read_answers(Answers(first=20, second=15, both=5)).word == "confirmed by voters"
    assert read_answers(Answers(first=5, second=3, both=30)).word == "refuted by voters"
    assert read_answers(Answers(first=10, second=10, both=15)).word == "open"
    assert read_answers(Answers(first=10, second=9)).word == "open"  # too few
    assert read_answers(Answers()).share is None


def test_who_wants_neither_or_cannot_say_speaks_for_no_verdict():
    """A pair that leaves people cold is no contradiction for that."""
    told = Answers(first=20, second=15, both=5)
    assert read_answers(replace(told, neither=900, unsure=900)) == read_answers(told)


@given(counts, counts, counts)
def test_an_interval_holds_its_share_and_the_word_keeps_the_bars(first, second, both):
    """Whatever is counted: lo <= share <= hi, and no verdict without its bound."""
    found = read_answers(Answers(first, second, both))
    if found.share is not None:
        assert 0 <= found.lo <= found.share + 1e-12
        assert found.share - 1e-12 <= found.hi <= 1
        assert found.why.startswith(f"{first + second:,} of {first + second + both:,} people")
    assert (found.word == "confirmed by voters") == (found.telling >= 20 and found.lo >= 0.6)
    assert (found.word == "refuted by voters") == (found.telling >= 20 and found.hi < 0.5)


def test_a_count_below_zero_is_refused():
    """A negative count names its field."""
    with pytest.raises(AggregationInputError, match="answers both"):
        Answers(both=-1)


def test_what_was_asked_least_comes_first_and_what_is_settled_never():
    """Pairs of equal evidence: the unasked before the asked, the settled not at all."""
    asked = {("1", "2"): Answers(first=6, both=6), ("4", "7"): Answers(first=50, second=50)}
    found = to_ask(PAIRS, asked)
    assert set(found[:2]) == {("1", "3"), ("2", "5")}
    assert found[2:] == (("1", "2"),)


def test_a_pair_weighs_as_much_as_its_less_supported_side():
    """Where nobody supports one side, nothing hangs on the contradiction."""
    found = to_ask(PAIRS, {}, stakes={"1": 0.9, "2": 0.8, "3": 0.1, "5": 0.2, "4": 0.7, "7": 0.6})
    assert found == (("1", "2"), ("4", "7"), ("2", "5"), ("1", "3"))


def test_an_even_chance_is_asked_before_what_is_nearly_known():
    """The next answer tells most where the evidence is undecided."""
    found = to_ask([pair("1", "2", 1.0), pair("3", "4", 0.5), pair("5", "6", 0.1)], {})
    assert found[0] == ("3", "4")


@given(st.permutations(PAIRS), st.integers(0, 2**63 - 1))
def test_the_order_of_evidence_changes_nothing_and_the_seed_draws_the_lot(evidence, seed):
    """One seed, one answer; over seeds every pair of equal worth leads sometimes."""
    assert to_ask(evidence, {}, seed=seed) == to_ask(PAIRS, {}, seed=seed)
    leaders = {to_ask(PAIRS, {}, most=1, seed=one)[0] for one in range(60)}
    assert len(leaders) == len(PAIRS)


def test_evidence_says_why_in_figures():
    """A reader is told how many took a side on both, and what that speaks for."""
    seen = Evidence("1", "2", 0.7, 41, -1.2, -2.0, -0.4, 3, "both", 0.9)
    assert "41 people took a side on both; 3 agreed to both." in seen.why
    assert "tends to disagree" in seen.why
    assert "Nobody took a side on both." in pair("1", "2").why
