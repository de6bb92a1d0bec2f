"""Reading a result: what was found, the spec, its parts and clauses, its files and the report."""

from __future__ import annotations

import hashlib
from typing import Any

from django.core.cache import cache
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import quote_etag, urlencode
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aggregation.exports import NAMES
from aggregation.spec import assurance
from civic.accounts.permissions import can, require
from civic.analysis.pictures.album import pictures_of
from civic.consultations.entry import Visit, visitors
from civic.errors import NotFound
from civic.specs import report_files, reports, selectors, tasks, telling, wording
from civic.specs.exports import BUNDLE, export_for
from civic.specs.models import SpecVersion
from civic.specs.reading import (
    PARTS,
    arranged,
    document_of,
    found_in,
    part_of,
    reasons_of,
    section_of,
    status_of,
)
from civic.specs.results import results_of
from civic.specs.translations import translations_in

ASK_AGAIN = 60  # seconds before the worker is asked for the same report once more
# The report is one file with its own stylesheet in it, and nothing else may run or be fetched.
REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'"
SIMILAR = 20  # other clauses that a clause's page names
FILES = {
    "spec.json": gettext_lazy(
        "The whole spec with every number and source. Everything else is made from it."
    ),
    "spec.schema.json": gettext_lazy("What each field of spec.json means, as JSON Schema."),
    "spec.md": gettext_lazy(
        "The spec as a text for people, with numbers, dissent and sources as commentary."
    ),
    "principles.json": gettext_lazy(
        "Training principles for constitutional methods, one per adopted clause."
    ),
    "system_prompt.short.txt": gettext_lazy(
        "The spec as instructions for a chat model, in at most 800 tokens."
    ),
    "system_prompt.txt": gettext_lazy("The same in at most 3,000 tokens."),
    "system_prompt.long.txt": gettext_lazy("The same in at most 12,000 tokens."),
    "system_prompt.report.json": gettext_lazy(
        "Which clauses each of the three holds, and which it leaves out for length."
    ),
    "examples.zip": gettext_lazy("The situations behind the test marks in spec.md, one file each."),
    "rubric.jsonl": gettext_lazy("What a grader checks a conversation for, one line per clause."),
    "evals.jsonl": gettext_lazy(
        "Questions to a model with what counts as keeping to a clause, for Inspect AI."
    ),
    "pairs.jsonl": gettext_lazy(
        "Pairs of AI answers of which people found one good and the other bad, for TRL (DPO)."
    ),
    "unpaired.jsonl": gettext_lazy("Single AI answers that people judged, for TRL (KTO)."),
    "contested.jsonl": gettext_lazy(
        "AI answers about which people are divided, or which too few judged: not for training."
    ),
    "comments.csv": gettext_lazy(
        "The sentences with their counts, for Polis and the tools around it; 1 is agree."
    ),
    "comment-groups.csv": gettext_lazy("How each opinion group answered, for the same tools."),
    "report.json": gettext_lazy("Themes, sentences and quotes in the form of Talk to the City."),
}
REPORTS = {
    "report.html": gettext_lazy(
        "The whole result as one page that needs no network: to read, to mail, to print."
    ),
    "report.pdf": gettext_lazy("The same, ready to print or to hand over."),
}
PAGE = 40
FIRST = {"adopted": PAGE, "provisional": 6, "contested": 20}  # of a part, on the page of the spec


def version_of(request: HttpRequest, visit: Visit, number: int) -> SpecVersion:
    """A version by its number, if the visitor may read it."""
    rows = visit.consultation.specs.select_related("consultation", "run")
    spec = rows.defer("run__previous_document").filter(number=number).first()
    if spec is None:
        raise NotFound
    require(request.user, "specs.view", spec)
    return spec


@visitors
@require_safe
def results(request: HttpRequest, visit: Visit) -> HttpResponse:
    """What was found, for everybody: three sentences, pictures with their tables, the answer."""
    spec = selectors.latest_public(visit.consultation)
    if spec is None:
        return render(request, "specs/none.html", visit.context | {"tab": "spec"})
    found = results_of(spec, k=visit.consultation.k, reader=visit.membership)
    context = {"tab": "spec", "spec": spec, "found": found, "document": found.document}
    return render(request, "specs/results.html", visit.context | context)


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
    document = document_of(spec)
    context |= {
        "document": document,
        "sentences": telling.summary(document),
        "parts": [part_of(document, status, most=most) for status, most in FIRST.items()],
        "left_out": part_of(document, "not_adopted", most=0),
        "reasons": reasons_of(document),
        "certainty": telling.certainty(document),
        "silence": telling.silence(document),
        "assurance": assurance(document),
        "album": pictures_of(spec.run, document, k=visit.consultation.k),
    }
    read = [clause for one in context["parts"] for clause in one.clauses]
    context["translations"] = translations_in(spec, read)
    return render(request, "specs/spec.html", context)


@visitors
@require_safe
def part(request: HttpRequest, visit: Visit, number: int, status: str) -> HttpResponse:
    """One part of a version whole, in pages, to be searched by words and by reason."""
    spec = version_of(request, visit, number)
    if status not in PARTS or spec.status == SpecVersion.Status.WITHDRAWN:
        raise NotFound
    document = document_of(spec)
    reason, query = request.GET.get("reason", ""), request.GET.get("q", "")[:200]
    found = found_in(document, status, reason=reason, query=query)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "tab": "spec",
        "spec": spec,
        "document": document,
        "part": arranged(document, status, list(page), count=len(found)),
        "page": page,
        "reasons": reasons_of(document) if status == "not_adopted" else [],
        "reason": reason,
        "reason_title": wording.reason_title(reason),
        "query": query,
        "keep": urlencode({"q": query, "reason": reason}),
        "texts": {clause["id"]: clause["text"] for clause in document["clauses"]},
        "translations": translations_in(spec, page),
    }
    return render(request, "specs/part.html", visit.context | context)


@visitors
@require_safe
def clause(request: HttpRequest, visit: Visit, number: int, key: str) -> HttpResponse:
    """How one clause came about: words, sources, numbers, opposition, history."""
    spec = version_of(request, visit, number)
    row = selectors.clauses_of(spec).filter(key=key).first()
    if row is None or spec.status == SpecVersion.Status.WITHDRAWN:
        raise NotFound
    others = {row.data["reason"]["clause"], *(d["clause"] for d in row.data["dissent"])}
    others |= {*row.data["similar_to"][:SIMILAR], *row.data["conflicts_with"][:SIMILAR]}
    texts = dict(spec.clauses.filter(key__in=others - {None}).values_list("key", "text"))
    document = document_of(spec)
    context = {
        "tab": "spec",
        "spec": spec,
        "row": row,
        "clause": row.data,
        "texts": texts,
        "section": section_of(document, row.data),
        "contradicts": [(k, texts[k]) for k in row.data["conflicts_with"][:SIMILAR] if k in texts],
        "similar": [(k, texts[k]) for k in row.data["similar_to"][:SIMILAR] if k in texts],
        "part": status_of(row.data),
        "translations": translations_in(spec, [row.data], with_sources=True),
    }
    return render(request, "specs/clause.html", visit.context | context)


@visitors
@require_safe
def files(request: HttpRequest, visit: Visit, number: int) -> HttpResponse:
    """What can be downloaded of a version."""
    spec = version_of(request, visit, number)
    if spec.status == SpecVersion.Status.WITHDRAWN:
        raise NotFound(_("This version was withdrawn; its files are no longer offered."))
    listed = [(name, FILES.get(name, "")) for name in NAMES]
    context = {"tab": "spec", "spec": spec, "reports": REPORTS.items(), "files": listed}
    context["bundle"] = BUNDLE if can(request.user, "specs.audit", spec) else None
    return render(request, "specs/files.html", visit.context | context)


@visitors
@require_safe
def download(request: HttpRequest, visit: Visit, number: int, name: str) -> HttpResponse:
    """One file. What is published never changes, but may be withdrawn: copies are asked about."""
    spec = version_of(request, visit, number)
    content, content_type = export_for(request.user, spec, name=name)
    return _file(request, visit, spec, name=name, content=content, content_type=content_type)


@visitors
@require_safe
def report(request: HttpRequest, visit: Visit, number: int, name: str) -> HttpResponse:
    """The report to hand on, in the reader's language: to read on a screen, or as PDF."""
    spec = version_of(request, visit, number)
    if spec.status == SpecVersion.Status.WITHDRAWN:
        raise NotFound(_("This version was withdrawn; its files are no longer offered."))
    language = get_language() or "en"
    page = reports.report_html(spec, language=language)
    if name == "report.html":
        answer = _file(
            request, visit, spec, name=name, content=page, content_type="text/html; charset=utf-8"
        )
        answer["Content-Security-Policy"] = REPORT_POLICY
        shown = answer.get("Content-Disposition", "").replace("attachment", "inline", 1)
        answer["Content-Disposition"] = shown or "inline"
        return answer
    printed = report_files.find(spec, page, language=language)
    if printed is not None:
        return _file(
            request, visit, spec, name=name, content=printed, content_type="application/pdf"
        )
    can_print = not report_files.cannot_print(spec)
    if can_print and cache.add(f"report-{spec.uuid}-{language}", True, ASK_AGAIN):
        tasks.print_report.delay_on_commit(spec.pk, language)
    context = visit.context | {"tab": "spec", "spec": spec, "can_print": can_print}
    return render(request, "specs/report_pending.html", context, status=503)


def _file(
    request: HttpRequest,
    visit: Visit,
    spec: SpecVersion,
    *,
    name: str,
    content: bytes,
    content_type: str,
) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    filename = f"{visit.consultation.slug}-{spec.number}-{name}"
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    response["ETag"] = quote_etag(hashlib.sha256(content).hexdigest())
    if spec.status == SpecVersion.Status.DRAFT or name == BUNDLE:
        response["Cache-Control"] = "private, no-store"
    else:
        scope = "public" if visit.consultation.is_public else "private"
        response["Cache-Control"] = f"{scope}, no-cache"
        if scope == "private":
            patch_vary_headers(response, ("Cookie",))
    return get_conditional_response(request, etag=response["ETag"], response=response)
