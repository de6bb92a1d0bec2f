"""The default embedder: Universal Sentence Encoder multilingual v3, offline, 16 languages."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache, cached_property
from importlib import metadata

import numpy as np

from aggregation.embed.backend import GRID, EmbedderSpec, Float32Array, to_grid
from aggregation.embed.transform import Transform, distinct_rows
from aggregation.embed.use3_model import FILES, PACKAGE, Use3Model, pieces_of, resource
from aggregation.embed.whitening import load_whitening

# As its makers list them; "zh" is both scripts, the traditional one less well.
LANGUAGES = frozenset(
    ("ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh")
)

# In float32 a component is off by up to 3e-7, and by how much depends on the batch. One that lies
# this close to the middle between two grid points is computed again in float64, which is off by
# some 1e-15: so a vector is its exact value rounded, in any company and on any machine.
SAFE_MARGIN = 1e-6


class Use3:
    """The encoder, its whitening and its grid."""

    languages: frozenset[str] | None = LANGUAGES

    def __init__(self) -> None:
        self._model = Use3Model(np.float32)
        self._transform = Transform(whitening=load_whitening())

    @cached_property
    def _exact(self) -> Use3Model:
        return Use3Model(np.float64)

    def embed(self, texts: Sequence[str], languages: Sequence[str] | None = None) -> Float32Array:
        """Unit vectors (texts, 256); equal contents are encoded once.

        A vector depends on its own text and language only, not on the company it is embedded in.
        """
        contents = self._transform.contents(texts, languages)
        return distinct_rows(contents, self.spec().dim, self._encode)

    def _encode(self, contents: list[str]) -> Float32Array:
        pieces = [pieces_of(content) for content in contents]
        vectors = self._transform.finished(self._model.encode(pieces))
        offset = np.abs(vectors * GRID - np.floor(vectors * GRID) - 0.5)
        close = np.flatnonzero((offset < SAFE_MARGIN * GRID).any(axis=1))
        if close.size:
            again = self._exact.encode([pieces[row] for row in close.tolist()])
            vectors[close] = self._transform.finished(again)
        return to_grid(vectors)

    def spec(self) -> EmbedderSpec:
        """Name, version, digest of the weights, and the digest of the whitening."""
        return self._spec

    @cached_property
    def _spec(self) -> EmbedderSpec:
        return EmbedderSpec(
            name="use3",
            revision=f"{PACKAGE} {metadata.version(PACKAGE)}",
            digest=_weights_digest(),
            dim=len(load_whitening().axes),
            transform=f"{self._transform}+rounded-float64",
        )


@cache
def _weights_digest() -> str:
    """sha256 over the weights and the tokenizer, as they lie in the installed package."""
    digest = hashlib.sha256()
    for name in FILES:
        digest.update(resource(name).read_bytes())
    return digest.hexdigest()
