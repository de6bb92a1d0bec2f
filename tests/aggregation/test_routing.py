"""What is shown next."""

from __future__ import annotations

import numpy as np
import pytest
from tables import polis_matrix

from aggregation import opinion, routing
from aggregation.errors import AggregationInputError


@pytest.fixture(scope="module")
def real(data_dir) -> opinion.Support:
    table, _ = polis_matrix(data_dir / "polis" / "vtaiwan.uberx")
    return opinion.group_support(table, opinion.groups(opinion.project(table)))


def _support(agree, seen) -> opinion.Support:
    agree, seen = np.array(agree), np.array(seen)
    names = tuple(str(number) for number in range(agree.shape[1]))
    sums = agree.sum(axis=0), (seen - agree).sum(axis=0), seen.sum(axis=0)
    return opinion.Support(names, agree, seen - agree, seen, *sums)


@pytest.mark.parametrize("group", [None, 0, 1])
def test_weights_are_neither_constant_nor_a_point_mass_on_real_votes(real, group):
    """Some claims matter more than others, and no single claim crowds out the rest."""
    score = routing.boundary_score(real, group, tau=0.6)
    share = score / score.sum()
    spread = np.exp(-np.sum(share * np.log(np.maximum(share, 1e-300))))
    assert 5 < spread < 0.8 * len(share)
    assert share.max() < 0.25


def test_a_claim_at_the_threshold_comes_before_a_settled_one():
    """One more answer about 60 of 100 tells more than one about 99 of 100."""
    score = routing.boundary_score(_support([[60, 99], [70, 99]], [[100, 100]] * 2), 0, tau=0.6)
    assert score[0] > 5 * score[1]


def test_direction_does_not_matter():
    """A claim that most reject is asked about as often as one that most accept."""
    agree, seen = np.array([[60, 40], [70, 30]]), np.full((2, 2), 100)
    score = routing.boundary_score(_support(agree, seen), 0, tau=0.6)
    assert score[0] == pytest.approx(score[1])


def test_answered_claims_do_not_come_again(real):
    """Nothing is shown twice, and at the end nothing is left to show."""
    answered = np.ones(len(real.statements), dtype=bool)
    answered[[3, 5, 8]] = False
    picks = routing.next_statements(real, 0, answered, np.random.default_rng(0), count=10)
    assert {pick.statement for pick in picks} == {real.statements[j] for j in (3, 5, 8)}
    assert picks[-1].probability == 1.0
    answered[:] = True
    assert routing.next_statements(real, None, answered, np.random.default_rng(0)) == ()


def test_every_claim_keeps_a_chance(real):
    """A tenth of all showings is drawn evenly, so support of unpopular claims gets known."""
    open_claims = np.zeros(len(real.statements), dtype=bool)
    rng = np.random.default_rng(1)
    firsts = [routing.next_statements(real, 0, open_claims, rng)[0] for _ in range(500)]
    assert min(pick.probability for pick in firsts) >= 0.1 / len(real.statements) - 1e-12


def test_the_stated_chance_is_the_real_one():
    """Over many draws a claim comes up as often as its probability says."""
    support = _support([[6, 9, 3, 5]], [[10, 10, 10, 10]])
    rng, none = np.random.default_rng(2), np.zeros(4, dtype=bool)
    picks = [routing.next_statements(support, None, none, rng)[0] for _ in range(4000)]
    for name in support.statements:
        stated = {pick.probability for pick in picks if pick.statement == name}
        assert len(stated) == 1
        share = np.mean([pick.statement == name for pick in picks])
        assert share == pytest.approx(stated.pop(), abs=0.03)


def test_a_group_that_does_not_exist_is_refused(real):
    """A stale group number is an error, not another group's weights."""
    with pytest.raises(AggregationInputError, match="group 9"):
        routing.boundary_score(real, 9, tau=0.6)
