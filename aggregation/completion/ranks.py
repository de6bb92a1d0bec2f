"""How many factors a conversation bears, judged by answers hidden from the fit."""

from __future__ import annotations

import numpy as np

from aggregation.completion.ascent import Cells, ascend, cold_start
from aggregation.completion.scores import log_loss
from aggregation.types import BoolArray

RANKS = (0, 1, 3, 8)
SHARE = 0.2  # of the cells, hidden while ranks are compared
ROUNDS = 8  # enough to tell ranks apart, not to finish
PEOPLE = 4000  # more people do not change which rank is best, only how long it takes
HIDDEN = 50  # with fewer hidden cells nothing can be told apart
NO_BETTER = 0.001  # a larger rank must lower the log-loss by more, to be worth its size


def hidden(cells: Cells, *, share: float, seed: int, draw: int) -> BoolArray:
    """A random share of the cells: default_rng([seed, draw]).random(cells) < share.

    One number for each agree or disagree vote, by person and then by statement in table order.
    draw : 1 for reports, 2 for trials of ranks, so that a rank is not praised for what chose it
    """
    mask: BoolArray = np.random.default_rng([seed, draw]).random(len(cells.row)) < share
    return mask


def choose_rank(cells: Cells, *, seed: int) -> tuple[int, tuple[tuple[int, float], ...]]:
    """The rank to use, and (rank, held-out log-loss) of those tried.

    The smallest rank whose log-loss is within 0.001 of the least. Ranks 0, 1 and 3 are tried
    always, 8 only if 3 has the least of those. One hold-out of a fifth of the cells (see `hidden`)
    serves all; each trial takes at most 8 rounds from the usual start. Of more than 4000 people
    only the rows floor(k n / 4000) take part, k = 0..3999: their cells are taken first, then the
    hold-out is drawn among these; n and m stay.

    Where fewer than 50 cells would be hidden, or all of those are alike, nothing can be judged:
    rank 0, and nothing tried.
    """
    n = cells.shape[0]
    if n > PEOPLE:
        part = np.zeros(n, dtype=bool)
        part[np.arange(PEOPLE) * n // PEOPLE] = True
        cells = cells.select(part[cells.row])
    hide = hidden(cells, share=SHARE, seed=seed, draw=2)
    known, asked = cells.select(~hide), cells.select(hide)
    if len(asked.sign) < HIDDEN or len(set(asked.sign)) < 2:
        return 0, ()
    tried: list[tuple[int, float]] = []
    for rank in RANKS:
        if rank == RANKS[-1] and min(tried, key=lambda trial: trial[1])[0] != RANKS[-2]:
            break
        start = cold_start(cells.shape, rank=rank, seed=seed)
        model = ascend(known, *start, rounds=ROUNDS).completion()
        tried.append((rank, log_loss(asked.sign, model.cells(asked.row, asked.column))))
    least = min(loss for _, loss in tried)
    return min(rank for rank, loss in tried if loss <= least + NO_BETTER), tuple(tried)
