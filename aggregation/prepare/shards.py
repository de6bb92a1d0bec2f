"""How the work is cut, and how a finished piece is kept: bytes with a digest, never a pickle."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import astuple, dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from aggregation.cluster import Pairs
from aggregation.embed import Embedded, EmbedderSpec
from aggregation.errors import AggregationInputError
from aggregation.prepare.passages import Passage, digest
from aggregation.types import Claim, Span

T = TypeVar("T")

MAGIC = "concordance shard 1"


class DamagedShard(AggregationInputError):
    """A kept shard is not what was written: cut short, changed, or of another kind."""


def shards(n: int, size: int) -> list[range]:
    """The rows 0..n-1 in runs of `size`; the last may be shorter."""
    if size < 1:
        raise AggregationInputError(f"A shard of {size} rows holds nothing. Give 1 or more.")
    return [range(start, min(start + size, n)) for start in range(0, n, size)]


@dataclass(frozen=True)
class Packing(Generic[T]):
    """One kind of result as bytes: a line with its kind and sha256, then JSON or .npz.

    Equal results give equal bytes.
    """

    kind: str
    encode: Callable[[T], bytes]
    decode: Callable[[bytes], T]

    def pack(self, result: T) -> bytes:
        """The bytes to keep."""
        payload = self.encode(result)
        return f"{MAGIC} {self.kind} {digest(payload)}\n".encode() + payload

    def unpack(self, raw: bytes) -> T:
        """What `pack` was given. Raises DamagedShard where the bytes are not the packed ones."""
        head, _, payload = raw.partition(b"\n")
        if head != f"{MAGIC} {self.kind} {digest(payload)}".encode():
            raise DamagedShard(f"A shard of {self.kind} is damaged. Remove it, and run again.")
        try:
            return self.decode(payload)
        except (ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
            rule = f"A shard of {self.kind} is of another version: {error}."
            raise DamagedShard(f"{rule} Remove it, and run again.") from error


def _passages_out(passages: tuple[Passage, ...]) -> bytes:
    return _json([[getattr(one, name) for name in Passage.__slots__] for one in passages])


def _passages_in(payload: bytes) -> tuple[Passage, ...]:
    rows = (dict(zip(Passage.__slots__, row, strict=True)) for row in json.loads(payload))
    return tuple(Passage(**row | {"context": tuple(row["context"])}) for row in rows)


def _claims_out(claims: tuple[Claim, ...]) -> bytes:
    return _json([astuple(claim) for claim in claims])


def _claims_in(payload: bytes) -> tuple[Claim, ...]:
    return tuple(
        Claim(
            id=id,
            span=Span(*span),
            members=tuple(Span(*member) for member in members),
            context=None if context is None else Span(*context),
        )
        for id, span, members, context in json.loads(payload)
    )


def _embedded_out(embedded: Embedded) -> bytes:
    return _npz(
        vectors=halved(embedded.vectors),
        known=embedded.known,
        space=embedded.space,
        specs=np.frombuffer(_json([spec.to_dict() for spec in embedded.specs]), dtype=np.uint8),
    )


def _embedded_in(payload: bytes) -> Embedded:
    stored = _arrays(payload)
    return Embedded(
        vectors=stored["vectors"].astype(np.float32),
        known=stored["known"],
        space=stored["space"],
        specs=tuple(EmbedderSpec(**spec) for spec in json.loads(stored["specs"].tobytes())),
    )


def _pairs_out(pairs: Pairs) -> bytes:
    return _npz(i=pairs.i, j=pairs.j, similarity=pairs.similarity)


def _pairs_in(payload: bytes) -> Pairs:
    return Pairs(**_arrays(payload))


def halved(vectors: NDArray[np.float32]) -> NDArray[np.floating]:
    """In half precision where that loses nothing: so it is for vectors on the embedders' grid."""
    half = vectors.astype(np.float16)
    return half if np.array_equal(half, vectors) else vectors


def _json(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=True, separators=(",", ":")).encode()


def _npz(**arrays: NDArray[np.generic]) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def _arrays(payload: bytes) -> dict[str, Any]:
    with np.load(io.BytesIO(payload), allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


PASSAGES: Packing[tuple[Passage, ...]] = Packing("passages", _passages_out, _passages_in)
EMBEDDED: Packing[Embedded] = Packing("embedded", _embedded_out, _embedded_in)
PAIRS: Packing[Pairs] = Packing("pairs", _pairs_out, _pairs_in)
CLAIMS: Packing[tuple[Claim, ...]] = Packing("claims", _claims_out, _claims_in)
