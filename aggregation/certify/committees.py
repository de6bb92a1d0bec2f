"""Whether chosen clauses give every large enough group of people that agree its due."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from aggregation.types import BoolArray, FloatArray


def ejr_plus(
    approvals: BoolArray, committee: Iterable[int], *, seats: int | None = None
) -> tuple[bool, FloatArray]:
    """Whether the chosen clauses satisfy EJR+ (Brill and Peters 2023), and each clause's ratio.

    approvals (n, m); seats: the size that was to be filled, by default the committee's

    Clause j outside is owed to l / seats of the people if that many approve j and each of them has
    fewer than l chosen clauses: ratio_j = max_l seats N_jl / (l n). All below 1 <=> EJR+ holds.
    Chosen clauses have ratio 0.
    """
    chosen = sorted(set(committee))
    n, m = approvals.shape
    places = len(chosen) if seats is None else seats
    ratios = np.zeros(m)
    if places == 0 or n == 0:
        return True, ratios
    approved = approvals.astype(np.int64)
    held = approved[:, chosen].sum(axis=1)
    outside = np.ones(m, dtype=bool)
    outside[chosen] = False
    owed = False
    for level in range(1, places + 1):
        short = (held < level).astype(np.int64) @ approved
        owed = owed or bool(np.any(places * short[outside] >= level * n))
        ratios[outside] = np.maximum(ratios[outside], places * short[outside] / (level * n))
    return not owed, ratios
