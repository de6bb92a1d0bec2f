"""How good the estimates are on answers that were hidden from them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables import negated, polis_matrix, two_camps

from aggregation import completion
from aggregation.completion import scores
from aggregation.errors import AggregationInputError
from aggregation.votes import VoteTable


@pytest.fixture
def camps() -> VoteTable:
    return two_camps(np.random.default_rng(4))


def test_log_loss_of_known_probabilities():
    """Saying 3/4 and being right twice and wrong once costs (2 ln 4/3 + ln 4) / 3."""
    sign, logit = np.array([1, 1, -1]), np.full(3, np.log(3))
    expected = (2 * np.log(4 / 3) + np.log(4)) / 3
    assert scores.log_loss(sign, logit) == pytest.approx(expected)
    assert np.isfinite(scores.log_loss(sign, np.full(3, 1e4)))


def test_calibration_error_of_known_probabilities():
    """Ten times 3/4 with seven agreements is .05 off; being sure and right is 0 off."""
    sign = np.array([1] * 7 + [-1] * 3)
    assert scores.calibration_error(sign, np.full(10, np.log(3))) == pytest.approx(0.05)
    assert scores.calibration_error(sign, np.where(sign > 0, 50.0, -50.0)) == pytest.approx(0)


@given(st.lists(st.tuples(st.sampled_from([-1, 1]), st.integers(-3, 3)), min_size=1, max_size=40))
def test_auc_counts_pairs(answers):
    """AUC is the share of (agree, disagree) pairs in the right order, ties for half."""
    sign = np.array([one for one, _ in answers])
    logit = np.array([float(two) for _, two in answers])
    gaps = logit[sign > 0][:, None] - logit[sign < 0][None, :]
    counted = scores.auc(sign, logit)
    if gaps.size == 0:
        assert counted is None
    else:
        assert counted == pytest.approx((np.sum(gaps > 0) + np.sum(gaps == 0) / 2) / gaps.size)


def test_the_model_beats_the_statements_means_on_real_votes(data_dir):
    """On hidden answers of a real consultation it is closer than each statement's average."""
    table, _ = polis_matrix(data_dir / "polis" / "vtaiwan.uberx")
    report = completion.heldout_report(table, rank=3, seed=1)
    assert report is not None
    assert report.votes > 5000
    assert report.log_loss < 0.8 * report.mean_log_loss
    assert report.auc > report.mean_auc + 0.1
    assert report.ece < 0.03
    assert completion.heldout_report(table, rank=3, seed=1) == report


def test_groups_add_up_to_everybody(camps):
    """The votes of the groups are the hidden votes, and their log-losses average to the whole."""
    labels = np.where(np.arange(80) < 48, 0, 1)
    report = completion.heldout_report(camps, rank=1, labels=labels)
    assert [reading.group for reading in report.groups] == [0, 1]
    assert sum(reading.votes for reading in report.groups) == report.votes
    total = sum(reading.votes * reading.log_loss for reading in report.groups)
    assert total / report.votes == pytest.approx(report.log_loss)


def test_people_without_a_group_are_in_no_group(camps):
    """Label -1 counts overall only, and a group whose hidden votes are alike has no AUC."""
    sure = camps.select((camps.values.data > 0) | (camps.rows != 9))
    labels = np.full(80, -1)
    labels[9] = 4
    report = completion.heldout_report(sure, rank=1, labels=labels)
    (only,) = report.groups
    assert (only.group, only.auc) == (4, None)
    assert only.votes < report.votes


def test_a_report_does_not_depend_on_which_side_is_called_agreement(camps):
    """Negating every vote leaves the loss and turns no answer from hidden to known."""
    report = completion.heldout_report(camps, rank=3)
    turned = completion.heldout_report(negated(camps), rank=3)
    assert turned.log_loss == report.log_loss
    assert turned.mean_log_loss == report.mean_log_loss
    assert turned.auc == pytest.approx(report.auc)


def test_where_nothing_can_be_told_apart_there_is_no_report(camps):
    """All answers alike, or none at all."""
    assert completion.heldout_report(camps.select(camps.values.data > 0), rank=3) is None
    assert completion.heldout_report(VoteTable.from_arrays([], [], []), rank=3) is None


def test_senseless_requests_are_refused(camps):
    """A share that hides nothing or everything, and labels for other people."""
    with pytest.raises(AggregationInputError, match=r"share 1\.0"):
        completion.heldout_report(camps, rank=3, share=1.0)
    with pytest.raises(AggregationInputError, match="give 80"):
        completion.heldout_report(camps, rank=3, labels=np.zeros(3, dtype=np.int64))
