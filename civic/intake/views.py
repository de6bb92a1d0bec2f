"""Importing: upload, look at the dry run, confirm, wait."""

from __future__ import annotations

import uuid as uuids
from collections.abc import Mapping

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from civic.accounts.permissions import can, require
from civic.consultations.entry import Visit, behind
from civic.consultations.phases import Act
from civic.errors import Invalid, NotFound
from civic.intake import services
from civic.intake.forms import AnswersForm, PolisForm, SeedsForm, StatementsForm
from civic.intake.models import ImportJob
from civic.intake.selectors import imports_of
from civic.statements.watching import progress_of

JOBS = 20
SHOWN = 200  # rows of the table of problems; the rest is counted
COUNTED = {  # what the reader of files counts, in words
    "statements": gettext_lazy("statements"),
    "accepted": gettext_lazy("shown"),
    "undecided": gettext_lazy("waiting for a moderator"),
    "rejected": gettext_lazy("hidden"),
    "participants": gettext_lazy("people"),
    "segments": gettext_lazy("columns about people"),
    "voters": gettext_lazy("people who voted"),
    "votes": gettext_lazy("votes"),
    "agree": gettext_lazy("agree"),
    "unsure": gettext_lazy("unsure"),
    "disagree": gettext_lazy("disagree"),
    "own votes": gettext_lazy("votes on one’s own"),
    "repeated votes": gettext_lazy("earlier votes replaced"),
    "excluded votes": gettext_lazy("votes of people left out"),
    "answers": gettext_lazy("answers of machines"),
    "prompts": gettext_lazy("prompts"),
    "claims tried": gettext_lazy("sentences that they try"),
    "judges": gettext_lazy("people who judged"),
    "judgements": gettext_lazy("judgements"),
}
UNDER_WAY = (ImportJob.Status.QUEUED, ImportJob.Status.RUNNING)


@behind("consultations.view_imports")
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Four ways in, and what was imported before."""
    forms = _empty_forms()
    if request.method != "POST":
        return _page(request, visit, forms)
    require(request.user, "consultations.import", visit.consultation)
    kind = request.POST.get("kind", "")
    if kind not in ImportJob.Kind.values:
        raise Invalid(_("Choose what you want to import."))
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
    return _page(request, visit, forms, sent=sent)


@require_POST
@behind("consultations.import")
def seed(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Statements that an organizer typed."""
    form = SeedsForm(request.POST)
    if form.is_valid():
        try:
            made = services.add_seeds(visit.consultation, texts=form.lines(), by=request.user)
        except Invalid as refusal:
            form.add_error("texts", refusal.sentence)
        else:
            told = ngettext("%(n)s statement is in.", "%(n)s statements are in.", len(made))
            messages.success(request, told % {"n": len(made)})
            return redirect("intake:upload", slug=visit.consultation.slug)
    return _page(request, visit, _empty_forms() | {"seeds": form}, sent=form)


def _empty_forms() -> dict[str, Form]:
    return {
        "polis": PolisForm(),
        "statements": StatementsForm(),
        "answers": AnswersForm(),
        "seeds": SeedsForm(),
    }


def _page(
    request: HttpRequest,
    visit: Visit,
    forms: Mapping[str, Form],
    *,
    sent: Form | None = None,
) -> HttpResponse:
    consultation = visit.consultation
    page = Paginator(imports_of(consultation), JOBS).get_page(request.GET.get("page"))
    context = {
        "tab": "import",
        "forms": forms,
        "form": sent,
        "page": page,
        "seeds": consultation.statements.filter(author=None, withdrawn_at=None).count(),
        "may_import": can(request.user, "consultations.import", consultation),
        "is_open": consultation.is_open(Act.IMPORT),
    }
    status = 400 if sent is not None else 200
    return render(request, "organizer/import.html", visit.context | context, status=status)


@behind("consultations.view_imports")
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
        "counts": [
            (COUNTED.get(name, name), n) for name, n in found.report.get("counts", {}).items()
        ],
        "may_import": can(request.user, "consultations.import", visit.consultation),
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
