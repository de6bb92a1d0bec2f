"""Nearest neighbours among very many rows, through lists of rows that lie about one centre.

A row is compared with the rows of the few lists whose centres are nearest to it (an inverted file:
Sivic and Zisserman 2003; Jegou et al. 2011). Not exact: what share of the true neighbours is found
is measured in tests and benchmarks. The same for any number and size of shards.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from aggregation.cluster.micro import FINER, micro_clusters
from aggregation.cluster.near import Float32Array, Nearest, block, cut, together
from aggregation.cluster.products import Hits, OnProcessor
from aggregation.types import IntArray

LISTS = 4  # times the root of the number of rows
PROBES = 128  # lists that a row is compared with: .95 of the true neighbours are found
FIRST = 8  # of them that come first
FINE = FINER * 256  # cosines of rows with centres are multiples of 1/FINE
QUERIES = 8192


@dataclass(frozen=True, eq=False)
class Inverted:
    """centre (lists, d); the rows of list l are order[first[l] : first[l + 1]], ascending."""

    centre: Float32Array
    order: IntArray
    first: IntArray

    def rows(self, number: int) -> IntArray:
        """The rows of one list."""
        return self.order[self.first[number] : self.first[number + 1]]


def lists_of(vectors: Float32Array, *, seed: int = 0) -> Inverted:
    """Lists of the rows of vectors (n, d) on the embedders' grid."""
    found = micro_clusters(vectors, max(1, int(LISTS * len(vectors) ** 0.5)), seed=seed)
    sizes = np.bincount(found.label, minlength=len(found.centre))
    order = np.argsort(found.label, kind="stable")
    return Inverted(found.centre, order, np.concatenate([[0], np.cumsum(sizes)]))


def search(
    vectors: Float32Array, lists: Inverted, rows: IntArray, k: int
) -> tuple[IntArray, IntArray]:
    """(rows, k) the nearest others found of each row, nearest first; and which rows lack some.

    The line of a row that lacks some is of no use: search for it exactly.
    """
    found = np.zeros((len(rows), k), dtype=np.int64)
    lacking = []
    for start, queries in zip(range(0, len(rows), QUERIES), cut(rows, QUERIES), strict=True):
        nearest = _search(vectors, lists, queries, k, min(PROBES, len(lists.centre)))
        full = nearest.counts() == k
        found[start : start + len(queries)][full] = nearest.columns(full)
        lacking.append(start + np.flatnonzero(~full))
    return found, np.concatenate([np.zeros(0, dtype=np.int64), *lacking])


def _search(
    vectors: Float32Array, lists: Inverted, queries: IntArray, k: int, probes: int
) -> Nearest:
    device, nearest = OnProcessor(), Nearest(queries, k)
    own = block(vectors, queries)
    probed = _probes(own, lists.centre, probes)
    for number in np.unique(probed[:, 0]).tolist():
        mine = np.flatnonzero(probed[:, 0] == number)
        inside = block(vectors, lists.rows(number))
        nearest.least[mine] = device.highest(own[mine], inside, k + 1)
    # What the nearest lists hold keeps most rows of the others out.
    for part in (probed[:, :FIRST], probed[:, FIRST:]):
        hits: list[Hits] = []
        for number, asking in _asking(part, len(lists.centre)):
            columns = lists.rows(number)
            found = device.above(own[asking], block(vectors, columns), nearest.least[asking])
            hits.append((asking[found[0]], columns[found[1]], found[2]))
        nearest.take(*together(hits))
    return nearest


def _asking(probed: IntArray, lists: int) -> Iterator[tuple[int, IntArray]]:
    """Each list that is probed, with the places of the queries that probe it."""
    order = np.argsort(probed, axis=None, kind="stable")
    edges = np.searchsorted(probed.ravel()[order], np.arange(lists + 1))
    for number, (first, last) in enumerate(pairwise(edges.tolist())):
        if first < last:
            yield number, order[first:last] // probed.shape[1]


def _probes(own: Float32Array, centre: Float32Array, probes: int) -> IntArray:
    """(r, probes) the lists with the nearest centres, nearest first; ties to the lower number."""
    cosine = np.rint((own @ centre.T).astype(np.float64) * FINE).astype(np.int64)
    score = cosine * len(centre) - np.arange(len(centre))
    best = np.argpartition(-score, probes - 1, axis=1)[:, :probes]
    inner = np.argsort(-np.take_along_axis(score, best, axis=1), axis=1)
    return np.asarray(np.take_along_axis(best, inner, axis=1), dtype=np.int64)
