"""The Merkle tree of RFC 6962: which nodes its hashes and its proofs are made of.

A node (height, index) is the root of a perfect subtree: of the 2^height leaves that begin at leaf
index * 2^height. Whatever else is needed is folded from such nodes, so nobody reads all leaves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

HASH = 32  # bytes
EMPTY = hashlib.sha256().digest()  # the root of a tree without leaves
Node = tuple[int, int]
Read = Callable[[Node], bytes]


def leaf_hash(leaf: bytes) -> bytes:
    """SHA-256(0x00 || leaf)."""
    return hashlib.sha256(b"\0" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\1" + left + right).digest()


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of hashes."""
    level = list(hashes)
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=True)
        level = [node_hash(left, right) for left, right in pairs]
    return level[0]


def cover(start: int, end: int) -> list[Node]:
    """The fewest perfect subtrees over leaves [start, end), from left to right.

    `start` is a multiple of the largest power of two below end - start, as in every proof.
    """
    nodes = []
    while start < end:
        height = (end - start).bit_length() - 1
        nodes.append((height, start >> height))
        start += 1 << height
    return nodes


def fold(nodes: Sequence[Node], read: Read) -> bytes:
    """The hash over adjacent subtrees, whose heights fall from left to right."""
    hashes = [read(node) for node in nodes]
    if not hashes:
        return EMPTY
    root = hashes.pop()
    while hashes:
        root = node_hash(hashes.pop(), root)
    return root


def root_parts(size: int) -> list[Node]:
    """What the root of a tree of this size is folded from."""
    return cover(0, size)


def inclusion_parts(index: int, *, size: int) -> list[list[Node]]:
    """What each hash of the inclusion proof of a leaf is folded from (RFC 6962, 2.1.1)."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not among {size}")
    start, end, parts = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            parts.append(cover(middle, end))
            end = middle
        else:
            parts.append(cover(start, middle))
            start = middle
    return parts[::-1]


def consistency_parts(first: int, second: int) -> list[list[Node]]:
    """What each hash of the proof is folded from that a tree extends another (RFC 6962, 2.1.2)."""
    if not 0 < first <= second:
        raise ValueError(f"a tree of {second} leaves extends none of {first}")
    start, end, parts = 0, second, []
    whole = True  # whether the subtree looked at is the earlier tree itself
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            parts.append(cover(middle, end))
            end = middle
        else:
            parts.append(cover(start, middle))
            start, whole = middle, False
    if not whole:
        parts.append(cover(start, end))
    return parts[::-1]


def _split(size: int) -> int:
    """The largest power of two below the size."""
    return 1 << ((size - 1).bit_length() - 1)
