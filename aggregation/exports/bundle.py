"""bundle.zip: every export, the inputs they follow from, and a list of what is inside."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from aggregation.exports import whole
from aggregation.exports.archive import to_zip
from aggregation.exports.inputs import VOTES, Inputs

Document = dict[str, Any]

FORMAT = "concordance bundle 1"
MANIFEST, INPUTS = "MANIFEST.json", "inputs"
_PRIVACY = (
    "For auditors. People are numbered by what they answered and authors by their first statement; "
    "still, a row of many answers can tell who somebody is, and inputs/run.json holds statements "
    "that moderators hid. Do not publish it without the people's consent."
)
_REMOVED = (
    "Words were removed at their authors' request, so the run cannot be repeated; every number "
    "still follows from the votes."
)


def to_bundle(
    document: Document,
    inputs: Inputs,
    *,
    repeats: bool = True,
    beside: Mapping[str, bytes] | None = None,
) -> bytes:
    """The archive; its bytes follow from the document, its inputs and what stands beside them.

    repeats : whether these inputs still give this document; if not, only the votes go with it
    beside : what ties the document to a log of acts, by the name of its file
    """
    files = whole(document, inputs.votes) | dict(beside or {})
    files |= {
        f"{INPUTS}/{name}": content
        for name, content in inputs.files().items()
        if repeats or name == VOTES
    }
    return to_zip(files | {MANIFEST: manifest(document, files, repeats=repeats)})


def manifest(document: Document, files: dict[str, bytes], *, repeats: bool = True) -> bytes:
    """What is in a bundle, file by file with its SHA-256.

    The signature is the document's own, and null: one by a log of acts stands in a file of its own.
    """
    held = {
        "format": FORMAT,
        "spec": document["id"],
        "version": document["version"],
        "document_digest": document["provenance"]["document_digest"],
        "code_version": document["method"]["code_version"],
        "synthetic": document["synthetic"],
        "licence": document["licence"],
        "privacy": _PRIVACY,
        "repeats": repeats,
        "why_not": None if repeats else _REMOVED,
        "audit_root": document["provenance"]["audit_root"],
        "signature": document["provenance"]["signature"],
        "verify": "python -m aggregation verify bundle.zip",
        "files": [
            {
                "path": path,
                "bytes": len(files[path]),
                "sha256": hashlib.sha256(files[path]).hexdigest(),
            }
            for path in sorted(files)
        ],
    }
    return (json.dumps(held, ensure_ascii=False, indent=2) + "\n").encode()
