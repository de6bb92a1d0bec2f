"""The nearest others of every row: exactly, or through lists where there are very many rows."""

from __future__ import annotations

import numpy as np

from aggregation.cluster.inverted import Inverted, lists_of, search
from aggregation.cluster.near import Float32Array, exact_neighbours
from aggregation.cluster.products import Device, OnProcessor, products
from aggregation.types import IntArray

EXACT_ROWS = 150_000  # on a processor; from there on exact search takes minutes
EXACT_ON_GPU = 2_000_000


def nearest_neighbours(
    vectors: Float32Array,
    *,
    neighbours: int,
    rows: range | None = None,
    lists: Inverted | None = None,
    device: Device = "auto",
) -> IntArray:
    """Row indices (rows, neighbours) of the nearest others, nearest first; ties to the earlier row.

    Exact for up to EXACT_ROWS rows of vectors (n, d), on a GPU for up to EXACT_ON_GPU; beyond that
    some true neighbours are missed (see `inverted`). rows : whose neighbours are searched (a
    shard); default: all. lists : those of all rows, where they were made before: shards share them.
    """
    of = np.arange(len(vectors)) if rows is None else np.asarray(rows)
    most = EXACT_ROWS if isinstance(products(device), OnProcessor) else EXACT_ON_GPU
    if len(vectors) <= most:
        return exact_neighbours(vectors, of, neighbours, device=device)
    found, lacking = search(vectors, lists or lists_of(vectors), of, neighbours)
    found[lacking] = exact_neighbours(vectors, of[lacking], neighbours, device=device)
    return found
