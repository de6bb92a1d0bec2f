"""The log itself: every line against the checkpoints, and single acts by their receipts."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from verifier.notes import Checkpoint, Key, read_keys
from verifier.reading import Fault, hashes_of, parsed, text_of
from verifier.tree import Tree, leaf_hash, root_from_inclusion

LEAF_NAMES = ["commit", "consultation", "day", "object", "type"]
RECEIPT_NAMES = ["checkpoint", "index", "leaf", "leaf_hash", "opening", "proof", "size"]
HIDDEN = "hmac-sha256:"
PUBLISHED = "spec.published"  # the act whose receipt goes with a version


def check_log(folder: Path, *, older: Path | None, trusted: str | None) -> Iterator[str]:
    """Every line of a folder against every checkpoint in it."""
    keys = read_keys("keys.json", text_of(folder / "keys.json"), trusted=trusted)
    yield f"{len(keys)} key(s); the first is {keys[0].line}"
    notes = sorted(folder.glob("*.txt")) + ([older] if older else [])
    points = [Checkpoint.read(path.name, text_of(path), keys) for path in notes]
    if not points:
        raise Fault(f"{folder}: there is no checkpoint (*.txt) in it")
    points.sort(key=lambda point: point.size)
    yield f"{len(points)} checkpoint(s) signed, the latest over {points[-1].size} lines"
    announced: dict[str, int] = {}
    tree, checked, later, waiting = Tree(), 0, 0, list(points)
    for where, line in _lines(sorted(folder.glob("entries-*.jsonl"))):
        if not waiting:
            later += 1  # Sealed after the latest checkpoint here.
            continue
        leaf = read_leaf(where, line)
        if leaf["type"] == "log.key_announced":
            announced.setdefault(str(leaf["object"]), tree.size)
        tree.add(line)
        while waiting and waiting[0].size == tree.size:
            if waiting[0].root != tree.root():
                raise Fault(
                    f"lines {checked + 1} to {tree.size}: they do not give the root of "
                    f"{waiting[0].source}; a line among them was changed, added or removed"
                )
            checked = waiting.pop(0).size
    if waiting:
        raise Fault(
            f"{waiting[0].source}: it covers {waiting[0].size} lines, there are {tree.size}"
        )
    yield f"{checked} lines give the roots of all checkpoints"
    if later:
        yield f"{later} later lines are not covered: take a newer checkpoint to check them"
    for key in keys[1:]:
        first = min((point.size for point in points if point.key == key), default=None)
        if announced.get(key.fingerprint, checked) >= (checked if first is None else first):
            raise Fault(f"key {key.line}: no line of the log announces it before it signed")


def read_leaf(where: str, line: bytes) -> dict[str, Any]:
    """A leaf's five fields; a line that is not their canonical JSON is a fault."""
    leaf = parsed(where, line.decode("utf-8", "replace"))
    if not isinstance(leaf, dict) or sorted(leaf) != LEAF_NAMES:
        raise Fault(f"{where}: it is not an entry of {', '.join(LEAF_NAMES)}")
    texts = [value for name, value in leaf.items() if name != "consultation" or value is not None]
    if not all(isinstance(value, str) for value in texts):
        raise Fault(f"{where}: a field is not text")
    encoded = json.dumps(leaf, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    if encoded.encode("utf-8", "surrogatepass") != line:
        raise Fault(f"{where}: it is not written canonically")
    return leaf


def check_receipt(receipt: dict[str, Any], point: Checkpoint, *, where: str) -> Iterator[str]:
    """That an act is in the log, and that it is what its receipt says."""
    if sorted(receipt) != RECEIPT_NAMES:
        raise Fault(f"{where}: it is not made of {', '.join(RECEIPT_NAMES)}")
    line = str(receipt["leaf"]).encode()
    leaf = read_leaf(f"{where}, leaf", line)
    index, size = receipt.get("index"), receipt.get("size")
    if type(index) is not int or type(size) is not int or not 0 <= index < size:
        raise Fault(f"{where}: it names no place in the log; it was not sealed yet")
    if size != point.size:
        raise Fault(f"{where}: its proof is for {size} lines, {point.source} covers {point.size}")
    if receipt.get("leaf_hash") != leaf_hash(line).hex():
        raise Fault(f"{where}: leaf_hash is not that of the leaf")
    proof = hashes_of(receipt.get("proof"), f"{where}, proof")
    if root_from_inclusion(index, size, leaf_hash(line), proof) != point.root:
        raise Fault(f"{where}: the proof does not lead from the leaf to the root of {point.source}")
    yield f"line {index + 1} of {size}: {leaf['type']} on {leaf['day']}"
    opening = receipt.get("opening")
    if opening is not None:
        yield from check_opening(leaf, opening, where=f"{where}, opening")


def check_publication(
    receipt: dict[str, Any], *, version: str | None, digest: str, where: str
) -> Iterator[str]:
    """That a receipt that holds is the one of a spec's publication, and of no other act.

    version : the id that the spec's signature is about; None where it is not signed
    digest : of the spec's bytes now
    """
    leaf = parsed(f"{where}, leaf", str(receipt["leaf"]))
    if leaf["type"] != PUBLISHED or version not in (None, leaf["object"]):
        raise Fault(f"{where}: it is the receipt of another act")
    opening = receipt["opening"] or {}
    content = opening.get("content")
    if content is None:
        return  # Its key is forgotten, with the account of whoever published.
    first = content.get("sha256") if isinstance(content, dict) else None
    if first != digest:
        if version is None:
            raise Fault(f"{where}: it is about another document, and this one is not signed")
        yield f"its bytes changed since they were published with SHA-256 {first}; signed anew"


def check_receipts(data: Any, keys: Sequence[Key], *, where: str) -> Iterator[str]:
    """Every receipt in the file of her data that a person has downloaded."""
    parts = [data, *data.get("consultations", [])] if isinstance(data, dict) else []
    rows = [row for part in parts for row in part.get("record", [])]
    if not rows:
        raise Fault(f"{where}: there is no record in it")
    waiting = 0
    for number, row in enumerate(rows, start=1):
        told = check_act(row, keys, where=f"{where}, record {number}")
        waiting += not told
        if told:
            yield told
    if waiting:
        yield f"{waiting} acts were not sealed yet: download the file again in a minute"


def check_act(row: Any, keys: Sequence[Key], *, where: str) -> str:
    """That an act with its receipt is in the log; "" where it was not sealed yet."""
    receipt = row.get("receipt") if isinstance(row, dict) else None
    if not isinstance(receipt, dict) or sorted(receipt) != RECEIPT_NAMES:
        raise Fault(f"{where}: it has no receipt of {', '.join(RECEIPT_NAMES)}")
    leaf = read_leaf(f"{where}, leaf", str(receipt["leaf"]).encode())
    if (row.get("commitment"), row.get("action")) != (leaf["commit"], leaf["type"]):
        raise Fault(f"{where}: its receipt is that of another act")
    if receipt["checkpoint"] is None:
        if receipt["opening"] is not None:
            list(check_opening(leaf, receipt["opening"], where=f"{where}, opening"))
        return ""
    point = Checkpoint.read(f"{where}, checkpoint", str(receipt["checkpoint"]), keys)
    return ", ".join(check_receipt(receipt, point, where=where))


def check_opening(leaf: dict[str, Any], opening: Any, *, where: str) -> Iterator[str]:
    """That the key of an act opens its commitments."""
    is_hidden = leaf["object"].startswith(HIDDEN)
    names = {"row_key", "subject_id"} | ({"subject_type"} if is_hidden else set())
    if not isinstance(opening, dict) or opening.keys() - {"content"} != names:
        raise Fault(f"{where}: it is not made of {', '.join(sorted(names))}")
    if not re.fullmatch(r"[0-9a-f]{64}", str(opening["row_key"])):
        raise Fault(f"{where}: row_key is not a key")
    key, subject = bytes.fromhex(opening["row_key"]), str(opening["subject_id"])
    shown = subject
    if is_hidden:
        message = f"subject:{opening['subject_type']}:{subject}".encode()
        shown = HIDDEN + hmac.new(key, message, hashlib.sha256).hexdigest()
    if leaf["object"] != shown:
        raise Fault(f"{where}: the line is about another subject than {subject}")
    yield f"it is about {opening.get('subject_type', '')} {subject}".replace("  ", " ")
    if "content" in opening:
        # Canonical JSON for what acts commit to: texts, whole numbers, lists of them.
        content = json.dumps(
            opening["content"], ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )
        digest = hmac.new(key, content.encode("utf-8", "surrogatepass"), hashlib.sha256)
        if digest.hexdigest() != leaf["commit"]:
            raise Fault(f"{where}: the content is not what the leaf commits to")
        yield f"it says {content}"


def _lines(paths: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    for path in paths:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if not line.endswith(b"\n"):
                    raise Fault(f"{path.name}, line {number}: it is cut off")
                yield f"{path.name}, line {number}", line[:-1]
