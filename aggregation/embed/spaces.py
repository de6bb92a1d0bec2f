"""Which backend embeds which language, and all vectors of a corpus in one table.

Vectors of two models must never be compared. So each model has columns of its own: a cosine across
models is exactly 0, whatever code computes it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from aggregation.embed.backend import Embedder, EmbedderSpec, Float32Array
from aggregation.embed.cache import Cache, cache_key
from aggregation.embed.registry import load
from aggregation.errors import AggregationInputError
from aggregation.types import BoolArray, IntArray

UNKNOWN = "und"


@dataclass(frozen=True)
class Router:
    """The backend for a language: the one its route names, else the default if it knows it.

    routes : backend name by language code; "zh-Hant" goes before "zh". A text of unknown language
        ("und", or "") takes the route "und", or else the default: most are short, not foreign.
    """

    default: str = "use3"
    routes: Mapping[str, str] = field(default_factory=dict)

    def backend(self, language: str) -> Embedder | None:
        """The embedder for this language; None where no backend knows it."""
        code = language or UNKNOWN
        base = code.partition("-")[0]
        for routed in (code, base):
            if routed in self.routes:
                return _named(self.routes[routed], f"routes[{routed!r}]")
        default = _named(self.default, "embedder")
        knows = default.languages is None or base == UNKNOWN or base in default.languages
        return default if knows else None


def _named(name: str, setting: str) -> Embedder:
    try:
        return load(name)
    except AggregationInputError as error:
        raise AggregationInputError(f"{setting}: {error}") from error


@dataclass(frozen=True, eq=False)
class Embedded:
    """Vectors of n texts, in the order of the texts.

    vectors : (n, D) float32, D the sum of the spaces' dimensions: a row is zero outside the columns
        of its own space, and of unit length inside
    known : (n,) False where no backend knows the text's language; its row is zero
    space : (n,) index into `specs`, -1 where not known
    specs : the spaces in use, in the order of their columns, which is the order of their fields
    """

    vectors: Float32Array
    known: BoolArray
    space: IntArray
    specs: tuple[EmbedderSpec, ...]

    def own(self, space: int) -> Float32Array:
        """The columns of one space (n, dim)."""
        start = sum(spec.dim for spec in self.specs[:space])
        return self.vectors[:, start : start + self.specs[space].dim]


def embed_all(
    texts: Sequence[str], languages: Sequence[str], router: Router, cache: Cache | None = None
) -> Embedded:
    """Embed every text with the backend for its language; look in the cache first.

    The default's space is there even if it holds no text. Raises AggregationInputError for texts
    and languages of different number, and for a route to a backend that there is not.
    """
    if len(texts) != len(languages):
        raise AggregationInputError(
            f"{len(texts)} texts do not fit {len(languages)} languages. Give one code per text."
        )
    backend_of = {language: router.backend(language) for language in sorted(set(languages))}
    default = _named(router.default, "embedder")
    backends = {b.spec(): b for b in (default, *backend_of.values()) if b is not None}
    spec_of = {code: b.spec() for code, b in backend_of.items() if b is not None}
    rows_of: defaultdict[EmbedderSpec, list[int]] = defaultdict(list)
    for row, language in enumerate(languages):
        if language in spec_of:
            rows_of[spec_of[language]].append(row)
    empty = _table(len(texts), tuple(sorted(backends)))
    for space, spec in enumerate(empty.specs):
        rows = np.array(rows_of[spec], dtype=np.int64)
        _fill(empty, space, rows, _vectors(texts, languages, rows, backends[spec], cache))
    return empty


def join(parts: Sequence[Embedded]) -> Embedded:
    """The table of all parts' texts, one part after the other, as if embedded together."""
    specs = tuple(sorted({spec for part in parts for spec in part.specs}))
    table = _table(sum(len(part.vectors) for part in parts), specs)
    start = 0
    for part in parts:
        for space, spec in enumerate(part.specs):
            rows = np.flatnonzero(part.space == space)
            _fill(table, specs.index(spec), start + rows, part.own(space)[rows])
        start += len(part.vectors)
    return table


def _table(n: int, specs: tuple[EmbedderSpec, ...]) -> Embedded:
    width = sum(spec.dim for spec in specs)
    return Embedded(
        vectors=np.zeros((n, width), dtype=np.float32),
        known=np.zeros(n, dtype=np.bool_),
        space=np.full(n, -1, dtype=np.int64),
        specs=specs,
    )


def _fill(table: Embedded, space: int, rows: IntArray, vectors: Float32Array) -> None:
    table.own(space)[rows] = vectors
    table.known[rows] = True
    table.space[rows] = space


def _vectors(
    texts: Sequence[str],
    languages: Sequence[str],
    rows: IntArray,
    backend: Embedder,
    cache: Cache | None,
) -> Float32Array:
    """Vectors (rows, dim) of the texts in these rows."""
    chosen = [(texts[row], languages[row]) for row in rows.tolist()]
    if cache is None:
        return backend.embed([text for text, _ in chosen], [code for _, code in chosen])
    spec = backend.spec()
    keys = [cache_key(spec, text, code) for text, code in chosen]
    wanted = dict(zip(keys, chosen, strict=True))
    found = cache.read(list(wanted), spec)
    missing = [key for key in wanted if key not in found]
    fresh = backend.embed([wanted[k][0] for k in missing], [wanted[k][1] for k in missing])
    new = dict(zip(missing, fresh, strict=True))
    cache.write(new, spec)
    known = found | {key: vector.astype(np.float16) for key, vector in new.items()}
    if not keys:
        return np.zeros((0, spec.dim), dtype=np.float32)
    return np.stack([known[key] for key in keys]).astype(np.float32)
