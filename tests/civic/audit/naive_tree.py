"""RFC 6962 word for word: a second algorithm, written without a look at ours.

It keeps what it has hashed, by the range of leaves, so that tests can ask for every proof.
"""

from __future__ import annotations

import hashlib


class Naive:
    """The tree over these leaves, and over each of their beginnings."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.leaves = leaves
        self._known: dict[tuple[int, int], bytes] = {}

    def head(self, start: int, end: int) -> bytes:
        """MTH of 2.1, over leaves [start, end)."""
        if (start, end) not in self._known:
            self._known[start, end] = self._head(start, end)
        return self._known[start, end]

    def _head(self, start: int, end: int) -> bytes:
        if start == end:
            return hashlib.sha256(b"").digest()
        if end - start == 1:
            return hashlib.sha256(b"\x00" + self.leaves[start]).digest()
        k = start + _k(end - start)
        return hashlib.sha256(b"\x01" + self.head(start, k) + self.head(k, end)).digest()

    def path(self, m: int, end: int, start: int = 0) -> list[bytes]:
        """PATH of 2.1.1; m counts from the start of the range."""
        n = end - start
        if n == 1:
            return []
        k = _k(n)
        if m < k:
            return [*self.path(m, start + k, start), self.head(start + k, end)]
        return [*self.path(m - k, end, start + k), self.head(start, start + k)]

    def proof(self, m: int, end: int) -> list[bytes]:
        """PROOF of 2.1.2."""
        return self._subproof(m, 0, end, complete=True)

    def _subproof(self, m: int, start: int, end: int, *, complete: bool) -> list[bytes]:
        n = end - start
        if m == n:
            return [] if complete else [self.head(start, end)]
        k = _k(n)
        if m <= k:
            nearer = self._subproof(m, start, start + k, complete=complete)
            return [*nearer, self.head(start + k, end)]
        return [
            *self._subproof(m - k, start + k, end, complete=False),
            self.head(start, start + k),
        ]


def _k(n: int) -> int:
    """The largest power of two smaller than n."""
    k = 1
    while 2 * k < n:
        k *= 2
    return k
