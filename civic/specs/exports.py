"""Files that leave the house: pure functions of a version's stored document."""

from __future__ import annotations

from django.utils.translation import gettext as _

from aggregation import exports
from civic.errors import NotFound
from civic.specs.models import SpecVersion
from civic.specs.redaction import without_empty

FOR_MODELS = ("principles.json", "system_prompt.txt")  # no place for a norm without words


def export(spec: SpecVersion, *, name: str) -> tuple[bytes, str]:
    """One export (a name of `aggregation.exports.NAMES`) as bytes with its content type.

    A withdrawn version exports nothing any more.
    """
    if name not in exports.NAMES or spec.status == SpecVersion.Status.WITHDRAWN:
        raise NotFound(_("There is no such file for this version."))
    if name == "spec.json":
        return bytes(spec.document), exports.CONTENT_TYPES[name]
    document = spec.load()
    if name in FOR_MODELS:
        document = without_empty(document)
    content = exports.render(name, document)
    return content, exports.CONTENT_TYPES[name]
