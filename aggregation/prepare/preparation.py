"""All of a preparation: the map steps through a workshop, the reduces here."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import numpy as np

from aggregation import cluster, embed
from aggregation.errors import AggregationInputError
from aggregation.prepare.claims import claims_of
from aggregation.prepare.passages import Passage, canonical, digest, fold, norms, read_shard
from aggregation.prepare.shards import EMBEDDED, PAIRS, PASSAGES, halved, shards
from aggregation.prepare.vectors import Marks, embed_shard, joined, marks_of, pairs_shard
from aggregation.prepare.workshop import Progress, Task, Workshop, workshop
from aggregation.text import identify
from aggregation.types import Corpus, IntArray, Moderation, Settings, Statement

STAGES = ("read", "embed", "compare", "claims")
READ, EMBED, COMPARE = 1000, 1000, 16_384  # rows of a shard

_CODE = ("cluster", "prepare", "text")  # packages whose code decides what a shard holds


@dataclass(frozen=True, eq=False)
class Prepared:
    """What a preparation found.

    corpus : with a language for every statement and a claim for every family of near-duplicates
    embedded : the wordings' vectors; medoid (claims,) the row of each claim's own words
    counts : how many statements, passages, norms, wordings, pairs and claims there are
    """

    corpus: Corpus
    embedded: embed.Embedded
    medoid: IntArray
    counts: dict[str, int]


def prepare(
    corpus: Corpus,
    settings: Settings | None = None,
    *,
    folder: Path | None = None,
    progress: Progress | None = None,
    workers: int = 1,
    size: int | None = None,
) -> Corpus:
    """The corpus with claims made of its accepted statements; see `preparation`."""
    found = preparation(
        corpus, settings, folder=folder, progress=progress, workers=workers, size=size
    )
    return found.corpus


def preparation(
    corpus: Corpus,
    settings: Settings | None = None,
    *,
    folder: Path | None = None,
    progress: Progress | None = None,
    workers: int = 1,
    size: int | None = None,
) -> Prepared:
    """Find the norms in all accepted statements and make one claim of those that say the same.

    folder : keeps every finished shard; a second call computes only what is missing, damaged, or
        made of other input, settings or code
    progress : called as (stage, shards done, shards in all)
    workers : processes; the result is the same for any number, and for any `size` of shards

    Claims that the corpus has already are replaced. Raises AggregationInputError for statements
    with one id, and WorkerLost where a worker process dies.
    """
    settings = settings or Settings()
    if workers < 1:
        raise AggregationInputError(f"{workers} workers do nothing. Give 1 or more.")
    statements = canonical(corpus.statements)
    texts = {one.id: one.text for one in statements}
    if len(texts) < len(statements):
        raise AggregationInputError("Two statements have one id. Give every statement its own.")
    with workshop(folder=folder, workers=workers, progress=progress) as shop:
        found, languages, passages = _read(shop, statements, size or READ)
        first = [found[row] for row in fold(found, corpus.curation).first.tolist()]
        router = embed.Router(settings.embedder, settings.routes)
        embedded = _embed(shop, first, texts, router, size or EMBED)
        pairs = _compare(shop, embedded.vectors, first, size or COMPARE)
    if progress:
        progress("claims", 0, 1)
    authors = {one.id: one.author for one in statements if one.author is not None}
    claims = claims_of(found, embedded.vectors, pairs, texts, corpus.curation, authors=authors)
    if progress:
        progress("claims", 1, 1)
    row_of = {passage.key: row for row, passage in enumerate(first)}
    return Prepared(
        corpus=replace(corpus, statements=_told(statements, languages), claims=claims),
        embedded=embedded,
        medoid=np.array([row_of[claim.id] for claim in claims], dtype=np.int64),
        counts={
            "statements": len(statements),
            "passages": passages,
            "norms": len(found),
            "wordings": len(first),
            "pairs": len(pairs.i),
            "claims": len(claims),
        },
    )


def _read(
    shop: Workshop, statements: Sequence[Statement], size: int
) -> tuple[tuple[Passage, ...], dict[str, str], int]:
    """The norms, the language of each statement that holds a passage, how many passages."""
    accepted = [one for one in statements if one.moderation is Moderation.ACCEPTED]
    parts = [accepted[rows.start : rows.stop] for rows in shards(len(accepted), size)]
    tasks = [
        Task(_key("read", [[one.id, one.text, one.language] for one in part]), (part,))
        for part in parts
    ]
    found: list[Passage] = []
    languages: dict[str, str] = {}
    count = 0
    for passages in shop.results("read", PASSAGES, read_shard, tasks):
        found += norms(passages)
        count += len(passages)
        languages.update((passage.statement, passage.language) for passage in passages)
    return tuple(found), languages, count


def _embed(
    shop: Workshop,
    first: Sequence[Passage],
    texts: Mapping[str, str],
    router: embed.Router,
    size: int,
) -> embed.Embedded:
    spaces = {code: router.backend(code) for code in {one.language for one in first}}
    space = {code: None if one is None else one.spec().space for code, one in spaces.items()}
    tasks = []
    for rows in shards(len(first), size):
        part = first[rows.start : rows.stop]
        own = {one.statement: texts[one.statement] for one in part}
        content = [
            [own[one.statement][one.start : one.end], one.language, space[one.language]]
            for one in part
        ]
        tasks.append(Task(_key("embed", content), (part, own, router)))
    parts = shop.results("embed", EMBEDDED, embed_shard, tasks)
    return embed.join(parts or [embed.embed_all([], [], router)])


def _compare(
    shop: Workshop, vectors: cluster.Float32Array, first: Sequence[Passage], size: int
) -> cluster.Pairs:
    marks, stored = marks_of(first), halved(vectors)
    parts = (stored, marks.side, marks.language, marks.topic, marks.leans)
    content = hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()
    with tempfile.TemporaryDirectory(prefix="concordance-") as shared:
        path = Path(shared) / "vectors.npy"
        np.save(path, stored, allow_pickle=False)
        tasks = [
            Task(_key("compare", [content, rows.start, rows.stop]), (path, marks, rows))
            for rows in shards(len(first), size)
        ]
        return joined(shop.results("compare", PAIRS, _pairs_of_file, tasks))


def _pairs_of_file(path: Path, marks: Marks, rows: range) -> cluster.Pairs:
    """`pairs_shard` of vectors that lie in a file, so that processes share them."""
    return pairs_shard(np.load(path, mmap_mode="r", allow_pickle=False), marks, rows)


def _told(statements: Sequence[Statement], languages: Mapping[str, str]) -> tuple[Statement, ...]:
    """The statements, each with its language."""
    return tuple(
        one if one.language else replace(one, language=languages.get(one.id) or identify(one.text))
        for one in statements
    )


def _key(stage: str, content: object) -> str:
    """A digest of all that a shard's result depends on: its input and the code."""
    parts = [stage, _code(), content]
    return digest(json.dumps(parts, ensure_ascii=True, separators=(",", ":")).encode())


@cache
def _code() -> str:
    """sha256 over the sources that decide what shards hold: changed rules make other shards."""
    state = hashlib.sha256()
    for package in _CODE:
        for name, content in sorted(_sources(files("aggregation").joinpath(package), package)):
            state.update(f"{name} {len(content)}\n".encode() + content)
    return state.hexdigest()


def _sources(place: Traversable, name: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for entry in place.iterdir():
        inner = f"{name}/{entry.name}"
        if entry.is_dir():
            found += _sources(entry, inner)
        elif entry.name.endswith((".py", ".json")):
            found.append((inner, entry.read_bytes()))
    return found
