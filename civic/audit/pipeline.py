"""The sealer: entries that wait get their place in the tree, and the tree a signed checkpoint.

A batch is computed outside any transaction and stored in a short one, which begins by moving the
log's size by a conditional update: of two sealers that started from the same size one is told that
the other was faster, and stores nothing. Whoever dies in between has changed nothing.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from civic.audit import keys, notes
from civic.audit.leaves import leaf_bytes, rows_of
from civic.audit.models import Checkpoint, Entry, Key, Log
from civic.audit.tiles import Tiles, edge_of, grown, node_in, store
from civic.audit.tree import fold, leaf_hash, root_parts

logger = logging.getLogger(__name__)
BATCH = 50_000  # entries under one checkpoint: a second's work, and no longer a lock on SQLite


@dataclass(frozen=True)
class Batch:
    """Entries in the order of their leaves, and what changes with them."""

    start: int
    rows: tuple[int, ...]
    tiles: Tiles
    checkpoint: Checkpoint

    @property
    def end(self) -> int:
        return self.start + len(self.rows)


class Overtaken(Exception):
    """Another sealer has stored a batch meanwhile."""


def seal() -> int:
    """Seal everything that waits; how many entries this was. Safe to call at any time, by many."""
    log = the_log()
    key = keys.signing_key()
    row = keys.admitted(key, log=log)
    sealed = 0
    while True:
        log.refresh_from_db()
        waiting = unsealed()
        if not waiting:
            return sealed
        batch = compute(log, waiting, key=key, row=row)
        try:
            store_batch(log, batch)
        except Overtaken:
            logger.info("another sealer was faster at %s entries", log.size)
            return sealed
        sealed += len(batch.rows)


def the_log() -> Log:
    """The one log, named after the platform's address when it begins."""
    log, _ = Log.objects.get_or_create(pk=1, defaults={"origin": settings.LOG_ORIGIN})
    return log


def unsealed() -> list[tuple]:
    """The oldest entries that wait: primary key, and the arguments of `leaf_bytes`."""
    return list(rows_of(Entry.objects.filter(leaf=None).order_by("pk"), key="pk")[:BATCH])


def compute(log: Log, waiting: list[tuple], *, key: keys.Ed25519PrivateKey, row: Key) -> Batch:
    """What sealing these entries changes.

    Inside a batch they stand in the order of their commitments, which is random: their places do
    not tell which acts followed each other, so nobody's evening can be read from them.
    """
    waiting.sort(key=lambda entry: (entry[4], entry[0]))
    hashes = [leaf_hash(leaf_bytes(*entry[1:])) for entry in waiting]
    edge = edge_of(log.size)
    tiles = grown(edge, hashes, size=log.size)
    size = log.size + len(hashes)
    now = edge | tiles
    root = fold(root_parts(size), lambda node: node_in(now, node))
    text = notes.checkpoint_text(log.origin, size=size, root=root)
    note = notes.sign(text, name=log.origin, key=key)
    return Batch(
        start=log.size,
        rows=tuple(entry[0] for entry in waiting),
        tiles=tiles,
        checkpoint=Checkpoint(size=size, root=root.hex(), note=note, key=row),
    )


@transaction.atomic
def store_batch(log: Log, batch: Batch) -> None:
    """Write a batch whole, or raise Overtaken and write nothing."""
    if not Log.objects.filter(pk=log.pk, size=batch.start).update(size=batch.end):
        raise Overtaken
    leaves = {pk: batch.start + place for place, pk in enumerate(batch.rows)}
    if Entry.objects.all().number(leaves) != len(leaves):
        raise Overtaken  # Somebody numbered one of them: the size must have moved, too.
    store(batch.tiles)
    batch.checkpoint.save(force_insert=True)
