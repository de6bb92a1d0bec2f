"""Watching a preparation, and trying again after it failed."""

from __future__ import annotations

import uuid as uuids
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Count, Max, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from civic.consultations.entry import Visit, behind
from civic.errors import Conflict, NotFound
from civic.statements import services
from civic.statements.models import Preparation, Shard
from civic.statements.stages import Stage

SILENT_SECONDS = 60  # when no part was finished or is at work for this long, the page says so


@dataclass(frozen=True)
class Step:
    """One stage for whoever watches: parts done of all, None where their number is not known."""

    label: str
    status: str  # "waiting", "running" or "done"
    done: int
    total: int | None
    seconds: float | None


def steps_of(preparation: Preparation) -> list[Step]:
    """All stages in order, from one query."""
    done = Q(status=Shard.Status.DONE)
    rows = preparation.shards.values("stage").annotate(
        total=Count("pk"), done=Count("pk", filter=done), seconds=Sum("seconds", filter=done)
    )
    found: dict[str, dict[str, Any]] = {row["stage"]: row for row in rows.order_by()}
    stages = list(Stage)
    reached = stages.index(Stage(preparation.stage))
    over = preparation.status == Preparation.Status.DONE
    steps = []
    for place, stage in enumerate(stages):
        row = found.get(stage, {"total": None, "done": 0, "seconds": None})
        finished = over or place < reached
        status = "done" if finished else "running" if place == reached else "waiting"
        steps.append(Step(stage.label, status, row["done"], row["total"], row["seconds"]))
    return steps


def progress_of(preparation: Preparation) -> dict[str, object]:
    """What the page says: stages, the parts of the one at work, whether nobody works at it."""
    steps = steps_of(preparation)
    now = timezone.now()
    heard = preparation.shards.aggregate(
        finished=Max("finished_at"), alive=Max("lease_until", filter=Q(status="running"))
    )
    silent = (now - (heard["finished"] or preparation.created_at)).total_seconds()
    is_alive = heard["alive"] is not None and heard["alive"] > now
    end = preparation.finished_at or now
    return {
        "preparation": preparation,
        "steps": steps,
        "finished": sum(step.status == "done" for step in steps),
        "current": next((step for step in steps if step.status == "running"), None),
        "elapsed": (end - preparation.created_at).total_seconds(),
        "has_begun": heard["finished"] is not None or heard["alive"] is not None,
        "is_silent": not preparation.is_over and not is_alive and silent > SILENT_SECONDS,
        "silent_for": silent,
    }


def _preparation(visit: Visit, uuid: uuids.UUID) -> Preparation:
    found = visit.consultation.preparations.filter(uuid=uuid).first()
    if found is None:
        raise NotFound
    return found


@never_cache
@behind("analysis.view")
@require_safe
def preparation(request: HttpRequest, visit: Visit, uuid: uuids.UUID) -> HttpResponse:
    """One preparation; for htmx its moving part alone."""
    found = _preparation(visit, uuid)
    context = visit.context | progress_of(found) | {"tab": "import"}
    if not request.htmx:
        return render(request, "organizer/preparation.html", context)
    response = render(request, "organizer/preparation_progress.html", context)
    if found.is_over:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@behind("consultations.import")
def prepare_again(request: HttpRequest, visit: Visit, uuid: uuids.UUID) -> HttpResponse:
    """Begin anew with everything that a failed preparation left waiting."""
    found = _preparation(visit, uuid)
    if found.status != Preparation.Status.FAILED:
        raise Conflict(_("This preparation has not failed."))
    begun = services.start_preparation(
        visit.consultation, reason=gettext_noop("Tried again by an organizer"), by=request.user
    )
    if begun is None:
        messages.success(request, _("Nothing waits to be prepared any more."))
    here = begun or found
    return redirect("statements:preparation", slug=visit.consultation.slug, uuid=here.uuid)
