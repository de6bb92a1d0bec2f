"""The organizer's side of a spec: analyses, drafts, publishing, taking back."""

from __future__ import annotations

import uuid as uuids
from collections import Counter

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from aggregation.exports import NAMES
from civic.accounts.permissions import can
from civic.analysis.forms import RunForm
from civic.analysis.selectors import runs_of
from civic.analysis.views import run_at
from civic.consultations.entry import Visit, behind
from civic.errors import NotFound, ReasonRequired
from civic.specs import services
from civic.specs.forms import PublishForm, WithdrawForm
from civic.specs.models import SpecVersion


@behind("analysis.view")
@require_safe
def runs(request: HttpRequest, visit: Visit) -> HttpResponse:
    """All analyses, and the form that starts one."""
    context = {
        "tab": "runs",
        "runs": runs_of(visit.consultation).select_related("requested_by"),
        "form": RunForm(),
        "may_start": can(request.user, "analysis.run", visit.consultation),
    }
    return render(request, "organizer/runs.html", visit.context | context)


@require_POST
@behind("analysis.run")
def start(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Queue an analysis and watch it."""
    form = RunForm(request.POST)
    if not form.is_valid():
        context = {"tab": "runs", "runs": runs_of(visit.consultation), "form": form}
        context["may_start"] = True
        return render(request, "organizer/runs.html", visit.context | context, status=400)
    run = services.start_run(visit.consultation, by=request.user, seed=form.cleaned_data["seed"])
    return redirect("analysis:run", slug=visit.consultation.slug, uuid=run.uuid)


@require_POST
@behind("specs.draft")
def draft(request: HttpRequest, visit: Visit, uuid: uuids.UUID) -> HttpResponse:
    """Make a draft of what an analysis found."""
    spec = services.draft_spec(run_at(visit, uuid), by=request.user)
    if spec.status == SpecVersion.Status.DRAFT:
        messages.success(request, "Here is the draft. Nobody outside your team can see it yet.")
    else:
        messages.info(request, f"This was made of the analysis already: version {spec.number}.")
    return redirect("specs:version", slug=visit.consultation.slug, number=spec.number)


@behind("analysis.view")
@require_safe
def versions(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Every version with its state."""
    listed = visit.consultation.specs.select_related("run").defer("document")
    context = {"tab": "specs", "versions": listed}
    return render(request, "organizer/specs.html", visit.context | context)


@behind("specs.publish")
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: HttpRequest, visit: Visit, number: int) -> HttpResponse:
    """Say what becomes public, then make it public."""
    spec = _version(visit, number)
    form = PublishForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        services.publish_spec(spec, by=request.user)
        messages.success(request, f"Version {spec.number} is public now.")
        return redirect("specs:version", slug=visit.consultation.slug, number=spec.number)
    document = spec.load()
    quoted = {p["statement"] for c in document["clauses"] for p in c["evidence"]}
    cells = [cell for c in document["clauses"] for cell in c["support"]["by_group"]]
    context = {
        "tab": "specs",
        "spec": spec,
        "form": form,
        "document": document,
        "counts": Counter(clause["status"] for clause in document["clauses"]),
        "quoted": len(quoted),
        "suppressed": sum(cell["n"] is None for cell in cells),
        "files": NAMES,
    }
    status = 400 if form.errors else 200
    return render(request, "organizer/publish.html", visit.context | context, status=status)


@behind("specs.publish")
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, visit: Visit, number: int) -> HttpResponse:
    """Take a published version back, with a reason that stays public."""
    spec = _version(visit, number)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.withdraw_spec(spec, by=request.user, reason=form.cleaned_data["reason"])
        except ReasonRequired as refusal:
            form.add_error("reason", refusal.sentence)
        else:
            messages.success(request, f"Version {spec.number} is withdrawn.")
            return redirect("specs:versions", slug=visit.consultation.slug)
    context = {"tab": "specs", "spec": spec, "form": form}
    status = 400 if form.errors else 200
    return render(request, "organizer/withdraw_spec.html", visit.context | context, status=status)


def _version(visit: Visit, number: int) -> SpecVersion:
    spec = visit.consultation.specs.select_related("consultation").filter(number=number).first()
    if spec is None:
        raise NotFound
    return spec
