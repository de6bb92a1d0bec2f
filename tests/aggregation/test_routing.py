"""What is shown next."""

from __future__ import annotations

import numpy as np
import pytest
from tables import polis_matrix

from aggregation import opinion, routing
from aggregation.errors import AggregationInputError

CONVERSATIONS = ("ccai", "polis/american-assembly.bowling-green", "polis/vtaiwan.uberx")


@pytest.fixture(scope="module")
def conversations(data_dir) -> dict[str, tuple[opinion.Support, np.ndarray]]:
    """Support and extremity of claims that at least 20 people answered."""
    read = {}
    for folder in CONVERSATIONS:
        table, _ = polis_matrix(data_dir / folder)
        seen = np.bincount(table.columns, minlength=table.shape[1])
        table = table.restrict(statements=np.array(table.statements)[seen >= 20].tolist())
        points = opinion.project(table)
        support = opinion.group_support(table, opinion.groups(points))
        read[folder] = support, opinion.extremity(points)
    return read


@pytest.fixture(scope="module")
def real(conversations) -> opinion.Support:
    return conversations["polis/vtaiwan.uberx"][0]


def _support(agree, seen) -> opinion.Support:
    agree, seen = np.array(agree), np.array(seen)
    names = tuple(str(number) for number in range(agree.shape[1]))
    sums = agree.sum(axis=0), (seen - agree).sum(axis=0), seen.sum(axis=0)
    return opinion.Support(names, agree, seen - agree, seen, *sums)


@pytest.mark.parametrize("folder", CONVERSATIONS)
@pytest.mark.parametrize("group", [None, 0, 1])
@pytest.mark.parametrize("rule", ["boundary", "polis"])
def test_weights_are_neither_constant_nor_a_point_mass_on_real_votes(
    conversations, folder, group, rule
):
    """Some claims matter more than others, none crowds out the rest, and each keeps a chance."""
    support, extremity = conversations[folder]
    m = len(support.statements)
    score = (
        opinion.polis_priority(support, extremity)
        if rule == "polis"
        else routing.boundary_score(support, group, tau=0.6)
    )
    chance = routing.serving_chances(score, exploration=0.1)
    assert chance.sum() == pytest.approx(1)
    assert 0.05 * m < np.exp(-np.sum(chance * np.log(chance))) < 0.95 * m
    assert 2 / m < chance.max() < 0.35
    assert chance.min() >= 0.1 / m - 1e-12
    (pick,) = routing.next_statements(
        *(support, group, np.zeros(m, dtype=bool), np.random.default_rng(0)),
        rule=rule,
        extremity=extremity,
    )
    assert pick.probability == chance[support.statements.index(pick.statement)]


def test_polis_priority_is_what_the_polis_rule_draws_by(conversations):
    """Nine tenths in proportion to the priority, one tenth evenly, the same for every group."""
    support, extremity = conversations["ccai"]
    m = len(support.statements)
    priority = opinion.polis_priority(support, extremity)
    expected = 0.9 * priority / priority.sum() + 0.1 / m
    for group in (None, 0):
        picks = routing.next_statements(
            *(support, group, np.zeros(m, dtype=bool), np.random.default_rng(3)),
            rule="polis",
            extremity=extremity,
        )
        place = support.statements.index(picks[0].statement)
        assert picks[0].probability == pytest.approx(expected[place])


def test_chances_of_equal_or_worthless_claims_are_equal():
    """Nothing to choose by: everybody gets the same share; no claims, no shares."""
    for score in (np.zeros(4), np.full(4, 3.0)):
        np.testing.assert_allclose(routing.serving_chances(score, exploration=0.1), 0.25)
    lone = routing.serving_chances(np.array([0.0, 5.0]), exploration=0.2)
    np.testing.assert_allclose(lone, [0.1, 0.9])
    assert routing.serving_chances(np.zeros(0), exploration=0.1).shape == (0,)


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


def test_the_same_seed_shows_the_same_claims(real):
    """Order and chances depend on nothing but the votes and the generator."""
    unseen = np.zeros(len(real.statements), dtype=bool)
    shown = [
        routing.next_statements(real, 1, unseen, np.random.default_rng(5), count=12)
        for _ in range(2)
    ]
    assert shown[0] == shown[1]
    assert len({pick.statement for pick in shown[0]}) == 12
    assert not unseen.any()
    assert routing.next_statements(real, 1, unseen, np.random.default_rng(5), count=0) == ()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"group": 9}, "group 9"),
        ({"group": -1}, "group -1"),
        ({"group": 9, "rule": "polis", "extremity": np.zeros(4)}, "group 9"),
        ({"answered": np.zeros(3, dtype=bool)}, "give 4 flags"),
        ({"answered": np.zeros(4)}, "give 4 flags"),
        ({"count": -1}, "count -1"),
        ({"exploration": 0.0}, r"exploration 0\.0"),
        ({"exploration": 1.5}, r"exploration 1\.5"),
        ({"exploration": float("nan")}, "exploration nan"),
        ({"tau": 1.0}, r"tau 1\.0"),
        ({"rule": "loudest"}, "rule 'loudest'"),
        ({"rule": "polis"}, "needs 4"),
        ({"rule": "polis", "extremity": np.zeros(2)}, "needs 4"),
        ({"rule": "polis", "extremity": np.array([0, 1, -2, 0.5])}, r"-2\.0 of claim '2'"),
    ],
)
def test_senseless_requests_are_refused(changed, message):
    """A stale group number is an error, not another group's weights; so is all else amiss."""
    request = {"group": 0, "answered": np.zeros(4, dtype=bool)} | changed
    group, answered = request.pop("group"), request.pop("answered")
    support = _support([[6, 9, 3, 5]], [[10, 10, 10, 10]])
    with pytest.raises(AggregationInputError, match=message):
        routing.next_statements(support, group, answered, np.random.default_rng(0), **request)
