"""An embedder without a model, for tests: words hashed to signed places of a vector."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import regex

from aggregation.embed.backend import GRID, EmbedderSpec, Float32Array, to_grid
from aggregation.embed.transform import STRIP_VERSION
from aggregation.text.modality import strip_frame

DIM = 256
_WORD = regex.compile(r"\p{Han}|[\p{L}\p{N}]+")


class Hashing:
    """Texts that share words are near; nothing else is known about meaning."""

    languages: frozenset[str] | None = None

    def embed(self, texts: Sequence[str], languages: Sequence[str] | None = None) -> Float32Array:
        """Unit vectors (texts, 256); a text without words is the zero vector."""
        codes = ["und"] * len(texts) if languages is None else list(languages)
        counts = np.zeros((len(texts), DIM))
        for row, (text, code) in enumerate(zip(texts, codes, strict=True)):
            for word in _WORD.findall(strip_frame(text, code).casefold()):
                digest = hashlib.sha256(word.encode()).digest()
                counts[row, digest[0]] += 1 if digest[1] % 2 else -1
        length = np.linalg.norm(counts, axis=1, keepdims=True)
        return to_grid(counts / np.where(length > 0, length, 1.0))

    def spec(self) -> EmbedderSpec:
        """The space of hashed words."""
        return EmbedderSpec("hashing", "1", "", DIM, f"{STRIP_VERSION}+sha256+grid-{GRID}")
