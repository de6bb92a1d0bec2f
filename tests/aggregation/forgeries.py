"""Documents with one value changed, as a forger would change them."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import rfc8785

Path = tuple[str | int, ...]


def numbers(node: Any, path: Path = ()) -> Iterator[Path]:
    """Where the numbers of a document stand."""
    for place, value in places(node, path):
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield place


def places(node: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value inside a document with its path, containers before what they hold."""
    members = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in members:
        yield (*path, key), value
        if isinstance(value, dict | list):
            yield from places(value, (*path, key))


def pattern(path: Path) -> str:
    """A path with a star for the number of every list member."""
    return ".".join("*" if isinstance(key, int) else key for key in path)


@contextmanager
def altered(document: dict[str, Any], path: Path, value: Any) -> Iterator[Any]:
    """The document with another value in one place while the block runs; gives the one before."""
    parent: Any = document
    for key in path[:-1]:
        parent = parent[key]
    before = parent[path[-1]]
    parent[path[-1]] = value
    try:
        yield before
    finally:
        parent[path[-1]] = before


def sealed(document: dict[str, Any]) -> dict[str, Any]:
    """A copy whose digest is right again, whatever it says."""
    result = json.loads(json.dumps(document))
    result["provenance"]["document_digest"] = None
    blank = copy.deepcopy(result)
    blank["provenance"] |= {"audit_root": None, "signature": None}
    digest = hashlib.sha256(rfc8785.dumps(blank)).hexdigest()
    result["provenance"]["document_digest"] = f"sha256:{digest}"
    return result
