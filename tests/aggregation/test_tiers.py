"""Which tier the counts put a claim in."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregation import tiers
from aggregation.errors import AggregationInputError
from aggregation.opinion import Support
from aggregation.tiers import Policy

Counts = tuple[int, int, int]  # agree, disagree, unsure

MUST = [(95, 3, 2), (90, 5, 5)]
SHOULD = [(95, 3, 2), (65, 30, 5)]
PROVISIONAL = [(5, 1, 0), (4, 1, 0)]
DIVIDED = [(95, 5, 0), (10, 90, 0)]
TIED_CAMPS = [(90, 10, 0), (10, 90, 0)]
VOICE = [(60, 20, 20), (40, 35, 25)]
OPPOSED = [(300, 200, 500), (10, 90, 0)]
FEW = [(2, 0, 0), (3, 0, 0)]
NOBODY = [(0, 0, 0), (0, 0, 0)]
LUKEWARM = [(40, 35, 25), (40, 35, 25)]
TIE = [(40, 40, 20), (40, 40, 20)]


def _claims(*claims: list[Counts]) -> Support:
    """Claims in columns, each with (agree, disagree, unsure) per group."""
    counts = np.array(claims, dtype=np.int64).transpose(2, 1, 0)
    agree, disagree, seen = counts[0], counts[1], counts.sum(axis=0)
    names = tuple(str(number) for number in range(len(claims)))
    return Support(names, agree, disagree, seen, *(c.sum(axis=0) for c in (agree, disagree, seen)))


def _assigned(*claims: list[Counts], **changes) -> tiers.Assignment:
    return tiers.assign(_claims(*claims), Policy(**changes))


@pytest.mark.parametrize(
    ("counts", "standing", "direction", "reason"),
    [
        (MUST, "MUST", 1, None),
        (SHOULD, "SHOULD", 1, None),
        (PROVISIONAL, "PROVISIONAL", 1, None),
        (DIVIDED, "DIVIDED", 1, None),
        (TIED_CAMPS, "DIVIDED", 0, None),
        (VOICE, "VOICE", 1, None),
        (OPPOSED, "NONE", 1, "group_opposes"),
        (FEW, "NONE", 1, "few_reactions"),
        (NOBODY, "NONE", 0, "no_reactions"),
        (LUKEWARM, "NONE", 1, "no_majority"),
        (TIE, "NONE", 0, "tie"),
    ],
)
def test_each_tier_and_each_reason_has_its_counts(counts, standing, direction, reason):
    """Counts made for each tier, and for each way of getting into none."""
    found = _assigned(counts)
    assert tiers.Standing(int(found.standing[0])).name == standing
    assert found.direction[0] == direction
    assert found.reason[0] == reason


_cells = st.tuples(*(st.integers(0, 60),) * 3)


@given(st.lists(st.tuples(_cells, _cells), min_size=1, max_size=5))
def test_negation_turns_directions_and_nothing_else(claims):
    """MUST becomes MUST NOT and SHOULD becomes SHOULD NOT; tier, condition and reason stay."""
    told = _assigned(*map(list, claims))
    turned = _assigned(*([(d, a, u) for a, d, u in claim] for claim in claims))
    np.testing.assert_array_equal(turned.direction, -told.direction)
    np.testing.assert_array_equal(turned.standing, told.standing)
    np.testing.assert_array_equal(turned.vetoed, told.vetoed)
    assert turned.strength == told.strength
    assert turned.reason == told.reason
    decided = told.direction != 0
    np.testing.assert_array_equal(turned.binding[decided], told.binding[decided])
    np.testing.assert_array_equal(turned.slack[decided], told.slack[decided])


@given(st.tuples(_cells, _cells), st.integers(0, 1))
def test_one_more_agreement_never_weakens_an_agreed_claim(claim, group):
    """With groups held fixed, support is monotone."""
    more = [(a + (g == group), d, u) for g, (a, d, u) in enumerate(claim)]
    told, after = _assigned(list(claim)), _assigned(more)
    if told.direction[0] > 0 and told.standing[0] >= tiers.Standing.SHOULD:
        assert after.standing[0] >= told.standing[0]


@given(st.tuples(_cells, _cells))
def test_renaming_groups_changes_no_tier(claim):
    """Which group is called A has no influence."""
    told, swapped = _assigned(list(claim)), _assigned(list(claim[::-1]))
    assert told.standing[0] == swapped.standing[0]
    assert told.reason == swapped.reason


def test_without_two_groups_nothing_is_a_must():
    """Where no second group could have objected, a claim is a SHOULD at most."""
    assert _assigned([(950, 30, 20)]).strength == ("should",)


def test_the_binding_condition_is_the_closest_one():
    """A MUST held back by its second group says so; one that is weak overall says that."""
    found = _assigned([(99, 1, 0), (75, 25, 0)], [(40, 9, 0), (40, 9, 0)])
    assert found.strength == ("must", "should")
    assert found.binding.tolist() == [1, tiers.POOLED]
    pooled = _assigned([(70, 30, 0), (70, 30, 0)])
    assert pooled.binding.tolist() == [tiers.POOLED]
    assert pooled.slack[0] == pytest.approx(0.0331, abs=1e-3)


def test_the_group_that_vetoes_is_named():
    """Whoever reads that a claim divides people can see who stands on the other side."""
    found = _assigned(DIVIDED, MUST)
    assert found.opposing_group.tolist() == [1, -1]
    assert found.vetoed.tolist() == [True, False]


def test_no_claims_are_no_problem():
    """A consultation without claims has an empty assignment."""
    empty = np.zeros((2, 0), dtype=np.int64)
    nothing = Support((), empty, empty, empty, *(np.zeros(0, dtype=np.int64),) * 3)
    assert tiers.assign(nothing, Policy()).strength == ()


def test_without_groups_the_whole_decides():
    """With too few people for groups the pooled thresholds still work."""
    found = _assigned([(0, 0, 0)])
    counts = np.zeros((0, 1), dtype=np.int64)
    alone = Support(("1",), counts, counts, counts, *(np.array([n]) for n in (12, 0, 12)))
    assert tiers.assign(alone, Policy()).strength == ("should",)
    assert found.reason == ("no_reactions",)


def test_a_policy_survives_being_written_down():
    """What a spec publishes about its thresholds is enough to run with them again."""
    policy = Policy(version="strict", must_pooled=0.9, common_budget=12)
    assert Policy.from_dict(policy.to_dict()) == policy
    assert Policy.from_dict({}) == Policy()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"must_poold": 0.8}, "'must_poold' does not exist; the fields are version"),
        ({"must_pooled": 1.2}, "must_pooled: 1.2 is not a number from 0 to 1"),
        ({"must_pooled": "high"}, "must_pooled: 'high'"),
        ({"must_pooled": float("nan")}, "must_pooled: nan"),
        ({"must_pooled": True}, "must_pooled: True"),
        ({"must_pooled": 0.5}, "must_pooled: it must be at least should_pooled"),
        ({"common_budget": 2.5}, "common_budget: 2.5 is not a whole number"),
        ({"voice_budget": -1}, "voice_budget: -1"),
        ({"version": ""}, "version"),
    ],
)
def test_a_senseless_policy_is_refused(values, message):
    """The field is named, with what is wrong about it."""
    with pytest.raises(AggregationInputError, match=message):
        Policy.from_dict(values)


# Two groups of 100: 85 and 69 of them agree, so the lower bounds are .767 and .594.
NEARLY_MUST = [(85, 10, 5), (69, 26, 5)]


@pytest.mark.parametrize(
    ("held", "strength"), [(None, "should"), ("should", "should"), ("must", "must")]
)
def test_what_was_a_must_stays_one_just_below_its_threshold(held, strength):
    """One group's bound is .594: under .60, but not by the hysteresis of .02."""
    support = _claims(NEARLY_MUST)
    assert tiers.assign(support, Policy(must_pooled=0.65), held=(held,)).strength == (strength,)


def test_far_below_the_threshold_nothing_is_held():
    """A norm that lost its support goes, however long it stood."""
    assert tiers.assign(_claims(VOICE), Policy(), held=("must",)).strength == (None,)


def test_without_hysteresis_the_version_before_decides_nothing():
    """Held or not, a claim under the threshold is under it."""
    policy = Policy(must_pooled=0.65, hysteresis=0.0)
    assert tiers.assign(_claims(NEARLY_MUST), policy, held=("must",)).strength == ("should",)


def test_held_strengths_must_fit_the_claims():
    """One entry per claim."""
    with pytest.raises(AggregationInputError, match="1 claims"):
        tiers.assign(_claims(MUST), Policy(), held=("must", None))
