"""Files that leave the house: pure functions of a version's stored document."""

from __future__ import annotations

from aggregation import exports
from civic.errors import NotFound
from civic.specs.models import SpecVersion


def export(spec: SpecVersion, *, name: str) -> tuple[bytes, str]:
    """One export (a name of `aggregation.exports.NAMES`) as bytes with its content type.

    A withdrawn version exports nothing any more.
    """
    if name not in exports.NAMES or spec.status == SpecVersion.Status.WITHDRAWN:
        raise NotFound("There is no such file for this version.")
    content = bytes(spec.document) if name == "spec.json" else exports.render(name, spec.load())
    return content, exports.CONTENT_TYPES[name]
