"""The two leading eigenvectors of a symmetric matrix known only by its products with vectors."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from aggregation.types import FloatArray

TOLERANCE = 1e-10  # of the residual, relative to the largest eigenvalue
CHECK_EVERY = 3


def lanczos(
    apply: Callable[[FloatArray], FloatArray], size: int, *, seed: int
) -> tuple[FloatArray, FloatArray]:
    """The two largest eigenvalues (2,) and their unit eigenvectors (2, size), size at least 2.

    Lanczos (1950) with every new direction made orthogonal to all earlier ones twice, which small
    bases can afford, and no restarts. Sums are numpy's own, so that the same input gives the same
    bytes for any number of threads. apply : x (size,) -> A x, A positive semidefinite
    """
    rng = np.random.default_rng(seed)
    basis = np.empty((min(size, 64), size))
    basis[0] = _unit(rng.standard_normal(size))
    diagonal: list[float] = []
    below: list[float] = []
    for step in range(1, size + 1):
        image = apply(basis[step - 1])
        diagonal.append(float(np.sum(image * basis[step - 1])))
        rest = _orthogonal(image, basis[:step])
        length = float(np.sqrt(np.sum(rest * rest)))
        stuck = length <= 1e-13 * max(diagonal)
        if step == size or (step >= 2 and (stuck or step % CHECK_EVERY == 0)):
            values, vectors, errors = _ritz(diagonal, below, length)
            if step == size or (not stuck and errors.max() <= TOLERANCE * values[0]):
                break
        if step == len(basis):
            basis = np.concatenate([basis, np.empty_like(basis)])[:size]
        if stuck:  # an invariant subspace is exhausted: look on beside it
            length, rest = 0.0, _orthogonal(rng.standard_normal(size), basis[:step])
        below.append(length)
        basis[step] = _unit(rest)
    return values, np.stack([_unit(_combined(vector, basis[:step])) for vector in vectors.T])


def _ritz(
    diagonal: list[float], below: list[float], length: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Two largest eigenvalues of the projected matrix, eigenvectors as columns, and residuals."""
    values, vectors = np.linalg.eigh(np.diag(diagonal) + np.diag(below, -1) + np.diag(below, 1))
    return values[:-3:-1], vectors[:, :-3:-1], np.abs(length * vectors[-1, :-3:-1])


def _orthogonal(vector: FloatArray, basis: FloatArray) -> FloatArray:
    for _ in range(2):
        vector = vector - _combined(np.einsum("ij,j->i", basis, vector), basis)
    return vector


def _combined(weights: FloatArray, basis: FloatArray) -> FloatArray:
    combined: FloatArray = np.einsum("i,ij->j", weights, basis)
    return combined


def _unit(vector: FloatArray) -> FloatArray:
    unit: FloatArray = vector / np.sqrt(np.sum(vector * vector))
    return unit
