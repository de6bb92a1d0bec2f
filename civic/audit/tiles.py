"""Tiles: the hashes of the tree, 256 beside each other in a row, and how they grow.

Whatever a proof needs lies in a few tiles per level: O(log n) rows, read by one query.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from django.db.models import Q

from civic.audit.models import Tile
from civic.audit.tree import HASH, Node, perfect_root

WIDTH, HEIGHT = 256, 8  # hashes in a tile, levels of the tree that it stands for
Place = tuple[int, int]  # level and index of a tile
Tiles = dict[Place, bytes]


def place_of(node: Node) -> Place:
    """The tile from which the hash of a node is computed."""
    height, index = node
    level, above = divmod(height, HEIGHT)
    return level, (index << above) // WIDTH


def node_in(tiles: Tiles, node: Node) -> bytes:
    """The hash of a node, from its tile."""
    height, index = node
    above = height % HEIGHT
    first = ((index << above) % WIDTH) * HASH
    held = tiles[place_of(node)][first : first + (HASH << above)]
    if len(held) != HASH << above:
        raise LookupError(f"tile {place_of(node)} does not reach to node {node}")
    return perfect_root([held[at : at + HASH] for at in range(0, len(held), HASH)])


def tiles_for(nodes: Iterable[Node]) -> Tiles:
    """The tiles that these nodes are computed from; one query, none for no node."""
    wanted = sorted({place_of(node) for node in nodes})
    if not wanted:
        return {}
    among = Q()
    for level, places in groupby(wanted, key=lambda place: place[0]):
        among |= Q(level=level, index__in=[index for _, index in places])
    rows = Tile.objects.filter(among).values_list("level", "index", "hashes")
    return {(level, index): bytes(hashes) for level, index, hashes in rows}


def edge_of(size: int) -> Tiles:
    """The tiles at the right edge of a tree, those that are not full: where it grows."""
    counts = []
    while size:
        counts.append(size)
        size //= WIDTH
    edge = tiles_for(
        (level * HEIGHT, count - 1) for level, count in enumerate(counts) if count % WIDTH
    )
    # A tile may hold more by now, where another sealer was faster: this is its state at `size`.
    return {
        (level, index): held[: (counts[level] % WIDTH) * HASH]
        for (level, index), held in edge.items()
    }


def grown(edge: Tiles, hashes: Sequence[bytes], *, size: int) -> Tiles:
    """The tiles that are new or longer once these leaf hashes follow the first `size`."""
    changed: Tiles = {}
    level, count, waiting = 0, size, hashes
    while waiting:
        index = count // WIDTH
        flow = edge.get((level, index), b"") + b"".join(waiting)
        step = WIDTH * HASH
        above = []
        for offset in range(0, len(flow), step):
            held = flow[offset : offset + step]
            changed[level, index] = held
            index += 1
            if len(held) == step:
                parts = [held[at : at + HASH] for at in range(0, step, HASH)]
                above.append(perfect_root(parts))
        level, count, waiting = level + 1, count // WIDTH, above
    return changed


def store(tiles: Tiles) -> None:
    """Write tiles: new rows, or longer ones in place of shorter ones."""
    Tile.objects.bulk_create(
        [Tile(level=level, index=index, hashes=held) for (level, index), held in tiles.items()],
        batch_size=200,
        update_conflicts=True,
        unique_fields=["level", "index"],
        update_fields=["hashes"],
    )
