"""The moderators' desk and the public record of what they decided."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from civic.audit.models import Entry
from civic.consultations.entry import Visit, behind, visitors
from civic.errors import Invalid, NotFound
from civic.statements import ruling
from civic.statements.forms import ACCEPT_REASON, RULES, ModerationForm, hints_of
from civic.statements.models import Statement

PAGE = 20
STATES = {
    state.value: state.label
    for state in (
        Statement.Moderation.WAITING,
        Statement.Moderation.ACCEPTED,
        Statement.Moderation.REJECTED,
    )
}
DECISIONS = {
    "statement.accepted": "shown",
    "statement.rejected": "hidden",
    "statement.waiting": "put back to waiting",
}


@behind("statements.moderate")
@require_safe
def queue(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Statements of one state, oldest first, each with the buttons that decide it."""
    state = request.GET.get("state", Statement.Moderation.WAITING)
    if state not in STATES:
        raise Invalid("There is no such state of moderation.")
    statements = visit.consultation.statements.filter(withdrawn_at=None)
    counts = dict(statements.values_list("moderation").annotate(Count("pk")))
    chosen = statements.filter(moderation=state).order_by("created_at", "pk")
    page = Paginator(chosen, PAGE).get_page(request.GET.get("page"))
    context = {
        "tab": "moderation",
        "state": state,
        "states": [(value, label, counts.get(value, 0)) for value, label in STATES.items()],
        "page": page,
        "rows": [(one, hints_of(one.text)) for one in page],
        "rules": RULES,
        "accept_reason": ACCEPT_REASON,
        "decided": _just_decided(request, visit),
    }
    return render(request, "organizer/moderation.html", visit.context | context)


def _just_decided(request: HttpRequest, visit: Visit) -> Statement | None:
    reference = request.GET.get("decided", "").replace("\0", "")  # PostgreSQL refuses NUL.
    return visit.consultation.statements.filter(key=reference).first() if reference else None


@require_POST
@behind("statements.moderate")
def decide(request: HttpRequest, visit: Visit, uuid: str) -> HttpResponse:
    """Show, hide or put back one statement."""
    statement = visit.consultation.statements.filter(uuid=uuid).first()
    if statement is None:
        raise NotFound
    before = statement.moderation
    form = ModerationForm(request.POST)
    if not form.is_valid():
        raise Invalid("Choose whether to show the statement, hide it or put it back.")
    ruling.moderate_statement(
        statement,
        by=request.user,
        decision=form.cleaned_data["decision"],
        reason=form.cleaned_data["reason"],
    )
    messages.success(request, f"Decided: {STATES[statement.moderation].lower()}.")
    back = reverse("statements:queue", args=[visit.consultation.slug])
    return redirect(f"{back}?{urlencode({'state': before, 'decided': statement.key})}")


@visitors
@require_safe
def decisions(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The public record: every decision, with its reason, never with who decided."""
    entries = Entry.objects.filter(
        consultation=visit.consultation.uuid, action__in=DECISIONS
    ).order_by("-pk")
    page = Paginator(entries, PAGE).get_page(request.GET.get("page"))
    touched = visit.consultation.statements.filter(uuid__in=[e.subject_id for e in page])
    statements = {str(one.uuid): one for one in touched.select_related("consultation")}
    told: set[str] = set()
    rows = []
    for entry in page:
        # A statement keeps the reason of its newest decision only.
        is_newest = entry.subject_id not in told and page.number == 1
        told.add(entry.subject_id)
        statement = statements.get(entry.subject_id)
        rows.append((entry, DECISIONS[entry.action], statement, is_newest))
    context = {"page": page, "rows": rows, "tab": "decisions"}
    return render(request, "statements/decisions.html", visit.context | context)
