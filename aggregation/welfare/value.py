"""How much a citizen's satisfaction is worth to everybody: one family, one knob."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

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
    """H(t) = 1 + 1/2 + ... + 1/t, continued to fractions: the score of proportional approval.

    H(t) = digamma(t + 1) + gamma: the recurrence carries t + 1 up by 8, where Stirling's series is
    exact to double precision. Written out because it is many times faster than scipy's polygamma.
    """

    def value(self, t: FloatArray) -> FloatArray:
        """H(t), elementwise."""
        return _by_blocks(_digamma, t) + np.euler_gamma

    def slope(self, t: FloatArray) -> FloatArray:
        """First derivative, positive."""
        return _by_blocks(_trigamma, t)

    def curvature(self, t: FloatArray) -> FloatArray:
        """Second derivative, negative."""
        return _by_blocks(_tetragamma, t)


def _by_blocks(function: Callable[[FloatArray], FloatArray], t: FloatArray) -> FloatArray:
    """function(t + 1) in pieces that stay in the processor's cache."""
    flat = np.ravel(t)
    answer = np.empty(flat.shape)
    for first in range(0, flat.size, 16384):
        rows = slice(first, first + 16384)
        answer[rows] = function(flat[rows] + 1.0)
    return answer.reshape(t.shape)


def _pairs(s: FloatArray) -> tuple[FloatArray, tuple[FloatArray, ...]]:
    """s .. s + 7 in pairs of equal sum: (s + i) + (s + 7 - i) = the first, products the others."""
    b = s * (s + 7)
    return 2 * s + 7, (b, b + 6, b + 10, b + 12)


def _digamma(s: FloatArray) -> FloatArray:
    total, products = _pairs(s)
    z = s + 8
    r = 1 / (z * z)
    tail = 1 / 240 - r * (1 / 132 - r * (691 / 32760 - r / 12))
    series = 1 / 12 - r * (1 / 120 - r * (1 / 252 - r * tail))
    a, b, c, d = products
    answer: FloatArray = np.log(z) - 0.5 / z - r * series
    answer -= total * (1 / a + 1 / b + 1 / c + 1 / d)
    return answer


def _trigamma(s: FloatArray) -> FloatArray:
    total, products = _pairs(s)
    z = 1 / (s + 8)
    r = z * z
    series = 1 / 6 - r * (1 / 30 - r * (1 / 42 - r * (1 / 30 - r * (5 / 66 - r * 691 / 2730))))
    answer: FloatArray = z + r / 2 + r * z * series
    for product in products:
        answer += (total * total - 2 * product) / (product * product)
    return answer


def _tetragamma(s: FloatArray) -> FloatArray:
    total, products = _pairs(s)
    z = 1 / (s + 8)
    r = z * z
    series = 1 / 2 - r * (1 / 6 - r * (1 / 6 - r * (3 / 10 - r * (5 / 6 - r * 691 / 210))))
    answer: FloatArray = -r - r * z - r * r * series
    for product in products:
        answer -= 2 * total * (total * total - 3 * product) / (product * product * product)
    return answer
