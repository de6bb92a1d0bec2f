"""Estimates of the answers nobody gave."""

from __future__ import annotations

import numpy as np
import pytest
from tables import negated, polis_matrix, two_camps

from aggregation import completion
from aggregation.errors import AggregationInputError
from aggregation.votes import VoteTable


@pytest.fixture
def camps() -> VoteTable:
    return two_camps(np.random.default_rng(4))


def test_a_person_is_expected_to_side_with_her_camp(camps):
    """On disputed claims that a person never saw, the model expects her camp's answer."""
    estimates = completion.fit(camps).probability()
    values, seen = camps.values.toarray(), camps.indicator().toarray()
    camp = np.arange(80) < 48
    votes = np.array([values[camp].sum(axis=0), values[~camp].sum(axis=0)])
    expected = np.where(camp[:, None], votes[0], votes[1]) > 0
    unseen = seen == 0
    assert np.mean((estimates > 0.5)[unseen] == expected[unseen]) > 0.93


def test_negating_all_votes_turns_every_estimate_round(camps):
    """The model prefers neither agreement nor disagreement."""
    before = completion.fit(camps).probability()
    after = completion.fit(negated(camps)).probability()
    np.testing.assert_allclose(after, 1 - before, atol=1e-12)


def test_unsure_is_no_evidence(camps):
    """Taking all unsure votes away changes no estimate."""
    sure = camps.select(camps.values.data != 0)
    np.testing.assert_array_equal(
        completion.fit(sure).probability(), completion.fit(camps).probability()
    )


def test_nobody_asked_means_nobody_known():
    """Without any vote each estimate is one half."""
    table = VoteTable.from_arrays(["a", "b"], ["1", "2"], [0, 0])
    np.testing.assert_array_equal(completion.fit(table).probability(), np.full((2, 2), 0.5))
    empty = VoteTable.from_arrays([], [], [])
    assert completion.fit(empty).probability().shape == (0, 0)


def test_a_claim_with_few_answers_stays_near_the_middle(camps):
    """Doubt draws estimates towards one half: two answers are less certain than fifty."""
    few = camps.select((camps.columns != 0) | (camps.rows < 3))
    certain = np.abs(completion.fit(camps).probability()[:, 0] - 0.5).mean()
    doubtful = np.abs(completion.fit(few).probability()[:, 0] - 0.5).mean()
    assert doubtful < certain


def test_rows_can_be_asked_for_in_part(camps):
    """The estimates of some people are those rows of the estimates of all."""
    model = completion.fit(camps)
    rows = np.array([7, 3])
    np.testing.assert_allclose(model.probability(rows), model.probability()[rows], rtol=1e-12)


def test_the_model_beats_the_statements_means_on_real_votes(data_dir):
    """On hidden answers of a real consultation it is closer than each statement's average."""
    table, _ = polis_matrix(data_dir / "polis" / "vtaiwan.uberx")
    report = completion.heldout_report(table, seed=1)
    assert report.votes > 5000
    assert report.log_loss < 0.8 * report.mean_log_loss
    assert report.auc > report.mean_auc + 0.1
    assert completion.heldout_report(table, seed=1) == report


def test_senseless_requests_are_refused(camps):
    """A negative rank is an error, and so is a held-out test with nothing to tell apart."""
    with pytest.raises(AggregationInputError, match="rank -1"):
        completion.fit(camps, rank=-1)
    with pytest.raises(AggregationInputError, match="all alike"):
        completion.heldout_report(camps.select(camps.values.data > 0))
