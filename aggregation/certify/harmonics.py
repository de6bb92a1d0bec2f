"""The harmonic number H(t) = 1 + 1/2 + ... + 1/t, continued to fractions, with numpy alone.

H(t) = digamma(t + 1) + gamma and H'(t) = trigamma(t + 1). Eight steps of the recurrence lead to an
argument of at least 9, where the asymptotic series (Abramowitz and Stegun 6.3.18, 6.4.12) is exact
to the last digits of a double.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from aggregation.errors import AggregationInputError
from aggregation.types import FloatArray

STEPS = 8

# Bernoulli numbers B_2, B_4, ..., B_14.
BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6)


def harmonic(t: ArrayLike) -> FloatArray:
    """H(t) for t >= 0, elementwise; exactly 0 at 0."""
    x = _checked(t) + 1
    above: FloatArray = _digamma(x) - _digamma(np.ones(1))[0]
    return above


def harmonic_slope(t: ArrayLike) -> FloatArray:
    """H'(t) for t >= 0, elementwise; pi^2 / 6 at 0."""
    x = _checked(t) + 1
    steps = np.zeros_like(x)
    for step in range(STEPS):
        steps += 1 / np.square(x + step)
    y = x + STEPS
    inverse = 1 / np.square(y)
    series = np.zeros_like(y)
    for number in reversed(BERNOULLI):
        series = (series + number) * inverse
    return steps + 1 / y + inverse / 2 + series / y


def _digamma(x: FloatArray) -> FloatArray:
    steps = np.zeros_like(x)
    for step in range(STEPS):
        steps += 1 / (x + step)
    y = x + STEPS
    inverse = 1 / np.square(y)
    series = np.zeros_like(y)
    for order in range(len(BERNOULLI), 0, -1):
        series = (series + BERNOULLI[order - 1] / (2 * order)) * inverse
    digamma: FloatArray = np.log(y) - 1 / (2 * y) - series - steps
    return digamma


def _checked(t: ArrayLike) -> FloatArray:
    given: FloatArray = np.asarray(t, dtype=np.float64)
    if not np.all(given >= 0):
        first = np.flatnonzero(~(given.ravel() >= 0))[0]
        raise AggregationInputError(f"harmonic: entry {first} is {given.ravel()[first]}, below 0.")
    return given
