"""Which sets of clauses are allowed: budget, box, contradictions and theme caps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, sparse

from aggregation.errors import AggregationInputError, NotCertified
from aggregation.types import FloatArray, IntArray
from aggregation.votes import SparseFloat


@dataclass(frozen=True, eq=False)
class ClauseProblem:
    """P = {0 <= x <= 1, costs . x <= budget, x_a + x_b <= 1, theme sums <= caps} over m clauses.

    Build it with `of`. conflicts (q, 2) pairs a < b; themes (m,) with -1 for none; caps (themes,)
    with infinity where a theme has no cap.
    """

    costs: FloatArray
    budget: float
    conflicts: IntArray
    themes: IntArray
    caps: FloatArray

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
    ) -> ClauseProblem:
        """Check and build.

        costs : (m,) positive, 1 each by default
        caps : one number for every theme, or one per theme

        Raises AggregationInputError naming what is wrong.
        """
        prices = np.ones(m) if costs is None else np.asarray(costs, dtype=np.float64)
        if prices.shape != (m,) or not np.all(np.isfinite(prices)) or np.any(prices <= 0):
            raise AggregationInputError(f"costs: give {m} finite numbers above 0.")
        if not np.isfinite(budget) or budget < 0:
            raise AggregationInputError(f"budget {budget}: give a finite number of at least 0.")
        pairs = {(min(a, b), max(a, b)) for a, b in conflicts}
        for a, b in sorted(pairs):
            if a == b or a < 0 or b >= m:
                raise AggregationInputError(
                    f"conflict ({a}, {b}): give two different clauses from 0 to {m - 1}."
                )
        labels = np.full(m, -1) if themes is None else np.asarray(themes, dtype=np.int64)
        if labels.shape != (m,) or np.any(labels < -1):
            raise AggregationInputError(f"themes: give {m} theme numbers, -1 for none.")
        count = int(labels.max(initial=-1)) + 1
        limits = np.full(count, np.inf)
        if caps is not None:
            given = np.asarray(caps, dtype=np.float64)
            if given.ndim > 1 or (given.ndim == 1 and len(given) < count) or np.any(given < 0):
                raise AggregationInputError(
                    f"caps: give one number, or one for each theme ({count})."
                )
            limits = np.full(count, float(given)) if given.ndim == 0 else given
        paired = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)
        return cls(prices, float(budget), paired, labels.astype(np.int64), limits)

    @property
    def m(self) -> int:
        """Number of clauses."""
        return len(self.costs)

    @cached_property
    def rows(self) -> tuple[SparseFloat, FloatArray, tuple[str, ...]]:
        """The constraints beside the box as A x <= b, with a name for each row; budget first.

        Caps that their theme cannot exceed are left out.
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
        return sparse.vstack(blocks, format="csr"), np.array(limits), tuple(names)

    def maximise(self, gradient: FloatArray) -> tuple[FloatArray, FloatArray]:
        """A point of P where gradient . y is greatest, and the dual price of each row.

        With a budget alone it is a fractional knapsack: clauses by gradient / cost, ties in
        canonical order. Otherwise one linear programme.
        """
        matrix: Any
        matrix, limits, _ = self.rows
        if len(limits) == 1:
            y, price = self._knapsack(gradient)
            return y, np.array([price])
        # The scale keeps the solver's absolute tolerances far below the gaps to be certified.
        scale = max(float(np.abs(gradient).max()), 1e-300)
        answer = optimize.linprog(
            -gradient / scale, A_ub=matrix, b_ub=limits, bounds=(0.0, 1.0), method="highs-ds"
        )
        if answer.status != 0 or answer.x is None:
            raise NotCertified(f"The linear programme failed: {answer.message}", gap=float("inf"))
        prices = np.maximum(-answer.ineqlin.marginals, 0.0) * scale
        return np.clip(answer.x, 0.0, 1.0), prices

    def bound(self, gradient: FloatArray, prices: FloatArray) -> float:
        """An upper bound on gradient . y over P from any prices >= 0 (weak duality)."""
        matrix, limits, _ = self.rows
        return float(limits @ prices + np.maximum(gradient - matrix.T @ prices, 0.0).sum())

    def used(self, x: FloatArray) -> FloatArray:
        """A x, how much of each row's limit x uses."""
        return np.asarray(self.rows[0] @ x, dtype=np.float64)

    def allows(self, x: FloatArray, *, tolerance: float = 1e-9) -> bool:
        """Whether x lies in P."""
        limits = self.rows[1]
        boxed = np.all((x >= -tolerance) & (x <= 1 + tolerance))
        return bool(boxed and np.all(self.used(x) <= limits + tolerance * np.maximum(limits, 1)))

    def inside(self, x: FloatArray) -> FloatArray:
        """x cleared of a solver's last rounding errors, so that it is allowed exactly."""
        x = np.clip(x, 0.0, 1.0)
        x[x < 1e-10] = 0.0
        used, limits = self.used(x), self.rows[1]
        excess = np.divide(used, limits, out=np.zeros_like(used), where=limits > 0)
        return np.asarray(x / np.max(excess, initial=1.0), dtype=np.float64)

    def restrict(self, columns: IntArray) -> ClauseProblem:
        """The same constraints on some of the clauses, the others held at 0."""
        place = np.full(self.m, -1, dtype=np.int64)
        place[columns] = np.arange(len(columns))
        pairs = place[self.conflicts]
        return ClauseProblem(
            self.costs[columns],
            self.budget,
            pairs[np.all(pairs >= 0, axis=1)],
            self.themes[columns],
            self.caps,
        )

    def _knapsack(self, gradient: FloatArray) -> tuple[FloatArray, float]:
        ratio = gradient / self.costs
        order = np.argsort(-ratio, kind="stable")
        order = order[ratio[order] > 0]
        before = np.cumsum(self.costs[order]) - self.costs[order]
        room = np.clip((self.budget - before) / self.costs[order], 0.0, 1.0)
        y = np.zeros(self.m)
        y[order] = room
        short = np.flatnonzero(room < 1)
        return y, float(ratio[order[short[0]]]) if short.size else 0.0
