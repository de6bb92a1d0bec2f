"""What differs between any two versions of a spec, with the causes, on a page."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aggregation.spec.differences import KINDS, Difference, difference
from civic.consultations.entry import Visit, visitors
from civic.errors import NotFound
from civic.specs import wording
from civic.specs.models import SpecVersion
from civic.specs.reading import document_of
from civic.specs.redaction import GONE
from civic.specs.views import version_of
from civic.statements.models import Statement

PAGE = 40


def difference_of(before: SpecVersion, after: SpecVersion) -> Difference:
    """What differs between two versions of one consultation; NotFound where one was withdrawn."""
    if SpecVersion.Status.WITHDRAWN in (before.status, after.status):
        raise NotFound(_("A withdrawn version shows no clauses, so nothing can be compared to it."))
    old, new = document_of(before), document_of(after)
    gone = _statements(old) - _statements(new)
    shown = before.consultation.statements.filter(key__in=gone)
    fates = {one.key: fate for one in shown if (fate := _fate(one))}
    return difference(old, new, fates=fates, erased_as=GONE)


def _statements(document: dict[str, Any]) -> set[str]:
    return {p["statement"] for clause in document["clauses"] for p in clause["evidence"]}


def _fate(statement: Statement) -> str:
    """Why a statement is not among the sources any more; "" where nothing happened to it."""
    if statement.is_erased:
        return "erasure"
    if statement.moderation == Statement.Moderation.REJECTED:
        return "moderation"
    return "withdrawal" if statement.withdrawn_at is not None else ""


@visitors
@require_safe
def diff(request: HttpRequest, visit: Visit, earlier: int, number: int) -> HttpResponse:
    """Two versions side by side: every clause that is not the same to the byte, and why."""
    before, after = (version_of(request, visit, one) for one in (earlier, number))
    found = difference_of(before, after)
    kind = request.GET.get("kind", "")
    changes = [one for one in found.changes if kind not in KINDS or one.kind == kind]
    context = {
        "tab": "spec",
        "spec": after,
        "before": before,
        "after": after,
        "found": found,
        "kinds": [(one, wording.CHANGE_KINDS[one], n) for one, n in found.counts.items() if n],
        "kind": kind if kind in KINDS else "",
        "page": Paginator(changes, PAGE).get_page(request.GET.get("page")),
        "keep": urlencode({"kind": kind}) if kind in KINDS else "",
    }
    return render(request, "specs/diff.html", visit.context | context)
