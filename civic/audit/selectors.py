"""What anybody may ask of the public log: checkpoints, entries, proofs; and a person's receipts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from civic.audit import notes, tree
from civic.audit.leaves import leaf_bytes, leaf_of, rows_of
from civic.audit.models import Checkpoint, Entry, Key, Log
from civic.audit.tiles import node_in, tiles_for

PART = 65_536  # leaves in one file of entries; a full one never changes again


@dataclass(frozen=True)
class Leaf:
    """One entry of the log as the public sees it: its place, its bytes, their hash."""

    index: int
    content: bytes

    @property
    def hash(self) -> bytes:
        return tree.leaf_hash(self.content)


@dataclass(frozen=True)
class Inclusion:
    """That an entry is in the log: its leaf, and the proof that leads to a checkpoint's root.

    Without a checkpoint it is not sealed yet; it will be within a minute.
    """

    content: bytes
    index: int | None = None
    checkpoint: Checkpoint | None = None
    proof: tuple[str, ...] = ()

    @property
    def is_sealed(self) -> bool:
        return self.checkpoint is not None

    @property
    def number(self) -> int:
        """Its line, counted from 1; 0 while it is not sealed."""
        return 0 if self.index is None else self.index + 1

    @property
    def text(self) -> str:
        """The line itself."""
        return self.content.decode()

    @property
    def leaf_hash(self) -> str:
        return tree.leaf_hash(self.content).hex()

    @property
    def size(self) -> int:
        return self.checkpoint.size if self.checkpoint else 0


def latest_checkpoint() -> Checkpoint | None:
    """The newest checkpoint, None before anything was sealed."""
    return Checkpoint.objects.order_by("-size").first()


def checkpoint_at(size: int) -> Checkpoint | None:
    """The checkpoint of a tree of exactly this size, if the log was ever sealed there."""
    return Checkpoint.objects.filter(size=size).first()


def leaves(start: int, end: int) -> Iterator[Leaf]:
    """The leaves [start, end), in order, one by one."""
    rows = Entry.objects.filter(leaf__gte=start, leaf__lt=end).order_by("leaf")
    for index, *fields in rows_of(rows, key="leaf").iterator(chunk_size=2000):
        yield Leaf(index, leaf_bytes(*fields))


def inclusion_proof(index: int, *, size: int) -> list[bytes]:
    """The hashes that lead from a leaf to the root of the tree of this size; one query."""
    return _folded(tree.inclusion_parts(index, size=size))


def consistency_proof(first: int, second: int) -> list[bytes]:
    """The hashes that show that the later tree begins with the earlier one; one query."""
    return _folded(tree.consistency_parts(first, second))


def _folded(parts: list[list[tree.Node]]) -> list[bytes]:
    tiles = tiles_for(node for part in parts for node in part)
    return [tree.fold(part, lambda node: node_in(tiles, node)) for part in parts]


def inclusion_of(entries: Iterable[Entry]) -> dict[int, Inclusion]:
    """The inclusion of each entry, by its primary key, at the latest checkpoint; two queries."""
    rows = list(entries)
    checkpoint = latest_checkpoint()
    parts = {
        one.pk: tree.inclusion_parts(one.leaf, size=checkpoint.size)
        for one in rows
        if checkpoint and one.leaf is not None and one.leaf < checkpoint.size
    }
    tiles = tiles_for(node for proof in parts.values() for part in proof for node in part)
    found = {}
    for one in rows:
        content = leaf_of(one)
        if one.pk not in parts:
            found[one.pk] = Inclusion(content)
            continue
        proof = (tree.fold(part, lambda node: node_in(tiles, node)) for part in parts[one.pk])
        found[one.pk] = Inclusion(content, one.leaf, checkpoint, tuple(h.hex() for h in proof))
    return found


def receipt(entry: Entry, *, content: Mapping[str, object] | None = None) -> dict[str, Any]:
    """What shows anybody that an act is in the log, and what it was: for whoever may know it.

    content : what was committed to, where it is still known. The row key opens the commitment, so
    whoever is given the receipt can prove the act; after an erasure nobody can.
    """
    return receipt_from(entry, inclusion_of([entry])[entry.pk], content=content)


def receipt_from(
    entry: Entry, found: Inclusion, *, content: Mapping[str, object] | None = None
) -> dict[str, Any]:
    """The same, where its inclusion is known."""
    opening: dict[str, Any] = {}
    if entry.row_key is not None:
        opening = {"row_key": bytes(entry.row_key).hex(), "subject_id": entry.subject_id}
        if entry.public_id != entry.subject_id:  # committed to, together with its kind
            opening["subject_type"] = entry.subject_type
        if content is not None:
            opening["content"] = dict(content)
    return {
        "leaf": found.content.decode(),
        "leaf_hash": found.leaf_hash,
        "index": found.index,
        "size": found.size,
        "proof": list(found.proof),
        "checkpoint": found.checkpoint.note if found.checkpoint else None,
        "opening": opening or None,
    }


def keys() -> list[dict[str, Any]]:
    """Every key that has signed or may sign, the first one first, with its announcement.

    Each but the first is announced by a note that the key before it signed, and by the entry of
    the log whose object is its fingerprint.
    """
    log = Log.objects.first()
    if log is None:
        return []
    return [
        {
            "key": notes.verifier_key(log.origin, bytes(key.public)),
            "fingerprint": key.fingerprint,
            "announcement": key.announcement or None,
        }
        for key in Key.objects.order_by("at")
    ]
