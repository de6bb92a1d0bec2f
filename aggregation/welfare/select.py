"""Choose clauses: the relaxed programme with its proof, then whole clauses with theirs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from aggregation.types import FloatArray
from aggregation.welfare.problem import ClauseProblem, GroupFloor
from aggregation.welfare.rounding import round_and_swap
from aggregation.welfare.solve import Inclusion, Unproved, check, inclusion, prove
from aggregation.welfare.value import Welfare

DECIMALS = 9  # of the published shares x; every figure here is that of the rounded x


@dataclass(frozen=True, eq=False)
class Choice:
    """The chosen clauses and how far they can be from the best.

    members: canonical order; score, upper_bound: harmonic, mean over citizens, less what tensions
        between chosen clauses cost
    gap: of the relaxed programme, proved to be at most `tolerance`
    relaxed: the shares x, rounded to 9 decimals, with value, gap and prices at that very x
    harmonic_prices: of the priced rows of `problem`, which prove `upper_bound` at the same x
    """

    members: tuple[int, ...]
    score: float
    upper_bound: float
    gap: float
    tolerance: float
    swaps: int
    relaxed: Inclusion
    harmonic_prices: FloatArray
    problem: ClauseProblem


def choose(
    utilities: FloatArray,
    weights: FloatArray,
    *,
    budget: float,
    costs: ArrayLike | None = None,
    conflicts: Iterable[tuple[int, int]] = (),
    themes: ArrayLike | None = None,
    theme_cap: float | None = None,
    covers: ArrayLike | None = None,
    floors: Iterable[GroupFloor] = (),
    fixed_in: Iterable[int] = (),
    fixed_out: Iterable[int] = (),
    tensions: Iterable[tuple[int, int]] = (),
    penalty: float = 0.0,
    start: Sequence[int] | None = None,
    welfare: Welfare | None = None,
    tol: float = 1e-6,
) -> Choice:
    """Choose at most `budget` of m clauses for n citizens; no clause or no citizen is fine.

    utilities (n, m) in [0, 1]; weights (n,); conflicts: pairs of which at most one may be chosen;
    themes (m,) with -1 for none, and how many clauses of one theme may be chosen; tensions: pairs
    that cost `penalty` of the score where both are chosen; the other constraints as for
    `ClauseProblem.of`
    start : the clauses chosen the last time, which stay until a swap helps

    Raises Infeasible where the constraints clash, NotCertified where the gap stays above `tol`.
    """
    rule = welfare or Welfare()
    problem = ClauseProblem.of(
        utilities.shape[1],
        budget=budget,
        costs=costs,
        conflicts=conflicts,
        themes=themes,
        caps=theme_cap,
        covers=covers,
        floors=floors,
        fixed_in=fixed_in,
        fixed_out=fixed_out,
        tensions=tensions,
        penalty=penalty,
    )
    check(utilities, weights, problem)
    # Half the tolerance is left for the rounding of x.
    exact = inclusion(utilities, weights, problem, rule, tol=tol / 2)
    x = np.round(problem.inside(exact.x), DECIMALS)
    relaxed = prove(utilities, weights, problem, rule, x)
    if relaxed.gap > tol:
        raise Unproved(relaxed, tol)
    found = round_and_swap(relaxed, utilities, weights, problem, start=start)
    return Choice(
        members=found.members,
        score=found.score,
        upper_bound=found.upper_bound,
        gap=relaxed.gap,
        tolerance=tol,
        swaps=found.swaps,
        relaxed=relaxed,
        harmonic_prices=found.prices,
        problem=problem,
    )
