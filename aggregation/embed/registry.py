"""Embedders by name: those that are built in, and those that an installation configures.

An installation puts the path of its JSON file into the environment variable of `VARIABLE`: so
every process of it, a worker or a command, knows the same names.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import regex

from aggregation.embed.backend import Embedder
from aggregation.embed.options import TextOptions, read_options
from aggregation.errors import AggregationInputError

_NAME = regex.compile(r"[a-z0-9][a-z0-9._-]{0,39}")


_Kind: TypeAlias = tuple[type[TextOptions], Callable[[str, Any], Embedder]]


def _use3() -> Embedder:
    from aggregation.embed.use3 import Use3

    return Use3()


def _hashing() -> Embedder:
    from aggregation.embed.hashing import Hashing

    return Hashing()


def _onnx() -> _Kind:
    from aggregation.embed.onnx import Onnx, OnnxOptions

    return OnnxOptions, Onnx


def _sentence_transformers() -> _Kind:
    from aggregation.embed.sentence_transformers import Encoder, EncoderOptions

    return EncoderOptions, Encoder


def _http() -> _Kind:
    from aggregation.embed.http import Endpoint, EndpointOptions

    return EndpointOptions, Endpoint


BACKENDS: dict[str, Callable[[], Embedder]] = {"use3": _use3, "hashing": _hashing}
KINDS = {"onnx": _onnx, "sentence-transformers": _sentence_transformers, "http": _http}

VARIABLE = "CONCORDANCE_EMBEDDERS"

_configured: dict[str, Callable[[], Embedder]] | None = None  # until the variable was looked at
_given: tuple[dict[str, object], Path] = ({}, Path())
_loaded: dict[str, Embedder] = {}
_lock = threading.RLock()  # One copy of a model, however many threads ask for it at once.


def configure(mapping: Mapping[str, object], folder: Path = Path()) -> None:
    """Make these embedders known by their names, in place of those configured before.

    mapping : {name: {"kind": a key of KINDS, and its options}}; relative paths in it start at
        `folder`. Nothing is loaded. Raises AggregationInputError naming embedder and key.
    """
    global _configured, _given
    found = {name: _maker(name, options, folder) for name, options in mapping.items()}
    with _lock:
        for name in _configured or ():
            _loaded.pop(name, None)
        _configured, _given = found, (dict(mapping), folder)


def configuration() -> tuple[dict[str, object], Path]:
    """What `configure` was given last, for a process that is started by this one."""
    _known()
    return _given


def _known() -> dict[str, Callable[[], Embedder]]:
    """What is configured; the first time, from the installation's file if there is one."""
    with _lock:
        if _configured is None:
            path = os.environ.get(VARIABLE)
            if path:
                configure_from(Path(path))
            else:
                configure({})
        return _configured or {}


def configure_from(path: Path) -> None:
    """Make the embedders of a JSON file known; its relative paths start at its own folder."""
    try:
        mapping = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise AggregationInputError(
            f"{path} cannot be read as JSON: {error}. Give an object of embedders by name."
        ) from error
    if not isinstance(mapping, dict):
        raise AggregationInputError(f"{path} holds no JSON object. Give embedders by name.")
    configure(mapping, path.parent)


def _maker(name: str, options: object, folder: Path) -> Callable[[], Embedder]:
    if not _NAME.fullmatch(name) or name in BACKENDS:
        raise AggregationInputError(
            f"embedder {name!r}: the name must be 1-40 of a-z, 0-9, '.', '_' and '-', and none of "
            f"{', '.join(sorted(BACKENDS))}."
        )
    if not isinstance(options, dict):
        raise AggregationInputError(f"embedder {name!r}: must be an object; it is {options!r}.")
    kind = options.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise AggregationInputError(
            f"embedder {name!r}: key 'kind' must be one of {', '.join(KINDS)}; it is {kind!r}."
        )
    taken, make = KINDS[kind]()
    given = {key: value for key, value in options.items() if key != "kind"}
    read = read_options(taken, given, name=name, folder=folder)
    return lambda: make(name, read)


def names() -> tuple[str, ...]:
    """Every embedder that can be loaded."""
    return tuple(sorted({*BACKENDS, *_known()}))


def load(name: str) -> Embedder:
    """The embedder of that name, loaded once; AggregationInputError where there is none."""
    with _lock:
        if name not in _loaded:
            make = BACKENDS.get(name) or _known().get(name)
            if make is None:
                raise AggregationInputError(
                    f"There is no embedder named {name!r}. Name one of: {', '.join(names())}."
                )
            _loaded[name] = make()
        return _loaded[name]
