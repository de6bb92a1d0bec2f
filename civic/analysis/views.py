"""Watching an analysis, calling it off, and putting two side by side."""

from __future__ import annotations

import hashlib
import time
import uuid as uuids
from typing import Any

from django.apps import apps
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_POST, require_safe

from civic.accounts.permissions import can
from civic.analysis import services
from civic.analysis.comparing import KINDS, compare, document_of
from civic.analysis.models import Run
from civic.analysis.selectors import runs_of
from civic.analysis.watching import progress_of, watched
from civic.consultations.entry import Visit, behind
from civic.errors import NotFound

READ_OUT_SECONDS = 10  # a screen reader is told of a new step this often at most
STOP_POLLING = 286  # htmx asks no more after an answer with this status
MOVES = 50  # on a page
OFFERED = 50  # analyses to choose from


def run_at(visit: Visit, uuid: uuids.UUID) -> Run:
    """The consultation's run with this id, or NotFound."""
    found = runs_of(visit.consultation).filter(uuid=uuid).select_related("consultation")
    run = found.defer("previous_document").first()
    if run is None:
        raise NotFound
    return run


@never_cache
@behind("analysis.view")
@require_safe
def run(request: HttpRequest, visit: Visit, uuid: uuids.UUID) -> HttpResponse:
    """One analysis: its steps while it works, what became of it afterwards."""
    found = run_at(visit, uuid)
    before = runs_of(visit.consultation).filter(status=Run.Status.DONE, pk__lt=found.pk)
    context = visit.context | {
        "tab": "runs",
        "watch": watched(found),
        "at": int(time.time()),
        "spec": found.specs.defer("document").first(),
        "earlier": before.only("uuid").first() if found.status == Run.Status.DONE else None,
        "may_run": can(request.user, "analysis.run", visit.consultation),
        "may_draft": can(request.user, "specs.draft", visit.consultation),
    }
    return render(request, "organizer/run.html", context)


@cache_control(private=True, no_cache=True)
@behind("analysis.view")
@require_safe
def progress(request: HttpRequest, visit: Visit, uuid: uuids.UUID) -> HttpResponse:
    """The moving part of that page alone, for polling.

    `announced` and `at` tell which step a screen reader was told of last, and when (Unix time).
    """
    watch = progress_of(run_at(visit, uuid))
    told, told_at, now = request.GET.get("announced", ""), request.GET.get("at", ""), time.time()
    last = int(told_at) if told_at.isascii() and told_at.isdigit() and len(told_at) < 12 else 0
    is_news = told != watch.key and now - last >= READ_OUT_SECONDS
    context = visit.context | {
        "watch": watch,
        "announce": is_news,
        "announced": watch.key if is_news else told,
        "at": int(now) if is_news else last,
    }
    response = render(request, "organizer/run_progress.html", context)
    if watch.run.is_over:
        response.status_code = STOP_POLLING
        response["HX-Refresh"] = "true"
        return response
    etag = quote_etag(hashlib.sha256(response.content).hexdigest())
    response["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response)


@require_POST
@behind("analysis.run")
def cancel(request: HttpRequest, visit: Visit, uuid: uuids.UUID) -> HttpResponse:
    """Call an analysis off."""
    found = run_at(visit, uuid)
    services.cancel_run(found, by=request.user)
    messages.success(request, _("The analysis was cancelled; nothing was published."))
    return redirect("analysis:run", slug=visit.consultation.slug, uuid=found.uuid)


@behind("analysis.view")
@require_safe
def comparison(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Two finished analyses side by side; without a choice, the two newest."""
    done = visit.consultation.runs.filter(status=Run.Status.DONE).defer("previous_document")
    # A document is a megabyte or more, and only the number of the version is told here.
    specs = apps.get_model("specs", "SpecVersion").objects.defer("document")
    named = done.prefetch_related(Prefetch("specs", specs.select_related("consultation")))
    offered = list(named.order_by("-pk")[:OFFERED])
    newest = [offered[1], offered[0]] if len(offered) > 1 else [None, None]
    a, b = (
        _chosen(visit, request.GET.get(name, "")) or default
        for name, default in zip("ab", newest, strict=True)
    )
    context: dict[str, Any] = {"tab": "runs", "offered": offered, "a": a, "b": b}
    documents = [document_of(one) if one else None for one in (a, b)]
    if a == b and a is not None:
        context["problem"] = _("Choose two different analyses.")
    elif documents[0] and documents[1]:
        context |= _compared(request, documents[0], documents[1])
    return render(request, "organizer/compare.html", visit.context | context)


def _compared(
    request: HttpRequest, before: dict[str, Any], after: dict[str, Any]
) -> dict[str, Any]:
    found = compare(before, after)
    kind = request.GET.get("kind", "")
    kind = kind if kind in KINDS else ""
    moves = [move for move in found.moves if not kind or move.kind == kind]
    query = request.GET.copy()
    query.pop("page", None)
    everything = query.copy()
    everything.pop("kind", None)
    return {
        "found": found,
        "kind": kind,
        "page": Paginator(moves, MOVES).get_page(request.GET.get("page")),
        "keep": query.urlencode(),
        "all_kinds": everything.urlencode(),
    }


def _chosen(visit: Visit, text: str) -> Run | None:
    """The finished run that an address names; None where it names none, NotFound for another."""
    if not text:
        return None
    try:
        found = run_at(visit, uuids.UUID(text))
    except ValueError:
        raise NotFound from None
    if found.status != Run.Status.DONE:
        raise NotFound(_("Only a finished analysis can be compared."))
    return found
