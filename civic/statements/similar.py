"""Which sentences of others come nearest to what somebody is writing?

Nearest by the vectors that are kept with the claims, never an opposite: the rules that keep a
document from saying a thing twice decide (`aggregation.cluster.overlaps`), and they compare which
way a sentence points. Vectors are held per process, up to MOST_ROWS of them.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import QuerySet
from numpy.typing import NDArray

from aggregation import cluster, embed, prepare, types
from aggregation.errors import AggregationError
from aggregation.text import gist
from civic.consultations.models import Consultation
from civic.statements.meaning import passage_of, router_now, words_in_force
from civic.statements.models import Claim, Statement
from civic.statements.translated import with_translation

SHOWN = 3  # sentences that are offered at most
POOL = 24  # the nearest claims that are looked at more closely
SENTENCES = 3  # of a draft: the last ones that ask for something
TAIL = 2_000  # characters of a draft that are read
FRESH_SECONDS = 15.0  # until new claims are looked for
WHOLE_SECONDS = 600.0  # until all are read anew: words may have been handed on
MOST_ROWS = 40_000  # vectors held by one process, of all consultations; 1 kB each


@dataclass(frozen=True)
class Table:
    """The vectors of the newest claims of one consultation in one space (n, dim), float16."""

    claims: NDArray[np.int64]
    vectors: NDArray[np.float16]
    read_at: float
    whole_at: float


_warm = threading.Event()
_tables: OrderedDict[tuple[int, str], Table] = OrderedDict()  # the last one used stands last
_lock = threading.Lock()  # a process answers several people at once


@dataclass(frozen=True)
class Asked:
    """What is compared with others: passages (m) of one text and their vectors (m, dim)."""

    text: str
    passages: Sequence[prepare.Passage]
    vectors: NDArray[np.float32]
    spec: embed.EmbedderSpec


def similar_to_draft(
    draft: str, *, language: str, consultation: Consultation, among: QuerySet[Claim]
) -> list[Claim]:
    """Claims among these that come near to a text under way, the nearest first.

    Nothing where no model knows the language or none can be asked now.
    """
    one = types.Statement(id="draft", text=draft[-TAIL:], language=language)
    found = prepare.norms(prepare.read_shard([one]))[-SENTENCES:]
    if not found:
        return []
    try:
        embedded = prepare.embed_shard(found, {one.id: one.text}, router_now())
    except AggregationError:  # An endpoint that does not answer must not keep anybody from writing.
        return []
    space = int(embedded.space[0])
    if space < 0:
        return []
    asked = Asked(one.text, found, embedded.own(space), embedded.specs[space])
    return _nearest(asked, consultation=consultation, among=among)


def similar_to_statement(statement: Statement, *, among: QuerySet[Claim]) -> list[Claim]:
    """The same for a statement that was prepared, by the vectors kept with its sentences."""
    rows = statement.segments.meant().exclude(vector=None).exclude(claim=None).order_by("start")
    backend = router_now().backend(statement.language)
    if backend is None:
        return []
    spec = backend.spec()
    kept = list(rows.filter(vector_spec=spec.space)[:SENTENCES])
    if not kept:
        return []
    vectors = np.stack([np.frombuffer(bytes(one.vector or b""), "<f2") for one in kept])
    passages = [passage_of(statement, one.start, one.end) for one in kept]
    asked = Asked(statement.text, passages, vectors.astype(np.float32), spec)
    return _nearest(asked, consultation=statement.consultation, among=among)


def _nearest(asked: Asked, *, consultation: Consultation, among: QuerySet[Claim]) -> list[Claim]:
    """The claims that repeat one of the passages, by their nearness; two queries at most."""
    table = _table(consultation.pk, asked.spec)
    if not len(table.claims):
        return []
    cosines = (table.vectors.astype(np.float32) @ asked.vectors.T).max(axis=1)
    # The table also holds claims that wait or were answered, so that part of the pool is lost.
    order = np.argsort(-cosines, kind="stable")[: 4 * POOL]
    order = order[cosines[order] >= cluster.OVERLAP]
    place = dict(zip(table.claims[order].tolist(), order.tolist(), strict=True))
    rows = with_translation(among.filter(pk__in=list(place)).select_related("statement"))
    claims = sorted(rows, key=lambda one: (-cosines[place[one.pk]], one.pk))[:POOL]
    if not claims:
        return []
    theirs = table.vectors[[place[one.pk] for one in claims]].astype(np.float32)
    return [claims[row] for row in _repeating(asked, claims, theirs)[:SHOWN]]


def _repeating(asked: Asked, claims: Sequence[Claim], vectors: NDArray[np.float32]) -> list[int]:
    """The places of those claims that would repeat one of the passages in one document."""
    own = len(asked.passages)
    passages = [
        *asked.passages,
        *(passage_of(one.statement, one.start, one.end) for one in claims),
    ]
    texts = [
        *(asked.text[one.start : one.end] for one in asked.passages),
        *(one.text for one in claims),
    ]
    gists = [gist(words, one.language) for words, one in zip(texts, passages, strict=True)]
    pairs = cluster.overlaps(
        np.concatenate([asked.vectors, vectors]),
        [one.side for one in passages],
        [one.contents for one in gists],
        [one.ideas for one in gists],
        [one.language for one in passages],
    )
    both = zip(pairs.i.tolist(), pairs.j.tolist(), strict=True)
    return sorted({j - own for i, j in both if i < own <= j})


def _table(consultation_id: int, spec: embed.EmbedderSpec) -> Table:
    """The vectors of the newest claims, with those that came since; one query at most."""
    key, now = (consultation_id, spec.space), time.monotonic()
    known = _held(key)
    if known is not None and now - known.read_at < FRESH_SECONDS:
        return known
    whole = known is None or now - known.whole_at > WHOLE_SECONDS
    after = 0 if whole or known is None or not len(known.claims) else int(known.claims.max())
    words = words_in_force(consultation_id).filter(vector_spec=spec.space, claim_id__gt=after)
    rows = list(words.order_by("-claim_id").values_list("claim_id", "vector")[:MOST_ROWS])
    claims = np.array([pk for pk, _ in rows], dtype=np.int64)
    vectors = np.frombuffer(b"".join(bytes(vector) for _, vector in rows), "<f2")
    vectors = vectors.reshape(len(rows), spec.dim).astype(np.float16)
    if known is not None and not whole:
        claims = np.concatenate([claims, known.claims])[:MOST_ROWS]
        vectors = np.concatenate([vectors, known.vectors])[:MOST_ROWS]
    table = Table(claims, vectors, now, now if known is None or whole else known.whole_at)
    _hold(key, table)
    return table


def _held(key: tuple[int, str]) -> Table | None:
    """What this process holds; it counts as used now."""
    with _lock:
        if key in _tables:
            _tables.move_to_end(key)
        return _tables.get(key)


def _hold(key: tuple[int, str], table: Table) -> None:
    """Hold a table, and let go of those used longest ago while there are too many vectors."""
    with _lock:
        _tables[key] = table
        _tables.move_to_end(key)
        while len(_tables) > 1 and sum(len(one.claims) for one in _tables.values()) > MOST_ROWS:
            _tables.popitem(last=False)


def forget() -> None:
    """Hold nothing any more."""
    _tables.clear()


def warm_up() -> None:
    """Load the model beside the request, once per process: the first question takes seconds."""
    if not _warm.is_set():
        _warm.set()
        threading.Thread(target=_load, name="warm-up", daemon=True).start()


def _load() -> None:
    with contextlib.suppress(AggregationError):  # Whoever asks finds out what is missing.
        backend = router_now().backend("en")
        if backend is not None:
            backend.embed(["hello"], ["en"])
