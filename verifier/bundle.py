"""A spec and its bundle: its files, how it is tied to the log, its numbers."""

from __future__ import annotations

import hashlib
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from verifier.log import check_publication, check_receipt
from verifier.notes import Checkpoint, Key, Note, read_keys
from verifier.reading import Fault, decoded, hashes_of, parsed
from verifier.tree import check_consistency

LARGEST = 512 * 1024**2  # bytes of one file inside a bundle
ALL = 4 * LARGEST  # bytes of all of them
PROVENANCE = ("document_digest", "audit_root", "signature")
UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError),
    *(OSError, ValueError, NotImplementedError, RuntimeError),
)


def check_bundle(path: Path, *, trusted: str | None) -> Iterator[str]:
    """A bundle: its files, how it is tied to the log, and its numbers.

    trusted : the log's first key. Whoever gives one asks who answers for the spec: a bundle that
        leaves the answer out does not hold
    """
    files = _unzipped(path)
    held = _object(files, "MANIFEST.json")
    listed = held.get("files")
    if not isinstance(listed, list):
        raise Fault("MANIFEST.json: it lists no files")
    digests = {str(row.get("path")): row.get("sha256") for row in listed if isinstance(row, dict)}
    for name in sorted(digests.keys() | files.keys() - {"MANIFEST.json"}):
        if name not in files or name not in digests:
            raise Fault(f"{name}: it is {'missing' if name in digests else 'not listed'}")
        if hashlib.sha256(files[name]).hexdigest() != digests[name]:
            raise Fault(f"{name}: its SHA-256 is not the one that MANIFEST.json states")
    yield f"{len(digests)} files are those of MANIFEST.json"
    _require_same_spec(held, _object(files, "spec.json"))
    if "log/checkpoint.txt" in files:
        yield from check_evidence(files, trusted=trusted)
    elif trusted:
        raise Fault("log/checkpoint.txt: it is missing, so nothing ties the spec to the key given")
    else:
        yield "no checkpoint in it: it was made without a log, and nothing was checked against one"
    yield from check_numbers(path)


def check_evidence(files: dict[str, bytes], *, trusted: str | None) -> Iterator[str]:
    """The signature over the spec, the checkpoint in it, and the line of its publication."""
    keys = read_keys("log/keys.json", _inside(files, "log/keys.json"), trusted=trusted)
    point = Checkpoint.read("log/checkpoint.txt", _inside(files, "log/checkpoint.txt"), keys)
    yield f"the checkpoint over {point.size} lines is signed by {point.key.line}"
    digest = hashlib.sha256(_inside(files, "spec.json").encode()).hexdigest()
    provenance = _object(files, "spec.json").get("provenance")
    root = provenance.get("audit_root") if isinstance(provenance, dict) else None
    version = None
    if "log/spec.sig" in files:
        version = check_signature(files, keys, digest=digest)
        yield "spec.json is signed"
    elif trusted:
        raise Fault(
            "log/spec.sig: it is missing, so nobody with the key given answers for the spec"
        )
    else:
        yield "NOT SIGNED: anybody may have written spec.json; what is published is signed"
    if root is not None:
        held = _object(files, "log/consistency.json")
        origin, size, encoded = [*str(root).split(" "), "", ""][:3]
        if origin != point.key.name or not re.fullmatch(r"[1-9][0-9]{0,17}", size):
            raise Fault("spec.json, provenance.audit_root: it is of another log")
        drafted = Checkpoint("spec.json", int(size), decoded(encoded, "audit_root"), point.key)
        check_consistency(drafted, point, hashes_of(held.get("proof"), "log/consistency.json"))
        yield f"it was drafted when the log had {size} lines"
    if "log/receipt.json" in files:
        receipt = _object(files, "log/receipt.json")
        if receipt.get("checkpoint") != _inside(files, "log/checkpoint.txt"):
            raise Fault("log/receipt.json: its checkpoint is not log/checkpoint.txt")
        yield from check_receipt(receipt, point, where="log/receipt.json")
        yield from check_publication(
            receipt, version=version, digest=digest, where="log/receipt.json"
        )


def check_signature(files: dict[str, bytes], keys: Sequence[Key], *, digest: str) -> str:
    """That the spec is signed; the id of the version that the signature is about."""
    note = Note.read("log/spec.sig", _inside(files, "log/spec.sig"))
    note.signer(keys)
    lines = note.text.splitlines()
    if len(lines) != 4 or (lines[0], lines[3]) != (f"{keys[0].name}/spec", f"sha256:{digest}"):
        raise Fault("log/spec.sig: it is a signature over another document")
    return lines[1]


def check_numbers(path: Path) -> Iterator[str]:
    """Every number of the spec, computed again from the votes in the bundle."""
    try:
        from aggregation.audit import verify_bundle
    except ImportError:
        yield "its numbers were not computed again: the library `aggregation` is not installed"
        return
    checks = verify_bundle(path.read_bytes())
    for check in checks:
        if not check.ok:
            raise Fault(f"{check.name}: {check.stated} is stated, {check.recomputed} is found")
    yield f"{len(checks)} checks of its numbers hold"


def _require_same_spec(held: dict[str, Any], spec: dict[str, Any]) -> None:
    """That the list is of this spec."""
    try:
        told = {
            "spec": spec["id"],
            "version": spec["version"],
            "synthetic": spec["synthetic"],
            "licence": spec["licence"],
            "code_version": spec["method"]["code_version"],
            **{name: spec["provenance"][name] for name in PROVENANCE},
        }
    except (KeyError, TypeError):
        raise Fault("spec.json: it is not a spec") from None
    for name, value in told.items():
        if held.get(name) != value:
            raise Fault(f"MANIFEST.json, {name}: spec.json says {value!r}")


def _unzipped(path: Path) -> dict[str, bytes]:
    try:
        content = path.read_bytes()
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = archive.infolist()
            names = [info.filename for info in infos]
            sizes = [info.file_size for info in infos]
            if len(set(names)) < len(names) or max(sizes, default=0) > LARGEST or sum(sizes) > ALL:
                raise Fault(f"{path.name}: a file stands in it twice, or is too large")
            files = {name: archive.read(name) for name in names}
            plain = _zipped(files)
    except UNREADABLE as error:
        raise Fault(f"{path.name}: it cannot be unpacked ({error})") from None
    if plain != content:
        raise Fault(f"{path.name}: more stands in the archive than its files, or something else")
    return files


def _zipped(files: dict[str, bytes]) -> bytes:
    """The one archive that these files are published in: sorted, stored, without times."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, files[name])
    return buffer.getvalue()


def _object(files: dict[str, bytes], name: str) -> dict[str, Any]:
    held = parsed(name, _inside(files, name))
    if not isinstance(held, dict):
        raise Fault(f"{name}: it is no JSON object")
    return held


def _inside(files: dict[str, bytes], name: str) -> str:
    try:
        return files[name].decode()
    except (KeyError, UnicodeDecodeError):
        raise Fault(f"{name}: it is missing or not text") from None
