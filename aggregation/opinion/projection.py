"""Where every participant stands: the plane that spreads opinions most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import linalg as sparse_linalg

from aggregation.types import BoolArray, FloatArray, IntArray
from aggregation.votes import SparseFloat, VoteTable

MIN_VOTES = 7  # Polis: fewer reactions do not place a person
MIN_PEOPLE = 15  # Polis: fewer people are not split into groups
GRAM_COLUMNS = 600  # up to here a dense Gram matrix is faster than ARPACK


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
    given = np.diff(votes.values.indptr).astype(np.int64)
    totals = np.bincount(votes.columns, weights=votes.values.data, minlength=m)
    seen = np.bincount(votes.columns, minlength=m)
    means = totals / np.maximum(seen, 1)
    residual = sparse.csr_array(
        (votes.values.data - means[votes.columns], votes.columns, votes.values.indptr),
        shape=votes.shape,
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
    if m <= GRAM_COLUMNS:
        values, vectors = np.linalg.eigh((residual.T @ residual).toarray())
    else:
        transposed = residual.T.tocsr()

        def apply(x: NDArray[Any]) -> NDArray[Any]:
            product: NDArray[Any] = transposed @ (residual @ x)
            return product

        gram = sparse_linalg.LinearOperator((m, m), matvec=apply, dtype=np.float64)
        start = np.random.default_rng(seed).standard_normal(m)
        values, vectors = sparse_linalg.eigsh(gram, k=2, v0=start)
    order = np.argsort(-values, kind="stable")[:width]
    for slot, index in enumerate(order):
        if values[index] <= 1e-10 * values[order[0]]:
            continue
        vector = vectors[:, index]
        size = np.abs(vector)
        largest = int(np.argmax(size >= size.max() * (1 - 1e-9)))
        loadings[:, slot] = vector * np.sign(vector[largest])
    return loadings


def _eligible(given: IntArray, *, m: int) -> BoolArray:
    """At least min(7, m) votes; topped up to 15 people with the most active of the rest."""
    eligible = (given >= min(MIN_VOTES, m)) & (given > 0)
    missing = MIN_PEOPLE - int(eligible.sum())
    if missing > 0:
        rest = np.flatnonzero(~eligible & (given > 0))
        eligible[rest[np.argsort(-given[rest], kind="stable")][:missing]] = True
    return eligible
