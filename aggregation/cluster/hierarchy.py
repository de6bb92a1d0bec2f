"""Which rows belong to one theme, and which topics has a theme?

Themes are communities of the shared-neighbour graph; topics are those of a fresh graph inside each
theme. Rows are put in the order of their keys first, and equal vectors are one node, so that
neither the order of rows nor repeats of a text change anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from aggregation.cluster.community import Partition, by_size, partition
from aggregation.cluster.graph import shared_neighbours
from aggregation.cluster.micro import micro_clusters
from aggregation.cluster.near import Float32Array, check
from aggregation.cluster.order import ranks
from aggregation.cluster.thresholds import (
    DECIDING,
    FIRM,
    MICRO,
    MICRO_ROUNDS,
    MOST_NODES,
    MOST_TOPICS,
    NEIGHBOURS,
    TOPIC_NEIGHBOURS,
    TOPIC_RESOLUTIONS,
    TOPIC_ROWS,
)
from aggregation.embed.backend import to_grid
from aggregation.types import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Themes:
    """Themes of n rows, those that an embedder knows from the largest down, then the others.

    label (n,) the theme of each row; centroid (k, d) mean vectors of unit length; stability (k,)
    how well each theme is found again (`community`), nan where it was not sought; unknown: per
    theme the language whose rows no embedder knows, "" for the others
    topic (n,) the topic of each row, -1 for none; topic_theme, topic_stability (topics,)
    """

    label: IntArray
    centroid: Float32Array
    stability: FloatArray
    unknown: tuple[str, ...]
    topic: IntArray
    topic_theme: IntArray
    topic_stability: FloatArray
    resolution: float

    @property
    def k(self) -> int:
        """How many themes there are."""
        return len(self.centroid)


def themes(
    vectors: Float32Array,
    keys: Sequence[str],
    *,
    known: Sequence[bool] | NDArray[np.bool_] | None = None,
    languages: Sequence[str] | None = None,
    heard: NDArray[np.bool_] | None = None,
    seed: int = 0,
    max_themes: int = 12,
    min_size: int | None = None,
) -> Themes:
    """Every row's theme, and its topic where the theme has topics.

    keys : (n,), one per row and belonging to its content
    known : (n,), whether an embedder knows the row's language; rows that none knows, and rows
        without a vector, get a theme of their own per language (`languages`), never the nearest
    heard : (n,), whether anybody reacted to the row; if DECIDING rows were, the others move no
        theme: each joins the one with the nearest mean vector
    min_size : distinct rows a theme has at least; default: 3, or 1 % of them if that is more. Rows
        of smaller communities join the theme with the nearest mean vector.
    """
    n = len(vectors)
    check(vectors, np.zeros(len(keys)))
    order = np.argsort(ranks(keys, n), kind="stable")
    seen = vectors.any(axis=1) & (np.ones(n, dtype=bool) if known is None else np.asarray(known))
    decides = seen if heard is None or (seen & heard).sum() < DECIDING else seen & heard
    ordered = order[decides[order]]
    node, rows = _nodes(vectors[ordered])
    nodes = vectors[ordered[rows]]
    if len(nodes) > MOST_NODES:
        nodes, coarse = _coarse(nodes, seed)
        node = coarse[node]
    whole = _themes(nodes, max_themes, min_size, seed)
    topic, topic_theme, topic_stability = _topics(nodes, whole, seed)
    label, own = np.full(n, -1, dtype=np.int64), np.full(n, -1, dtype=np.int64)
    label[ordered], own[ordered] = whole.label[node], topic[node]
    if (late := seen & ~decides).any():
        middle = _centroids(vectors[ordered], label[ordered])
        label[late] = np.argmax(np.round(vectors[late] @ middle.T, 5), axis=1)
    unknown = _by_language(label, languages, order)
    return Themes(
        label=label,
        centroid=_centroids(vectors[order], label[order]),
        stability=np.concatenate([whole.stability, np.full(len(unknown), np.nan)]),
        unknown=(*("" for _ in range(whole.k)), *unknown),
        topic=own,
        topic_theme=topic_theme,
        topic_stability=topic_stability,
        resolution=whole.resolution,
    )


def _nodes(vectors: Float32Array) -> tuple[IntArray, IntArray]:
    """The node of each row, and the first row of each node, in the order of first occurrence."""
    if not len(vectors):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    _, first, inverse = np.unique(vectors, axis=0, return_index=True, return_inverse=True)
    place = np.empty(len(first), dtype=np.int64)
    place[np.argsort(first)] = np.arange(len(first))
    return place[inverse.ravel()], np.sort(first)


def _coarse(nodes: Float32Array, seed: int) -> tuple[Float32Array, IntArray]:
    """The middles of small clusters in place of very many nodes, and the middle of each node."""
    found = micro_clusters(nodes, MICRO, seed=seed, rounds=MICRO_ROUNDS)
    used, label = np.unique(found.label, return_inverse=True)
    return to_grid(found.centre[used].astype(np.float64)), label.astype(np.int64)


def _themes(nodes: Float32Array, most: int, least: int | None, seed: int) -> Partition:
    n = len(nodes)
    floor = max(3, n // 100) if least is None else least
    if n <= max(2, floor):
        return Partition(np.zeros(n, dtype=np.int64), np.ones(min(n, 1)), 0.0)
    graph = shared_neighbours(nodes, neighbours=min(NEIGHBOURS, n - 1))
    found = partition(graph, floor=floor, most=most, seed=seed)
    label = found.label.copy()
    homeless = label < 0
    if homeless.any():
        centroid = _centroids(nodes[~homeless], label[~homeless])
        label[homeless] = np.argmax(np.round(nodes[homeless] @ centroid.T, 5), axis=1)
    ranked = by_size(label)
    place = np.empty(len(ranked), dtype=np.int64)
    place[ranked] = np.arange(len(ranked))
    return Partition(place[label], found.stability[ranked], found.resolution)


def _topics(
    nodes: Float32Array, whole: Partition, seed: int
) -> tuple[IntArray, IntArray, FloatArray]:
    """Per node its topic or -1, and per topic its theme and stability."""
    topic = np.full(len(nodes), -1, dtype=np.int64)
    theme_of: list[int] = []
    stability: list[float] = []
    for theme in range(whole.k):
        own = np.flatnonzero(whole.label == theme)
        if len(own) < TOPIC_ROWS:
            continue
        graph = shared_neighbours(nodes[own], neighbours=min(TOPIC_NEIGHBOURS, len(own) - 1))
        floor = max(4, len(own) // 10)
        found = partition(
            graph, floor=floor, most=MOST_TOPICS, seed=seed, resolutions=TOPIC_RESOLUTIONS
        )
        firm = np.flatnonzero(found.stability >= FIRM)
        if found.k < 2 or not len(firm):
            continue
        number = np.full(found.k + 1, -1, dtype=np.int64)  # The last place is that of label -1.
        number[firm] = np.arange(len(firm)) + len(theme_of)
        topic[own] = number[found.label]
        theme_of += [theme] * len(firm)
        stability += found.stability[firm].tolist()
    return topic, np.array(theme_of, dtype=np.int64), np.array(stability, dtype=np.float64)


def _by_language(
    label: IntArray, languages: Sequence[str] | None, order: IntArray
) -> tuple[str, ...]:
    """Put the rows without a theme into one per language, numbered on; the languages."""
    homeless = [row for row in order.tolist() if label[row] < 0]
    codes = {row: languages[row] if languages else "und" for row in homeless}
    found = sorted(set(codes.values()))
    first = int(label.max()) + 1 if len(label) else 0
    for row in homeless:
        label[row] = first + found.index(codes[row])
    return tuple(found)


def _centroids(vectors: Float32Array, label: IntArray) -> Float32Array:
    """Mean vector of each label (k, d), scaled to unit length; summed in float64."""
    k = int(label.max()) + 1 if len(label) else 0
    membership = sparse.csr_array(
        (np.ones(len(label)), (label, np.arange(len(label)))), shape=(k, len(label))
    )
    total = membership @ vectors.astype(np.float64)
    length = np.linalg.norm(total, axis=1, keepdims=True)
    return np.asarray(total / np.where(length > 0, length, 1.0), dtype=np.float32)
