"""The vectors of claims: which model makes them, where they are kept, which are missing.

A vector is kept with the segment that holds a claim's own words. Vectors of two spaces (models)
are never compared; a change of model is made up for by a preparation, which anybody can watch.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import numpy as np
from django.conf import settings
from django.db.models import F, Q, QuerySet
from numpy.typing import NDArray

from aggregation import embed, prepare, types
from aggregation.errors import AggregationError
from aggregation.text import identify
from civic.consultations.models import Consultation
from civic.statements.models import Segment, Statement

Float16Array = NDArray[np.float16]
BATCH = 500  # rows per statement: others must get their turn at the database


def router_now() -> embed.Router:
    """The models that the settings name."""
    return embed.Router(settings.EMBEDDER, settings.EMBED_ROUTES)


def endpoints() -> dict[str, str]:
    """The host of each configured model that is asked over the network, by the model's name."""
    try:
        configured, _ = embed.configuration()
    except AggregationError:
        return {}  # Whatever asks such a model fails with its own sentence: nothing is sent.
    asked = {name: one for name, one in configured.items() if isinstance(one, dict)}
    return {
        name: urlsplit(str(one["url"])).hostname or ""
        for name, one in asked.items()
        if one.get("kind") == "http"
    }


def hosts_asked() -> list[str]:
    """Where sentences are sent to be compared; nowhere (the usual) where models run here."""
    used = {settings.EMBEDDER, *settings.EMBED_ROUTES.values()}
    return sorted({host for name, host in endpoints().items() if name in used})


def own_words(**of: object) -> QuerySet[Segment]:
    """The segment that holds each claim's own words, in the order of claims; `of` as filters."""
    rows = Segment.objects.filter(
        **of,
        statement=F("claim__statement"),
        start=F("claim__start"),
        end=F("claim__end"),
    )
    return rows.order_by("claim_id")


def words_in_force(consultation_id: int) -> QuerySet[Segment]:
    """Those that a new sentence may join: of claims not hidden, in words that nobody took back."""
    words = own_words(claim__consultation=consultation_id, claim__is_hidden=False)
    rows = words.filter(statement__withdrawn_at=None)
    return rows.exclude(statement__moderation=Statement.Moderation.REJECTED)


def lacks_vectors(consultation: Consultation) -> bool:
    """Whether a claim has no vector of the model that the settings name for its language."""
    words = words_in_force(consultation.pk)
    router = router_now()
    languages = words.order_by().values_list("statement__language", flat=True).distinct()
    spaces = {code: router.backend(code) for code in languages if code}
    outdated = Q(pk__in=[])
    for code, backend in spaces.items():
        if backend is not None:
            outdated |= Q(statement__language=code) & ~Q(vector_spec=backend.spec().space)
    return words.filter(outdated).exists()


@dataclass(frozen=True)
class Known:
    """Claims of one space: their row numbers, and (n, dim) the vectors of their own words.

    newest : the largest row number that was looked at
    """

    claims: tuple[int, ...]
    vectors: Float16Array
    newest: int = 0

    def near(self, vectors: NDArray[np.float32], least: float) -> Known:
        """Those with a cosine of `least` or more to one of the vectors (m, dim)."""
        if not self.claims or not len(vectors):
            return Known((), self.vectors[:0], self.newest)
        cosines = self.vectors.astype(np.float32) @ vectors.T
        rows = np.flatnonzero(cosines.max(axis=1) >= least)
        return Known(tuple(self.claims[row] for row in rows), self.vectors[rows], self.newest)

    def plus(self, other: Known) -> Known:
        """Both, one after the other."""
        both = np.concatenate([self.vectors, other.vectors])
        return Known(self.claims + other.claims, both, max(self.newest, other.newest))


def known_claims(
    consultation_id: int, spec: embed.EmbedderSpec, *, after: int = 0, scenario: str = ""
) -> Known:
    """The claims of this space that a sentence may join, of a row number above `after`.

    scenario : the situation it speaks to; the same words mean something else in another one
    """
    words = words_in_force(consultation_id).filter(vector_spec=spec.space, claim_id__gt=after)
    words = words.filter(statement__scenario=scenario)
    rows = list(words.values_list("claim_id", "vector"))
    vectors = np.frombuffer(b"".join(bytes(vector) for _, vector in rows), "<f2")
    newest = rows[-1][0] if rows else after
    return Known(tuple(pk for pk, _ in rows), vectors.reshape(len(rows), spec.dim), newest)


@dataclass(frozen=True)
class Words:
    """The own words of some claims: passages in the order of `claims`, texts by statement."""

    claims: tuple[int, ...]
    passages: tuple[prepare.Passage, ...]
    texts: dict[str, str]


def words_of(consultation_id: int, claims: Sequence[int]) -> Words:
    """What those of the claims say that are still in force."""
    found: dict[int, Segment] = {}
    for start in range(0, len(claims), BATCH):
        rows = words_in_force(consultation_id).filter(claim__in=claims[start : start + BATCH])
        found |= {row.claim_id: row for row in rows.select_related("statement")}
    kept = tuple(pk for pk in claims if pk in found)
    return Words(
        kept,
        tuple(passage_of(found[pk].statement, found[pk].start, found[pk].end) for pk in kept),
        {found[pk].statement.key: found[pk].statement.text for pk in kept},
    )


def passage_of(statement: Statement, start: int, end: int) -> prepare.Passage:
    """A range of a stored statement, read by itself."""
    one = as_corpus(statement)
    return prepare.passage_at(one, one.language or identify(one.text), start, end)


def as_corpus(statement: Statement) -> types.Statement:
    """A statement as the library reads it."""
    return types.Statement(id=statement.key, text=statement.text, language=statement.language)


class StoredVectors:
    """The vectors kept with the claims of a consultation, as an `embed.Cache`.

    Found by what they were made of, so that a changed text or model never gets a stale one. What
    is written fills claims that have none; those of another model are left to a preparation.
    among : keys of the statements to look at; None for all. is_read_only : nothing is written
    """

    def __init__(
        self,
        consultation_id: int,
        *,
        among: Collection[str] | None = None,
        is_read_only: bool = False,
    ) -> None:
        words = own_words(claim__consultation=consultation_id).order_by()
        self._words = words if among is None else words.filter(statement__key__in=among)
        self._is_read_only = is_read_only

    def read(self, keys: Sequence[str], spec: embed.EmbedderSpec) -> dict[str, Float16Array]:
        """The vectors of those keys that are kept."""
        rows = self._words.filter(vector_spec=spec.space)
        wanted = set(keys)
        found = {}
        columns = ("statement__text", "start", "end", "statement__language", "vector")
        for text, start, end, language, vector in rows.values_list(*columns).iterator():
            key = embed.cache_key(spec, text[start:end], language)
            if key in wanted and len(vector) == 2 * spec.dim:
                found[key] = np.frombuffer(bytes(vector), "<f2").astype(np.float16)
        return found

    def write(self, vectors: Mapping[str, NDArray[np.float32]], spec: embed.EmbedderSpec) -> None:
        """Keep vectors with the claims that have none."""
        if self._is_read_only:
            return
        empty = self._words.filter(vector=None).select_related("statement")
        changed = []
        for segment in empty.iterator():
            key = embed.cache_key(spec, segment.text, segment.statement.language)
            if key in vectors:
                segment.vector = vectors[key].astype("<f2").tobytes()
                segment.vector_spec = spec.space
                changed.append(segment)
        Segment.objects.bulk_update(changed, ["vector", "vector_spec"], batch_size=BATCH)


def authors_of(consultation_id: int) -> dict[str, str]:
    """Who wrote each statement, by their keys; those without an author are left out."""
    rows = Statement.objects.filter(consultation=consultation_id, author__isnull=False)
    return dict(rows.values_list("key", "author__key"))


def texts_of(consultation_id: int, keys: Collection[str]) -> dict[str, str]:
    """The texts of statements by their keys."""
    found: dict[str, str] = {}
    ordered = sorted(keys)
    for start in range(0, len(ordered), BATCH):
        rows = Statement.objects.filter(
            consultation=consultation_id, key__in=ordered[start : start + BATCH]
        )
        found.update(rows.values_list("key", "text"))
    return found
