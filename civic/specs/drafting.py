"""The organizer's analyses, and the drafts that are made of them."""

from __future__ import annotations

import uuid as uuids
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from civic.accounts.permissions import can
from civic.analysis import estimate
from civic.analysis.forms import RunForm, entered
from civic.analysis.models import Run
from civic.analysis.rules import RULES, differing
from civic.analysis.selectors import runs_of
from civic.analysis.views import run_at
from civic.consultations.entry import Visit, behind
from civic.consultations.phases import Act
from civic.specs import services
from civic.specs.models import SpecVersion

PAGE = 20
TRIED = (
    "policy."  # before the names of rules in an address, as the page for trying rules gives them
)


@behind("analysis.view")
@require_safe
def runs(request: HttpRequest, visit: Visit) -> HttpResponse:
    """All analyses, newest first, and the way to a new one."""
    if any(name.startswith(TRIED) for name in request.GET):
        start_at = reverse("specs:start_run", args=[visit.consultation.slug])
        return redirect(f"{start_at}?{request.GET.urlencode()}")
    page = Paginator(_listed(visit), PAGE).get_page(request.GET.get("page"))
    context = {
        "tab": "runs",
        "page": page,
        "rows": [(run, differing(run.aggregation_settings.get("policy", {}))) for run in page],
        "may_start": can(request.user, "analysis.run", visit.consultation),
        "can_compare": visit.consultation.runs.filter(status=Run.Status.DONE).count() > 1,
    }
    return render(request, "organizer/runs.html", visit.context | context)


def _listed(visit: Visit) -> Any:
    rows = visit.consultation.runs.defer("previous_document").order_by("-pk")
    specs = SpecVersion.objects.defer("document")
    return rows.prefetch_related(Prefetch("specs", queryset=specs))


@behind("analysis.run")
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The settings of an analysis and what it will cost; then queue it and watch it."""
    consultation = visit.consultation
    if request.method == "POST":
        form = RunForm(request.POST)
        if form.is_valid():
            run = services.start_run(
                consultation,
                by=request.user,
                seed=form.cleaned_data["seed"],
                policy=form.policy(),
            )
            return redirect("analysis:run", slug=consultation.slug, uuid=run.uuid)
    else:
        form = RunForm(initial=_initial(request, visit))
    size = estimate.size_of(consultation)
    newest = runs_of(consultation).defer("previous_document").first()
    context = {
        "tab": "runs",
        "form": form,
        "size": size,
        "estimate": estimate.estimate(size),
        "outgoing": estimate.outgoing(consultation),
        "last": newest,
        "under_way": newest if newest is not None and not newest.is_over else None,
        "is_open": consultation.is_open(Act.RUN),
    }
    status = 400 if form.errors else 200
    return render(request, "organizer/start_run.html", visit.context | context, status=status)


def _initial(request: HttpRequest, visit: Visit) -> dict[str, Any]:
    """Values to begin with: of another analysis (`like`), or those in the address."""
    found: dict[str, Any] = {}
    like = request.GET.get("like", "")
    if like:
        try:
            run = run_at(visit, uuids.UUID(like))
        except ValueError:
            return found
        found = {"seed": run.seed} | entered(run.aggregation_settings.get("policy", {}))
    for name, value in request.GET.items():
        rule = RULES.get(name.removeprefix(TRIED))
        if rule is not None and name.startswith(TRIED):
            try:
                found |= entered({rule.name: float(value)})
            except ValueError:
                continue
    return found


@require_POST
@behind("analysis.run")
def again(request: HttpRequest, visit: Visit, uuid: uuids.UUID) -> HttpResponse:
    """Start a new analysis with the settings of one that is over."""
    earlier = run_at(visit, uuid)
    run = services.start_run(
        visit.consultation,
        by=request.user,
        seed=earlier.seed,
        policy=earlier.aggregation_settings.get("policy", {}),
    )
    messages.success(request, _("A new analysis was started with the same settings."))
    return redirect("analysis:run", slug=visit.consultation.slug, uuid=run.uuid)


@require_POST
@behind("specs.draft")
def draft(request: HttpRequest, visit: Visit, uuid: uuids.UUID) -> HttpResponse:
    """Make a draft of what an analysis found."""
    spec = services.draft_spec(run_at(visit, uuid), by=request.user)
    if spec.status == SpecVersion.Status.DRAFT:
        messages.success(request, _("Here is the draft. Nobody outside your team can see it yet."))
    else:
        told = _("This was made of the analysis already: version %(number)s.")
        messages.info(request, told % {"number": spec.number})
    return redirect("specs:version", slug=visit.consultation.slug, number=spec.number)
