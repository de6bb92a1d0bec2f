"""What people decided about rows: which are one, and which never are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aggregation.errors import AggregationInputError
from aggregation.types import IntArray


@dataclass(frozen=True)
class Decided:
    """root (n,): the row whose words stand for each row by decision, itself where nobody decided.

    kept : rows that others were folded into. apart : root -> roots that it is never one with
    """

    root: IntArray
    kept: frozenset[int]
    apart: dict[int, frozenset[int]]

    def is_folded(self, row: int) -> bool:
        """Whether a person let another row's words stand for this one."""
        return int(self.root[row]) != row

    def are_apart(self, one: int, other: int) -> bool:
        """Whether a person decided that two rows, neither of them folded, are never one."""
        return other in self.apart.get(one, ())


def decided(
    n: int, together: Sequence[tuple[int, int]], apart: Sequence[tuple[int, int]]
) -> Decided:
    """Read decisions on n rows: (kept, folded) pairs, and pairs that stay apart.

    A row folded twice, and kept rows folded in their turn, all go to the last one kept; where
    two decisions would go in a circle, the first one holds. Raises AggregationInputError where a
    pair is to be one, directly or through others, and apart.
    """
    parent = list(range(n))
    for kept, folded in together:
        a, b = _top(parent, kept), _top(parent, folded)
        parent[b] = a
    root = np.array([_top(parent, row) for row in range(n)], dtype=np.int64)
    never: defaultdict[int, set[int]] = defaultdict(set)
    for one, other in apart:
        a, b = int(root[one]), int(root[other])
        if a == b:
            raise AggregationInputError(
                f"Rows {one} and {other} were decided to say the same, directly or through "
                "others, and to stay apart. Take back one of the two decisions."
            )
        never[a].add(b)
        never[b].add(a)
    folded_into = np.flatnonzero(root != np.arange(n))
    return Decided(
        root=root,
        kept=frozenset(root[folded_into].tolist()),
        apart={row: frozenset(others) for row, others in never.items()},
    )


def _top(parent: list[int], row: int) -> int:
    while parent[row] != row:
        row = parent[row]
    return row
