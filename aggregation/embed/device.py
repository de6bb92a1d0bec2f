"""Where an encoder runs, how its work is cut up, and how near a GPU comes to the processor.

Nothing here needs PyTorch but `devices`, which asks it what there is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from aggregation.embed.backend import Float32Array
from aggregation.types import FloatArray, IntArray

Device = Literal["auto", "cpu", "cuda", "mps"]
Precision = Literal["auto", "float32", "float16"]

# The least `rank_correlation` of a GPU's vectors with the processor's. Half precision moves a
# cosine by up to .003, so that neighbours change places only where they were about equally near:
# for 400 answers and MiniLM-L6 the correlation is .995. Another model, or a wrong batch, is far
# below .98.
SAME_NEIGHBOURS = 0.98


def devices(wanted: Device, torch: Any) -> tuple[str, ...]:
    """The devices to use, as PyTorch names them; for "auto" all GPUs, or else the processor.

    torch : the package, asked for `cuda.is_available`, `cuda.device_count` and
        `backends.mps.is_available`. Raises ValueError where the wanted one is not there.
    """
    gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if gpus and wanted in ("auto", "cuda"):
        return tuple(f"cuda:{number}" for number in range(gpus))
    has_mps = torch.backends.mps.is_available()
    if has_mps and wanted in ("auto", "mps"):
        return ("mps",)
    if wanted in ("auto", "cpu"):
        return ("cpu",)
    raise ValueError(f"there is no {wanted} device on this machine")


def precision_on(device: str, wanted: Precision) -> Literal["float32", "float16"]:
    """Half precision on a GPU, full elsewhere, where it would be slower, unless one is wanted."""
    if wanted != "auto":
        return wanted
    return "float16" if device.startswith("cuda") else "float32"


def length_batches(lengths: Sequence[int], *, tokens: int, texts: int) -> list[IntArray]:
    """Rows in batches of similar length, longest first, so that little of a batch is padding.

    lengths : (n,) tokens of each text. A batch holds up to `texts` rows and, padded to its longest
        one, up to `tokens` tokens; a longer text is a batch of its own.
    """
    order = np.argsort(-np.asarray(lengths, dtype=np.int64), kind="stable")
    found: list[IntArray] = []
    start = 0
    while start < len(order):
        longest = max(1, int(lengths[order[start]]))
        size = max(1, min(texts, tokens // longest))
        found.append(order[start : start + size])
        start += size
    return found


def shared_out(batches: Sequence[IntArray], lengths: Sequence[int], hands: int) -> list[list[int]]:
    """Which batches each of `hands` devices takes: the costliest first, to the least laden.

    A batch costs its padded tokens. No device gets more than 4/3 of the least possible most, plus
    one batch (Graham 1969, longest processing time first).
    """
    costs = [len(batch) * max((int(lengths[row]) for row in batch), default=0) for batch in batches]
    load = [0] * hands
    taken: list[list[int]] = [[] for _ in range(hands)]
    for batch in sorted(range(len(batches)), key=lambda b: (-costs[b], b)):
        hand = min(range(hands), key=lambda h: (load[h], h))
        load[hand] += costs[batch]
        taken[hand].append(batch)
    return taken


def rank_correlation(one: Float32Array, other: Float32Array, *, neighbours: int = 10) -> float:
    """Mean over rows of Spearman's correlation between how two tables rank a row's neighbours.

    one, other : (n, d) unit vectors of the same n texts. Ranked are those among the `neighbours`
        nearest in either table, by cosine; ties share their mean rank. 1 where both agree.
    """
    if len(one) != len(other) or len(one) <= neighbours:
        raise ValueError(f"{len(one)} and {len(other)} rows do not have {neighbours} neighbours")
    cosines = [table @ table.T for table in (one, other)]
    for table in cosines:
        np.fill_diagonal(table, -np.inf)
    nearest = [np.argpartition(-table, neighbours - 1, axis=1)[:, :neighbours] for table in cosines]
    found = []
    for row in range(len(one)):
        both = np.union1d(nearest[0][row], nearest[1][row])
        a, b = (_mean_ranks(table[row, both].astype(np.float64)) for table in cosines)
        spread = a.std() * b.std()
        found.append(((a - a.mean()) * (b - b.mean())).mean() / spread if spread else 1.0)
    return float(np.mean(found))


def _mean_ranks(values: FloatArray) -> FloatArray:
    """Ranks from 0, equal values sharing the mean of theirs."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts + 1) / 2)[place], dtype=np.float64)
