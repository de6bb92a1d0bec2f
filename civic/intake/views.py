"""Importing: upload, look at the dry run, confirm, wait."""

from __future__ import annotations

import uuid as uuids

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from civic.consultations.entry import Visit, behind
from civic.errors import Invalid, NotFound
from civic.intake import services
from civic.intake.forms import PolisForm, StatementsForm
from civic.intake.models import ImportJob
from civic.intake.selectors import imports_of
from civic.statements.watching import progress_of

SHOWN = 200  # rows of the table of problems; the rest is counted
UNDER_WAY = (ImportJob.Status.QUEUED, ImportJob.Status.RUNNING)


@behind("consultations.import")
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Two forms, and what was imported before."""
    forms = {"polis": PolisForm(), "statements": StatementsForm()}
    kind = request.POST.get("kind", "")
    sent = None
    if request.method == "POST":
        if kind not in forms:
            raise Invalid("Choose what you want to import.")
        sent = forms[kind] = type(forms[kind])(request.POST, request.FILES)
        if sent.is_valid():
            try:
                job = services.check_import(
                    visit.consultation, by=request.user, kind=kind, uploads=sent.uploads()
                )
            except Invalid as refusal:
                sent.add_error(None, refusal.sentence)
            else:
                return redirect("intake:job", slug=visit.consultation.slug, uuid=job.uuid)
    context = {
        "tab": "import",
        "forms": forms,
        "form": sent,
        "jobs": imports_of(visit.consultation),
    }
    status = 400 if sent is not None else 200
    return render(request, "organizer/import.html", visit.context | context, status=status)


@behind("consultations.import")
@require_safe
def job(request: HttpRequest, visit: Visit, uuid: uuids.UUID) -> HttpResponse:
    """What the dry run found, or how far the import has come."""
    found = _job(visit, uuid)
    context = {
        "tab": "import",
        "job": found,
        "is_under_way": found.status in UNDER_WAY,
        "problems": found.problems[:SHOWN],
        "more": max(0, len(found.problems) - SHOWN),
    }
    moving = "organizer/import_progress.html"
    is_preparing = found.preparation is not None and not found.preparation.is_over
    if is_preparing:
        context |= progress_of(found.preparation) | {"is_preparing": True}
        moving = "organizer/preparation_progress.html"
    template = moving if request.htmx else "organizer/import_job.html"
    response = render(request, template, visit.context | context)
    if request.htmx and not (context["is_under_way"] or is_preparing):
        response["HX-Refresh"] = "true"
    return response


@require_POST
@behind("consultations.import")
def confirm(request: HttpRequest, visit: Visit, uuid: uuids.UUID) -> HttpResponse:
    """Write what was checked."""
    found = services.confirm_import(_job(visit, uuid), by=request.user)
    return redirect("intake:job", slug=visit.consultation.slug, uuid=found.uuid)


def _job(visit: Visit, uuid: uuids.UUID) -> ImportJob:
    found = (
        imports_of(visit.consultation)
        .filter(uuid=uuid)
        .select_related("consultation", "preparation")
        .first()
    )
    if found is None:
        raise NotFound
    return found
