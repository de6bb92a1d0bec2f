"""Reading a spec: the whole of it, one clause, its files."""

from __future__ import annotations

import hashlib
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from aggregation.exports import NAMES
from aggregation.spec import assurance
from civic.accounts.permissions import require
from civic.consultations.entry import Visit, visitors
from civic.errors import NotFound
from civic.specs import selectors
from civic.specs.exports import export
from civic.specs.models import SpecVersion
from civic.specs.reading import REASON_TITLES, left_out, parts_of, reasons_of

PAGE = 40
FILES = {
    "spec.json": "The whole spec with every number and source. Everything else is made from it.",
    "spec.schema.json": "What each field of spec.json means, as JSON Schema.",
    "spec.md": "The spec as a text for people, with numbers, dissent and sources as commentary.",
    "principles.json": "Training principles for constitutional methods, one per adopted clause.",
    "system_prompt.txt": "The spec as instructions for a chat model.",
}


def version_of(request: HttpRequest, visit: Visit, number: int) -> SpecVersion:
    """A version by its number, if the visitor may read it."""
    spec = visit.consultation.specs.select_related("consultation").filter(number=number).first()
    if spec is None:
        raise NotFound
    require(request.user, "specs.view", spec)
    return spec


@visitors
@require_safe
def latest(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The newest published version, or word that there is none yet."""
    spec = selectors.latest_public(visit.consultation)
    if spec is None:
        return render(request, "specs/none.html", visit.context | {"tab": "spec"})
    return _read(request, visit, spec)


@visitors
@require_safe
def version(request: HttpRequest, visit: Visit, number: int) -> HttpResponse:
    """One version for good; a withdrawn one leaves its tombstone."""
    return _read(request, visit, version_of(request, visit, number))


def _read(request: HttpRequest, visit: Visit, spec: SpecVersion) -> HttpResponse:
    context: dict[str, Any] = visit.context | {"tab": "spec", "spec": spec}
    context["versions"] = selectors.public_versions(visit.consultation).defer("document")
    if spec.status == SpecVersion.Status.WITHDRAWN:
        return render(request, "specs/withdrawn.html", context)
    document = spec.load()
    reason, query = request.GET.get("reason", ""), request.GET.get("q", "")[:200]
    found = left_out(document, reason=reason, query=query)
    context |= {
        "document": document,
        "parts": parts_of(document),
        "assurance": assurance(document),
        "reasons": reasons_of(document),
        "reason": reason,
        "reason_title": REASON_TITLES.get(reason, reason),
        "query": query,
        "keep": urlencode({"q": query, "reason": reason}),
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "left_out_count": len(left_out(document)),
        "texts": {clause["id"]: clause["text"] for clause in document["clauses"]},
    }
    return render(request, "specs/spec.html", context)


@visitors
@require_safe
def clause(request: HttpRequest, visit: Visit, number: int, key: str) -> HttpResponse:
    """How one clause came about: words, sources, numbers, opposition, history."""
    spec = version_of(request, visit, number)
    row = selectors.clauses_of(spec).filter(key=key).first()
    if row is None or spec.status == SpecVersion.Status.WITHDRAWN:
        raise NotFound
    others = {row.data["reason"]["clause"], *(d["clause"] for d in row.data["dissent"])}
    others |= {*row.data["similar_to"][:20], *row.data["conflicts_with"][:20]}
    texts = dict(spec.clauses.filter(key__in=others - {None}).values_list("key", "text"))
    context = {
        "tab": "spec",
        "spec": spec,
        "row": row,
        "clause": row.data,
        "texts": texts,
        "contradicts": [(k, texts[k]) for k in row.data["conflicts_with"][:20] if k in texts],
        "similar": [(k, texts[k]) for k in row.data["similar_to"][:20] if k in texts],
        "part": row.status if row.status != "retired" else "not_adopted",
    }
    return render(request, "specs/clause.html", visit.context | context)


@visitors
@require_safe
def files(request: HttpRequest, visit: Visit, number: int) -> HttpResponse:
    """What can be downloaded of a version."""
    spec = version_of(request, visit, number)
    if spec.status == SpecVersion.Status.WITHDRAWN:
        raise NotFound("This version was withdrawn; its files are no longer offered.")
    listed = [(name, FILES.get(name, "")) for name in NAMES]
    context = {"tab": "spec", "spec": spec, "files": listed}
    return render(request, "specs/files.html", visit.context | context)


@visitors
@require_safe
def download(request: HttpRequest, visit: Visit, number: int, name: str) -> HttpResponse:
    """One file. What is published never changes, but may be withdrawn: copies are asked about."""
    spec = version_of(request, visit, number)
    content, content_type = export(spec, name=name)
    etag = f'"{hashlib.sha256(content).hexdigest()}"'
    if etag in request.headers.get("If-None-Match", ""):
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = HttpResponse(content, content_type=content_type)
        filename = f"{visit.consultation.slug}-{spec.number}-{name}"
        response["Content-Disposition"] = f'attachment; filename="{filename}"'
    response["ETag"] = etag
    if spec.status == SpecVersion.Status.DRAFT:
        response["Cache-Control"] = "private, no-store"
    else:
        scope = "public" if visit.consultation.is_public else "private"
        response["Cache-Control"] = f"{scope}, no-cache"
        if scope == "private":
            patch_vary_headers(response, ("Cookie",))
    return response
