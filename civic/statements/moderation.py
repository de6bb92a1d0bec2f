"""The moderators' desk: what waits, and the acts that settle it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from civic.consultations.entry import Visit, behind
from civic.errors import Invalid, NotFound
from civic.statements import queue as waiting
from civic.statements import rules, ruling
from civic.statements.languages import own_name
from civic.statements.models import Appeal, Ruling, Statement
from civic.statements.moderating import AnswerForm, ModerationForm, QueueFilter

PAGE = 20
KEPT = ("state", "words", "language", "page")  # of the address, from one decision to the next
DECIDED = {
    Statement.Moderation.ACCEPTED: gettext_lazy("Decided: shown."),
    Statement.Moderation.REJECTED: gettext_lazy("Decided: hidden."),
    Statement.Moderation.WAITING: gettext_lazy("Decided: put back to be read again."),
}


@behind("statements.moderate")
@require_safe
def queue(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Statements of one state, each with what speaks for and against it and what decides it."""
    return _show(request, visit, query=request.GET)


def _show(
    request: HttpRequest,
    visit: Visit,
    *,
    query: QueryDict,
    failed: UUID | str | None = None,
    form: Form | None = None,
) -> HttpResponse:
    """The queue as the query asks for it, with the form of one statement sent in vain."""
    consultation = visit.consultation
    state = query.get("state", "open")
    if state not in waiting.STATES:
        raise Invalid(_("There is no such state of moderation."))
    languages = [(code, own_name(code)) for code in waiting.languages_in(consultation)]
    chosen = QueueFilter(query, languages=languages)
    wanted = {name: "" if name in chosen.errors else query.get(name, "") for name in chosen.fields}
    wanted = {name: value.replace("\0", "") for name, value in wanted.items()}
    found = waiting.statements_in(consultation, state=state, **wanted)
    page = Paginator(waiting.detailed(found), PAGE).get_page(query.get("page"))
    counts = waiting.counts_of(consultation)
    context = {
        "tab": "moderation",
        "state": state,
        "states": [(value, label, counts[value]) for value, label in waiting.STATES.items()],
        "filter": chosen,
        "is_filtered": any(wanted.values()),
        "page": page,
        "rows": waiting.rows_of(page, reader=request.user),
        "oldest": waiting.oldest_wait(consultation) if counts["open"] else None,
        "rules": rules.RULES,
        "keep": _kept(query, page=False),
        "back": _kept(query),
        "decided": _just_decided(request, visit),
        "failed": str(failed) if failed else "",
        "form": form,
    }
    status = 400 if form is not None else 200
    return render(request, "organizer/moderation.html", visit.context | context, status=status)


def _kept(query: QueryDict, *, page: bool = True) -> str:
    """Which statements are looked at, as the part of an address behind the question mark."""
    kept = QueryDict(mutable=True)
    for name in KEPT if page else KEPT[:-1]:
        if query.get(name):
            kept[name] = query[name]
    return kept.urlencode()


def _just_decided(request: HttpRequest, visit: Visit) -> Ruling | None:
    """The reader's own last decision, while she can undo it."""
    reference = request.GET.get("decided", "")
    ours = Ruling.objects.filter(statement__consultation=visit.consultation)
    try:
        found = ours.select_related("statement").filter(uuid=reference).first()
    except ValidationError:
        return None
    if found is None or found.stage not in (Ruling.Stage.FINAL, Ruling.Stage.PROPOSED):
        return None
    is_hers = request.user.pk == (found.second_reader_id or found.decided_by_id)
    return found if is_hers else None


def _statement(visit: Visit, uuid: object) -> Statement:
    found = visit.consultation.statements.filter(uuid=uuid).first()
    if found is None:
        raise NotFound
    found.consultation = visit.consultation
    return found


def _back(request: HttpRequest, visit: Visit, *, decided: Ruling | None = None) -> HttpResponse:
    """To the queue as it was, with the offer to undo what was decided."""
    query = QueryDict(_kept(QueryDict(request.POST.get("back", ""))), mutable=True)
    if decided is not None:
        query["decided"] = str(decided.uuid)
    address = reverse("statements:queue", args=[visit.consultation.slug])
    return redirect(f"{address}?{query.urlencode()}" if query else address)


@require_POST
@behind("statements.moderate")
def decide(request: HttpRequest, visit: Visit, uuid: str) -> HttpResponse:
    """Show, hide or put back one statement."""
    statement = _statement(visit, uuid)
    form = ModerationForm(request.POST)
    if not form.is_valid():
        return _show(
            request, visit, query=QueryDict(request.POST.get("back", "")), failed=uuid, form=form
        )
    data: dict[str, Any] = form.cleaned_data
    made = ruling.moderate_statement(
        statement,
        by=request.user,
        decision=data["decision"],
        rule=data["rule"],
        reason=data["details"],
    )
    messages.success(request, _told(made))
    return _back(request, visit, decided=made)


def _told(made: Ruling) -> str:
    if made.stage == Ruling.Stage.PROPOSED:
        return _("Proposed: it is hidden once a second moderator agrees.")
    return str(DECIDED[Statement.Moderation(made.decision)])


def _ruling(visit: Visit, uuid: object) -> Ruling:
    ours = Ruling.objects.filter(statement__consultation=visit.consultation)
    found = ours.select_related("statement__consultation").filter(uuid=uuid).first()
    if found is None:
        raise NotFound
    return found


@require_POST
@behind("statements.moderate")
def confirm(request: HttpRequest, visit: Visit, uuid: str) -> HttpResponse:
    """Agree, as second reader, that a statement is hidden."""
    made = ruling.confirm_hiding(_ruling(visit, uuid), by=request.user)
    messages.success(request, _told(made))
    return _back(request, visit, decided=made)


@require_POST
@behind("statements.moderate")
def undo(request: HttpRequest, visit: Visit, uuid: str) -> HttpResponse:
    """Take back one's own last decision on a statement."""
    ruling.undo_ruling(_ruling(visit, uuid), by=request.user)
    messages.success(request, _("Undone: everything is as it was before."))
    return _back(request, visit)


@require_POST
@behind("statements.moderate")
def answer(request: HttpRequest, visit: Visit, uuid: str) -> HttpResponse:
    """Let a decision stand that its author appealed against, or show the statement again."""
    appeals = Appeal.objects.filter(statement__consultation=visit.consultation, uuid=uuid)
    appeal = appeals.select_related("statement__consultation", "ruling").first()
    if appeal is None:
        raise NotFound
    form = AnswerForm(request.POST)
    if not form.is_valid():
        query = QueryDict(request.POST.get("back", ""))
        return _show(request, visit, query=query, failed=appeal.statement.uuid, form=form)
    ruling.decide_appeal(appeal, by=request.user, **form.cleaned_data)
    messages.success(request, _("Answered. The author reads your answer on her own page."))
    return _back(request, visit)
