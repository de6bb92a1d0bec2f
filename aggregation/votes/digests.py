"""Digests of a table of votes: of all it holds, and of what was answered without the names."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from aggregation.votes.ids import Places, positions

if TYPE_CHECKING:
    from aggregation.votes.table import VoteTable

VOTES_AT_ONCE = 1 << 16
VOTE = np.dtype(
    [("claim", "<u4"), ("value", "i1"), ("served", "u1"), ("importance", "u1"), ("chance", "<f8")]
)  # packed, 15 bytes: one vote on a ballot


def of_table(table: VoteTable) -> str:
    """See `VoteTable.digest`."""
    state = hashlib.sha256(b"concordance votes 1")
    for ids in (table.participants, table.statements):
        _hash_ids(state, ids)
    for part, kind in (
        (table.values.indptr, "<i8"),
        (table.values.indices, "<i8"),
        (table.values.data, "i1"),
        (table.served_data, "u1"),
        (table.importance_data, "<f8"),
        (table.probability_data, "<f8"),
    ):
        state.update(np.ascontiguousarray(part, dtype=kind).tobytes())
    return state.hexdigest()


def of_ballots(table: VoteTable) -> str:
    """See `VoteTable.content_digest`."""
    answered = np.bincount(table.values.indices, minlength=len(table.statements)) > 0
    names = sorted(name for name, some in zip(table.statements, answered, strict=True) if some)
    state = hashlib.sha256(b"concordance ballots 1")
    _hash_ids(state, names)
    state.update(len(table.participants).to_bytes(8, "little"))
    for digest in sorted(_ballots(table, number=positions(table.statements, within=names))):
        state.update(digest)
    return state.hexdigest()


def _ballots(table: VoteTable, *, number: Places) -> Iterator[bytes]:
    """SHA-256 of every person's ballot, claims numbered as given (m,)."""
    starts = table.values.indptr
    first = 0
    while first < len(table.participants):
        after = int(np.searchsorted(starts, starts[first] + VOTES_AT_ONCE, side="right")) - 1
        after = max(after, first + 1)
        part = slice(int(starts[first]), int(starts[after]))
        votes = np.empty(part.stop - part.start, dtype=VOTE)
        votes["claim"] = number[table.values.indices[part]]
        votes["value"] = table.values.data[part]
        votes["served"] = table.served_data[part]
        votes["importance"] = np.nan_to_num(table.importance_data[part], nan=0.0)
        votes["chance"] = np.nan_to_num(table.probability_data[part], nan=0.0)
        sizes = np.diff(starts[first : after + 1])
        person = np.repeat(np.arange(after - first), sizes)
        ballots = votes[np.lexsort((votes["claim"], person))].tobytes()
        ends = np.cumsum(sizes) * VOTE.itemsize
        for begin, end in zip([0, *ends[:-1].tolist()], ends.tolist(), strict=True):
            yield hashlib.sha256(ballots[begin:end]).digest()
        first = after


def _hash_ids(state: hashlib._Hash, ids: Sequence[str]) -> None:
    state.update(len(ids).to_bytes(8, "little"))
    for identifier in ids:
        encoded = identifier.encode("utf-8", "surrogatepass")
        state.update(len(encoded).to_bytes(8, "little") + encoded)
