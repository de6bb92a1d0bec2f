"""Attacks and rules on two real consultations, as published."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from aggregation import completion, intake, opinion, proofs, robust, tiers, wording
from aggregation.positions import Positions
from aggregation.robust import AttackReport
from aggregation.tiers import Policy
from aggregation.votes import VoteTable

BOWLING_GREEN = "american-assembly.bowling-green"


def _table(taken: intake.Intake) -> VoteTable:
    _, claims = wording.analysed(taken.corpus, taken.table())
    return taken.table().reindex([claim.id for claim in claims])


@pytest.fixture(scope="module")
def ccai(data_dir: Path) -> VoteTable:
    folder = data_dir / "ccai"
    return _table(
        intake.read_polis(
            folder / "comments.csv",
            None,
            folder / "participants-votes.csv",
            exclude=folder / "ids-to-toss.csv",
            title="CCAI",
            id="ccai",
        )
    )


@pytest.fixture(scope="module")
def bowling_green(data_dir: Path) -> VoteTable:
    return _table(intake.read_polis_folder(data_dir / "polis" / BOWLING_GREEN))


@pytest.fixture(scope="module")
def attacks(ccai: VoteTable) -> AttackReport:
    return robust.attack_report(ccai, Policy())


def _of(report: AttackReport, share: float, mode: str, *, rule: bool, goal: str = "bury"):
    return next(
        one
        for one in report.outcomes
        if (one.share, one.mode, one.served_rule, one.goal) == (share, mode, rule, goal)
    )


@pytest.mark.slow
def test_one_percent_of_fakes_empties_lists_where_people_choose_what_they_vote_on(attacks):
    """Eleven fakes push every target out of the majority's top 20; the thresholds do not move."""
    outcome = _of(attacks, 0.01, "self_selected", rule=False)
    assert (outcome.people, outcome.fakes) == (1089, 11)
    assert (outcome.of("majority").at_stake, outcome.of("majority").hit) == (12, 12)
    assert outcome.of("polis").hit >= 8
    assert (outcome.of("must").at_stake, outcome.of("must").hit) == (12, 0)


@pytest.mark.slow
def test_fakes_who_answer_what_they_are_served_cost_the_common_ground_no_target(attacks):
    """Up to 10 % served fakes: lists crumble slowly, no target loses its MUST."""
    assert _of(attacks, 0.01, "served_only", rule=True).of("majority").hit <= 2
    for share in (0.01, 0.05, 0.10):
        outcome = _of(attacks, share, "served_only", rule=True)
        assert (outcome.of("must").at_stake, outcome.of("must").hit) == (12, 0)
        assert outcome.of("common_ground").hit == 0
        assert outcome.of("common_ground").jaccard > 0.85


@pytest.mark.slow
def test_no_rule_protects_a_clause_that_stands_on_its_threshold(attacks):
    """Aimed at the weakest clauses, 5 % topple most of them by choice and few when served."""
    chosen = _of(attacks, 0.05, "self_selected", rule=False, goal="topple").of("common_ground")
    served = _of(attacks, 0.05, "served_only", rule=True, goal="topple").of("common_ground")
    assert chosen.at_stake == served.at_stake == 12
    assert chosen.hit >= 9
    assert 1 <= served.hit <= 4


@pytest.mark.slow
def test_votes_that_nobody_served_move_nothing_however_many_there_are(attacks):
    """The rule itself, on real votes: 10 % of fakes who choose leave every list as it is."""
    outcome = _of(attacks, 0.10, "self_selected", rule=True)
    assert all(one.jaccard == 1.0 for one in outcome.lists)


@pytest.mark.slow
def test_promotion_is_harder_than_burial(attacks):
    """No claim that about half agree with enters any list by 5 % of fakes, whoever chooses."""
    for one in attacks.outcomes:
        if one.goal == "promote" and one.share <= 0.05:
            assert all(listed.hit == 0 for listed in one.lists)


@pytest.mark.slow
def test_some_clauses_hang_by_few_people_and_the_report_names_them(attacks):
    """Margins spread from a couple of newcomers to dozens, all asked about the one clause."""
    needed = sorted(one.additions for one in attacks.least if one.additions is not None)
    assert len(needed) > 100
    assert 1 <= needed[0] <= 5
    assert needed[-1] > 20
    weakest = next(one for one in attacks.least if one.additions == needed[0])
    assert weakest.claim in attacks.lines()[-1]


@pytest.mark.slow
@pytest.mark.parametrize("consultation", ["ccai", "bowling_green"])
def test_our_rule_leaves_at_most_half_as_many_unheard_as_the_utilitarian_list(
    consultation, request
):
    """On contested claims, among people who approve of any of them."""
    votes = request.getfixturevalue(consultation).served_only()
    heard = np.flatnonzero(np.diff(votes.values.indptr))
    votes = votes.restrict([votes.participants[i] for i in heard])
    groups = opinion.groups(opinion.project(votes))
    support = opinion.group_support(votes, groups)
    n = len(votes.participants)
    positions = Positions(
        served=votes,
        model=completion.fit(votes, rank="auto"),
        groups=groups,
        support=support,
        direction=tiers.assign(support, Policy()).direction,
    )
    found = proofs.contested(positions, np.full(n, 1 / n), least=7, seed=0)
    assert found is not None
    assert found.seats == 15
    assert found.people > 0.95 * n
    rules = {one.rule: one for one in found.rules}
    ours, utilitarian = rules["default"], rules["utilitarian"]
    assert utilitarian.unheard > 0.03
    assert ours.unheard <= utilitarian.unheard / 2
    assert ours.p10 > utilitarian.p10
    assert ours.ejr_plus < 1
