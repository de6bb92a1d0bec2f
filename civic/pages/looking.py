"""What every page about a finished analysis shares: which one it is, and what may be read of it."""

from __future__ import annotations

import functools
import uuid as uuids
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from civic.analysis import exploring
from civic.analysis.exploring import Found, Sentence
from civic.analysis.findings import newest_run
from civic.analysis.models import Run
from civic.consultations.entry import View, Visit, behind
from civic.errors import NotFound

RUNS = 20  # finished analyses to choose from


@dataclass(frozen=True)
class Look:
    """A finished analysis as somebody looks at it. `shown` has the sentences that may be read."""

    request: HttpRequest
    visit: Visit
    run: Run
    found: Found
    shown: dict[str, Any]  # key of a claim -> its address

    def readable(self, rows: Iterable[Sentence]) -> list[Sentence]:
        return [one for one in rows if one.key in self.shown]

    def addressed(self, rows: Iterable[Sentence]) -> list[tuple[Sentence, Any]]:
        """Those of the sentences that may be read, each with its address."""
        return [(one, self.shown[one.key]) for one in rows if one.key in self.shown]

    def clauses(self, keys: Iterable[str]) -> list[tuple[Sentence, Any]]:
        """The same for the sentences of these clauses."""
        found = (self.found.clause(key) for key in keys)
        return self.addressed(one for one in found if one is not None)

    def page(self, rows: list[Sentence], *, size: int) -> Page[Sentence]:
        return Paginator(rows, size).get_page(self.request.GET.get("page"))


def look_at(request: HttpRequest, visit: Visit, context: Mapping[str, Any]) -> Look | None:
    """What is looked at, or None where no analysis is finished."""
    found: Found | None = context["found"]
    if found is None:
        return None
    shown = exploring.readable(visit.consultation, found)
    return Look(request, visit, run=context["run"], found=found, shown=shown)


def page_of(part: str) -> Callable[[Callable[[Look], dict[str, Any]]], View]:
    """A page that `fill(look)` fills; where no analysis is finished, its template says so."""

    def wrap(fill: Callable[[Look], dict[str, Any]]) -> View:
        @behind("analysis.view")
        @require_safe
        @functools.wraps(fill)
        def view(request: HttpRequest, visit: Visit) -> HttpResponse:
            context = context_of(request, visit, looking=part)
            look = look_at(request, visit, context)
            return render(request, f"explore/{part}.html", context | (fill(look) if look else {}))

        return view

    return wrap


def context_of(request: HttpRequest, visit: Visit, *, looking: str) -> dict[str, Any]:
    """What every page here asks for: the run that is looked at, and which others there are."""
    runs = visit.consultation.runs.filter(status=Run.Status.DONE).defer("previous_document")
    wanted = request.GET.get("run", "")
    run = newest_run(visit.consultation)
    if wanted:
        run = runs.filter(uuid=_uuid(wanted)).first()
        if run is None:
            raise NotFound(_("There is no finished analysis with this number."))
    return visit.context | {
        "tab": "explore",
        "looking": looking,
        "run": run,
        "runs": list(runs.order_by("-pk")[:RUNS]),
        "found": exploring.found_in(run) if run is not None else None,
        "of_run": urlencode({"run": wanted}) if wanted else "",
    }


def _uuid(text: str) -> uuids.UUID:
    try:
        return uuids.UUID(text)
    except ValueError as error:
        raise NotFound(_("There is no finished analysis with this number.")) from error
