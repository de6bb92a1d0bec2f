"""Which sets of clauses are allowed: budget, contradictions, themes, floors, fixed clauses.

And what allowed ones lose where clauses stand side by side that may contradict each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from aggregation.errors import AggregationInputError, Infeasible
from aggregation.types import BoolArray, FloatArray, IntArray
from aggregation.votes import SparseFloat
from aggregation.welfare.linear import best_whole, least_violation, minimise
from aggregation.welfare.tension import Tensions

NOISE = 1e-10  # a solver's share of a clause below this is 0


@dataclass(frozen=True, eq=False)
class GroupFloor:
    """coefficients @ x >= minimum: such as the mean utility of a group, coefficients (m,)."""

    name: str
    coefficients: FloatArray
    minimum: float


class Explanation(NamedTuple):
    """What one constraint costs: welfare per citizen for one unit of relief, and in words."""

    name: str
    price: float
    text: str


@dataclass(frozen=True, eq=False)
class ClauseProblem:
    """The polytope P of allowed shares x of m clauses.

    low <= x <= high, costs . x <= budget, x_a + x_b <= 1, theme sums between covers and caps,
    floors. Build it with `of`, which raises Infeasible where P is empty.

    conflicts (q, 2) pairs a < b; themes (m,) with -1 for none; caps and covers (themes,) with
    infinity and 0 where a theme has none; low and high (m,): 1 and 1 for a clause that is fixed in,
    0 and 0 for one that is fixed out, 0 and 1 otherwise. tensions limit nothing: they cost.
    """

    costs: FloatArray
    budget: float
    conflicts: IntArray
    themes: IntArray
    caps: FloatArray
    covers: FloatArray
    floors: tuple[GroupFloor, ...]
    low: FloatArray
    high: FloatArray
    tensions: Tensions

    @classmethod
    def of(
        cls,
        m: int,
        *,
        budget: float,
        costs: ArrayLike | None = None,
        conflicts: Iterable[tuple[int, int]] = (),
        themes: ArrayLike | None = None,
        caps: ArrayLike | None = None,
        covers: ArrayLike | None = None,
        floors: Iterable[GroupFloor] = (),
        fixed_in: Iterable[int] = (),
        fixed_out: Iterable[int] = (),
        tensions: Iterable[tuple[int, int]] = (),
        penalty: float = 0.0,
    ) -> ClauseProblem:
        """Check and build.

        costs : (m,) positive, 1 each by default
        caps, covers : the most and the least of a theme, one number for every theme that has a
            clause, or one per theme
        fixed_in, fixed_out : clauses that are settled
        tensions, penalty : pairs that may contradict each other, and what each costs that stands;
            pairs that are conflicts too cannot stand and are left out

        Raises AggregationInputError naming what is wrong, Infeasible naming constraints that
        cannot all hold, none of which could be left out of that list.
        """
        prices = np.ones(m) if costs is None else np.asarray(costs, dtype=np.float64)
        if prices.shape != (m,):
            raise AggregationInputError(f"costs: give {m} numbers, not {prices.shape}.")
        wrong = np.flatnonzero(~(np.isfinite(prices) & (prices > 0)))
        if wrong.size:
            raise AggregationInputError(
                f"costs row {wrong[0]}: {prices[wrong[0]]} is not a finite number above 0."
            )
        if not np.isfinite(budget) or budget < 0:
            raise AggregationInputError(f"budget {budget}: give a finite number of at least 0.")
        labels = np.full(m, -1) if themes is None else np.asarray(themes, dtype=np.int64)
        if labels.shape != (m,) or np.any(labels < -1):
            raise AggregationInputError(f"themes: give {m} theme numbers, -1 for none.")
        most, least = _theme_limits(labels, caps, covers)
        low, high = np.zeros(m), np.ones(m)
        low[_numbers(fixed_in, m, "fixed_in")] = 1.0
        high[_numbers(fixed_out, m, "fixed_out")] = 0.0
        excluding = _pairs(conflicts, m)
        never = {(a, b) for a, b in excluding.tolist()}
        soft = (pair for pair in tensions if (min(pair), max(pair)) not in never)
        problem = cls(
            costs=prices,
            budget=float(budget),
            conflicts=excluding,
            themes=labels.astype(np.int64),
            caps=most,
            covers=least,
            floors=_floors(floors, m),
            low=low,
            high=high,
            tensions=Tensions.of(m, soft, penalty),
        )
        problem._require_feasible()
        return problem

    @property
    def m(self) -> int:
        """Number of clauses."""
        return len(self.costs)

    @property
    def demands(self) -> bool:
        """Whether anything is asked for, so that choosing nothing may be forbidden."""
        return bool(self.floors or np.any(self.covers > 0) or np.any(self.low > 0))

    @cached_property
    def rows(self) -> tuple[SparseFloat, FloatArray, tuple[str, ...]]:
        """The constraints beside the box as A x <= b, with a name for each row; budget first.

        "theme:<theme>", "conflict:<a>:<b>", then negated "cover:<theme>" and "floor:<name>". Caps
        that their theme cannot exceed are left out.
        """
        blocks, limits, names = [sparse.csr_array(self.costs[None, :])], [self.budget], ["budget"]
        for theme, cap in enumerate(self.caps.tolist()):
            member = (self.themes == theme).astype(np.float64)
            if member.sum() > cap:
                blocks.append(sparse.csr_array(member[None, :]))
                limits.append(cap)
                names.append(f"theme:{theme}")
        count = len(self.conflicts)
        if count:
            where = (np.repeat(np.arange(count), 2), self.conflicts.ravel())
            blocks.append(sparse.csr_array((np.ones(2 * count), where), shape=(count, self.m)))
            limits += [1.0] * count
            names += [f"conflict:{a}:{b}" for a, b in self.conflicts.tolist()]
        for theme in np.flatnonzero(self.covers > 0).tolist():
            blocks.append(sparse.csr_array(-(self.themes == theme).astype(np.float64)[None, :]))
            limits.append(-float(self.covers[theme]))
            names.append(f"cover:{theme}")
        for floor in self.floors:
            blocks.append(sparse.csr_array(-floor.coefficients[None, :]))
            limits.append(-floor.minimum)
            names.append(f"floor:{floor.name}")
        return sparse.vstack(blocks, format="csr"), np.array(limits), tuple(names)

    @cached_property
    def priced(self) -> tuple[SparseFloat, FloatArray, tuple[str, ...]]:
        """All that has a price in a proof: `rows`, then the tensions as x_a + x_b <= 1.

        The price of a tension is at most the penalty, for which it may be broken.
        """
        matrix, limits, names = self.rows
        both = sparse.vstack([matrix, self.tensions.rows], format="csr")
        return both, np.append(limits, np.ones(len(self.tensions))), names + self.tensions.names

    @property
    def indifferent(self) -> ClauseProblem:
        """The same constraints, with nothing lost by tensions."""
        return replace(self, tensions=Tensions.of(self.m))

    def maximise(self, gradient: FloatArray) -> tuple[FloatArray, FloatArray]:
        """A point of P where gradient . y - lost(y) is greatest, and the price of each priced row.

        With a budget alone it is a fractional knapsack: clauses by gradient / cost, ties in
        canonical order. Otherwise one linear programme.
        """
        matrix: Any
        matrix, limits, _ = self.rows
        count = len(self.tensions)
        if len(limits) == 1 and not count:
            y, price = self._knapsack(gradient)
            return y, np.array([price])
        # The scale keeps the solver's absolute tolerances far below the gaps to be certified.
        scale = max(float(np.abs(gradient).max(initial=0.0)), 1e-300)
        if not count:
            answer = minimise(-gradient / scale, matrix, limits, self.low, self.high)
            return answer.x, answer.prices * scale
        answer = minimise(
            np.append(-gradient, np.full(count, self.tensions.penalty)) / scale,
            *self.tensions.relaxed(matrix, limits),
            np.append(self.low, np.zeros(count)),
            np.append(self.high, np.full(count, np.inf)),
        )
        prices = answer.prices * scale
        prices[len(limits) :] = np.minimum(prices[len(limits) :], self.tensions.penalty)
        return answer.x[: self.m], prices

    def bound(self, gradient: FloatArray, prices: FloatArray) -> float:
        """An upper bound on gradient . y - lost(y) over P (weak duality).

        prices : of each priced row, at least 0, of a tension at most the penalty s. For
        -s max(e, 0) <= -price e, whatever the excess e.
        """
        matrix, limits, _ = self.priced
        reduced = gradient - matrix.T @ prices
        return float(limits @ prices + np.maximum(reduced * self.low, reduced * self.high).sum())

    def explain(
        self,
        duals: FloatArray,
        *,
        clauses: Sequence[str] | None = None,
        themes: Sequence[str] | None = None,
    ) -> tuple[Explanation, ...]:
        """What each binding constraint costs, dearest first; those that cost nothing are left out.

        duals : one price per row of `priced`, as `Inclusion.duals`
        clauses, themes : what to call them; numbers by default
        """
        binding = [int(row) for row in np.argsort(-duals, kind="stable") if duals[row] > NOISE]
        told = []
        for row in binding:
            price, relief = float(duals[row]), self._relief(row, clauses, themes)
            text = f"{relief} would be worth {price:.2g} per citizen."
            told.append(Explanation(self.priced[2][row], price, text))
        return tuple(told)

    def used(self, x: FloatArray) -> FloatArray:
        """A x, how much of each row's limit x uses."""
        return np.asarray(self.rows[0] @ x, dtype=np.float64)

    def allows(self, x: FloatArray, *, tolerance: float = 1e-9) -> bool:
        """Whether x lies in P."""
        limits = self.rows[1]
        boxed = np.all((x >= self.low - tolerance) & (x <= self.high + tolerance))
        return bool(boxed and np.all(self.used(x) <= limits + tolerance * np.maximum(limits, 1)))

    @cached_property
    def some(self) -> FloatArray:
        """A point of P: nothing at all where that is allowed."""
        if not self.demands:
            return np.zeros(self.m)
        matrix, limits, _ = self.rows
        return np.clip(least_violation(matrix, limits, self.low, self.high)[0], self.low, self.high)

    def admits(self, x: FloatArray, *, without: int | None = None) -> BoolArray:
        """(m,) which clauses may join whole clauses x (m,) of 0 and 1, after `without` has left.

        What joins must mend whatever the one that left was needed for.
        """
        matrix: Any
        matrix, columns = self._columns
        limits = self.rows[1]
        left = x.copy()
        if without is not None:
            left[without] = 0.0
        slack = limits + 1e-9 * np.maximum(np.abs(limits), 1) - self.used(left)
        short = slack < 0
        within = matrix.data <= slack[matrix.indices]
        over = np.bincount(columns[~within], minlength=self.m)
        mended = np.bincount(columns[within & short[matrix.indices]], minlength=self.m)
        fine = (over == 0) & (mended == np.count_nonzero(short)) & (left == 0) & (self.high > 0)
        if without is not None:
            fine[without] = False
        return np.asarray(fine, dtype=np.bool_)

    def whole(self, gains: FloatArray) -> FloatArray:
        """The allowed set of whole clauses, x (m,) of 0 and 1, with the greatest sum of gains.

        Raises Infeasible naming constraints that no set of whole clauses meets.
        """
        matrix, limits, names = self.rows
        best = best_whole(gains, matrix, limits, self.low, self.high)
        if best is not None:
            return best
        held = list(range(len(limits)))
        for row in list(held):
            rest = [other for other in held if other != row]
            if best_whole(gains, matrix[rest], limits[rest], self.low, self.high) is None:
                held = rest
        clashing = tuple(names[row] for row in held)
        raise Infeasible(
            f"No set of whole clauses meets these constraints: {', '.join(clashing)}. "
            "Lift one of them.",
            constraints=clashing,
        )

    def inside(self, x: FloatArray) -> FloatArray:
        """x cleared of a solver's last rounding errors, so that it is allowed."""
        x = np.clip(x, self.low, self.high)
        x[x < NOISE] = 0.0
        if self.demands:
            return self._nearest(x)
        matrix, limits, _ = self.rows
        x[matrix[limits <= 0].sum(axis=0) > 0] = 0.0
        used = self.used(x)
        excess = np.divide(used, limits, out=np.zeros_like(used), where=limits > 0)
        return np.asarray(x / np.max(excess, initial=1.0), dtype=np.float64)

    def restrict(self, columns: IntArray) -> ClauseProblem:
        """The same constraints on some of the clauses, the others held at 0.

        Raises AggregationInputError where a clause that is fixed in would be left out, Infeasible
        where the rest cannot meet what is asked for.
        """
        place = np.full(self.m, -1, dtype=np.int64)
        place[columns] = np.arange(len(columns))
        lost = np.flatnonzero((place < 0) & (self.low > 0))
        if lost.size:
            raise AggregationInputError(f"restrict: clause {lost[0]} is fixed in; keep it.")
        pairs = place[self.conflicts]
        problem = ClauseProblem(
            costs=self.costs[columns],
            budget=self.budget,
            conflicts=pairs[np.all(pairs >= 0, axis=1)],
            themes=self.themes[columns],
            caps=self.caps,
            covers=self.covers,
            floors=tuple(
                GroupFloor(one.name, one.coefficients[columns], one.minimum) for one in self.floors
            ),
            low=self.low[columns],
            high=self.high[columns],
            tensions=self.tensions.restrict(place, len(columns)),
        )
        problem._require_feasible()
        return problem

    def turned(self, *, budget: float, floors: tuple[GroupFloor, ...]) -> ClauseProblem:
        """The same constraints with another budget and other floors, checked anew."""
        return ClauseProblem.of(
            self.m,
            budget=budget,
            costs=self.costs,
            conflicts=[(a, b) for a, b in self.conflicts.tolist()],
            themes=self.themes,
            caps=self.caps,
            covers=self.covers,
            floors=floors,
            fixed_in=np.flatnonzero(self.low > 0).tolist(),
            fixed_out=np.flatnonzero(self.high < 1).tolist(),
            tensions=[(a, b) for a, b in self.tensions.pairs.tolist()],
            penalty=self.tensions.penalty,
        )

    @cached_property
    def _columns(self) -> tuple[Any, IntArray]:
        """The rows by column, and the column of each of their entries."""
        matrix: Any = sparse.csc_array(self.rows[0])
        return matrix, np.repeat(np.arange(self.m), np.diff(matrix.indptr))

    def _require_feasible(self) -> None:
        """Raise Infeasible, naming a least list of constraints that cannot all hold."""
        if not self.demands:
            return
        matrix, limits, names = self.rows
        settled = sparse.eye_array(self.m, format="csr")
        put, barred = np.flatnonzero(self.low > 0), np.flatnonzero(self.high < 1)
        every: Any = sparse.vstack([matrix, -settled[put], settled[barred]], format="csr")
        bounds = np.concatenate([limits, -self.low[put], self.high[barred]])
        names += tuple(f"in:{j}" for j in put) + tuple(f"out:{j}" for j in barred)
        _, clash = least_violation(every, bounds, np.zeros(self.m), np.ones(self.m))
        if not clash.any():
            return
        # Rows with a price prove the clash; then each is left out in turn, to see if it is needed.
        held = np.flatnonzero(clash).tolist()
        for row in list(held):
            rest = [other for other in held if other != row]
            _, still = least_violation(every[rest], bounds[rest], np.zeros(self.m), np.ones(self.m))
            held = rest if still.any() else held
        clashing = tuple(names[row] for row in held)
        raise Infeasible(
            f"These constraints cannot all hold: {', '.join(clashing)}. Lift one of them.",
            constraints=clashing,
        )

    def _nearest(self, x: FloatArray) -> FloatArray:
        """x where it is allowed, else the nearest allowed point by the sum of differences."""
        if self.allows(x, tolerance=1e-12):
            return x
        m, matrix, limits = self.m, self.rows[0], self.rows[1]
        eye = sparse.eye_array(m, format="csr")
        answer = minimise(
            np.concatenate([np.zeros(m), np.ones(m)]),
            sparse.block_array([[matrix, None], [eye, -eye], [-eye, -eye]], format="csr"),
            np.concatenate([limits, x, -x]),
            np.concatenate([self.low, np.zeros(m)]),
            np.concatenate([self.high, np.full(m, np.inf)]),
        )
        return answer.x[:m]

    def _knapsack(self, gradient: FloatArray) -> tuple[FloatArray, float]:
        ratio = gradient / self.costs
        order = np.argsort(-ratio, kind="stable")
        order = order[(ratio[order] > 0) & (self.high > self.low)[order]]
        before = np.cumsum(self.costs[order]) - self.costs[order] + self.costs @ self.low
        room = np.clip((self.budget - before) / self.costs[order], 0.0, 1.0)
        y = self.low.copy()
        y[order] = room
        short = np.flatnonzero(room < 1)
        return y, float(ratio[order[short[0]]]) if short.size else 0.0

    def _relief(self, row: int, clauses: Sequence[str] | None, themes: Sequence[str] | None) -> str:
        """What one unit of relief from a constraint is, in words."""
        kind, *rest = self.priced[2][row].split(":")
        if kind == "budget":
            unit = "clause" if np.all(self.costs == 1) else "unit"
            return f"One more {unit} of budget"
        if kind == "conflict":
            a, b = (clauses[int(j)] if clauses else f"clause {j}" for j in rest)
            return f"Letting {a} and {b} stand side by side"
        if kind == "tension":
            a, b = (clauses[int(j)] if clauses else f"clause {j}" for j in rest)
            return f"Knowing that {a} and {b} do not contradict each other"
        if kind == "floor":
            return f"Asking one unit less for {':'.join(rest)}"
        theme = themes[int(rest[0])] if themes else f"theme {rest[0]}"
        if kind == "cover":
            return f"Asking for one clause less of {theme}"
        return f"Room for one more clause of {theme}"


def _numbers(given: Iterable[int], m: int, field: str) -> IntArray:
    numbers = np.array(sorted(set(given)), dtype=np.int64)
    wrong = numbers[(numbers < 0) | (numbers >= m)]
    if wrong.size:
        raise AggregationInputError(f"{field}: clause {wrong[0]} is not one of 0 to {m - 1}.")
    return numbers


def _pairs(given: Iterable[tuple[int, int]], m: int) -> IntArray:
    pairs = {(min(a, b), max(a, b)) for a, b in given}
    for a, b in sorted(pairs):
        if a == b or a < 0 or b >= m:
            raise AggregationInputError(
                f"conflict ({a}, {b}): give two different clauses from 0 to {m - 1}."
            )
    return np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)


def _theme_limits(
    labels: IntArray, caps: ArrayLike | None, covers: ArrayLike | None
) -> tuple[FloatArray, FloatArray]:
    """The most and the least of each theme; a list may name themes that no clause belongs to."""
    count = int(labels.max(initial=-1)) + 1
    present = np.bincount(labels[labels >= 0], minlength=count) > 0
    given = []
    for field, limit in (("caps", caps), ("covers", covers)):
        none = np.inf if field == "caps" else 0.0
        values = np.asarray(none if limit is None else limit, dtype=np.float64)
        wrong = values.ndim > 1 or (values.ndim == 1 and len(values) < count)
        if wrong or np.any(~(values >= 0)) or (field == "covers" and np.any(np.isinf(values))):
            raise AggregationInputError(
                f"{field}: give one number of at least 0, or one for each theme ({count})."
            )
        given.append(np.where(present, values, none) if values.ndim == 0 else values)
    size = max(len(values) for values in given)
    most = np.concatenate([given[0], np.full(size - len(given[0]), np.inf)])
    least = np.concatenate([given[1], np.zeros(size - len(given[1]))])
    above = np.flatnonzero(least > most)
    if above.size:
        raise AggregationInputError(
            f"theme {above[0]}: a cover of {least[above[0]]:g} is above its cap of "
            f"{most[above[0]]:g}."
        )
    return most, least


def _floors(given: Iterable[GroupFloor], m: int) -> tuple[GroupFloor, ...]:
    floors: list[GroupFloor] = []
    for floor in given:
        coefficients = np.asarray(floor.coefficients, dtype=np.float64)
        if coefficients.shape != (m,) or not np.all(np.isfinite(coefficients)):
            raise AggregationInputError(f"floor {floor.name}: give {m} finite coefficients.")
        if not np.isfinite(floor.minimum):
            raise AggregationInputError(f"floor {floor.name}: the minimum is not finite.")
        if floor.name in {other.name for other in floors}:
            raise AggregationInputError(f"floor {floor.name}: two floors have this name.")
        floors.append(GroupFloor(floor.name, coefficients, float(floor.minimum)))
    return tuple(floors)
