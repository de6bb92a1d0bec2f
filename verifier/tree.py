"""Whether lines and proofs lead to a root: RFC 6962, proofs checked as RFC 9162 says."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from verifier.notes import Checkpoint
from verifier.reading import Fault


def leaf_hash(leaf: bytes) -> bytes:
    return hashlib.sha256(b"\0" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


class Tree:
    """A root that grows leaf by leaf, from the roots of its perfect subtrees alone."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        found, carry = leaf_hash(leaf), self.size
        while carry & 1:
            found, carry = node_hash(self._peaks.pop(), found), carry >> 1
        self._peaks.append(found)
        self.size += 1

    def root(self) -> bytes:
        if not self._peaks:
            return hashlib.sha256().digest()
        found = self._peaks[-1]
        for left in self._peaks[-2::-1]:
            found = node_hash(left, found)
        return found


def root_from_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes | None:
    """The root that a leaf's proof leads to; None where it has the wrong length (2.1.3.2)."""
    place, last, found = index, size - 1, leaf
    for other in proof:
        if last == 0:
            return None
        if place & 1 or place == last:
            found = node_hash(other, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, other)
        place, last = place >> 1, last >> 1
    return found if last == 0 else None


def check_consistency(old: Checkpoint, new: Checkpoint, proof: Sequence[bytes]) -> None:
    """That the later tree begins with the earlier one (2.1.4.2)."""
    where = f"{old.source} and {new.source}"
    if old.size > new.size:
        raise Fault(f"{where}: the log became shorter, from {old.size} lines to {new.size}")
    if old.size == new.size:
        if old.root != new.root or proof:
            raise Fault(f"{where}: two different logs of {old.size} lines")
        return
    path = list(proof)
    if old.size & (old.size - 1) == 0:
        path.insert(0, old.root)
    place, last = old.size - 1, new.size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = path[0] if path else b""
    for other in path[1:]:
        if last == 0:
            raise Fault(f"{where}: the proof is too long")
        if place & 1 or place == last:
            before, after = node_hash(other, before), node_hash(other, after)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, other)
        place, last = place >> 1, last >> 1
    if last != 0 or before != old.root or after != new.root:
        raise Fault(f"{where}: the later one does not follow from the earlier one by this proof")
