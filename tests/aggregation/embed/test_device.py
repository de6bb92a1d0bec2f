"""What a GPU changes: the device, the batches, a little rounding, and nothing a caller sees."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from aggregation import embed
from aggregation.embed.device import (
    SAME_NEIGHBOURS,
    devices,
    length_batches,
    precision_on,
    rank_correlation,
    shared_out,
)


def machine(*, gpus: int = 0, mps: bool = False) -> SimpleNamespace:
    """What PyTorch tells about a machine."""
    return SimpleNamespace(
        cuda=SimpleNamespace(is_available=lambda: gpus > 0, device_count=lambda: gpus),
        backends=SimpleNamespace(mps=SimpleNamespace(is_available=lambda: mps)),
    )


@pytest.mark.parametrize(
    ("wanted", "there", "chosen"),
    [
        ("auto", machine(), ("cpu",)),
        ("auto", machine(gpus=2), ("cuda:0", "cuda:1")),
        ("auto", machine(mps=True), ("mps",)),
        ("auto", machine(gpus=1, mps=True), ("cuda:0",)),
        ("cpu", machine(gpus=2), ("cpu",)),
        ("cuda", machine(gpus=1), ("cuda:0",)),
        ("mps", machine(gpus=1, mps=True), ("mps",)),
    ],
)
def test_the_device_is_chosen_when_it_is_needed(
    wanted: str, there: SimpleNamespace, chosen: tuple[str, ...]
) -> None:
    """All GPUs there are, or else the processor."""
    assert devices(wanted, there) == chosen


@pytest.mark.parametrize("wanted", ["cuda", "mps"])
def test_a_device_that_is_not_there_is_refused(wanted: str) -> None:
    """Whoever asks for a GPU by name is told, not served slowly."""
    with pytest.raises(ValueError, match=f"no {wanted} device"):
        devices(wanted, machine())


def test_half_precision_is_for_gpus() -> None:
    """On a processor it is slower than full precision."""
    assert precision_on("cuda:0", "auto") == "float16"
    assert precision_on("cpu", "auto") == precision_on("mps", "auto") == "float32"
    assert precision_on("cpu", "float16") == "float16"


LENGTHS = st.lists(st.integers(0, 600), max_size=60)


@given(LENGTHS, st.integers(1, 2000), st.integers(1, 20))
def test_every_text_is_in_one_batch_within_the_limits(
    lengths: list[int], tokens: int, texts: int
) -> None:
    """Padded to its longest text, a batch is within the limit, unless it is a single text."""
    batches = length_batches(lengths, tokens=tokens, texts=texts)
    assert sorted(row for batch in batches for row in batch.tolist()) == list(range(len(lengths)))
    for batch in batches:
        longest = max(lengths[row] for row in batch)
        assert len(batch) <= texts
        assert len(batch) == 1 or longest * len(batch) <= tokens


def test_batching_by_length_saves_padding() -> None:
    """Short texts beside long ones would be mostly padding: here two thirds of all work."""
    lengths = [10, 500] * 100
    batches = length_batches(lengths, tokens=5000, texts=1000)
    padded = sum(len(b) * max(lengths[row] for row in b) for b in batches)
    assert padded < 1.02 * sum(lengths)


@given(LENGTHS, st.integers(1, 5))
def test_devices_share_batches_evenly(lengths: list[int], hands: int) -> None:
    """Each batch goes to one device, and none waits long for another."""
    batches = length_batches(lengths, tokens=800, texts=8)
    shares = shared_out(batches, lengths, hands)
    assert sorted(b for share in shares for b in share) == list(range(len(batches)))
    costs = [len(b) * max(lengths[row] for row in b) for b in batches]
    loads = [sum(costs[b] for b in share) for share in shares]
    assert max(loads) - min(loads) <= max(costs, default=0)


def test_rank_correlation_is_spearmans_over_neighbours() -> None:
    """Checked against scipy, on tables of which one is a noisy copy of the other."""
    rng = np.random.default_rng(0)
    one = rng.normal(size=(40, 8))
    other = one + rng.normal(size=one.shape) / 3
    one, other = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (one, other))
    expected = []
    for row in range(40):
        a, b = (np.delete(x @ x[row], row) for x in (one, other))
        near = np.union1d(np.argsort(-a)[:5], np.argsort(-b)[:5])
        expected.append(spearmanr(a[near], b[near]).statistic)
    found = rank_correlation(one, other, neighbours=5)
    assert found == pytest.approx(np.mean(expected))
    assert rank_correlation(one, one) == pytest.approx(1)
    assert found < SAME_NEIGHBOURS
    assert rank_correlation(one, rng.permutation(one)) < 0  # each knows its own neighbours only


def test_rank_correlation_needs_neighbours() -> None:
    """Too few rows, or rows that do not belong together, are refused."""
    with pytest.raises(ValueError, match="10 neighbours"):
        rank_correlation(np.eye(5, dtype=np.float32), np.eye(5, dtype=np.float32))


def test_what_half_precision_rounds_keeps_the_neighbours() -> None:
    """Real vectors, moved as much as half precision moves a cosine, stay above the threshold."""
    words = [
        "honest",
        "kind",
        "fair",
        "open",
        "safe",
        "private",
        "lawful",
        "clear",
        "patient",
        "neutral",
    ]
    texts = [f"The AI should be {a} and {b}." for a in words for b in words if a != b]
    vectors = embed.load("use3").embed(texts, ["en"] * len(texts))
    noise = np.random.default_rng(0).normal(size=vectors.shape) * 0.001 / 16
    moved = (vectors + noise).astype(np.float16).astype(np.float32)
    assert rank_correlation(vectors, moved) >= SAME_NEIGHBOURS
