"""What a coordinated crowd can do, and what it cannot."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables import two_camps

from aggregation import opinion, robust, tiers
from aggregation.errors import AggregationInputError
from aggregation.tiers import Policy
from aggregation.votes import VoteTable

ONE_CROWD = Policy(min_groups_for_must=1)
LISTS = ("must", "common_ground", "majority", "polis")


def _broad() -> VoteTable:
    """400 people answer ten of 40 claims: nearly all agree with 12, most with 24, half with 4."""
    rng = np.random.default_rng(0)
    support = np.repeat([0.99, 0.92, 0.5], [12, 24, 4])
    rows = np.repeat(np.arange(400), 10)
    columns = np.concatenate([rng.choice(40, 10, replace=False) for _ in range(400)])
    return VoteTable.from_arrays(
        rows, columns, np.where(rng.random(4000) < support[columns], 1, -1)
    )


def _attack(table: VoteTable, policy: Policy = ONE_CROWD, **options) -> robust.AttackOutcome:
    return robust.coordinated_attack(table, policy, **{"share": 0.05, **options})


def test_fakes_who_choose_empty_the_majority_list_and_served_ones_do_not():
    """16 fakes on a hundred answers push 99 % to 85 %; asked like anybody, they are too few.

    Fakes who choose also move the groups; against served ones the thresholds' margins hold.
    """
    chosen = _attack(_broad(), share=0.04, served_rule=False)
    served = _attack(_broad(), share=0.04, mode="served_only")
    assert chosen.fakes == served.fakes == 16
    assert (chosen.of("majority").at_stake, chosen.of("majority").hit) == (12, 12)
    assert served.of("majority").hit <= 3
    assert (served.of("common_ground").at_stake, served.of("common_ground").hit) == (12, 0)


@pytest.mark.parametrize("goal", ["bury", "topple", "promote"])
def test_votes_on_what_nobody_served_change_nothing(goal):
    """Where only served votes count, choosing one's own claims is vain, however many do it."""
    table = two_camps(np.random.default_rng(1))
    outcome = _attack(table, Policy(), share=0.9, goal=goal)
    assert outcome.fakes == 72
    assert all((one.jaccard, one.hit) == (1.0, 0) for one in outcome.lists)
    assert (outcome.lost, outcome.weakened, outcome.gained) == ((), (), ())


def test_unserved_votes_count_only_where_a_platform_counts_them():
    """The clean outcome itself follows the rule: an unserved vote is not there."""
    who, what = np.repeat(np.arange(30), 2), np.tile([0, 1], 30)
    table = VoteTable.from_arrays(who, what, np.ones(60, dtype=int), served=what == 0)
    with_rule, without = _attack(table), _attack(table, served_rule=False)
    assert with_rule.of("majority").before == 1
    assert without.of("majority").before == 2


def test_enough_fakes_bury_and_promote_whatever_they_name():
    """Nearly as many fakes as people, each voting on the target, win where all votes count."""
    buried = _attack(_broad(), share=0.95, served_rule=False, targets=["0"])
    assert buried.targets == ("0",)
    assert "0" in buried.lost
    assert (buried.of("common_ground").at_stake, buried.of("common_ground").hit) == (1, 1)
    promoted = _attack(_broad(), share=0.95, served_rule=False, goal="promote", targets=["39"])
    assert "39" in promoted.gained
    assert (promoted.of("common_ground").at_stake, promoted.of("common_ground").hit) == (1, 1)


def test_a_group_of_opponents_stops_a_promotion_that_a_majority_list_lets_in():
    """57 fakes outvote 30 opponents, but the opponents are a group, and its share binds."""
    rows, columns = (one.ravel() for one in np.indices((60, 3)))
    values = np.where((columns == 1) & (rows % 2 == 0), -1, 1)
    table = VoteTable.from_arrays(rows, columns, values)
    outcome = _attack(table, share=0.95, served_rule=False, goal="promote", targets=["1"])
    assert outcome.groups_after == 2
    assert outcome.gained == ()


def test_to_topple_is_to_aim_at_the_clauses_with_the_least_margin():
    """The targets are those that the fewest newcomers take down, and they fall first."""
    table = two_camps(np.random.default_rng(2), people=200, claims=24)
    outcome = _attack(table, Policy(), goal="topple", served_rule=False)
    groups = opinion.groups(opinion.project(table))
    support = opinion.group_support(table, groups)
    assignment = tiers.assign(support, Policy())
    found = robust.least_attacks(support, assignment, Policy(), participants=200)
    weakest = sorted(found, key=lambda one: one.additions)[: len(outcome.targets)]
    assert set(outcome.targets) == {one.claim for one in weakest}
    assert outcome.of("common_ground").at_stake == len(outcome.targets)


def test_a_broadly_rejected_claim_is_buried_by_agreeing():
    """Fakes vote against what the crowd says of a claim, so a MUST NOT meets agreement."""
    rows, columns = (one.ravel() for one in np.indices((60, 2)))
    table = VoteTable.from_arrays(rows, columns, np.where(columns == 0, -1, 1))
    outcome = _attack(table, share=0.95, served_rule=False, targets=["0"])
    assert "0" in outcome.lost


@given(
    st.integers(0, 1000),
    st.sampled_from(["self_selected", "served_only"]),
    st.sampled_from(["bury", "topple", "promote"]),
    st.floats(0.01, 0.99),
    st.booleans(),
)
def test_what_an_outcome_says_hangs_together(seed, mode, goal, share, rule):
    """Hits are among the targets at stake, shares lie in 0..1, fakes are a share of the people."""
    table = two_camps(np.random.default_rng(seed), people=30, claims=12)
    outcome = _attack(
        table, Policy(), share=share, mode=mode, goal=goal, served_rule=rule, seed=seed
    )
    assert outcome.fakes == max(1, round(share * outcome.people))
    assert tuple(one.name for one in outcome.lists) == LISTS
    for one in outcome.lists:
        assert 0 <= one.hit <= one.at_stake <= len(outcome.targets)
        assert 0 <= one.jaccard <= 1
        assert (one.jaccard == 1) or one.before or one.after
    tier = outcome.of("common_ground")
    assert tier.after == tier.before - len(outcome.lost) + len(outcome.gained)


def test_the_same_seed_gives_the_same_report_whatever_the_order_of_the_votes():
    """Rows in another order, and the same run twice, say the same; another seed may not."""
    table = two_camps(np.random.default_rng(4))
    people = np.array(table.participants)[table.rows]
    claims = np.array(table.statements)[table.columns]
    order = np.random.default_rng(0).permutation(table.count)
    mixed = VoteTable.from_arrays(people[order], claims[order], table.values.data[order])
    first = robust.attack_report(table, Policy(), shares=(0.1,), seed=3)
    assert robust.attack_report(table, Policy(), shares=(0.1,), seed=3) == first
    assert robust.attack_report(mixed, Policy(), shares=(0.1,), seed=3) == first


def test_the_report_holds_every_attack_as_plain_values_and_in_words():
    """Three goals, three settings, each share; JSON can carry it and a person can read it."""
    report = robust.attack_report(_broad(), ONE_CROWD, shares=(0.05, 0.5))
    assert len(report.outcomes) == 3 * 3 * 2
    plain = json.loads(json.dumps(report.to_dict()))
    assert plain["people"] == 400
    assert plain["outcomes"][0]["lists"][2]["name"] == "majority"
    text = "\n".join(report.lines())
    assert "400 people voted on 40 claims" in text
    assert "5% (20)    the fakes, all votes count" in text
    assert "50% (200)" in text


def test_a_single_attack_equals_its_line_in_the_report():
    """The report is nothing but the attacks one by one."""
    table = _broad()
    report = robust.attack_report(table, ONE_CROWD, shares=(0.05,), seed=7)
    for one in report.outcomes:
        alone = _attack(table, mode=one.mode, goal=one.goal, served_rule=one.served_rule, seed=7)
        assert alone == one


@pytest.mark.parametrize(
    "table",
    [
        VoteTable.from_arrays([], [], []),
        VoteTable.from_arrays([], [], []).reindex(["1", "2"]),
        VoteTable.from_arrays([0], [0], [1]),
        VoteTable.from_arrays([0, 0], [0, 1], [0, 0]),
        VoteTable.from_arrays(np.repeat(np.arange(20), 3), np.tile(np.arange(3), 20), [1] * 60),
    ],
    ids=["nothing", "no votes", "one vote", "unsure", "all agree"],
)
def test_degenerate_crowds_give_a_valid_report(table):
    """No votes, one person, or one mind: every attack has an outcome and the words come."""
    report = robust.attack_report(table, Policy())
    assert len(report.outcomes) == 27
    assert report.lines()
    if not table.count:
        assert report.people == 0
        assert all(one.fakes == 0 for one in report.outcomes)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"share": 0.0}, "share 0.0"),
        ({"share": 1.0}, "share 1.0"),
        ({"share": -0.1}, "above 0 and below 1"),
        ({"share": float("nan")}, "share nan"),
        ({"share": True}, "share True"),
        ({"mode": "bribe"}, "mode 'bribe' is none of self_selected, served_only"),
        ({"goal": "win"}, "goal 'win' is none of bury, topple, promote"),
        ({"targets": ["1", "99"]}, "target '99' is not a claim"),
    ],
)
def test_bad_options_are_named(options, message):
    """Shares outside 0..1, unknown modes, goals and targets are refused."""
    with pytest.raises(AggregationInputError, match=message):
        _attack(_broad(), **options)


def test_the_report_checks_its_shares_before_it_starts():
    """One bad share refuses the whole report."""
    with pytest.raises(AggregationInputError, match="share 2"):
        robust.attack_report(_broad(), Policy(), shares=(0.1, 2))


# -- the least attack ------------------------------------------------------------------------------


def test_the_least_attack_suffices_and_one_person_less_does_not():
    """Adding that many votes against, where the clause is weakest, costs it its strength."""
    table = two_camps(np.random.default_rng(2), people=120, claims=12)
    groups = opinion.groups(opinion.project(table))
    support = opinion.group_support(table, groups)
    assignment = tiers.assign(support, Policy())
    found = robust.least_attacks(support, assignment, Policy(), participants=120)
    assert [one.claim for one in found] == [
        name
        for name, strength in zip(table.statements, assignment.strength, strict=True)
        if strength
    ]
    for one in found:
        enough, too_few = (
            {_strength_after(support, one.claim, newcomers, group) for group in range(groups.k)}
            for newcomers in (one.additions, one.additions - 1)
        )
        assert enough != {one.strength}
        assert too_few == {one.strength}
        assert one.share == one.additions / (120 + one.additions)


def _strength_after(support, claim, newcomers, group):
    """The clause's strength with so many more against it in one group."""
    claim = support.statements.index(claim)
    disagree, seen = support.disagree.copy(), support.seen.copy()
    disagree[group, claim] += newcomers
    seen[group, claim] += newcomers
    disagree_all, seen_all = support.disagree_all.copy(), support.seen_all.copy()
    disagree_all[claim] += newcomers
    seen_all[claim] += newcomers
    changed = opinion.Support(
        *(support.statements, support.agree, disagree, seen),
        *(support.agree_all, disagree_all, seen_all),
    )
    return tiers.assign(changed, Policy()).strength[claim]
