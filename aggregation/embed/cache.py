"""Vectors that were computed before, found again by what they were computed from."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from aggregation.embed.backend import EmbedderSpec, Float32Array

Float16Array = NDArray[np.float16]


def cache_key(spec: EmbedderSpec, text: str, language: str) -> str:
    """sha256 over the space, the language and the text, in hex: a new model has new keys."""
    return hashlib.sha256(json.dumps([spec.space, language, text]).encode()).hexdigest()


class Cache(Protocol):
    """Remembers vectors by `cache_key`, float16 each: exact, since components are multiples of
    1/256. It may forget anything at any time, and must never give another vector than it was given.
    """

    def read(self, keys: Sequence[str], spec: EmbedderSpec) -> dict[str, Float16Array]:
        """The vectors (dim,) of those keys that it knows."""
        ...

    def write(self, vectors: Mapping[str, Float32Array], spec: EmbedderSpec) -> None:
        """Remember vectors (dim,) of this space, by key."""
        ...


class FolderCache:
    """A file per vector: FOLDER/first 16 digits of the space/two digits/key.

    A file holds the values, little-endian, and a sha256 over key and values. One that is damaged,
    cut short or under another name counts as missing, and is written anew. Files appear whole or
    not at all, so any number of processes may share a folder. To forget a model, delete the folder
    of its space.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, keys: Sequence[str], spec: EmbedderSpec) -> dict[str, Float16Array]:
        """The vectors of those keys that lie here undamaged."""
        found = {}
        for key in keys:
            try:
                content = self._path(key, spec).read_bytes()
            except FileNotFoundError:
                continue
            values, seal = content[: 2 * spec.dim], content[2 * spec.dim :]
            if len(values) == 2 * spec.dim and seal == _seal(key, values):
                found[key] = np.frombuffer(values, dtype="<f2").astype(np.float16)
        return found

    def write(self, vectors: Mapping[str, Float32Array], spec: EmbedderSpec) -> None:
        """Put each vector in its file."""
        for key, vector in vectors.items():
            path = self._path(key, spec)
            path.parent.mkdir(parents=True, exist_ok=True)
            values = vector.astype("<f2").tobytes()
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(values + _seal(key, values))
                Path(temporary).replace(path)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise

    def _path(self, key: str, spec: EmbedderSpec) -> Path:
        return self._folder / spec.space[:16] / key[:2] / key


def _seal(key: str, values: bytes) -> bytes:
    return hashlib.sha256(bytes.fromhex(key) + values).digest()
