"""How the chosen clauses share one unit of priority, and whose voice each share is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aggregation.errors import AggregationInputError, NotCertified
from aggregation.types import FloatArray
from aggregation.welfare.problem import ClauseProblem
from aggregation.welfare.solve import check

ROUNDS = 10_000


@dataclass(frozen=True, eq=False)
class Weights:
    """p (k,) sums to 1 over clauses; attribution (n, k) has row sums w_i and column sums p_j.

    residual: no other p has a value, sum_i w_i log(u_i . p), better by more than this
    silent: citizens for whom no chosen clause has any value; they are left out and counted
    """

    p: FloatArray
    residual: float
    attribution: FloatArray
    silent: int


def priority(
    utilities: FloatArray, weights: FloatArray, *, floor: float = 0.0, tol: float = 1e-8
) -> Weights:
    """The p in the simplex where (1 - floor) sum_i w_i log(u_i . p) + floor mean_j log p_j peaks.

    utilities (n, k) at least 0; weights (n,) at least 0, used as shares of those who are not silent
    floor : the part of every voice, in 0..1, that supports all chosen clauses alike, so that each
        clause gets at least floor / k. At 0 this is the Nash (Lindahl) mixture, which gives
        nearly everything to the few clauses that almost everybody shares.

    Update p_j <- (1 - floor) p_j g_j + floor / k, g_j = sum_i w_i u_ij / (u_i . p): it never
    worsens p, and its fixed points are the optimum; the greatest derivative minus 1 is the duality
    gap. Extrapolating it takes a tenth of the rounds. Where nobody values anything, the clauses
    share equally. Raises NotCertified if the gap does not come down to `tol`.
    """
    if utilities.ndim != 2:
        raise AggregationInputError("priority: give utilities (n, k) and weights (n,).")
    check(utilities, weights, ClauseProblem.of(utilities.shape[1], budget=1.0))
    if not 0 <= floor <= 1:
        raise AggregationInputError(f"priority: floor {floor} is not in 0..1.")
    n, k = utilities.shape
    heard = (utilities.max(axis=1, initial=0.0) > 0) & (weights > 0)
    silent = n - int(heard.sum())
    attribution = np.zeros((n, k))
    if silent == n:
        return Weights(np.full(k, 1 / k) if k else np.zeros(0), 0.0, attribution, silent)
    voices, shares = utilities[heard], weights[heard] / weights[heard].sum()
    p, residual = _maximise(voices, shares, floor=floor, tol=tol)
    if residual > tol:
        raise NotCertified(
            f"The weights are {residual:.2g} from the best, not {tol:g}.", gap=residual
        )
    own = voices * p / (voices @ p)[:, None]
    attribution[heard] = shares[:, None] * ((1 - floor) * own + floor / k)
    return Weights(p, max(residual, 0.0), attribution, silent)


@dataclass(frozen=True, eq=False)
class _Here:
    """A point of the simplex, the one that the update makes of it, and how good it is."""

    p: FloatArray
    updated: FloatArray
    value: float
    residual: float


def _maximise(
    voices: FloatArray, shares: FloatArray, *, floor: float, tol: float
) -> tuple[FloatArray, float]:
    """p, and how far from the optimum it can be: updates, and leaps along where they lead.

    Every other step extrapolates two updates (squared extrapolation, Varadhan and Roland 2008),
    unless the plain update has the greater value. Clauses with the same utilities stay equal.
    """
    k = voices.shape[1]

    def at(p: FloatArray) -> _Here:
        t = voices @ p
        gain = (shares / t) @ voices
        # A share that shrank to 0 has derivative g alone: with a floor no share gets there.
        even = floor / (k * p) if floor > 0 else 0.0
        value = (1 - floor) * float(shares @ np.log(t))
        value += floor * float(np.log(p).mean()) if floor > 0 else 0.0
        updated = (1 - floor) * p * gain + floor / k
        residual = float(np.max((1 - floor) * gain + even) - 1)
        return _Here(p, updated / updated.sum(), value, residual)

    here = at(np.full(k, 1 / k))
    for _ in range(ROUNDS):
        if here.residual <= tol:
            break
        once = at(here.updated)
        if once.residual <= tol:
            return once.p, once.residual
        far = at(_leap(here.p, once.p, once.updated))
        here = far if far.value >= once.value else at(once.updated)
    return here.p, here.residual


def _leap(before: FloatArray, once: FloatArray, twice: FloatArray) -> FloatArray:
    """Where two updates seem to lead; no share shrinks to less than a hundredth at once."""
    step, bend = once - before, twice - 2 * once + before
    size = float(np.linalg.norm(bend))
    length = max(float(np.linalg.norm(step)) / size, 1.0) if size > 0 else 1.0
    p = np.maximum(before + 2 * length * step + length**2 * bend, twice / 100)
    return np.asarray(p / p.sum(), dtype=np.float64)
