"""Files that leave the house: pure functions of a version's stored document.

The bundle is the exception: it also holds what the analysis was given, so it is for whoever may
audit, and for nobody else.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from aggregation import exports
from civic.accounts.permissions import require
from civic.errors import NotFound
from civic.specs.bundles import bundle_of
from civic.specs.models import SpecVersion
from civic.specs.redaction import without_empty

BUNDLE = "bundle.zip"
# There is no place in them for a norm without words.
FOR_MODELS = (
    *(name for name in exports.NAMES if name.startswith(("system_prompt", "principles"))),
    *(name for name in exports.NAMES if name.endswith(".jsonl")),
)


def export_for(user: Any, spec: SpecVersion, *, name: str) -> tuple[bytes, str]:
    """A file of a version as bytes with its content type, if this user may have it."""
    if name != BUNDLE:
        return export(spec, name=name)
    require(user, "specs.audit", spec)
    if spec.status == SpecVersion.Status.WITHDRAWN:
        raise NotFound(_("There is no such file for this version."))
    return bundle_of(spec), "application/zip"


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
