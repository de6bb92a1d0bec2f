"""Whether chosen clauses give large groups of people their due, and how firmly they are chosen."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from aggregation.certify.harmonics import harmonic, harmonic_slope
from aggregation.certify.optimum import pulled
from aggregation.errors import AggregationInputError
from aggregation.types import BoolArray, FloatArray, IntArray

SAFE = 2**62  # whole numbers below it add up in 64 bits
BLOCK = 8192  # people at a time; counts of a block are exact in single precision
WON = 1e-9  # with fractional utilities, a score that is not ahead by more is not ahead


def ejr_plus(
    approvals: BoolArray, committee: Iterable[int], *, seats: int | None = None
) -> tuple[bool, FloatArray]:
    """Whether the chosen clauses satisfy EJR+ (Brill and Peters 2023), and each clause's ratio.

    approvals (n, m); seats: the size that was to be filled, by default the committee's

    Clause j outside is owed to l / seats of the people if that many approve j and each of them has
    fewer than l chosen clauses: ratio_j = max_l seats N_jl / (l n). All below 1 <=> EJR+ holds.
    Chosen clauses have ratio 0.
    """
    table = _table(approvals)
    n, m = table.shape
    chosen = _columns(committee, m)
    places = len(chosen) if seats is None else seats
    if places < 0:
        raise AggregationInputError(f"seats {places}: give a whole number of at least 0.")
    ratios = np.zeros(m)
    if places == 0 or n == 0:
        return True, ratios
    short = np.zeros((places, m), dtype=np.int64)
    for start in range(0, n, BLOCK):
        some = table[start : start + BLOCK].astype(np.float32)
        held = some[:, chosen].sum(axis=1)
        below = (held < np.arange(1, places + 1)[:, None]).astype(np.float32)
        short += np.rint(below @ some).astype(np.int64)
    outside = np.ones(m, dtype=bool)
    outside[chosen] = False
    levels = np.arange(1, places + 1)[:, None]
    owed = bool(np.any(places * short[:, outside] >= levels * n))
    ratios[outside] = (places * short[:, outside] / (levels * n)).max(axis=0)
    return not owed, ratios


def swap_margins(
    utilities: BoolArray | FloatArray,
    committee: Iterable[int],
    *,
    allowed: BoolArray | None = None,
    costs: FloatArray | None = None,
) -> IntArray:
    """For each chosen clause, the least number of people without whom an exchange is better.

    utilities (n, m): approvals, or how far each person sides with each clause (0 to 1)
    committee : k columns; the result (k,) follows them in ascending order
    allowed (k, m): which clause may take whose place, by default any that is not chosen
    costs (k, m): what an exchange costs beside, in the mean score, such as tensions that it brings

    Leaving of person i takes d_i = H(t_i) - H(t_i - u_ia + u_ib) from what keeping a is worth over
    taking b, so the people with the greatest d_i leave first: the margin is the least r whose r
    greatest d_i exceed the sum of all. 0: an exchange is better already; n: however many leave,
    none becomes better. A cost adds to every d_i. Approvals are counted in whole numbers of
    1 / lcm(1..k); fractional utilities in floats, where being ahead by no more than 1e-9 counts as
    a tie.
    """
    table: NDArray[Any] = np.asarray(utilities)
    if table.ndim != 2:
        raise AggregationInputError("utilities: give a table of people by clauses.")
    n, m = table.shape
    chosen = _columns(committee, m)
    exchange = np.ones((len(chosen), m), dtype=bool) if allowed is None else np.array(allowed)
    if exchange.shape != (len(chosen), m):
        raise AggregationInputError(
            f"allowed: give a table of {len(chosen)} chosen clauses by {m} clauses."
        )
    exchange[:, chosen] = False
    if n == 0 or not exchange.any():
        return np.full(len(chosen), n, dtype=np.int64)
    extra = np.zeros(exchange.shape) if costs is None else costs
    if not np.any(extra) and (table.dtype == np.bool_ or np.all((table == 0) | (table == 1))):
        return _whole_margins(table.astype(bool), chosen, exchange)
    for row, column in np.argwhere(~((table >= 0) & (table <= 1)))[:1].tolist():
        raise AggregationInputError(
            f"utilities[{row}, {column}]: {table[row, column]} is not between 0 and 1."
        )
    exact = table if table.dtype.kind == "f" else table.astype(np.float64)
    return _harmonic_margins(exact, chosen, exchange, extra)


def _whole_margins(table: BoolArray, chosen: list[int], exchange: BoolArray) -> IntArray:
    """Margins of approvals. People who hold a and not b lose 1 / t: the fewest t leave first."""
    n, m = table.shape
    k = len(chosen)
    both = np.zeros((k + 1, k, m), dtype=np.int64)  # by t: approvers of chosen a and of b
    alone = np.zeros((k + 1, m), dtype=np.int64)  # by t: approvers of b
    for start in range(0, n, BLOCK):
        some = table[start : start + BLOCK].astype(np.float32)
        held = some[:, chosen].sum(axis=1)
        for t in range(k + 1):
            rows = some[held == t]
            alone[t] += np.rint(rows.sum(axis=0)).astype(np.int64)
            both[t] += np.rint(rows[:, chosen].T @ rows).astype(np.int64)
    common = math.lcm(*range(1, k + 2))
    kind: Any = np.int64 if common * n < SAFE else object
    worth = np.array([0, *(common // t for t in range(1, k + 2))], dtype=kind)
    lost = (alone[:, chosen, None] - both).astype(kind)  # hold a, not b
    gained = (alone[:, None, :] - both).astype(kind)  # hold b, not a
    lead = np.tensordot(worth[:-1], lost, 1) - np.tensordot(worth[1:], gained, 1)
    fewest = np.where(lead < 0, 0, n)
    found = lead < 0
    left, gone = lead, np.zeros_like(lead)
    for t in range(1, k + 1):
        enough = ~found & (lost[t] * worth[t] > left)
        fewest[enough] = (gone + left // worth[t] + 1)[enough].astype(np.int64)
        found |= enough
        left, gone = left - lost[t] * worth[t], gone + lost[t]
    least: IntArray = np.where(exchange, fewest, n).min(axis=1).astype(np.int64)
    return least


def _harmonic_margins(
    table: FloatArray, chosen: list[int], exchange: BoolArray, costs: FloatArray
) -> IntArray:
    """Margins of fractional utilities.

    By concavity b adds at most u_b H'(s) to a person left with s, and its coming takes nothing from
    anyone: both give a lower bound on each exchange's margin, which saves most of the sorting. It
    is not used where an exchange has a cost of its own.
    """
    n = len(table)
    total = table[:, chosen].sum(axis=1, dtype=np.float64)
    value = harmonic(total)
    margins = np.full(len(chosen), n, dtype=np.int64)
    for place, a in enumerate(chosen):
        without = np.maximum(total - table[:, a], 0.0)
        rest = harmonic(without)
        losses = value - rest
        lead = losses.sum() - pulled(table, harmonic_slope(without))
        most = np.append(0.0, np.cumsum(np.sort(losses)[::-1]))
        fewest = np.where(costs[place] == 0, np.searchsorted(most, lead, side="right"), 0)
        bounds = np.where(exchange[place], fewest, n)
        for b in np.argsort(bounds, kind="stable").tolist():
            if bounds[b] >= margins[place]:
                break
            change = value - harmonic(without + table[:, b]) + costs[place, b]
            margins[place] = min(margins[place], _fewest(change))
    return margins


def _fewest(change: FloatArray) -> int:
    """The least r whose r greatest changes exceed the sum of all; n where none do."""
    lead = float(change.sum())
    if lead < -WON:
        return 0
    gone = np.cumsum(np.sort(change[change > 0])[::-1])
    enough = np.flatnonzero(gone > lead + WON)
    return int(enough[0]) + 1 if len(enough) else len(change)


def _columns(committee: Iterable[int], m: int) -> list[int]:
    chosen = sorted(set(committee))
    for column in chosen:
        if not 0 <= column < m:
            raise AggregationInputError(f"committee: {column} is not a column from 0 to {m - 1}.")
    return chosen


def _table(approvals: ArrayLike) -> NDArray[np.bool_]:
    given = np.asarray(approvals)
    if given.ndim != 2:
        raise AggregationInputError("approvals: give a table of people by clauses.")
    if given.dtype != np.bool_:
        for row, column in np.argwhere(~((given == 0) | (given == 1)))[:1].tolist():
            raise AggregationInputError(
                f"approvals[{row}, {column}]: {given[row, column]} is neither true nor false."
            )
    return given.astype(np.bool_, copy=False)
