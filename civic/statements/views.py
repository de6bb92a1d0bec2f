"""Writing and withdrawing a statement: what a citizen does with her own words."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from civic.accounts.permissions import require
from civic.consultations.entry import Visit, participants, to_joining, visitors
from civic.consultations.phases import Act
from civic.errors import Invalid, NotFound
from civic.statements import selectors, services
from civic.statements.forms import StatementForm, hints_of
from civic.statements.models import Statement


def _draft_key(visit: Visit) -> str:
    return f"draft-{visit.consultation.uuid}"


@visitors
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, visit: Visit) -> HttpResponse:
    """One big box. Whoever is not in yet is led in first, and finds her text again."""
    here = reverse("statements:write", args=[visit.consultation.slug])
    if visit.membership is None or not visit.membership.is_participant:
        if request.method == "POST":
            request.session[_draft_key(visit)] = request.POST.get("text", "")[:20_000]
        return to_joining(request, visit.consultation.slug, back=here)
    if not visit.consultation.is_open(Act.SUBMIT_STATEMENT):
        return render(request, "statements/closed.html", visit.context | {"tab": "write"})
    if request.method == "POST":
        return _send(request, visit)
    draft = {"text": request.session.get(_draft_key(visit), "")}
    return _ask(request, visit, form=StatementForm(initial=draft))


def _ask(request: HttpRequest, visit: Visit, *, form: StatementForm) -> HttpResponse:
    context = visit.context | {"form": form, "tab": "write"}
    return render(request, "statements/write.html", context, status=400 if form.errors else 200)


def _send(request: HttpRequest, visit: Visit) -> HttpResponse:
    form = StatementForm(request.POST)
    if request.POST.get("action") == "edit":
        return _ask(request, visit, form=StatementForm(initial=request.POST.dict()))
    if not form.is_valid():
        return _ask(request, visit, form=form)
    data: dict[str, Any] = form.cleaned_data
    hints = hints_of(data["text"])
    if hints and not data["confirmed"]:
        context = visit.context | {"form": form, "hints": hints, "tab": "write"}
        return render(request, "statements/confirm.html", context)
    try:
        sent = services.submit_statement(
            author=visit.participant, text=data["text"], language=data["language"]
        )
    except Invalid as refusal:
        form.add_error("text", refusal.sentence)
        return _ask(request, visit, form=form)
    request.session.pop(_draft_key(visit), None)
    return redirect("statements:sent", slug=visit.consultation.slug, uuid=sent.uuid)


@participants
@require_safe
def sent(request: HttpRequest, visit: Visit, uuid: str) -> HttpResponse:
    """The receipt: reference number, what happens next, and what was found in the text."""
    statement = own_statement(visit, uuid)
    segments = selectors.segments_of(statement) if statement.prepared_at else ()
    context = visit.context | {"statement": statement, "segments": segments, "tab": "write"}
    return render(request, "statements/sent.html", context)


@participants
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, visit: Visit, uuid: str) -> HttpResponse:
    """Ask once, then take the statement back."""
    statement = own_statement(visit, uuid)
    if request.method == "POST":
        require(request.user, "statements.withdraw", statement)
        services.withdraw_statement(statement, by=request.user)
        messages.success(request, "Withdrawn. Nobody is shown this statement any more.")
        return redirect("pages:my_part", slug=visit.consultation.slug)
    context = visit.context | {"statement": statement, "tab": "mine"}
    return render(request, "statements/withdraw.html", context)


def own_statement(visit: Visit, uuid: object) -> Statement:
    """The visitor's own statement with this id, or NotFound."""
    membership = visit.membership
    found = membership and membership.statements.select_related("consultation", "author").filter(
        uuid=uuid
    )
    statement = found.first() if found else None
    if statement is None:
        raise NotFound
    return statement
