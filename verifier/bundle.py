"""A spec and its bundle: its files, how it is tied to the log, its numbers."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from pathlib import Path

from verifier.log import check_receipt
from verifier.notes import Checkpoint, Note, read_keys
from verifier.reading import Fault, decoded, hashes_of, parsed
from verifier.tree import check_consistency

LARGEST = 512 * 1024**2  # bytes of one file inside a bundle


def check_bundle(path: Path, *, trusted: str | None) -> Iterator[str]:
    """A bundle: its files, how it is tied to the log, and its numbers."""
    files = _unzipped(path)
    listed = parsed("MANIFEST.json", _inside(files, "MANIFEST.json")).get("files")
    if not isinstance(listed, list):
        raise Fault("MANIFEST.json: it lists no files")
    digests = {str(row.get("path")): row.get("sha256") for row in listed if isinstance(row, dict)}
    for name in sorted(digests.keys() | files.keys() - {"MANIFEST.json"}):
        if name not in files or name not in digests:
            raise Fault(f"{name}: it is {'missing' if name in digests else 'not listed'}")
        if hashlib.sha256(files[name]).hexdigest() != digests[name]:
            raise Fault(f"{name}: its SHA-256 is not the one that MANIFEST.json states")
    yield f"{len(digests)} files are those of MANIFEST.json"
    if "log/checkpoint.txt" in files:
        yield from check_evidence(files, trusted=trusted)
    else:
        yield "no checkpoint in it: it was made without a log, and nothing was checked against one"
    yield from check_numbers(path)


def check_evidence(files: dict[str, bytes], *, trusted: str | None) -> Iterator[str]:
    """The signature over the spec, the checkpoint in it, and the line of its publication."""
    keys = read_keys("log/keys.json", _inside(files, "log/keys.json"), trusted=trusted)
    point = Checkpoint.read("log/checkpoint.txt", _inside(files, "log/checkpoint.txt"), keys)
    yield f"the checkpoint over {point.size} lines is signed by {point.key.line}"
    digest = hashlib.sha256(files["spec.json"]).hexdigest()
    root = parsed("spec.json", _inside(files, "spec.json"))["provenance"]["audit_root"]
    if "log/spec.sig" in files:
        note = Note.read("log/spec.sig", _inside(files, "log/spec.sig"))
        note.signer(keys)
        first, *_, last = note.text.splitlines()
        if (first, last) != (f"{keys[0].name}/spec", f"sha256:{digest}"):
            raise Fault("log/spec.sig: it is a signature over another document")
        yield "spec.json is signed"
    if root is not None:
        held = parsed("log/consistency.json", _inside(files, "log/consistency.json"))
        origin, size, encoded = [*str(root).split(" "), "", ""][:3]
        if origin != point.key.name or not size.isdecimal():
            raise Fault("spec.json, provenance.audit_root: it is of another log")
        drafted = Checkpoint("spec.json", int(size), decoded(encoded, "audit_root"), point.key)
        check_consistency(drafted, point, hashes_of(held.get("proof"), "log/consistency.json"))
        yield f"it was drafted when the log had {size} lines"
    if "log/receipt.json" in files:
        receipt = parsed("log/receipt.json", _inside(files, "log/receipt.json"))
        yield from check_receipt(receipt, point, where="log/receipt.json")


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


def _unzipped(path: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            names = [info.filename for info in infos]
            if len(set(names)) < len(names) or any(info.file_size > LARGEST for info in infos):
                raise Fault(f"{path.name}: a file stands in it twice, or is too large")
            return {name: archive.read(name) for name in names}
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise Fault(f"{path.name}: it cannot be unpacked ({error})") from None


def _inside(files: dict[str, bytes], name: str) -> str:
    try:
        return files[name].decode()
    except (KeyError, UnicodeDecodeError):
        raise Fault(f"{name}: it is missing or not text") from None
