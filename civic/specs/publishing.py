"""Making a version public, taking it back, and answering to the result in public."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from aggregation.exports import NAMES
from civic.accounts.permissions import can
from civic.analysis.comparing import compare
from civic.audit.models import Entry
from civic.consultations.entry import Visit, behind
from civic.consultations.phases import Act
from civic.errors import Conflict, Invalid, NotFound, ReasonRequired
from civic.specs import services
from civic.specs.forms import PublishForm, ReplyForm, WithdrawForm, confirmation
from civic.specs.models import Clause, SpecVersion
from civic.specs.privacy import report_on
from civic.specs.selectors import latest_public
from civic.specs.verifying import holds

MOVES = 50  # on a page
REPLIES = 20  # in the history


@behind("analysis.view")
@require_safe
def versions(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Every version with its state, its fingerprint and its files; the reply to the result."""
    consultation = visit.consultation
    listed = list(
        consultation.specs.select_related("run").defer("document", "run__previous_document")
    )
    counted = Clause.objects.filter(spec__consultation=consultation).order_by()
    counts: dict[int, Counter[str]] = {spec.pk: Counter() for spec in listed}
    for pk, status, n in counted.values_list("spec", "status").annotate(Count("pk")):
        counts[pk][status] = n
    context = {
        "tab": "specs",
        "rows": [(spec, counts[spec.pk], holds(spec.verification)) for spec in listed],
        "names": [name for name in NAMES if name != "spec.schema.json"],
        "has_public": any(spec.status == SpecVersion.Status.PUBLISHED for spec in listed),
        "may_publish": can(request.user, "specs.publish", consultation),
        "may_reply": can(request.user, "specs.reply", consultation),
    }
    return render(request, "organizer/specs.html", visit.context | context)


@behind("specs.publish")
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: HttpRequest, visit: Visit, number: int) -> HttpResponse:
    """Say what becomes public and what was checked, then make it public."""
    spec = _version(visit, number)
    earlier = latest_public(visit.consultation)
    signed = (earlier.signed_as if earlier else "") or request.user.display_name
    form = PublishForm(
        request.POST if request.method == "POST" else None, initial={"signed_as": signed}
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.publish_spec(
                spec,
                by=request.user,
                signed_as=form.cleaned_data["signed_as"],
                announcement=form.cleaned_data["announcement"],
            )
        except (Conflict, Invalid) as refusal:
            form.add_error(None, refusal.sentence)
        else:
            told = _("Version %(number)s is public now.")
            messages.success(request, told % {"number": spec.number})
            return redirect("specs:version", slug=visit.consultation.slug, number=spec.number)
    context = visit.context | _shown(request, spec, earlier) | {"form": form}
    status = 400 if form.errors else 200
    return render(request, "organizer/publish.html", context, status=status)


def _shown(request: HttpRequest, spec: SpecVersion, earlier: SpecVersion | None) -> dict[str, Any]:
    """What becomes public, what differs from the version before, and what was checked."""
    document = spec.load()
    report = report_on(spec, document)
    context: dict[str, Any] = {
        "tab": "specs",
        "spec": spec,
        "document": document,
        "counts": Counter(clause["status"] for clause in document["clauses"]),
        "report": report,
        "files": NAMES,
        "word": confirmation(),
        "verification": spec.verification,
        "is_verified": holds(spec.verification),
        "selections": [one for one in document["certificates"]["selections"] if one["chosen"]],
        "is_open": spec.consultation.is_open(Act.PUBLISH_SPEC),
    }
    if earlier is not None and earlier.number < spec.number:
        found = compare(earlier.load(), document)
        context |= {
            "earlier": earlier,
            "found": found,
            "page": Paginator(found.moves, MOVES).get_page(request.GET.get("page")),
        }
    return context


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
            told = _("Version %(number)s is withdrawn; its page says why.")
            messages.success(request, told % {"number": spec.number})
            return redirect("specs:versions", slug=visit.consultation.slug)
    others = visit.consultation.specs.filter(status=SpecVersion.Status.PUBLISHED)
    context = {
        "tab": "specs",
        "spec": spec,
        "form": form,
        "next": others.exclude(pk=spec.pk).defer("document").order_by("-number").first(),
    }
    status = 400 if form.errors else 200
    return render(request, "organizer/withdraw_spec.html", visit.context | context, status=status)


@behind("specs.reply")
@require_http_methods(["GET", "HEAD", "POST"])
def reply(request: HttpRequest, visit: Visit) -> HttpResponse:
    """What the organizers answer to the result, shown with it."""
    consultation = visit.consultation
    form = ReplyForm(
        request.POST if request.method == "POST" else None, initial={"text": consultation.reply}
    )
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        if "preview" not in request.POST:
            services.reply_to_result(consultation, by=request.user, text=text)
            messages.success(
                request,
                _("Your reply is public now, with the result.")
                if text
                else _("There is no reply any more."),
            )
            return redirect("specs:versions", slug=consultation.slug)
    history = Entry.objects.filter(consultation=consultation.uuid, action=services.REPLIED)
    context = {
        "tab": "specs",
        "form": form,
        "preview": form.cleaned_data["text"] if form.is_bound and form.is_valid() else "",
        "history": history.order_by("-pk")[:REPLIES],
        "latest": latest_public(consultation),
    }
    status = 400 if form.errors else 200
    return render(request, "organizer/reply.html", visit.context | context, status=status)


def _version(visit: Visit, number: int) -> SpecVersion:
    spec = visit.consultation.specs.select_related("consultation", "run").filter(number=number)
    found = spec.defer("run__previous_document").first()
    if found is None:
        raise NotFound
    return found
