"""Estimates of hidden answers of real consultations, beside simpler ways to make them."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from tables import polis_matrix

from aggregation import completion, embed
from aggregation.completion import scores
from aggregation.completion.ascent import Cells
from aggregation.votes import VoteTable
from tests.bench import bridging
from tests.bench.peers_completion import CASES, PENALTIES, bridged, ours, scored, statement_mean


def test_bridging_finds_one_line_of_division():
    """On answers that follow its own model the yardstick is as good as the truth, nearly."""
    rng = np.random.default_rng(5)
    side, lean, level = rng.choice([-1, 1], 200), rng.normal(size=40), rng.normal(size=40) / 2
    logit = level + 2 * side[:, None] * lean
    agrees = rng.random((200, 40)) < 1 / (1 + np.exp(-logit))
    row, column = np.indices(agrees.shape).reshape(2, -1)
    hide = rng.random(row.size) < 0.2
    told = row[~hide], column[~hide], agrees.ravel()[~hide]
    estimate = bridging.fit(*told, shape=(200, 40)).logits(row[hide], column[hide])
    sign = np.where(agrees.ravel()[hide], 1, -1)
    assert scores.log_loss(sign, estimate) < scores.log_loss(sign, logit.ravel()[hide]) + 0.04


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_completion_is_closer_than_means_and_than_bridging(data_dir, case):
    """Lower log-loss than the statements' means and than bridging at any of its penalties."""
    votes, _ = polis_matrix(data_dir / CASES[case])
    loss, area, _ = scored(votes, ours, seed=0)
    for peer in (statement_mean, *(bridged(penalty) for penalty in PENALTIES)):
        peer_loss, peer_area, _ = scored(votes, peer, seed=0)
        assert loss < peer_loss
        assert area > peer_area


def _texts(folder: Path, votes: VoteTable) -> np.ndarray:
    """(m, d) vectors of the comments of a Polis export."""
    with (folder / "comments.csv").open(newline="", encoding="utf-8") as file:
        bodies = {row["comment-id"]: row["comment-body"] for row in csv.DictReader(file)}
    texts = [bodies[claim] for claim in votes.statements]
    return np.asarray(embed.load("use3").embed(texts, [""] * len(texts)), dtype=np.float64)


@pytest.mark.slow
@pytest.mark.parametrize(("case", "gain"), [("ccai", 0.004), ("bowling-green", 0.015)])
def test_texts_help_where_nobody_has_answered_yet(data_dir, case, gain):
    """For claims whose votes are all hidden the text lowers the log-loss; others keep theirs."""
    folder = data_dir / CASES[case]
    votes, _ = polis_matrix(folder)
    often = Cells.of(votes).per_statement() >= 20
    votes = votes.restrict(statements=np.array(votes.statements)[often].tolist())
    new = np.random.default_rng(0).random(votes.shape[1]) < 0.2
    rest = votes.select(~new[votes.columns])
    asked, known = Cells.of(votes.select(new[votes.columns])), Cells.of(rest)
    plain, informed = completion.fit(rest), completion.fit(rest, text=_texts(folder, votes))
    before, after = (
        scores.log_loss(asked.sign, model.cells(asked.row, asked.column))
        for model in (plain, informed)
    )
    assert after < before - gain
    known = known.select(known.per_statement()[known.column] >= 10)
    np.testing.assert_array_equal(
        informed.cells(known.row, known.column), plain.cells(known.row, known.column)
    )
