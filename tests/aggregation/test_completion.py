"""Estimates of the answers nobody gave."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize
from tables import negated, two_camps

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
    before, after = completion.fit(camps), completion.fit(negated(camps))
    assert after.mu == -before.mu
    np.testing.assert_array_equal(after.person[:, 0], -before.person[:, 0])
    np.testing.assert_array_equal(after.person[:, 1:], before.person[:, 1:])
    np.testing.assert_array_equal(after.statement, -before.statement)
    np.testing.assert_array_equal(after.variance(), before.variance())
    np.testing.assert_allclose(after.probability(), 1 - before.probability(), atol=1e-15)


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


def test_claims_that_nobody_answered_change_no_estimate(camps):
    """Three hundred of them: every other estimate stays the same to the last bit."""
    more = camps.reindex([*camps.statements, *(f"silent{i}" for i in range(300))])
    m = len(camps.statements)
    for rank in (0, 3):
        alone, among = completion.fit(camps, rank=rank), completion.fit(more, rank=rank)
        assert alone.mu == among.mu
        np.testing.assert_array_equal(among.person, alone.person)
        np.testing.assert_array_equal(among.statement[:m], alone.statement)
        assert not among.statement[m:].any()


def test_a_claim_with_few_answers_stays_near_the_middle(camps):
    """Doubt draws estimates towards one half: two answers are less certain than fifty."""
    few = camps.select((camps.columns != 0) | (camps.rows < 3))
    certain = np.abs(completion.fit(camps).probability()[:, 0] - 0.5).mean()
    doubtful = np.abs(completion.fit(few).probability()[:, 0] - 0.5).mean()
    assert doubtful < certain


def test_rows_can_be_asked_for_in_part(camps):
    """The estimates of some people are those rows of the estimates of all."""
    model = completion.fit(camps)
    rows, columns = np.array([7, 3]), np.array([5, 0, 9])
    whole, spread = model.probability(), model.variance()
    np.testing.assert_allclose(model.probability(rows), whole[rows], rtol=1e-12)
    part = np.ix_(rows, columns)
    np.testing.assert_allclose(model.probability(rows, columns), whole[part], rtol=1e-12)
    np.testing.assert_allclose(model.variance(rows, columns), spread[part], rtol=1e-12)
    blocks = list(model.blocks(33))
    assert [(rows.start, rows.stop) for rows, _ in blocks] == [(0, 33), (33, 66), (66, 80)]
    np.testing.assert_allclose(np.vstack([block for _, block in blocks]), whole, rtol=1e-12)


def test_a_long_fit_reaches_the_top_of_the_posterior(camps):
    """A general optimiser, started at the fit, finds nothing better."""
    fit = completion.fit(camps, rank=2, rounds=400)
    told = camps.values.data != 0
    row, column, sign = camps.rows[told], camps.columns[told], camps.values.data[told]
    n, m = camps.shape

    def loss(flat: np.ndarray) -> float:
        person, statement = flat[1 : 1 + 3 * n].reshape(n, 3), flat[1 + 3 * n :].reshape(m, 3)
        logit = flat[0] + person[row, 0] + statement[column, 0]
        logit = logit + np.sum(person[row, 1:] * statement[column, 1:], axis=1)
        prior = 0.01 * flat[0] ** 2 + np.sum(person**2)
        prior += np.sum(statement**2 * np.array([0.5, 16.0, 16.0]))
        return float(np.logaddexp(0, -sign * logit).sum() + prior / 2)

    flat = np.concatenate([[fit.mu], fit.person.ravel(), fit.statement.ravel()])
    best = optimize.minimize(loss, flat, options={"maxiter": 20})
    assert loss(flat) - best.fun < 0.2  # nats, over 1200 answers
    assert loss(flat) < loss(np.zeros_like(flat)) - 200


def test_more_rounds_never_make_the_fit_worse(camps):
    """The estimates of what people did answer only get better from round to round."""
    told = camps.values.data != 0
    row, column, sign = camps.rows[told], camps.columns[told], camps.values.data[told]
    prior = np.array([0.5, *[16.0] * 3])
    posterior = []
    for rounds in (1, 2, 3, 5, 9, 15):
        fit = completion.fit(camps, rounds=rounds)
        logit = fit.mu + fit.person[row, 0] + fit.statement[column, 0]
        logit += np.sum(fit.person[row, 1:] * fit.statement[column, 1:], axis=1)
        penalty = 0.01 * fit.mu**2 + np.sum(fit.person**2) + np.sum(prior * fit.statement**2)
        posterior.append(-np.logaddexp(0, -sign * logit).sum() - penalty / 2)
    assert np.all(np.diff(posterior) > -1e-9)


def test_variance_is_that_of_the_samples(camps):
    """Draws scatter around the estimates as widely as the stated variance says."""
    model = completion.fit(camps)
    rows, columns, rng = np.arange(5), np.arange(4), np.random.default_rng(0)
    draws = np.array([model.sample(rng, rows, columns) for _ in range(4000)])
    logits = np.log(draws / (1 - draws))
    # A product of two draws also varies by the product of their variances, which is small.
    np.testing.assert_allclose(logits.var(axis=0), model.variance(rows, columns), rtol=0.5)
    again = model.sample(np.random.default_rng(7), rows, columns)
    np.testing.assert_array_equal(again, model.sample(np.random.default_rng(7), rows, columns))


def test_the_rank_is_chosen_by_answers_not_seen(camps):
    """Two camps need a factor; people who differ in nothing but their mood need none."""
    chosen = completion.fit(camps, rank="auto")
    assert chosen.rank >= 1
    losses = dict(chosen.tried)
    assert losses[chosen.rank] <= min(losses.values()) + 0.001
    assert completion.fit(camps, rank="auto").tried == chosen.tried
    assert completion.fit(negated(camps), rank="auto").tried == chosen.tried
    rng = np.random.default_rng(3)
    noise = np.where(rng.random((300, 40)) < 0.7, 1, -1)
    rows, columns = np.indices(noise.shape).reshape(2, -1)
    table = VoteTable.from_arrays(rows, columns, noise.ravel())
    assert completion.fit(table, rank="auto").rank == 0


def test_without_anything_to_tell_apart_the_rank_is_zero(camps):
    """All alike, hardly any votes or none at all: no trial, and no exception."""
    for few in (
        camps.select(camps.values.data > 0),
        camps.select(camps.rows < 3),
        VoteTable.from_arrays([], [], []),
    ):
        chosen = completion.fit(few, rank="auto")
        assert (chosen.rank, chosen.tried) == (0, ())


def test_an_earlier_fit_is_a_head_start(camps):
    """From a finished fit two rounds are enough, newcomers included; names decide, not places."""
    finished = completion.fit(camps, rounds=200)
    known = camps.drop(participants=["0", "44"], statements=["3"])
    warm = completion.fit(camps, rounds=2, warm=completion.fit(known, rounds=200))
    np.testing.assert_allclose(warm.probability(), finished.probability(), atol=0.06)
    cold = completion.fit(camps, rounds=2)
    apart = np.abs(cold.probability() - finished.probability()).mean()
    assert np.abs(warm.probability() - finished.probability()).mean() < apart / 2


def test_an_earlier_fit_that_says_nothing_is_passed_over(camps):
    """Another rank, strangers only, or a fit without votes: the start is the cold one."""
    cold = completion.fit(camps).probability()
    strangers = VoteTable.from_arrays(["x"], ["y"], [1])
    empty = camps.select(np.zeros(camps.count, dtype=bool))
    for useless in (
        completion.fit(camps, rank=1),
        completion.fit(strangers),
        completion.fit(empty),
    ):
        np.testing.assert_array_equal(completion.fit(camps, warm=useless).probability(), cold)


def _with_texts(camps: VoteTable) -> tuple[VoteTable, np.ndarray]:
    """Votes with claim 1 nearly unanswered, and texts in which each claim has a near-copy."""
    values = camps.values.toarray()
    leaning = np.array([values[:48].sum(axis=0), values[48:].sum(axis=0)]).T / 40
    texts = np.hstack([leaning, np.random.default_rng(0).standard_normal((24, 6)) * 0.05])
    return camps.select((camps.columns != 1) | (camps.rows < 2)), texts


def test_a_text_tells_about_a_claim_that_nobody_answered(camps):
    """A claim worded like others is expected to be taken as they are; known ones stay."""
    few, texts = _with_texts(camps)
    plain, informed = completion.fit(few), completion.fit(few, text=texts)
    truth = camps.values.toarray()[2:, 1]
    asked = truth != 0
    sides = (informed.probability()[2:, 1] > 0.5)[asked] == (truth > 0)[asked]
    assert sides.mean() > 0.8
    others = np.arange(24) != 1
    np.testing.assert_array_equal(informed.probability()[:, others], plain.probability()[:, others])
    turned = completion.fit(negated(few), text=texts)
    np.testing.assert_array_equal(turned.statement, -informed.statement)


def test_texts_alone_change_nothing_where_all_claims_are_known(camps):
    """With ten votes or more a claim speaks for itself; with no known claim nothing is learnt."""
    texts = np.random.default_rng(1).standard_normal((24, 5))
    np.testing.assert_array_equal(
        completion.fit(camps, text=texts).probability(), completion.fit(camps).probability()
    )
    few = camps.select(camps.rows < 5)
    np.testing.assert_array_equal(
        completion.fit(few, text=texts).probability(), completion.fit(few).probability()
    )


def test_senseless_requests_are_refused(camps):
    """Ranks and rounds out of range, and vectors that do not belong to the claims."""
    with pytest.raises(AggregationInputError, match="rank -1"):
        completion.fit(camps, rank=-1)
    with pytest.raises(AggregationInputError, match="rounds 0"):
        completion.fit(camps, rounds=0)
    with pytest.raises(AggregationInputError, match="give 24 vectors"):
        completion.fit(camps, text=np.zeros((3, 4)))
    vectors = np.zeros((24, 4))
    vectors[6, 2] = np.nan
    with pytest.raises(AggregationInputError, match="vector 7"):
        completion.fit(camps, text=vectors)
    with pytest.raises(AggregationInputError, match="size 0"):
        list(completion.fit(camps).blocks(0))
