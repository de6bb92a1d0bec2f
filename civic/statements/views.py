"""Writing and withdrawing a statement: what a citizen does with her own words."""

from __future__ import annotations

import uuid as uuids
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from civic.accounts.permissions import require
from civic.consultations.entry import Visit, participants, to_joining, visitors
from civic.consultations.phases import Act
from civic.errors import Invalid, NotFound, TooMany, with_headers
from civic.statements import drafts, services, similar
from civic.statements.forms import StatementForm, hints_of
from civic.statements.models import Claim, Statement
from civic.texts import LIMIT


@never_cache
@visitors
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, visit: Visit) -> HttpResponse:
    """One big box. Whoever is not in yet is led in first, and finds her text again."""
    here = reverse("statements:write", args=[visit.consultation.slug])
    if not visit.takes_part:
        if request.method == "POST":
            drafts.keep(request, visit.consultation, request.POST)
        return to_joining(request, visit.consultation.slug, back=here)
    if not visit.consultation.is_open(Act.SUBMIT_STATEMENT):
        unsent = request.POST.get("text") or drafts.kept(request, visit.consultation).get("text")
        context = visit.context | {"tab": "write", "unsent": unsent}
        return render(request, "statements/closed.html", context)
    if request.method == "POST":
        act = _ACTS.get(request.POST.get("action", ""), _send)
        return act(request, visit)
    similar.warm_up()  # what she writes is compared with what others wrote
    draft = drafts.kept(request, visit.consultation)
    about = _about(request, visit)
    initial = {"scenario": about.statement.scenario if about else ""} | draft
    form = StatementForm(initial=initial, consultation=visit.consultation)
    return _ask(request, visit, form=form, kept_at=draft.get("kept_at", 0))


def _ask(
    request: HttpRequest,
    visit: Visit,
    *,
    form: StatementForm,
    kept_at: int = 0,
    status: int = 0,
    **context: object,
) -> HttpResponse:
    """The page with the box. kept_at : when its text was kept here, 0 where it was just sent."""
    context |= visit.context | {
        "tab": "write",
        "form": form,
        "limit": LIMIT,
        "token": form["token"].value() or uuids.uuid4(),
        "draft": drafts.kept(request, visit.consultation),
        "kept_at": kept_at,
        "is_new": request.method != "POST",
        "about": _about(request, visit),
    }
    status = status or (400 if form.errors else 200)
    return render(request, "statements/write.html", context, status=status)


def _about(request: HttpRequest, visit: Visit) -> Claim | None:
    """The sentence of somebody else that she wants to say better, if the address names one."""
    try:
        wanted = uuids.UUID(request.GET.get("about", ""))
    except ValueError:
        return None
    return visit.consultation.claims.shown().filter(uuid=wanted).select_related("statement").first()


def _keep(request: HttpRequest, visit: Visit) -> HttpResponse:
    if drafts.keep(request, visit.consultation, request.POST):
        messages.success(request, _("Your draft is kept here until you sign out."))
    else:
        messages.warning(request, _("There is nothing to keep yet: the box is empty."))
    return redirect("statements:write", slug=visit.consultation.slug)


def _throw_away(request: HttpRequest, visit: Visit) -> HttpResponse:
    drafts.drop(request, visit.consultation)
    messages.success(request, _("The draft is gone."))
    return redirect("statements:write", slug=visit.consultation.slug)


def _edit(request: HttpRequest, visit: Visit) -> HttpResponse:
    form = StatementForm(initial=request.POST.dict(), consultation=visit.consultation)
    return _ask(request, visit, form=form)


def _send(request: HttpRequest, visit: Visit) -> HttpResponse:
    form = StatementForm(request.POST, consultation=visit.consultation)
    if not form.is_valid():
        return _ask(request, visit, form=form)
    data: dict[str, Any] = form.cleaned_data
    hints = hints_of(data["text"])
    if hints and not data["confirmed"]:
        context = visit.context | {"form": form, "hints": hints, "tab": "write"}
        return render(request, "statements/confirm.html", context)
    fields = {name: data[name] for name in ("text", "language", "scenario", "token")}
    try:
        sent = services.submit_statement(author=visit.participant, **fields)
    except services.SentAlready as refusal:
        return _ask_again(request, visit, sent=refusal.statement)
    except Invalid as refusal:
        form.add_error("text", refusal.sentence)
        return _ask(request, visit, form=form)
    except TooMany as refusal:  # Her text stays in the box.
        form.add_error("text", refusal.sentence)
        return with_headers(_ask(request, visit, form=form, status=refusal.status), refusal)
    drafts.drop(request, visit.consultation)
    return redirect("pages:receipt", slug=visit.consultation.slug, uuid=sent.uuid)


def _ask_again(request: HttpRequest, visit: Visit, *, sent: Statement) -> HttpResponse:
    """The page was sent before and its text changed since: a new page, with the new text."""
    initial = request.POST.dict() | {"token": uuids.uuid4()}
    form = StatementForm(initial=initial, consultation=visit.consultation)
    return _ask(request, visit, form=form, sent=sent, status=409)


_ACTS = {"keep": _keep, "discard": _throw_away, "edit": _edit}


@participants
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, visit: Visit, uuid: str) -> HttpResponse:
    """Ask once, then take the statement back."""
    statement = own_statement(visit, uuid)
    if request.method == "POST":
        require(request.user, "statements.withdraw", statement)
        services.withdraw_statement(statement, by=request.user)
        messages.success(request, _("Withdrawn. Nobody is shown this statement any more."))
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
