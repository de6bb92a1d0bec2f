"""How do reactions to two claims go together? Counts over people who took a side on both.

    a  agreed to both      b  agreed to the first, disagreed with the second
    d  to neither          c  the other way round
    log-odds ratio  l = log((a + 1/2)(d + 1/2) / ((b + 1/2)(c + 1/2))),  its variance
    v = 1/(a + 1/2) + ... + 1/(d + 1/2)                           (Haldane 1956, Anscombe 1956)
    drawn towards 0 by a normal prior of variance s^2:  l s^2/(s^2 + v) +- z sqrt(v s^2/(s^2 + v))

So few answers say little, whatever they are. Rivals in opinion are not contradictions: two parties'
wishes go apart in reactions although an AI system could follow both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from scipy import sparse

from aggregation.opinion import Z95
from aggregation.types import BoolArray, FloatArray, IntArray

Answers8: TypeAlias = "sparse.csr_array[np.int8, tuple[int, int]]"

LEAST = 20  # people who took a side on both; fewer are no evidence
PRIOR = 2.0  # sd of log-odds ratios before anything is seen; measured 1.2 to 2.0 on real crowds
DOUBTERS = 10
PEOPLE = 2**16 - 1  # counted together: each of four counts has 16 bits of one whole number
CELLS = 2**21  # pairs whose counts are held at once, at most: 200 MB
AT_ONCE = 256  # given pairs counted together


@dataclass(frozen=True, eq=False)
class Together:
    """Pairs of columns first < second (p,) with the four counts of each (p,)."""

    first: IntArray
    second: IntArray
    a: IntArray
    b: IntArray
    c: IntArray
    d: IntArray

    @property
    def both(self) -> IntArray:
        """(p,) people who took a side on both."""
        return self.a + self.b + self.c + self.d

    @property
    def alike(self) -> FloatArray:
        """(p,) share who took the same side on both, whichever is the commoner; ten doubters added.

        Where people follow both or refuse both, they see no contradiction.
        """
        return np.asarray(np.maximum(self.a, self.d) / (self.both + DOUBTERS), dtype=np.float64)

    @property
    def association(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """(p,) shrunken log-odds ratio, and the bounds of its 95 % interval."""
        a, b, c, d = (count + 0.5 for count in (self.a, self.b, self.c, self.d))
        raw = np.log(a * d / (b * c))
        variance = (1 / a + 1 / d) + (1 / b + 1 / c)  # to the last bit the same for negated votes
        kept = PRIOR**2 / (PRIOR**2 + variance)
        middle, spread = raw * kept, Z95 * np.sqrt(variance * kept)
        return middle, middle - spread, middle + spread

    def take(self, chosen: Any) -> Together:
        """Some of the pairs."""
        return Together(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))

    @classmethod
    def joined(cls, parts: Sequence[Together]) -> Together:
        """All pairs of some parts, in their order."""
        empty = np.zeros(0, dtype=np.int64)
        names = cls.__dataclass_fields__
        return cls(*(np.concatenate([empty, *(getattr(p, name) for p in parts)]) for name in names))


def opposed(
    values: Answers8,
    *,
    least: int = LEAST,
    keep: Callable[[Together], BoolArray] | None = None,
) -> Together:
    """All pairs that at least `least` people took a side on, and surely apart: interval below 0.

    values : (n, m) CSR of +1, -1 and 0 for unsure; keep : which of some pairs to keep. The work
    grows with the pairs of answers that people gave, not with the pairs of claims; memory with
    CELLS and with the pairs that are kept.
    """
    kept = []
    for part in _blocks(values, least):
        apart = part.take(part.association[2] < 0)
        kept.append(apart if keep is None else apart.take(keep(apart)))
    return Together.joined(kept)


def counted(values: Answers8, first: IntArray, second: IntArray) -> Together:
    """The counts of given pairs of columns, first < second."""
    agree, disagree = (sparse.csc_array(_weighed(values, *weights)) for weights in ((1, 0), (0, 1)))
    parts = []
    for start in range(0, len(first), AT_ONCE):
        i, j = first[start : start + AT_ONCE], second[start : start + AT_ONCE]
        cells = (
            np.asarray(one[:, i].multiply(other[:, j]).sum(axis=0), dtype=np.int64).ravel()
            for one in (agree, disagree)
            for other in (agree, disagree)
        )
        parts.append(Together(i, j, *cells))
    return Together.joined(parts)


def _blocks(values: Answers8, least: int) -> Iterator[Together]:
    """The pairs of some columns with all later ones that enough people took a side on.

    One product of whole numbers holds all four counts: with X = A + 2^16 D and Y = A + 2^32 D,
    X'Y = a + 2^16 c + 2^32 b + 2^48 d, exact for fewer than 2^16 people at a time.
    """
    n, m = values.shape
    people = [values[start : start + PEOPLE] for start in range(0, n, PEOPLE)]
    packed = [
        (sparse.csc_array(_weighed(some, 1, 2**16)), _weighed(some, 1, 2**32)) for some in people
    ]
    step = max(1, min(AT_ONCE, CELLS // max(m, 1)))
    for start in range(0, m, step):
        parts = [_later(left[:, start : start + step].T @ right, start) for left, right in packed]
        key = np.concatenate([np.zeros(0, dtype=np.int64), *(part[0] for part in parts)])
        counts = np.concatenate([np.zeros((0, 4), dtype=np.int64), *(part[1] for part in parts)])
        if len(parts) > 1:
            key, counts = _summed(key, counts)
        enough = np.flatnonzero(counts.sum(axis=1) >= least)
        enough = enough[np.argsort(key[enough])]
        first, second = np.divmod(key[enough], m)
        yield Together(first, second, *counts[enough].T)


def _later(product: Any, start: int) -> tuple[IntArray, IntArray]:
    """Of a packed product's cells those of later columns: (first * m + second), (cells, 4)."""
    cells = product.tocoo()
    first = cells.row.astype(np.int64) + start
    later = cells.col > first
    key = first[later] * product.shape[1] + cells.col[later]
    shifts = np.array([0, 32, 16, 48], dtype=np.uint64)
    counts = (cells.data[later][:, None] >> shifts) & np.uint64(0xFFFF)
    return key, counts.astype(np.int64)


def _summed(key: IntArray, counts: IntArray) -> tuple[IntArray, IntArray]:
    """Counts of equal keys added up, in the order of the keys."""
    order = np.argsort(key, kind="stable")
    once, begins = np.unique(key[order], return_index=True)
    if not len(once):
        return key, counts
    return once, np.add.reduceat(counts[order], begins, axis=0)


def _weighed(values: Answers8, agreed: int, disagreed: int) -> Any:
    """(n, m) CSR of whole numbers: what agreement and disagreement weigh, nothing for unsure."""
    weight = np.array([0, agreed, disagreed], dtype=np.uint64)[values.data]  # -1 is the last
    hit = sparse.csr_array((weight, values.indices, values.indptr), shape=values.shape)
    if np.any(weight == 0):
        hit = hit.copy()
        hit.eliminate_zeros()
    return hit
