"""The canonical order of rows: by a key that belongs to the content, never by arrival."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aggregation.types import IntArray


def ranks(keys: Sequence[str] | None, n: int) -> IntArray:
    """Place of each row in the order of its key; rows with one key keep their order."""
    if keys is None:
        return np.arange(n)
    rank = np.empty(n, dtype=np.int64)
    rank[sorted(range(n), key=lambda row: keys[row])] = np.arange(n)
    return rank
