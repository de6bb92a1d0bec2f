"""How a version is tied to the public log: the checkpoint in it, the signature beside it.

The document names the log's checkpoint at the moment it was drafted, so it was made after that. A
note signed with the log's key names the document's digest, so it was made by this platform. The
signature stands outside the document: the bytes stay what they are.
"""

from __future__ import annotations

import json
from typing import Any

from aggregation.spec import to_bytes
from civic.audit import keys, notes, pipeline, selectors
from civic.audit.models import Checkpoint, Entry
from civic.audit.services import commitment
from civic.specs.models import SpecVersion

PUBLISHED = "spec.published"


def rooted(content: bytes) -> bytes:
    """An outcome with the log's latest checkpoint in it; as it is before anything was sealed.

    The document's own digest leaves the checkpoint out, so it holds for both.
    """
    checkpoint = selectors.latest_checkpoint()
    if checkpoint is None:
        return content
    document = json.loads(content)
    document["provenance"]["audit_root"] = root_line(checkpoint)
    return to_bytes(document)


def root_line(checkpoint: Checkpoint) -> str:
    """A checkpoint in one line: the log's origin, its size, its root in base64."""
    return " ".join(checkpoint.note.split("\n")[:3])


def note_text(spec: SpecVersion, *, origin: str) -> str:
    """What is signed: which version, and the digest of its document."""
    return f"{origin}/spec\n{spec.uuid}\n{spec.number}\nsha256:{spec.sha256}\n"


def sign_waiting() -> int:
    """Sign every published version that has no signature, or whose bytes changed; how many.

    The worker's side, safe to repeat: the same bytes get the same signature.
    """
    waiting = SpecVersion.objects.filter(status=SpecVersion.Status.PUBLISHED, signature="")
    rows = list(waiting.defer("document"))
    if not rows:
        return 0
    log, key = pipeline.the_log(), keys.signing_key()
    keys.admitted(key, log=log)
    return sum(
        # Not of a document that was redacted since.
        SpecVersion.objects.filter(pk=spec.pk, sha256=spec.sha256).update(
            signature=notes.sign(note_text(spec, origin=log.origin), name=log.origin, key=key)
        )
        for spec in rows
    )


def evidence_files(spec: SpecVersion) -> dict[str, bytes]:
    """What of the log belongs beside a version, by the name of its file; only what there is.

    It grows with the log: the checkpoint is the latest one.
    """
    found: dict[str, bytes] = {}
    checkpoint = selectors.latest_checkpoint()
    if checkpoint is not None:
        found["log/checkpoint.txt"] = checkpoint.note.encode()
        found["log/keys.json"] = _json(selectors.keys())
        drafted = _size_of(spec)
        if drafted:
            proof = selectors.consistency_proof(drafted, checkpoint.size)
            found["log/consistency.json"] = _json({"proof": [one.hex() for one in proof]})
    if spec.signature:
        found["log/spec.sig"] = spec.signature.encode()
    receipt = receipt_of(spec)
    if receipt is not None:
        found["log/receipt.json"] = _json(receipt)
    return found


def _size_of(spec: SpecVersion) -> int:
    """How long the log was when the version was drafted; 0 where its document does not say."""
    root = spec.load()["provenance"]["audit_root"]
    return int(root.split(" ")[1]) if root else 0


def receipt_of(spec: SpecVersion) -> dict[str, Any] | None:
    """The receipt of a version's publication, open to all: what it commits to is public.

    After a redaction it still shows the digest of what was published first. Once the row key is
    forgotten, with the account of whoever published, it shows the place in the log alone.
    """
    if spec.status != SpecVersion.Status.PUBLISHED:
        return None
    entries = Entry.objects.filter(action=PUBLISHED, subject_id=str(spec.uuid))
    entry = entries.exclude(leaf=None).first()
    if entry is None:
        return None
    said = {"signed_as": spec.signed_as, "announcement": spec.announcement}
    for digest in (spec.sha256, *(one["before"] for one in spec.redactions)):
        content = {"sha256": digest, **said}
        if entry.row_key and commitment(bytes(entry.row_key), content) == entry.commitment:
            return selectors.receipt(entry, content=content)
    return selectors.receipt(entry)


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()
