"""Who has whom among the nearest? The graph that communities are sought in."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from aggregation.cluster.near import Float32Array
from aggregation.cluster.neighbours import nearest_neighbours


def shared_neighbours(vectors: Float32Array, *, neighbours: int) -> sparse.csr_matrix:
    """Symmetric graph (n, n): weight = shared ones among each pair's nearest neighbours / k.

    Only pairs of which one is among the other's nearest neighbours are linked. Ties at the rim of
    a neighbourhood go to the earlier row.
    """
    nearest = nearest_neighbours(vectors, neighbours=neighbours)
    n, k = nearest.shape
    rows = np.repeat(np.arange(n), k + 1)
    columns = np.hstack([nearest, np.arange(n)[:, None]]).ravel()
    reach = sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(n, n))
    link = ((reach + reach.T) > 0).astype(np.float64)
    weight = (reach @ reach.T).multiply(link) / (k + 1)
    weight.setdiag(0)
    weight.eliminate_zeros()
    return sparse.csr_matrix(weight)
