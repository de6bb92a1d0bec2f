"""How finely is a graph to be cut, and how firmly does each part hold together?

Communities by Leiden (Traag et al. 2019). A part's stability is the mean over repeats of

    max_c |part and c| / |part or c|        (Jaccard; c: communities of the repeat)

where a repeat leaves out a tenth of the nodes and puts the others in another order (Hennig 2007).
Of the resolutions tried, those that give few enough parts, none of which holds more than LARGEST of
the nodes; of these the most stable; of those NEARLY as stable the coarsest.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from sknetwork.clustering import Leiden

from aggregation.cluster.thresholds import LARGEST, LEFT_OUT, NEARLY, REPEATS, RESOLUTIONS
from aggregation.types import FloatArray, IntArray

_C = ctypes.CDLL(None)
_DRAWING = threading.Lock()


@dataclass(frozen=True, eq=False)
class Partition:
    """Parts of n nodes, the largest first; -1 for nodes of parts that were too small.

    label (n,); stability (k,) from 0 to 1; resolution: the one that was chosen
    """

    label: IntArray
    stability: FloatArray
    resolution: float

    @property
    def k(self) -> int:
        """How many parts there are."""
        return len(self.stability)


def partition(
    graph: sparse.csr_matrix,
    *,
    floor: int,
    most: int,
    seed: int,
    resolutions: Sequence[float] = RESOLUTIONS,
) -> Partition:
    """At most `most` parts of at least `floor` nodes each; nodes in canonical order.

    Where no resolution gives few enough, the largest parts of the coarsest are kept.
    """
    tried = {}
    for resolution in resolutions:
        label, parts = _kept(_leiden(graph, resolution, seed), floor)
        tried[resolution] = label
        if parts > most:
            break
    few = [r for r, label in tried.items() if 0 < label.max() + 1 <= most]
    balanced = [r for r in few if (tried[r] == 0).mean() <= LARGEST]
    usable = balanced or few[-1:] or list(tried)[:1]
    found = [_judged(graph, tried[r], r, floor=floor, most=most, seed=seed) for r in usable]
    mean = [_mean(one) for one in found]
    return next(one for one, held in zip(found, mean, strict=True) if held >= max(mean) - NEARLY)


def _judged(
    graph: sparse.csr_matrix,
    label: IntArray,
    resolution: float,
    *,
    floor: int,
    most: int,
    seed: int,
) -> Partition:
    """The partition with its stability; parts beyond `most` are let go."""
    label = np.where(label < most, label, -1)
    total = np.zeros(int(label.max()) + 1)
    for repeat in range(REPEATS):
        rng = np.random.default_rng([seed, repeat])
        nodes = rng.permutation(len(label))[: len(label) - int(LEFT_OUT * len(label))]
        again = _leiden(graph[nodes][:, nodes], resolution, seed + repeat + 1)
        total += _best_jaccard(label[nodes], again, len(total))
    return Partition(label, total / REPEATS, resolution)


def _best_jaccard(label: IntArray, again: IntArray, k: int) -> FloatArray:
    """(k,) how much of each part is found again in its best match."""
    inside = label >= 0
    both = sparse.csr_array(
        (np.ones(int(inside.sum())), (label[inside], again[inside])), shape=(k, again.max() + 1)
    ).toarray()
    own, other = both.sum(axis=1), np.bincount(again, minlength=both.shape[1])
    union = own[:, None] + other[None, :] - both
    return np.asarray((both / np.maximum(union, 1)).max(axis=1), dtype=np.float64)


def _mean(found: Partition) -> float:
    sizes = np.bincount(found.label[found.label >= 0], minlength=found.k)
    return float(np.average(found.stability, weights=sizes)) if found.k else 0.0


def _leiden(graph: sparse.csr_matrix, resolution: float, seed: int) -> IntArray:
    # Its refinement draws with the C library's rand(), which `random_state` does not reach.
    with _DRAWING:
        _C.srand(seed + 1)
        found = Leiden(resolution=resolution, random_state=seed).fit_predict(graph)
    return np.asarray(found, dtype=np.int64)


def _kept(found: IntArray, floor: int) -> tuple[IntArray, int]:
    """Parts of at least `floor` nodes, numbered from the largest down, and how many they are.

    Ties go to the part that occurs first. Where none is large enough, the largest is kept.
    """
    ranked = by_size(found)
    sizes = np.bincount(found)
    kept = [c for c in ranked if sizes[c] >= floor] or ranked[:1]
    number = np.full(len(sizes), -1, dtype=np.int64)
    number[kept] = np.arange(len(kept))
    return number[found], len(kept)


def by_size(label: IntArray) -> list[int]:
    """Labels from the most frequent down; ties go to the one that occurs first."""
    sizes = np.bincount(label)
    first = np.full(len(sizes), len(label))
    np.minimum.at(first, label, np.arange(len(label)))
    return sorted(range(len(sizes)), key=lambda c: (-int(sizes[c]), int(first[c])))
