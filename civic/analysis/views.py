"""Watching and cancelling an analysis."""

from __future__ import annotations

import uuid as uuids

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from civic.analysis import services
from civic.analysis.models import Run, RunStep
from civic.analysis.selectors import runs_of
from civic.consultations.entry import Visit, behind
from civic.errors import NotFound

SILENT_SECONDS = 60  # without a heartbeat for this long, the page says so


def run_at(visit: Visit, uuid: uuids.UUID) -> Run:
    """The consultation's run with this id, or NotFound."""
    run = runs_of(visit.consultation).filter(uuid=uuid).select_related("consultation").first()
    if run is None:
        raise NotFound
    return run


@never_cache
@behind("analysis.view")
@require_safe
def run(request: HttpRequest, visit: Visit, uuid: uuids.UUID) -> HttpResponse:
    """One analysis: its steps while it works, what became of it afterwards."""
    found = run_at(visit, uuid)
    context = visit.context | progress_of(found)
    context["spec"] = found.specs.defer("document").first()
    return render(request, "organizer/run.html", context)


@never_cache
@behind("analysis.view")
@require_safe
def progress(request: HttpRequest, visit: Visit, uuid: uuids.UUID) -> HttpResponse:
    """The moving part of that page alone, for polling. `announced` is the step last read out."""
    found = run_at(visit, uuid)
    context = visit.context | progress_of(found)
    context["announce"] = request.GET.get("announced", "") != context["announcement"]
    response = render(request, "organizer/run_progress.html", context)
    if found.is_over:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@behind("analysis.run")
def cancel(request: HttpRequest, visit: Visit, uuid: uuids.UUID) -> HttpResponse:
    """Call an analysis off."""
    found = run_at(visit, uuid)
    services.cancel_run(found, by=request.user)
    messages.success(request, "The analysis was cancelled; nothing was published.")
    return redirect("analysis:run", slug=visit.consultation.slug, uuid=found.uuid)


def progress_of(run: Run) -> dict[str, object]:
    """What the page says about a run: its steps, how far, how long, and whether it went silent."""
    steps = list(run.steps.all())
    finished = sum(step.status == RunStep.Status.DONE for step in steps)
    current = next((step for step in steps if step.status == RunStep.Status.RUNNING), None)
    now = timezone.now()
    end = run.finished_at or now
    beat = run.heartbeat_at
    silent = (now - beat).total_seconds() if beat else 0.0
    running = run.status == Run.Status.RUNNING
    return {
        "tab": "runs",
        "run": run,
        "steps": steps,
        "finished": finished,
        "current": current,
        "elapsed": (end - run.started_at).total_seconds() if run.started_at else None,
        "is_silent": running and (run.is_stalled or silent > SILENT_SECONDS),
        "silent_for": silent,
        "announcement": f"{run.status}-{current.position if current else finished}",
        "announce": True,
    }
