"""Searching for near rows: exact where it says so, and the same however it is cut."""

from __future__ import annotations

import importlib.util
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregation import cluster
from aggregation.cluster import inverted, micro, near, neighbours, products
from aggregation.embed.backend import to_grid


def cloud(n: int, *, seed: int = 0, dim: int = 64, spread: float = 0.7) -> cluster.Float32Array:
    """Rows around n / 8 middles, in directions of unequal weight, on the embedders' grid."""
    rng = np.random.default_rng(seed)
    scale = np.arange(1, dim + 1) ** -0.25
    middles = rng.standard_normal((max(1, n // 8), dim))
    rows = middles[rng.integers(len(middles), size=n)] + spread * rng.standard_normal((n, dim))
    rows *= scale
    return to_grid(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def by_hand(vectors: cluster.Float32Array, k: int) -> cluster.IntArray:
    """The k nearest others, all sorted at once; ties to the earlier row."""
    cosine = vectors.astype(np.float64) @ vectors.T.astype(np.float64)
    np.fill_diagonal(cosine, -np.inf)
    return np.argsort(-cosine, axis=1, kind="stable")[:, :k]


@given(st.integers(2, 90), st.integers(0, 2**16), st.integers(1, 40), st.booleans())
def test_shards_of_pairs_are_the_pairs_of_all_rows(
    n: int, seed: int, size: int, opposite: bool
) -> None:
    """Compared with everything at once: the same pairs, whatever the shards."""
    vectors = cloud(n, seed=seed, dim=16)
    sides = np.random.default_rng(seed).choice([-3, 1, 3], n)
    cosine = vectors.astype(np.float64) @ vectors.T
    wanted = (cosine >= 0.5) & ((sides[:, None] != sides) if opposite else sides[:, None] == sides)
    i, j = np.nonzero(np.triu(wanted, 1))
    parts = [
        cluster.similar_pairs(
            vectors, sides, threshold=0.5, opposite=opposite, rows=range(a, min(a + size, n))
        )
        for a in range(0, n, size)
    ]
    np.testing.assert_array_equal(np.concatenate([part.i for part in parts]), i)
    np.testing.assert_array_equal(np.concatenate([part.j for part in parts]), j)
    found = np.concatenate([part.similarity for part in parts])
    np.testing.assert_array_equal(found, cosine[i, j])


def test_comparing_heads_first_misses_no_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound on what the tails can add lets every near pair through."""
    vectors, sides = cloud(3000, dim=128, spread=0.4), np.ones(3000, dtype=np.int64)
    assert len(vectors) > near.LARGE
    quick = cluster.similar_pairs(vectors, sides, threshold=0.8)
    monkeypatch.setattr(near, "HIGH", 2.0)
    plain = cluster.similar_pairs(vectors, sides, threshold=0.8)
    assert len(plain.i) > 1000
    np.testing.assert_array_equal(quick.i, plain.i)
    np.testing.assert_array_equal(quick.j, plain.j)
    np.testing.assert_array_equal(quick.similarity, plain.similarity)


def test_half_precision_finds_the_same_pairs() -> None:
    """Vectors on the grid lose nothing in float16."""
    vectors, sides = cloud(500), np.ones(500, dtype=np.int64)
    full = cluster.similar_pairs(vectors, sides, threshold=0.6)
    half = cluster.similar_pairs(vectors.astype(np.float16), sides, threshold=0.6)
    np.testing.assert_array_equal(half.i, full.i)
    np.testing.assert_array_equal(half.similarity, full.similarity)


def test_rows_must_differ_in_what_is_named() -> None:
    """Pairs of two languages only, where that is asked for."""
    vectors = cloud(60)
    languages = np.arange(60) % 2
    pairs = cluster.similar_pairs(vectors, np.ones(60), threshold=0.3, unlike=languages)
    assert len(pairs.i) > 0
    assert (languages[pairs.i] != languages[pairs.j]).all()


@given(st.integers(6, 80), st.integers(0, 2**16), st.integers(1, 30))
def test_neighbours_are_those_found_by_hand(n: int, seed: int, size: int) -> None:
    """Exact for every row and shard; among equally near rows the earlier one comes first."""
    vectors = cloud(n, seed=seed, dim=8)
    vectors[n // 2] = vectors[0]
    expected = by_hand(vectors, 5)
    parts = [
        cluster.nearest_neighbours(vectors, neighbours=5, rows=range(a, min(a + size, n)))
        for a in range(0, n, size)
    ]
    np.testing.assert_array_equal(np.concatenate(parts), expected)


def test_lists_find_nineteen_of_twenty_neighbours() -> None:
    """Recall of the search through lists, where rows lie in clouds as sentences do."""
    vectors = cloud(6000, dim=64, spread=0.6)
    exact = near.exact_neighbours(vectors, np.arange(6000), 15)
    found, lacking = inverted.search(vectors, inverted.lists_of(vectors), np.arange(6000), 15)
    assert len(lacking) == 0
    shared = [len(set(a) & set(b)) for a, b in zip(found.tolist(), exact.tolist(), strict=True)]
    assert sum(shared) / (15 * 6000) >= 0.95


def test_very_many_rows_are_searched_through_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Above the limit the lists answer, the same for every shard; below it nothing is missed."""
    monkeypatch.setattr(neighbours, "EXACT_ROWS", 1000)
    vectors = cloud(2000, dim=32)
    lists = inverted.lists_of(vectors)
    whole = neighbours.nearest_neighbours(vectors, neighbours=15)
    parts = [
        neighbours.nearest_neighbours(
            vectors, neighbours=15, rows=range(a, a + 400), lists=lists, device="cpu"
        )
        for a in range(0, 2000, 400)
    ]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_rows_whose_lists_are_too_short_are_searched_exactly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A row always gets as many neighbours as were asked for."""
    monkeypatch.setattr(neighbours, "EXACT_ROWS", 10)
    monkeypatch.setattr(inverted, "PROBES", 1)
    vectors = cloud(60, dim=16)
    lists = inverted.lists_of(vectors)
    assert np.diff(lists.first).min() < 16
    found = neighbours.nearest_neighbours(vectors, neighbours=15, lists=lists)
    assert all(len(set(row)) == 15 for row in found.tolist())


@given(st.integers(20, 400), st.integers(0, 2**16), st.integers(1, 150), st.integers(1, 12))
def test_small_clusters_are_the_same_for_any_shards(n: int, seed: int, size: int, k: int) -> None:
    """Labels and centres are identical, bit for bit, for one shard and for many."""
    vectors = cloud(n, seed=seed, dim=24)
    whole = micro.micro_clusters(vectors, k, seed=seed)
    parts = micro.micro_clusters(vectors, k, seed=seed, size=size)
    np.testing.assert_array_equal(parts.label, whole.label)
    np.testing.assert_array_equal(parts.centre, whole.centre)


def test_small_clusters_do_not_depend_on_the_order_of_rows() -> None:
    """Rows in another order keep their clusters."""
    vectors = cloud(700, dim=24)
    order = np.random.default_rng(5).permutation(700)
    label = micro.micro_clusters(vectors, 20, seed=3).label
    np.testing.assert_array_equal(
        micro.micro_clusters(vectors[order], 20, seed=3).label, label[order]
    )


def test_a_round_never_lowers_the_objective() -> None:
    """Moving centres into the middle of their rows brings rows nearer, rounding aside."""
    vectors = cloud(900, dim=24)
    centre = micro.start(vectors, 15, seed=0)
    objectives = []
    for _ in range(6):
        parts = [micro.statistics_shard(vectors, centre, range(a, a + 300)) for a in (0, 300, 600)]
        found = micro.together(parts)
        assert found.count.sum() == 900
        objectives.append(found.objective)
        centre = micro.recentred(centre, found)
    assert all(b >= a - 900 / micro.FINER for a, b in pairwise(objectives))
    assert objectives[-1] > objectives[0]


def test_a_missing_gpu_is_told_by_name() -> None:
    """Asking for a GPU where there is none is refused; "auto" goes on without."""
    torch = importlib.util.find_spec("torch")
    if torch is not None:
        pytest.skip("PyTorch is installed here; what it sees is its own matter")
    with pytest.raises(ValueError, match="PyTorch sees none"):
        products.products("cuda")
    assert isinstance(products.products("auto"), products.OnProcessor)


def test_pytorch_gives_the_same_answers() -> None:
    """The GPU's path, run on the processor by PyTorch, finds what NumPy finds."""
    pytest.importorskip("torch", reason="PyTorch is not installed")
    vectors = cloud(300, dim=48)
    first, least = vectors[:40], np.full(40, 0.4, dtype=np.float32)
    ours, theirs = products.OnProcessor(), products.OnTorch("cpu")
    for one, other in zip(
        ours.above(first, vectors, least), theirs.above(first, vectors, least), strict=True
    ):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(
        ours.highest(first, vectors, 6), theirs.highest(first, vectors, 6)
    )
