"""From shares of clauses to whole clauses: the best by share, improved by swaps.

The score is the weighted mean of H(t), the harmonic score of proportional approval voting, unless
another is given, less the penalty for every two clauses in tension. Without tensions, a set that no
swap improves gives every large enough group of people that agree its due.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from aggregation.errors import AggregationInputError
from aggregation.types import BoolArray, FloatArray, IntArray
from aggregation.welfare.problem import ClauseProblem
from aggregation.welfare.solve import Inclusion, Utilities, prove, pull
from aggregation.welfare.value import Harmonic, Value

LEAST = 1e-12  # an improvement below this is rounding error, not an improvement
MAX_SWAPS = 1000
AT_ONCE = 4_000_000  # utilities looked at together, which bounds memory


class Score(Protocol):
    """How good utilities t (n,) are for everybody: concave, increasing, with a rule for ties."""

    def value(self, t: FloatArray) -> float: ...

    def slopes(self, t: FloatArray) -> FloatArray:
        """(k, n) for k rows of utilities: value(t + u) <= value(t) + slope . u for any u >= 0."""
        ...

    def tie(self, t: FloatArray) -> float:
        """What decides between sets of equal value; the greater is the better."""
        ...


@dataclass(frozen=True, eq=False)
class MeanValue:
    """sum_i w_i phi(t_i)."""

    weights: FloatArray
    phi: Value

    def value(self, t: FloatArray) -> float:
        return float(self.weights @ self.phi.value(t))

    def slopes(self, t: FloatArray) -> FloatArray:
        return self.weights * self.phi.slope(t)

    def tie(self, t: FloatArray) -> float:
        return 0.0


@dataclass(frozen=True)
class Committee:
    """The chosen clauses in canonical order, their score, and what no allowed set can exceed.

    prices: of the constraints, one for each row of `problem.priced`, that prove the upper bound
    """

    members: tuple[int, ...]
    score: float
    upper_bound: float
    swaps: int
    prices: FloatArray = field(compare=False, repr=False)


def round_and_swap(
    inclusion: Inclusion,
    utilities: Utilities,
    weights: FloatArray,
    problem: ClauseProblem,
    *,
    value: Value | None = None,
    start: Sequence[int] | None = None,
) -> Committee:
    """Whole clauses: by falling share, then best additions, then best swaps until none helps.

    utilities (n, m), weights (n,) as for `inclusion`; value : harmonic by default
    start : clauses to begin with, as far as they are allowed: they stay until a swap helps, so
        that a new version of a spec changes only where that serves people better

    A clause that helps nobody is never added unless a constraint asks for it, so the set may stay
    below the budget. Ties go to the clause that comes first. Raises Infeasible where no set of
    whole clauses meets what is asked for.
    """
    phi = value or Harmonic()
    shares = weights / weights.sum() if len(weights) else weights
    score = MeanValue(shares, phi)
    members, swaps = whole_clauses(inclusion.x, utilities, problem, score, start=start)
    reached = score.value(utilities[:, list(members)].sum(axis=1, dtype=np.float64))
    reached -= problem.tensions.lost(np.isin(np.arange(problem.m), members).astype(np.float64))
    relaxed = prove(utilities, weights, problem, phi, inclusion.x)
    bound = max(relaxed.value + relaxed.gap, reached)
    return Committee(members, reached, bound, swaps, relaxed.duals)


def whole_clauses(
    x: FloatArray,
    utilities: Utilities,
    problem: ClauseProblem,
    score: Score,
    *,
    start: Sequence[int] | None = None,
) -> tuple[tuple[int, ...], int]:
    """The members that `round_and_swap` finds for any score, and how many swaps it took.

    x (m,) shares; of swaps that help alike, the earliest clause comes in and the latest goes out.
    """
    begun = () if start is None else tuple(sorted({int(j) for j in start}))
    if begun and not (begun[0] >= 0 and begun[-1] < problem.m):
        raise AggregationInputError(f"start: clause {begun[-1]} is not one of the {problem.m}.")
    chosen = _Chosen(utilities, problem, score)
    chosen.begin(np.round(x, 9), begun)
    chosen.fill()
    swaps = 0
    while swaps < MAX_SWAPS and chosen.swap():
        chosen.fill()
        swaps += 1
    chosen.prefer_earlier(kept=begun)
    return tuple(chosen.members.tolist()), swaps


@dataclass(frozen=True)
class _Reached:
    """What a set of clauses reaches: its value, then what decides ties."""

    value: float
    tie: float

    def beats(self, other: _Reached) -> bool:
        if abs(self.value - other.value) > LEAST:
            return self.value > other.value
        return self.tie > other.tie + LEAST


class _Chosen:
    """A set under construction: x (m,) of zeros and ones and the utilities t it gives.

    partners (m,): how many chosen clauses each clause is in tension with
    """

    def __init__(self, utilities: Utilities, problem: ClauseProblem, score: Score) -> None:
        self.utilities, self.problem, self.score = utilities, problem, score
        self.penalty = problem.tensions.penalty
        self.put(np.zeros(problem.m))

    @property
    def members(self) -> IntArray:
        return np.flatnonzero(self.x)

    def put(self, x: FloatArray) -> None:
        self.x = x
        self.t = self.utilities[:, self.members].sum(axis=1, dtype=np.float64)
        self.partners = self.problem.tensions.partners(x)
        self.strained = float(self.partners @ x) / 2
        self.reached = self.at(self.t, self.strained)

    def at(self, t: FloatArray, strained: float) -> _Reached:
        """What utilities t and so many tensions come to."""
        return _Reached(self.score.value(t) - self.penalty * strained, self.score.tie(t))

    def after(self, out: int | None, into: int) -> _Reached:
        """What an exchange would reach."""
        return self.at(self._after(out, into), self._strained(out, into))

    def begin(self, shares: FloatArray, start: Sequence[int]) -> None:
        """What is fixed in and given, then by falling share whatever fits and helps."""
        first = np.zeros(self.problem.m)
        first[list(start)] = 2.0
        if self.problem.demands:
            # Clauses of hardly any share come in only where a constraint asks for them.
            self.put(self.problem.whole(first + shares - 1e-3))
            return
        order = np.argsort(-(first + shares), kind="stable")
        for j in order[(first + shares)[order] > 1e-6].tolist():
            helps = first[j] or self.after(None, j).beats(self.reached)
            if helps and self.problem.admits(self.x)[j]:
                self.exchange(None, j)

    def exchange(self, out: int | None, into: int) -> None:
        self.t, self.strained = self._after(out, into), self._strained(out, into)
        self.reached = self.at(self.t, self.strained)
        self.x = self.x.copy()
        self.x[into] = 1.0
        if out is not None:
            self.x[out] = 0.0
        self.partners = self.problem.tensions.partners(self.x)

    def fill(self) -> None:
        """Add what helps most, as long as something fits and helps."""
        while True:
            fits = self.problem.admits(self.x)[None, :]
            if not fits.any():
                return
            bounds = self.reached.value + pull(self.utilities, self.score.slopes(self.t[None, :]))
            bounds -= self.penalty * self.partners
            found = self._best(bounds, fits, [None])
            if found is None:
                return
            self.exchange(*found)

    def swap(self) -> bool:
        """Make the exchange that helps most, if any helps."""
        members = self._movable()
        if not members:
            return False
        fits = np.stack([self.problem.admits(self.x, without=a) for a in members])
        found = self._best(self._bounds(members), fits, members)
        if found is None:
            return False
        self.exchange(*found)
        return True

    def prefer_earlier(self, *, kept: Sequence[int]) -> None:
        """Exchange clauses for earlier ones that serve exactly as well, until there are none."""
        while self._earlier(set(kept)):
            pass

    def _earlier(self, kept: set[int]) -> bool:
        members = [a for a in self._movable() if a not in kept]
        bounds = self._bounds(members)
        for a, bound in reversed(list(zip(members, bounds, strict=True))):
            near = bound[:a] >= self.reached.value - LEAST
            if near.any():
                near &= self.problem.admits(self.x, without=a)[:a]
            for j in np.flatnonzero(near).tolist():
                if not self.reached.beats(self.after(a, j)):
                    self.exchange(a, j)
                    return True
        return False

    def _movable(self) -> list[int]:
        return [a for a in self.members.tolist() if self.problem.low[a] == 0]

    def _after(self, out: int | None, into: int) -> FloatArray:
        t: FloatArray = self.t + self.utilities[:, into]
        return t if out is None else np.maximum(t - self.utilities[:, out], 0.0)

    def _strained(self, out: int | None, into: int) -> float:
        """How many tensions stand after an exchange."""
        count = self.strained + float(self.partners[into])
        if out is None or not len(self.problem.tensions):
            return count
        return count - float(self.partners[out]) - float(self.problem.tensions.between[out, into])

    def _bounds(self, members: Sequence[int]) -> FloatArray:
        """(k, m) at most what each clause reaches in place of each of these members.

        By concavity no clause adds more than its utilities times the slope: a bound that saves
        most of the exact scores.
        """
        n = len(self.t)
        bounds = np.empty((len(members), self.problem.m))
        size = max(AT_ONCE // max(n, 1), 1)
        for first in range(0, len(members), size):
            rows = slice(first, first + size)
            gone = self.utilities[:, members[rows]].T
            left = np.maximum(self.t - gone, 0.0)
            base = np.array([self.score.value(t) for t in left])
            bounds[rows] = base[:, None] + pull(self.utilities, self.score.slopes(left))
        if len(self.problem.tensions):
            stay = self.strained - self.partners[members][:, None]
            apart = self.problem.tensions.between[members].toarray()
            bounds -= self.penalty * (stay + self.partners - apart)
        return bounds

    def _best(
        self, bounds: FloatArray, fits: BoolArray, leaving: Sequence[int | None]
    ) -> tuple[int | None, int] | None:
        """Who leaves and which clause comes, so that the most is reached; None: nothing helps.

        bounds, fits : (k, m), a row for each of those who may leave
        """
        bounds = np.where(fits, bounds, -np.inf).ravel()
        best, found = self.reached, None
        for place in np.argsort(-bounds, kind="stable").tolist():
            if bounds[place] < best.value - LEAST:
                break
            row, into = divmod(place, self.problem.m)
            out = leaving[row]
            after = self.after(out, into)
            if after.beats(best):
                best, found = after, (out, into)
            elif found is not None and not best.beats(after) and _earlier((out, into), found):
                found = out, into
        return found


def _earlier(one: tuple[int | None, int], other: tuple[int | None, int]) -> bool:
    """Whether an exchange brings in an earlier clause, or the same and lets a later one go."""
    return (one[1], -(one[0] or 0)) < (other[1], -(other[0] or 0))
