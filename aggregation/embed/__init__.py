"""From sentences to vectors whose cosine says how near two contents are.

`embed_all` takes the sentences of any languages: a `Router` picks the backend for each, and a
`Cache` remembers what was computed. `load("use3")` is the default backend: multilingual, offline,
on the CPU. `load("hashing")` needs no model and is for tests. `configure` makes others known by
name: ONNX files, sentence-transformers on a GPU, endpoints behind HTTP. To add a kind of backend: a
class with `embed`, `spec` and `languages` (see `backend.Embedder`), a line in `registry`, a case in
tests/aggregation/embed. Nothing is loaded before it is asked for.
"""

from aggregation.embed.backend import Embedder, EmbedderSpec, Float32Array
from aggregation.embed.cache import Cache, FolderCache, cache_key
from aggregation.embed.registry import (
    BACKENDS,
    configuration,
    configure,
    configure_from,
    load,
    names,
)
from aggregation.embed.spaces import Embedded, Router, embed_all, join

__all__ = [
    "BACKENDS",
    "Cache",
    "Embedded",
    "Embedder",
    "EmbedderSpec",
    "Float32Array",
    "FolderCache",
    "Router",
    "cache_key",
    "configuration",
    "configure",
    "configure_from",
    "embed_all",
    "join",
    "load",
    "names",
]
