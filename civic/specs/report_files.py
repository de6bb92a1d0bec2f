"""The PDF of a report, kept under the digest of the page it was made of."""

from __future__ import annotations

import hashlib
import logging
import time
from typing import Literal

from django.conf import settings

from civic.consultations import files
from civic.consultations.models import Consultation
from civic.specs import reports
from civic.specs.models import SpecVersion

State = Literal["making", "missing"]
PATIENCE = 300  # seconds after which a worker that could not print is asked again
logger = logging.getLogger(__name__)


def usual_language(consultation: Consultation) -> str:
    """The language in which a report is printed unasked: the one that the organizer asks in."""
    offered = [code for code, _ in settings.LANGUAGES]
    asked = [code.split("-")[0] for code in consultation.languages]
    return next((code for code in asked if code in offered), settings.LANGUAGE_CODE)


def find(spec: SpecVersion, page: bytes, *, language: str) -> bytes | None:
    """The PDF of exactly this page, if it was made."""
    try:
        return files.read(_name(spec, page, language=language))
    except OSError:
        return None


def make(spec_id: int, *, language: str) -> None:
    """Print the report of a version in one language, unless that is done; older prints go."""
    spec = SpecVersion.objects.select_related("consultation", "run").filter(pk=spec_id).first()
    if spec is None or spec.status == SpecVersion.Status.WITHDRAWN:
        return
    page = reports.report_html(spec, language=language)
    name = _name(spec, page, language=language)
    if files.path_of(name).exists():
        return
    try:
        content = reports.pdf(page)
    except (ImportError, OSError):  # WeasyPrint, or libpango that it draws with
        logger.warning("Reports cannot be printed here: install concordance[pdf] and libpango.")
        files.write(_note(spec), [b""])
        return
    files.write(name, [content])
    if not _is_as_it_was(spec):  # Words may have been erased while it was printed.
        files.path_of(name).unlink(missing_ok=True)
        return
    for old in files.path_of(name).parent.glob(f"report-{language}-*.pdf"):
        if old != files.path_of(name):
            old.unlink(missing_ok=True)


def _is_as_it_was(spec: SpecVersion) -> bool:
    now = SpecVersion.objects.filter(pk=spec.pk, sha256=spec.sha256)
    return now.exclude(status=SpecVersion.Status.WITHDRAWN).exists()


def cannot_print(spec: SpecVersion) -> bool:
    """Whether a worker said a moment ago that it has nothing to print with."""
    try:
        return time.time() - files.path_of(_note(spec)).stat().st_mtime < PATIENCE
    except OSError:
        return False


def forget(spec: SpecVersion) -> None:
    """Remove every print of a version: words of it were erased, or it was withdrawn."""
    folder = files.path_of(f"specs/{spec.uuid}")
    for old in folder.glob("report-*.pdf"):
        old.unlink(missing_ok=True)


def _name(spec: SpecVersion, page: bytes, *, language: str) -> str:
    digest = hashlib.sha256(page).hexdigest()[:24]
    return f"specs/{spec.uuid}/report-{language}-{digest}.pdf"


def _note(spec: SpecVersion) -> str:
    return f"specs/{spec.uuid}/cannot-print"
