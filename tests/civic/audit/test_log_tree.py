"""The tree against the published vectors, and against RFC 6962 word for word."""

from __future__ import annotations

import functools

import pytest
from naive_tree import Naive

from civic.audit import tiles as stored
from civic.audit import tree

# Leaves, roots and proofs of the test tree that Certificate Transparency's own code is tested with.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        *("", "00", "10", "2021", "3031", "40414243", "5051525354555657"),
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
A, B, C, D, E, F = (
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
)
PATHS = {
    (0, 1): (),
    (0, 8): (A, B, C),
    (5, 8): (D, E, ROOTS[3]),
    (2, 3): (ROOTS[1],),
    (1, 5): (ROOTS[0], B, D),
}
PROOFS = {
    (1, 1): (),
    (1, 8): (A, B, C),
    (6, 8): (F, E, ROOTS[3]),
    (2, 5): (B, D),
}
MOST = 300


class Tiled:
    """A tree kept in tiles as the database keeps them, grown in the steps given."""

    def __init__(self, leaves: list[bytes], *, step: int) -> None:
        self.tiles: stored.Tiles = {}
        self._read: dict[tree.Node, bytes] = {}
        for start in range(0, len(leaves), step):
            fresh = [tree.leaf_hash(leaf) for leaf in leaves[start : start + step]]
            self.tiles |= stored.grown(self.tiles, fresh, size=start)

    def read(self, node: tree.Node) -> bytes:
        if node not in self._read:
            self._read[node] = stored.node_in(self.tiles, node)
        return self._read[node]

    def root(self, size: int) -> bytes:
        return tree.fold(tree.root_parts(size), self.read)

    def path(self, index: int, size: int) -> list[bytes]:
        return [tree.fold(p, self.read) for p in tree.inclusion_parts(index, size=size)]

    def proof(self, first: int, second: int) -> list[bytes]:
        return [tree.fold(p, self.read) for p in tree.consistency_parts(first, second)]


def test_the_roots_of_the_published_tree() -> None:
    """Sizes one to eight."""
    tiled = Tiled(LEAVES, step=3)
    assert [tiled.root(size).hex() for size in range(1, 9)] == list(ROOTS)
    assert tree.EMPTY.hex().startswith("e3b0c44298fc1c149afbf4c8996fb924")


@pytest.mark.parametrize(("at", "expected"), PATHS.items())
def test_published_inclusion_proofs(at: tuple[int, int], expected: tuple[str, ...]) -> None:
    """Hash by hash, from the leaf up."""
    assert [h.hex() for h in Tiled(LEAVES, step=8).path(*at)] == list(expected)


@pytest.mark.parametrize(("between", "expected"), PROOFS.items())
def test_published_consistency_proofs(between: tuple[int, int], expected: tuple[str, ...]) -> None:
    """Hash by hash."""
    assert [h.hex() for h in Tiled(LEAVES, step=8).proof(*between)] == list(expected)


@functools.cache
def world() -> tuple[Naive, Tiled]:
    """Leaves beyond one tile, and the same in tiles that grew by uneven steps."""
    leaves = [f"leaf {i}".encode() for i in range(MOST)]
    return Naive(leaves), Tiled(leaves, step=37)


def test_every_root_and_every_inclusion_proof_up_to_300() -> None:
    """45,150 proofs: each leaf in each size."""
    naive, tiled = world()
    for size in range(1, MOST + 1):
        assert tiled.root(size) == naive.head(0, size)
        for index in range(size):
            assert tiled.path(index, size) == naive.path(index, size)


def test_every_consistency_proof_up_to_300() -> None:
    """From each size to each later one."""
    naive, tiled = world()
    for second in range(1, MOST + 1):
        for first in range(1, second + 1):
            assert tiled.proof(first, second) == naive.proof(first, second)


def test_a_tree_grown_in_any_steps_is_the_same_tree() -> None:
    """What is stored depends on the leaves, never on when they were sealed."""
    naive, tiled = world()
    for step in (1, 7, 256, 257, 300):
        assert Tiled(naive.leaves, step=step).tiles == tiled.tiles


def test_levels_above_the_second_hold() -> None:
    """70,000 leaves fill a tile of the second level and begin a third: same root, same proof."""
    leaves = [i.to_bytes(4, "big") for i in range(70_000)]
    naive, tiled = Naive(leaves), Tiled(leaves, step=20_000)
    assert max(level for level, _ in tiled.tiles) == 2
    assert tiled.root(70_000) == naive.head(0, 70_000)
    assert tiled.path(66_000, 70_000) == naive.path(66_000, 70_000)
    assert tiled.proof(65_537, 70_000) == naive.proof(65_537, 70_000)


def test_no_proof_reads_more_than_a_few_tiles() -> None:
    """O(log n): at a million entries nine tiles at most, whichever leaf."""
    size = 1_000_000
    for index in range(0, size, 99_991):
        nodes = [node for part in tree.inclusion_parts(index, size=size) for node in part]
        assert len({stored.place_of(node) for node in nodes}) <= 9


def test_what_is_not_there_has_no_proof() -> None:
    """Neither a leaf beyond the end nor a tree that shrank."""
    with pytest.raises(ValueError, match="leaf 5 is not among 5"):
        tree.inclusion_parts(5, size=5)
    with pytest.raises(ValueError, match="a tree of 3 leaves extends none of 4"):
        tree.consistency_parts(4, 3)
