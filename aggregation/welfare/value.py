"""How much a citizen's satisfaction is worth to everybody: one family, one knob."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import special

from aggregation.errors import AggregationInputError
from aggregation.types import FloatArray


class Value(Protocol):
    """A concave, increasing value of a citizen's utility t >= 0, with its slope and curvature."""

    def value(self, t: FloatArray) -> FloatArray: ...

    def slope(self, t: FloatArray) -> FloatArray: ...

    def curvature(self, t: FloatArray) -> FloatArray: ...


@dataclass(frozen=True)
class Welfare:
    """phi_p(offset + t), with phi_p(s) = (s^p - 1) / p and phi_0 = log.

    p = 1 adds utilities up, p = 0 is Nash welfare, p -> -inf looks at the worst off alone.
    The offset 1/2 makes p = 0 the smooth twin of the harmonic score: 0 <= H_t - gamma -
    log(t + 1/2) <= .116.
    """

    p: float = 0.0
    offset: float = 0.5

    def __post_init__(self) -> None:
        if not self.p <= 1:
            raise AggregationInputError(f"welfare p {self.p}: above 1 it rewards inequality.")
        if not (self.offset > 0 or (self.offset == 0 and self.p > 0)):
            raise AggregationInputError(f"welfare offset {self.offset}: give a positive number.")

    def value(self, t: FloatArray) -> FloatArray:
        """phi_p(offset + t), elementwise."""
        s = self.offset + t
        valued: FloatArray = np.log(s) if self.p == 0 else (s**self.p - 1) / self.p
        return valued

    def slope(self, t: FloatArray) -> FloatArray:
        """First derivative, positive."""
        slope: FloatArray = (self.offset + t) ** (self.p - 1)
        return slope

    def curvature(self, t: FloatArray) -> FloatArray:
        """Second derivative, at most 0."""
        curvature: FloatArray = (self.p - 1) * (self.offset + t) ** (self.p - 2)
        return curvature


@dataclass(frozen=True)
class Harmonic:
    """H(t) = 1 + 1/2 + ... + 1/t, continued to fractions: the score of proportional approval."""

    def value(self, t: FloatArray) -> FloatArray:
        """digamma(t + 1) + gamma."""
        valued: FloatArray = special.digamma(t + 1) + np.euler_gamma
        return valued

    def slope(self, t: FloatArray) -> FloatArray:
        """First derivative, positive."""
        return np.asarray(special.polygamma(1, t + 1), dtype=np.float64)

    def curvature(self, t: FloatArray) -> FloatArray:
        """Second derivative, negative."""
        return np.asarray(special.polygamma(2, t + 1), dtype=np.float64)
