"""Clauses that may contradict each other: standing side by side costs something, and is allowed.

    lost(x) = penalty . sum over pairs (a, b) of y_ab,   y_ab >= x_a + x_b - 1,  y_ab >= 0

A soft x_a + x_b <= 1, whose price in any proof is at most the penalty. A penalty of 0 is no limit
at all, a large one is a conflict.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse

from aggregation.errors import AggregationInputError
from aggregation.types import FloatArray, IntArray
from aggregation.votes import SparseFloat


@dataclass(frozen=True, eq=False)
class Tensions:
    """Pairs a < b of m clauses, each once, and what every one of them costs; see `lost`."""

    pairs: IntArray
    penalty: float
    m: int

    @classmethod
    def of(cls, m: int, pairs: Iterable[tuple[int, int]] = (), penalty: float = 0.0) -> Tensions:
        """Check and build; at a penalty of 0 no pair is kept, as none has a say."""
        if not (np.isfinite(penalty) and penalty >= 0):
            raise AggregationInputError(f"penalty {penalty}: give a finite number of at least 0.")
        once = {(min(a, b), max(a, b)) for a, b in pairs}
        for a, b in sorted(once):
            if a == b or a < 0 or b >= m:
                raise AggregationInputError(
                    f"tension ({a}, {b}): give two different clauses from 0 to {m - 1}."
                )
        kept = sorted(once) if penalty > 0 else []
        return cls(np.array(kept, dtype=np.int64).reshape(-1, 2), float(penalty), m)

    def __len__(self) -> int:
        return len(self.pairs)

    @cached_property
    def rows(self) -> SparseFloat:
        """(pairs, m) CSR with a one for each end of a pair."""
        where = (np.repeat(np.arange(len(self)), 2), self.pairs.ravel())
        return sparse.csr_array((np.ones(2 * len(self)), where), shape=(len(self), self.m))

    @cached_property
    def between(self) -> SparseFloat:
        """(m, m) CSR, symmetric: one where two clauses are a pair."""
        a, b = self.pairs.T
        where = (np.concatenate([a, b]), np.concatenate([b, a]))
        return sparse.csr_array((np.ones(2 * len(self)), where), shape=(self.m, self.m))

    @property
    def names(self) -> tuple[str, ...]:
        """ "tension:<a>:<b>" for each pair."""
        return tuple(f"tension:{a}:{b}" for a, b in self.pairs.tolist())

    def lost(self, x: FloatArray) -> float:
        """What x (m,) loses by clauses that stand side by side."""
        if not len(self):
            return 0.0
        excess = x[self.pairs].sum(axis=1) - 1.0
        return self.penalty * float(np.maximum(excess, 0.0).sum())

    def partners(self, x: FloatArray) -> FloatArray:
        """(m,) how many partners of each clause are among whole clauses x (m,) of 0 and 1."""
        return np.asarray(self.between @ x, dtype=np.float64)

    def along(self, x: FloatArray, toward: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(pairs,) each: how far above 1 a pair is at x, and by how much more after `toward`."""
        return x[self.pairs].sum(axis=1) - 1.0, toward[self.pairs].sum(axis=1)

    def relaxed(self, matrix: Any, limits: FloatArray) -> tuple[Any, FloatArray]:
        """Rows over (x, y) that hold where the given ones do and y is at least the excess."""
        eye = -sparse.eye_array(len(self), format="csr")
        stack: Any = sparse.block_array
        both = stack([[matrix, None], [self.rows, eye]], format="csr")
        return both, np.concatenate([limits, np.ones(len(self))])

    def restrict(self, place: IntArray, m: int) -> Tensions:
        """The pairs of which both ends stay; place (self.m,): new numbers, -1 for what leaves."""
        moved = np.sort(place[self.pairs].reshape(-1, 2), axis=1)
        return Tensions(moved[np.all(moved >= 0, axis=1)], self.penalty, m)
