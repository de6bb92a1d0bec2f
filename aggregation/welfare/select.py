"""Choose clauses: the relaxed programme with its proof, then whole clauses with theirs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from numpy.typing import ArrayLike

from aggregation.errors import NotCertified
from aggregation.types import FloatArray
from aggregation.welfare.model import nash_types, voter_types
from aggregation.welfare.problem import ClauseProblem
from aggregation.welfare.rounding import round_and_swap
from aggregation.welfare.solve import Inclusion, inclusion, prove
from aggregation.welfare.value import Welfare


@dataclass(frozen=True, eq=False)
class Choice:
    """The chosen clauses and how far they can be from the best.

    members: canonical order; score, upper_bound: harmonic, mean over citizens
    gap: of the relaxed programme, proved to be at most `tolerance`
    types_gap: of the cvxpy statement over voter types, proved on all citizens; None: not solved
    """

    members: tuple[int, ...]
    score: float
    upper_bound: float
    gap: float
    tolerance: float
    swaps: int
    types_gap: float | None
    relaxed: Inclusion


def choose(
    utilities: FloatArray,
    weights: FloatArray,
    *,
    budget: float,
    conflicts: Iterable[tuple[int, int]] = (),
    themes: ArrayLike | None = None,
    theme_cap: float | None = None,
    welfare: Welfare | None = None,
    tol: float = 1e-6,
    seed: int = 0,
) -> Choice:
    """Choose at most `budget` of m clauses for n citizens; no clause or no citizen is fine.

    utilities (n, m) in [0, 1]; weights (n,); conflicts: pairs of which at most one may be chosen;
    themes (m,) with -1 for none, and how many clauses of one theme may be chosen
    """
    rule = welfare or Welfare()
    problem = ClauseProblem.of(
        utilities.shape[1], budget=budget, conflicts=conflicts, themes=themes, caps=theme_cap
    )
    warm, types_gap = None, None
    if utilities.size and budget > 0:
        try:
            types, mass = voter_types(utilities, weights, seed=seed)
            warm = problem.inside(nash_types(types, mass, problem, rule).solve())
            types_gap = prove(utilities, weights, problem, rule, warm).gap
        except NotCertified:
            warm, types_gap = None, None  # Only a start: the exact solver proves its own answer.
    relaxed = inclusion(utilities, weights, problem, rule, tol=tol, warm=warm)
    found = round_and_swap(relaxed, utilities, weights, problem)
    return Choice(
        found.members,
        found.score,
        found.upper_bound,
        relaxed.gap,
        tol,
        found.swaps,
        types_gap,
        relaxed,
    )
