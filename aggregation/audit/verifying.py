"""Does a bundle hold? Its bytes against its list, its exports against its spec, the spec against a
run repeated from the inputs, and every number against one computed a second time.

Nothing in a bundle is trusted: whatever is broken fails a check that names it.
"""

from __future__ import annotations

import hashlib
import io
import json
import lzma
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from aggregation import certify, intake
from aggregation.certify import Check
from aggregation.certify.stated import Node, agreement
from aggregation.errors import AggregationError
from aggregation.exports import whole
from aggregation.exports.archive import to_zip
from aggregation.exports.bundle import FORMAT, INPUTS, MANIFEST, manifest
from aggregation.exports.inputs import JUDGEMENTS, RUN, VOTES, Inputs, read_inputs
from aggregation.run import aggregate, by_number
from aggregation.spec import Document, to_bytes, validate
from aggregation.votes import VoteTable

SPEC = "spec.json"
MAX_BYTES = 2 * 1024**3  # of a bundle's content
_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError),
    *(OSError, ValueError, NotImplementedError, RuntimeError),
)
_UNSEALED = {"document_digest": None, "audit_root": None, "signature": None}


def verify_bundle(content: bytes) -> list[Check]:
    """Every check of a bundle, in the order in which one rests on the other."""
    try:
        files = _opened(content)
    except _UNREADABLE as error:
        return [Check("bundle.zip", False, str(error), "an archive that can be read", 0.0)]
    checks = [*_archive(content, files), *_listed(files)]
    document, votes = _json(files, SPEC), _votes(files, VOTES)
    checks += [found for found in (document, votes) if isinstance(found, Check)]
    if isinstance(document, Check) or isinstance(votes, Check):
        return checks
    checks += _told(document, files)
    checks += _exports(document, votes, files)
    checks += certify.verify(document, votes)
    checks += _repeated(document, votes, files)
    return checks


def why_not_repeated(content: bytes) -> str:
    """What a bundle says where its run cannot be repeated; "" where it can."""
    try:
        held = _json(_opened(content), MANIFEST)
    except _UNREADABLE:
        return ""
    if isinstance(held, Check) or held.get("repeats") is not False:
        return ""
    return str(held.get("why_not"))


def _opened(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
        if sum(entry.file_size for entry in entries) > MAX_BYTES:
            raise ValueError(f"more than {MAX_BYTES} bytes are inside")
        files = {entry.filename: archive.read(entry) for entry in entries}
        if len(files) < len(entries):
            raise ValueError("a file stands in it twice")
        return files


def _archive(content: bytes, files: Mapping[str, bytes]) -> Iterator[Check]:
    """That there is nothing in the archive but its files, written as `to_zip` writes them."""
    expected = to_zip(files)
    yield _same("bundle.zip", content, expected)


def _listed(files: Mapping[str, bytes]) -> Iterator[Check]:
    """The list against the files, each by its digest."""
    held = _json(files, MANIFEST)
    if isinstance(held, Check):
        yield held
        return
    yield Check(f"{MANIFEST}.format", held.get("format") == FORMAT, held.get("format"), FORMAT, 0.0)
    rows = held.get("files")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        yield Check(f"{MANIFEST}.files", False, rows, "a list of files", 0.0)
        return
    listed = {str(row.get("path")): row for row in rows}
    there = sorted(name for name in files if name != MANIFEST)
    yield Check(f"{MANIFEST}.files", sorted(listed) == there, sorted(listed), there, 0.0)
    for path in there:
        row = listed.get(path, {})
        stated = row.get("sha256"), row.get("bytes")
        actual = hashlib.sha256(files[path]).hexdigest(), len(files[path])
        yield Check(path, stated == actual, stated, actual, 0.0)


def _told(document: Document, files: Mapping[str, bytes]) -> Iterator[Check]:
    """What the list says beside the files: of which spec it is, whether its run can be repeated."""
    held = _json(files, MANIFEST)
    if isinstance(held, Check):
        return  # named already
    others = {path: content for path, content in files.items() if path != MANIFEST}
    written = manifest(document, others, repeats=held.get("repeats") is not False)
    if files[MANIFEST] == written:
        yield Check(MANIFEST, True, "as written", "as written", 0.0)
        return
    again = json.loads(written)
    wrong = [
        name for name in sorted(held.keys() | again.keys()) if held.get(name) != again.get(name)
    ]
    for name in wrong or [None]:
        stated, expected = (
            (held.get(name), again.get(name)) if name else ("otherwise", "as written")
        )
        yield Check(f"{MANIFEST}.{name}" if name else MANIFEST, False, stated, expected, 0.0)


def _json(files: Mapping[str, bytes], name: str) -> Document | Check:
    if name not in files:
        return Check(name, False, "missing", "a JSON object", 0.0)
    try:
        held = json.loads(files[name])
    except (ValueError, RecursionError) as error:
        return Check(name, False, str(error), "a JSON object", 0.0)
    if not isinstance(held, dict):
        return Check(name, False, type(held).__name__, "a JSON object", 0.0)
    if name == SPEC:
        try:
            validate(held)
        except AggregationError as error:
            return Check(name, False, str(error), "a document of its schema", 0.0)
    return held


def _votes(files: Mapping[str, bytes], name: str) -> VoteTable | Check:
    path = f"{INPUTS}/{name}"
    if path not in files:
        return Check(path, False, "missing", "the votes that the run was given", 0.0)
    try:
        return _table(files[path])
    except AggregationError as error:
        return Check(path, False, str(error), "a table of votes", 0.0)


def _inputs(files: Mapping[str, bytes], votes: VoteTable) -> Inputs | Check:
    path = f"{INPUTS}/{RUN}"
    if path not in files:
        return Check(path, False, "missing", "what the run was given", 0.0)
    judgements = _votes(files, JUDGEMENTS) if f"{INPUTS}/{JUDGEMENTS}" in files else None
    if isinstance(judgements, Check):
        return judgements
    try:
        return read_inputs(files[path], votes, judgements)
    except (AggregationError, ValueError, KeyError, TypeError, AttributeError) as error:
        return Check(path, False, f"{type(error).__name__}: {error}", "what a run takes", 0.0)


def _table(content: bytes) -> VoteTable:
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        file.write(content)
        file.flush()
        return intake.read_votes(Path(file.name))


def _exports(document: Document, votes: VoteTable, files: Mapping[str, bytes]) -> Iterator[Check]:
    """Every export against one made again from the spec and the votes."""
    try:
        again = whole(document, votes)
    except Exception as error:  # noqa: BLE001  (a forged document can break an export anywhere)
        yield Check("exports", False, f"{type(error).__name__}: {error}", "can be written", 0.0)
        return
    for path in sorted(again):
        if path not in files:
            yield Check(path, False, "missing", "an export of the spec", 0.0)
            continue
        yield _same(path, files[path], again[path])


def _repeated(document: Document, votes: VoteTable, files: Mapping[str, bytes]) -> Iterator[Check]:
    """The spec against the outcome of the same run, byte for byte but for its seals."""
    held = _json(files, MANIFEST)
    if not isinstance(held, Check) and held.get("repeats") is False:
        return
    inputs = _inputs(files, votes)
    if isinstance(inputs, Check):
        yield inputs
        return
    yield from _plain(inputs, files)
    try:
        outcome = aggregate(
            inputs.corpus,
            inputs.votes,
            inputs.settings,
            previous=inputs.previous,
            previous_groups=inputs.previous_groups,
            previous_themes=inputs.previous_themes,
            judgements=inputs.judgements,
        )
    except (AggregationError, ValueError, KeyError, TypeError) as error:
        yield Check("run", False, f"{type(error).__name__}: {error}", "it can be repeated", 0.0)
        return
    stated, again = (_bare(one) for one in (document, json.loads(outcome.content)))
    ok = to_bytes(stated) == to_bytes(again)
    if ok:
        yield Check("run", True, "the same bytes", "the same bytes", 0.0)
        return
    named = agreement(Node("run", stated), again, tolerance=0.0)
    yield Check(named.name, False, named.stated, named.recomputed, 0.0)


def _plain(inputs: Inputs, files: Mapping[str, bytes]) -> Iterator[Check]:
    """That the inputs are written in their one way; readers forgive what no run would show."""
    judged = None if inputs.judgements is None else by_number(inputs.judgements)
    for name, content in replace(inputs, judgements=judged).files().items():
        yield _same(f"{INPUTS}/{name}", files[f"{INPUTS}/{name}"], content)


def _bare(document: Document) -> dict[str, Any]:
    return document | {"provenance": document["provenance"] | _UNSEALED}


def _same(name: str, content: bytes, expected: bytes) -> Check:
    place = _first_difference(content, expected)
    found = "as written" if place is None else f"another byte at {place}"
    return Check(name, place is None, found, "as written", 0.0)


def _first_difference(one: bytes, other: bytes) -> int | None:
    """The first place where two files differ, None where they do not."""
    if one == other:
        return None
    shorter = min(len(one), len(other))
    low, high = 0, shorter
    while low < high:  # the longest common beginning, by halves
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[:middle] == other[:middle] else (low, middle - 1)
    return low
