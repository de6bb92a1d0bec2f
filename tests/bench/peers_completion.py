"""Hidden answers, estimated by us, by statement means and by a bridging factorisation.

Each real consultation loses a fifth of its agree and disagree votes, three times by another draw;
every method sees the same rest. There is no equal output to assert here: whoever is closer wins.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from aggregation.completion import fit
from aggregation.completion.ascent import Cells
from aggregation.completion.ranks import hidden
from aggregation.completion.scores import auc, log_loss
from aggregation.types import FloatArray
from aggregation.votes import VoteTable
from tests.aggregation.tables import polis_matrix
from tests.bench import bridging
from tests.conftest import ROOT

DATA = Path(os.environ.get("CONCORDANCE_DATA", ROOT.parent / "shared" / "data"))
POLIS = Path("polis")
CASES = {
    "ccai": Path("ccai"),
    "bowling-green": POLIS / "american-assembly.bowling-green",
    "vtaiwan": POLIS / "vtaiwan.uberx",
    "biodiversity": POLIS / "scoop-hivemind.biodiversity",
    "austria": POLIS / "austria-climate.5twd2jsnkf.2022-08-08",
    "bg2050": POLIS / "bg2050-volunteers",
}
SEEDS = (0, 1, 2)
PENALTIES = (1.0, 10.0, 30.0)
Predictor = Callable[[VoteTable, Cells, Cells, int], FloatArray]  # votes, known, asked, seed


def ours(votes: VoteTable, known: Cells, asked: Cells, seed: int, *, rank: int = 3) -> FloatArray:
    """The package's completion."""
    return fit(votes, rank=rank, seed=seed).cells(asked.row, asked.column)


def statement_mean(votes: VoteTable, known: Cells, asked: Cells, seed: int) -> FloatArray:
    """(agree + 1) / (agree + disagree + 2) of each statement, as log odds."""
    m = known.shape[1]
    agrees = np.bincount(known.column[known.sign > 0], minlength=m) + 1
    rejects = np.bincount(known.column[known.sign < 0], minlength=m) + 1
    odds: FloatArray = np.log(agrees / rejects)
    return odds[asked.column]


def bridged(penalty: float) -> Predictor:
    """The bridging factorisation with its published penalties times `penalty`."""

    def predict(votes: VoteTable, known: Cells, asked: Cells, seed: int) -> FloatArray:
        model = bridging.fit(
            known.row,
            known.column,
            known.sign > 0,
            shape=known.shape,
            penalty=penalty,
            seed=seed,
        )
        return model.logits(asked.row, asked.column)

    return predict


def scored(votes: VoteTable, predict: Predictor, *, seed: int) -> tuple[float, float, float]:
    """Log-loss, AUC and seconds on a fifth of the answers, hidden by this seed."""
    cells = Cells.of(votes)
    hide = hidden(cells, share=0.2, seed=seed, draw=1)
    known, asked = cells.select(~hide), cells.select(hide)
    told = votes.values.data != 0
    told[told] = ~hide
    rest = votes.select(told)
    start = time.perf_counter()
    logit = predict(rest, known, asked, seed)
    seconds = time.perf_counter() - start
    return log_loss(asked.sign, logit), float(auc(asked.sign, logit) or 0.0), seconds


def compare(case: str, votes: VoteTable) -> list[dict[str, object]]:
    """One row for each simpler way; figures are means over the seeds."""
    peers: dict[str, Predictor] = {"statement mean": statement_mean}
    peers |= {f"bridging, penalties x {penalty:g}": bridged(penalty) for penalty in PENALTIES}
    own = np.mean([scored(votes, ours, seed=seed) for seed in SEEDS], axis=0)
    rows = []
    for peer, predict in peers.items():
        other = np.mean([scored(votes, predict, seed=seed) for seed in SEEDS], axis=0)
        rows.append(
            {
                "task": "hidden answers",
                "case": case,
                "peer": peer,
                "ours_s": round(own[2], 4),
                "peer_s": round(other[2], 4),
                "ratio": round(other[2] / own[2], 2),
                "note": f"log-loss {own[0]:.4f} against {other[0]:.4f}, "
                f"AUC {own[1]:.4f} against {other[1]:.4f}; 20 % hidden, 3 draws",
            }
        )
    return rows


def main() -> None:
    """Every case in turn, as one line of JSON."""
    rows: list[dict[str, object]] = []
    for case, folder in CASES.items():
        if (DATA / folder).is_dir():
            rows += compare(case, polis_matrix(DATA / folder)[0])
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
