"""From shares of clauses to whole clauses: the best by share, improved by swaps.

The score is the weighted mean of H(t), the harmonic score of proportional approval voting. A set
that no swap improves gives every large enough group of people that agree its due.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aggregation.types import FloatArray
from aggregation.welfare.problem import ClauseProblem
from aggregation.welfare.solve import Inclusion, prove
from aggregation.welfare.value import Harmonic, Value

LEAST = 1e-12  # an improvement below this is rounding error, not an improvement
MAX_SWAPS = 1000


@dataclass(frozen=True)
class Committee:
    """The chosen clauses in canonical order, their score, and what no allowed set can exceed."""

    members: tuple[int, ...]
    score: float
    upper_bound: float
    swaps: int


def round_and_swap(
    inclusion: Inclusion,
    utilities: FloatArray,
    weights: FloatArray,
    problem: ClauseProblem,
    *,
    value: Value | None = None,
) -> Committee:
    """Whole clauses: by falling share, then best additions, then best swaps until none helps.

    utilities (n, m), weights (n,) as for `inclusion`; value : harmonic by default. A clause that
    helps nobody is never added, so the set may stay below the budget. Ties go to the clause that
    comes first.
    """
    score = value or Harmonic()
    shares = weights / weights.sum() if len(weights) else weights
    chosen = _Chosen(utilities, shares, problem, score)
    for j in np.argsort(-np.round(inclusion.x, 9), kind="stable").tolist():
        if inclusion.x[j] > 1e-6 and chosen.fits(j) and chosen.helps(j):
            chosen.add(j)
    chosen.fill()
    swaps = 0
    while swaps < MAX_SWAPS and chosen.swap():
        chosen.fill()
        swaps += 1
    chosen.prefer_earlier()
    relaxed = prove(utilities, weights, problem, score, inclusion.x)
    bound = max(relaxed.value + relaxed.gap, chosen.score)
    return Committee(tuple(np.flatnonzero(chosen.x).tolist()), chosen.score, bound, swaps)


class _Chosen:
    """A set under construction: x (m,) of zeros and ones and the utilities t it gives."""

    def __init__(
        self, utilities: FloatArray, weights: FloatArray, problem: ClauseProblem, value: Value
    ) -> None:
        self.utilities, self.weights, self.problem, self.value = utilities, weights, problem, value
        self.x = np.zeros(problem.m)
        self.t = np.zeros(len(utilities))
        self.rivals: list[list[int]] = [[] for _ in range(problem.m)]
        for a, b in problem.conflicts.tolist():
            self.rivals[a].append(b)
            self.rivals[b].append(a)

    @property
    def score(self) -> float:
        return float(self.weights @ self.value.value(self.t))

    def fits(self, j: int, *, without: int | None = None) -> bool:
        """Whether j may be added, after `without` has left."""
        x = self.x.copy()
        if without is not None:
            x[without] = 0
        problem, theme = self.problem, int(self.problem.themes[j])
        if x[j] or any(x[rival] for rival in self.rivals[j]):
            return False
        if problem.costs @ x + problem.costs[j] > problem.budget + 1e-9:
            return False
        return theme < 0 or x[problem.themes == theme].sum() + 1 <= problem.caps[theme]

    def helps(self, j: int) -> bool:
        """Whether j would raise the score."""
        after = self.value.value(self.t + self.utilities[:, j])
        return float(self.weights @ after) > self.score + LEAST

    def add(self, j: int) -> None:
        self.x[j] = 1
        self.t = self.utilities @ self.x

    def fill(self) -> None:
        """Add what helps most, as long as something fits and helps."""
        while True:
            found = self._best(self.t, self.score, without=None)
            if found is None:
                return
            self.add(found[1])

    def swap(self) -> bool:
        """Make the exchange that helps most, if any helps."""
        best: tuple[float, int, int] | None = None
        for a in np.flatnonzero(self.x).tolist():
            floor = self.score if best is None else best[0]
            found = self._best(self.t - self.utilities[:, a], floor, without=a)
            if found is not None:
                best = found[0], a, found[1]
        if best is None:
            return False
        self.x[best[1]] = 0
        self.add(best[2])
        return True

    def prefer_earlier(self) -> None:
        """Exchange clauses for earlier ones that serve exactly as well, until there are none."""
        while any(self._earlier(a) for a in np.flatnonzero(self.x)[::-1].tolist()):
            pass

    def _earlier(self, a: int) -> bool:
        t = np.maximum(self.t - self.utilities[:, a], 0.0)
        slope = (self.weights * self.value.slope(t)) @ self.utilities[:, :a]
        bounds = float(self.weights @ self.value.value(t)) + slope
        for j in np.flatnonzero(bounds >= self.score - LEAST).tolist():
            after = float(self.weights @ self.value.value(t + self.utilities[:, j]))
            if after >= self.score - LEAST and self.fits(j, without=a):
                self.x[a] = 0
                self.add(j)
                return True
        return False

    def _best(
        self, t: FloatArray, floor: float, *, without: int | None
    ) -> tuple[float, int] | None:
        """The score and number of the best clause to add to t that beats `floor`.

        By concavity no clause adds more than its utilities times the slope: an upper bound that
        saves most of the exact scores.
        """
        t = np.maximum(t, 0.0)
        bound = float(self.weights @ self.value.value(t))
        bounds = bound + (self.weights * self.value.slope(t)) @ self.utilities
        best: tuple[float, int] | None = None
        for j in np.argsort(-bounds, kind="stable").tolist():
            least = floor if best is None else best[0]
            if bounds[j] <= least + LEAST:
                break
            if not self.fits(j, without=without) or j == without:
                continue
            score = float(self.weights @ self.value.value(t + self.utilities[:, j]))
            better = score > least + LEAST
            tied = best is not None and abs(score - least) <= LEAST and j < best[1]
            if better or tied:
                best = score, j
        return best
