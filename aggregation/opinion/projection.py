"""Where every participant stands: the plane that spreads opinions most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from aggregation.opinion.lanczos import lanczos
from aggregation.types import BoolArray, FloatArray, IntArray
from aggregation.votes import SparseFloat, VoteTable

MIN_VOTES = 7  # Polis: fewer reactions do not place a person
MIN_PEOPLE = 15  # Polis: fewer people are not split into groups
DENSE_COLUMNS = 60  # so few claims need no iteration


@dataclass(frozen=True, eq=False)
class Projection:
    """Every participant's place in the plane that spreads opinions most.

    positions (n, 2), eligible (n,): enough votes to be grouped, loadings (m, 2) of the claims,
    means (m,) vote means over those who voted.
    """

    participants: tuple[str, ...]
    positions: FloatArray
    eligible: BoolArray
    loadings: FloatArray
    means: FloatArray


def project(votes: VoteTable, *, seed: int = 0) -> Projection:
    """Place people by the two leading components of their votes.

    A missing vote counts as the claim's mean, so after centring it is exactly 0: the matrix to
    decompose is the sparse residual C_ij = v_ij - mean_j on the cells seen. Positions are
    sqrt(m / votes_i) C_i V, which makes up for claims a person has not seen.

    Negating every vote mirrors all positions and leaves loadings as they are.
    """
    n, m = votes.shape
    values, column = votes.values.data, votes.values.indices
    given = np.diff(votes.values.indptr).astype(np.int64)
    seen = np.bincount(column, minlength=m)
    means = np.bincount(column, weights=values, minlength=m) / np.maximum(seen, 1)
    residual: SparseFloat = sparse.csr_array(
        (values - means[column], column, votes.values.indptr), shape=votes.shape
    )
    loadings = _leading(residual, seed=seed)
    scale = np.sqrt(m / np.maximum(given, 1))
    positions = scale[:, None] * (residual @ loadings) if n else np.zeros((0, 2))
    return Projection(votes.participants, positions, _eligible(given, m=m), loadings, means)


def _leading(residual: SparseFloat, *, seed: int) -> FloatArray:
    """(m, 2) leading right singular vectors, zero beyond the rank, sign fixed by largest entry."""
    n, m = residual.shape
    width = min(2, n, m)
    loadings = np.zeros((m, 2))
    if width == 0 or not np.any(residual.data):
        return loadings
    if m <= DENSE_COLUMNS:
        values, vectors = np.linalg.eigh((residual.T @ residual).toarray())
        values, vectors = values[::-1], vectors.T[::-1]
    else:
        transposed = residual.T

        def gram(x: FloatArray) -> FloatArray:
            return np.asarray(transposed @ (residual @ x), dtype=np.float64)

        values, vectors = lanczos(gram, m, seed=seed)
    for slot in range(width):
        if values[slot] <= 1e-10 * values[0]:
            continue
        vector = vectors[slot]
        size = np.abs(vector)
        largest = int(np.argmax(size >= size.max() * (1 - 1e-9)))
        loadings[:, slot] = vector * np.sign(vector[largest])
    return loadings


def extremity(projection: Projection) -> FloatArray:
    """(m,) how far out a person stands whose only vote is to agree with the claim (Polis).

    The length of sqrt(m) (1 - mean_j) V_j, where such a vote would place her.
    """
    m = len(projection.means)
    reach = np.sqrt(m) * (1.0 - projection.means)
    extent: FloatArray = reach * np.sqrt(np.sum(projection.loadings**2, axis=1))
    return extent


def _eligible(given: IntArray, *, m: int) -> BoolArray:
    """At least min(7, m) votes; topped up to 15 people with the most active of the rest."""
    eligible = (given >= min(MIN_VOTES, m)) & (given > 0)
    missing = MIN_PEOPLE - int(eligible.sum())
    if missing > 0:
        rest = np.flatnonzero(~eligible & (given > 0))
        eligible[rest[np.argsort(-given[rest], kind="stable")][:missing]] = True
    return eligible
