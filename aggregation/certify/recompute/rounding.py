"""From published shares to whole clauses, once more: what is added, and what is exchanged."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from aggregation.certify.harmonics import harmonic, harmonic_slope
from aggregation.types import BoolArray, FloatArray

LEAST = 1e-12  # an improvement below this is rounding error
SWAPS = 1000


class Rounding:
    """Sets of clauses by the mean of H(t) over citizens, within rows @ x <= limits.

    values (n, m) utilities; rows (r, m) of zeros and ones; limits (r,)
    tensions (s, m) : two ones each; a set that holds both ends of a row loses the penalty
    """

    def __init__(
        self,
        values: FloatArray,
        rows: FloatArray,
        limits: FloatArray,
        *,
        tensions: FloatArray | None = None,
        penalty: float = 0.0,
    ) -> None:
        self.values, self.rows, self.limits = values, rows, limits
        ends = np.zeros((0, values.shape[1])) if tensions is None else tensions
        self.between = penalty * (ends.T @ ends)  # what each two clauses lose together
        np.fill_diagonal(self.between, 0.0)
        self.x = np.zeros(values.shape[1], dtype=bool)

    def run(self, shares: FloatArray) -> tuple[tuple[int, ...], int]:
        """The chosen columns, and how many exchanges it took from the shares' own order.

        By falling share what fits and helps; then the best additions and exchanges until none
        helps; of equal ones the earliest clause comes in, the latest goes out. In the end earlier
        clauses take the place of later ones that serve exactly as well.
        """
        shares = np.round(shares, 9)
        for j in sorted(np.flatnonzero(shares > 1e-6).tolist(), key=lambda j: (-shares[j], j)):
            if self._fits(None)[j] and self._score(None, j) > self._score(None, None) + LEAST:
                self.x[j] = True
        self._fill()
        swaps = 0
        while swaps < SWAPS and self._improve(np.flatnonzero(self.x).tolist()):
            self._fill()
            swaps += 1
        while self._earlier():
            pass
        return tuple(np.flatnonzero(self.x).tolist()), swaps

    def _fits(self, out: int | None) -> BoolArray:
        """(m,) what could come in once `out` has left."""
        x = self.x.astype(np.float64)
        if out is not None:
            x[out] = 0.0
        room = self.limits - self.rows @ x
        fits: BoolArray = ~self.x & np.all(self.rows <= room[:, None] + 1e-9, axis=0)
        return fits

    def _left(self, out: int | None) -> FloatArray:
        t: FloatArray = self.values[:, self.x].sum(axis=1)
        return t if out is None else np.maximum(t - self.values[:, out], 0.0)

    def _lost(self, out: int | None) -> tuple[float, FloatArray]:
        """What is lost once `out` has left, and (m,) what each clause would lose by coming in."""
        x = self.x.astype(np.float64)
        if out is not None:
            x[out] = 0.0
        each = self.between @ x
        return float(each @ x) / 2, each

    def _score(self, out: int | None, into: int | None) -> float:
        t = self.values[:, self.x].sum(axis=1)
        if into is not None:
            t = t + self.values[:, into]
        if out is not None:
            t = np.maximum(t - self.values[:, out], 0.0)
        lost, each = self._lost(out)
        return float(harmonic(t).mean()) - lost - (0.0 if into is None else float(each[into]))

    def _most(self, out: int | None) -> FloatArray:
        """(m,) what no clause exceeds by coming in: by concavity, its utilities times the slope."""
        rest, (lost, each) = self._left(out), self._lost(out)
        most = harmonic(rest).mean() + harmonic_slope(rest) @ self.values / len(rest)
        return np.asarray(most - lost - each, dtype=np.float64)

    def _fill(self) -> None:
        while self._improve([None]):
            pass

    def _improve(self, leaving: Iterable[int | None]) -> bool:
        """Make the best addition or exchange, if any helps."""
        now = self._score(None, None)
        tried: list[tuple[float, int, int, int | None]] = []
        best = now
        for out in leaving:
            most = self._most(out)
            for j in np.flatnonzero(self._fits(out) & (most >= best - LEAST)).tolist():
                score = self._score(out, j)
                if score > now + LEAST:
                    best = max(best, score)
                    tried.append((score, j, -(out or 0), out))
        near = [(j, late, out) for score, j, late, out in tried if score >= best - LEAST]
        if not near:
            return False
        into, _, out = min(near, key=lambda one: one[:2])
        if out is not None:
            self.x[out] = False
        self.x[into] = True
        return True

    def _earlier(self) -> bool:
        now = self._score(None, None)
        for out in np.flatnonzero(self.x)[::-1].tolist():
            most = self._most(out)
            for j in np.flatnonzero(self._fits(out) & (most >= now - LEAST)).tolist():
                if j < out and self._score(out, j) >= now - LEAST:
                    self.x[[out, j]] = False, True
                    return True
        return False
