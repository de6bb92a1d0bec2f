"""What each shard of a preparation computes: bytes from rows and from the files of earlier shards.

The same shard gives the same bytes whoever computes it and how often. Files are named by their
digest; one that is damaged names the shard that has to be computed again.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

import numpy as np

from aggregation import embed, prepare
from aggregation.cluster import Pairs
from civic.consultations import files
from civic.statements.joining import Joined, join
from civic.statements.meaning import (
    BATCH,
    StoredVectors,
    as_corpus,
    authors_of,
    passage_of,
    texts_of,
)
from civic.statements.models import Preparation, Shard, Statement

T = TypeVar("T")
Stage = Preparation.Stage
WIDER = 16  # a shard of comparisons has this many times as many rows: each one reads all vectors


class ShardDamaged(Exception):
    """The file of an earlier shard is missing or changed; that one has to be computed again."""

    def __init__(self, shard: Shard) -> None:
        super().__init__(f"{shard.stage} {shard.number}")
        self.shard = shard


@dataclass(frozen=True)
class Input:
    """What a preparation began with.

    statements : (n,) row numbers in canonical order of their keys
    claims : (e, 4) row numbers of claim and statement, start and end of the claim's own words
    """

    statements: np.ndarray
    claims: np.ndarray

    def pack(self) -> bytes:
        """The bytes of the file."""
        buffer = io.BytesIO()
        np.savez(buffer, allow_pickle=False, statements=self.statements, claims=self.claims)
        return buffer.getvalue()

    @property
    def newest(self) -> int:
        """The largest row number of a claim."""
        return int(self.claims[:, 0].max(initial=0))


@dataclass(frozen=True)
class Result:
    """What a shard computed. content : its file. counts : what it found, by name."""

    content: bytes
    counts: dict[str, int] = field(default_factory=dict)
    outcome: Outcome | None = None


@dataclass(frozen=True)
class Outcome:
    """What the last stage found, to be stored.

    passages : all sentences of the statements. first : the wordings, then the known claims' own
    words, in the order of `embedded`. known : row numbers of those claims.
    """

    passages: tuple[prepare.Passage, ...]
    first: tuple[prepare.Passage, ...]
    embedded: embed.Embedded
    joined: Joined
    known: tuple[int, ...]


def input_of(preparation: Preparation) -> Input:
    """What a preparation began with, read from its file."""
    with np.load(io.BytesIO(files.read(preparation.input_file)), allow_pickle=False) as stored:
        return Input(stored["statements"], stored["claims"])


def keep(preparation: Preparation, content: bytes) -> tuple[str, str]:
    """Store a file under its digest; its name and digest."""
    digest = prepare.digest(content)
    return files.write(f"{folder_of(preparation)}/{digest}", [content]), digest


def folder_of(preparation: Preparation) -> str:
    """Where the files of a preparation lie, below MEDIA_ROOT."""
    return f"preparations/{preparation.uuid}"


def ranges(preparation: Preparation, stage: str) -> list[range]:
    """The rows of each shard of a stage; those of a finished stage are known to the next one."""
    size, counts = preparation.shard_size, preparation.counts
    if stage == Stage.READ:
        n, e = counts["statements"], counts["known"]
        known = [range(n + rows.start, n + rows.stop) for rows in prepare.shards(e, size)]
        return prepare.shards(n, size) + known
    if stage == Stage.EMBED:
        return prepare.shards(counts["wordings"] + counts["known"], size)
    if stage == Stage.COMPARE:
        return prepare.shards(counts["wordings"], size * WIDER)
    return [range(1)]


def compute(shard: Shard) -> Result:
    """The bytes of one shard. Raises ShardDamaged where an earlier one has to be computed first,
    AggregationError where no repetition could help."""
    desk = Desk(shard)
    if shard.stage == Stage.READ:
        return Result(prepare.PASSAGES.pack(desk.read()))
    if shard.stage == Stage.FOLD:
        return desk.fold()
    if shard.stage == Stage.EMBED:
        return Result(prepare.EMBEDDED.pack(desk.embed()))
    if shard.stage == Stage.COMPARE:
        return Result(prepare.PAIRS.pack(desk.compare()))
    return desk.claims()


class Desk:
    """One shard at work, with the files of the shards before it."""

    def __init__(self, shard: Shard) -> None:
        self._shard = shard
        self._rows = slice(shard.start, shard.stop)
        self._preparation = shard.preparation
        self._consultation = shard.preparation.consultation_id
        self._router = embed.Router(self._preparation.embedder, self._preparation.routes)

    @cached_property
    def _input(self) -> Input:
        return input_of(self._preparation)

    def read(self) -> tuple[prepare.Passage, ...]:
        """The sentences of some statements, or the own words of some claims."""
        n = len(self._input.statements)
        if self._shard.start < n:
            wanted = self._input.statements[self._rows].tolist()
            found = _statements(wanted)
            return prepare.read_shard([as_corpus(found[pk]) for pk in wanted])
        claims = self._input.claims[self._shard.start - n : self._shard.stop - n].tolist()
        found = _statements([statement for _, statement, _, _ in claims])
        return tuple(passage_of(found[pk], start, end) for _, pk, start, end in claims)

    def fold(self) -> Result:
        """What is compared: each wording once, then the claims there are; cut for embedding."""
        passages, known = self._passages
        norms = prepare.norms(passages)
        wordings = [norms[row] for row in prepare.fold(norms).first.tolist()]
        rows = (*wordings, *known)
        counts = {
            "passages": len(passages),
            "norms": len(norms),
            "wordings": len(wordings),
            "known": len(known),
        }
        parts = [
            keep(self._preparation, prepare.PASSAGES.pack(rows[part.start : part.stop]))[1]
            for part in prepare.shards(len(rows), self._preparation.shard_size)
        ]
        content = json.dumps({"counts": counts, "parts": parts}, sort_keys=True).encode()
        return Result(content, counts)

    def embed(self) -> embed.Embedded:
        """The vectors of some wordings; those of claims that have theirs are taken from there."""
        passages = self._part(self._shard.number)
        keys = {one.statement for one in passages}
        texts = texts_of(self._consultation, keys)
        cache = StoredVectors(self._consultation, among=keys, is_read_only=True)
        return prepare.embed_shard(passages, texts, self._router, cache)

    def compare(self) -> Pairs:
        """The pairs that some wordings form with all that come after them."""
        marks = prepare.marks_of(self._first)
        rows = range(self._shard.start, self._shard.stop)
        return prepare.pairs_shard(self._embedded.vectors, marks, rows)

    def claims(self) -> Result:
        """New claims, and which known ones the other sentences join."""
        passages, known = self._passages
        own = self._preparation.counts["wordings"]
        joined = join(
            prepare.norms(passages),
            known,
            self._embedded.vectors[:own],
            prepare.joined(self._results(Stage.COMPARE, prepare.PAIRS)),
            texts=lambda keys: texts_of(self._consultation, keys),
            authors=authors_of(self._consultation),
        )
        claims = tuple(self._input.claims[:, 0].tolist())
        into = [
            [one.statement, one.start, one.end, claims[place]] for one, place in joined.into.items()
        ]
        content = prepare.CLAIMS.pack(joined.claims) + json.dumps(into).encode()
        counts = {"claims": len(joined.claims), "joined": len(into)}
        outcome = Outcome(passages, self._first, self._embedded, joined, claims)
        return Result(content, counts, outcome)

    @cached_property
    def _passages(self) -> tuple[tuple[prepare.Passage, ...], tuple[prepare.Passage, ...]]:
        """Of the statements, and of the claims there are."""
        parts = self._results(Stage.READ, prepare.PASSAGES)
        cut = len(prepare.shards(len(self._input.statements), self._preparation.shard_size))
        return (
            tuple(one for part in parts[:cut] for one in part),
            tuple(one for part in parts[cut:] for one in part),
        )

    @cached_property
    def _folded(self) -> tuple[Shard, list[str]]:
        shard = self._shards(Stage.FOLD)[0]
        return shard, json.loads(_content(shard))["parts"]

    def _part(self, number: int) -> tuple[prepare.Passage, ...]:
        shard, parts = self._folded
        return _unpacked(shard, prepare.PASSAGES, _named(shard, parts[number]))

    @cached_property
    def _first(self) -> tuple[prepare.Passage, ...]:
        parts = range(len(self._folded[1]))
        return tuple(one for number in parts for one in self._part(number))

    @cached_property
    def _embedded(self) -> embed.Embedded:
        parts = self._results(Stage.EMBED, prepare.EMBEDDED)
        return embed.join(parts or [embed.embed_all([], [], self._router)])

    def _results(self, stage: str, packing: prepare.Packing[T]) -> list[T]:
        return [_unpacked(shard, packing, _content(shard)) for shard in self._shards(stage)]

    def _shards(self, stage: str) -> Sequence[Shard]:
        return list(self._preparation.shards.filter(stage=stage).order_by("number"))


def _content(shard: Shard) -> bytes:
    """The file of a shard, as it was written."""
    return _named(shard, shard.digest)


def _named(shard: Shard, digest: str) -> bytes:
    try:
        content = files.read(f"{folder_of(shard.preparation)}/{digest}")
    except FileNotFoundError as error:
        raise ShardDamaged(shard) from error
    if prepare.digest(content) != digest:
        raise ShardDamaged(shard)
    return content


def _unpacked(shard: Shard, packing: prepare.Packing[T], content: bytes) -> T:
    try:
        return packing.unpack(content)
    except prepare.DamagedShard as error:  # Written by another version.
        raise ShardDamaged(shard) from error


def _statements(wanted: Sequence[int]) -> dict[int, Statement]:
    found: dict[int, Statement] = {}
    for start in range(0, len(wanted), BATCH):
        found |= Statement.objects.in_bulk(wanted[start : start + BATCH])
    return found
