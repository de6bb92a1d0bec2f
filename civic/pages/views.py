"""Pages that bring several apps together for people: front pages, one statement."""

from __future__ import annotations

import uuid as uuids
from urllib.parse import urlsplit

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from civic.accounts.permissions import can
from civic.consultations.entry import Visit, visitors
from civic.consultations.phases import Act
from civic.consultations.selectors import visible_consultations
from civic.errors import NotFound
from civic.judging.selectors import has_answers
from civic.pages import overview
from civic.specs.models import Clause
from civic.specs.selectors import latest_public
from civic.statements.meaning import hosts_asked
from civic.statements.models import Statement
from civic.statements.translated import translation_of

CARDS = 24  # consultations on one page of the front page


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this is, and what is open."""
    visible = overview.listed(visible_consultations(request.user), user=request.user)
    running = Paginator(visible.exclude(phase__in=overview.OVER), CARDS)
    over = Paginator(visible.filter(phase__in=overview.OVER), CARDS)
    context = {
        "running": running.get_page(request.GET.get("page")),
        "over": over.get_page(request.GET.get("results")),
    }
    return render(request, "pages/home.html", context)


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """The method in plain words."""
    return render(request, "pages/about.html")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept about a person, and what is not; what is sent elsewhere, and to whom."""
    context = {
        "encoder": ", ".join(hosts_asked()),
        "translator": urlsplit(settings.TRANSLATE_URL).hostname or "",
        "shown_days": settings.KEEP_SERVINGS_DAYS,
        "invited_days": settings.KEEP_INVITATIONS_DAYS,
        "log_days": settings.KEEP_RUN_LOGS_DAYS,
    }
    return render(request, "pages/privacy.html", context)


@visitors
@require_safe
def consultation(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The question, who asks it and why, where it stands, and one thing to do next."""
    one, me = visit.consultation, visit.membership
    spec = latest_public(one)
    people, statements = overview.turnout(one)
    context = {
        "tab": "overview",
        "spec": spec,
        "steps": overview.phase_line(one),
        "standing": overview.standing(one),
        "people": people,
        "statements": statements,
        "people_shown": people >= one.k,
        "next_act": overview.next_act(one, me, has_spec=spec is not None),
        "is_in": visit.takes_part,
        "minutes": overview.MINUTES,
        "can_react": one.is_open(Act.CAST_REACTION),
        "can_judge": one.is_open(Act.CAST_REACTION) and has_answers(one),
    }
    return render(request, "consultations/consultation.html", visit.context | context)


@visitors
@require_safe
def statement(request: HttpRequest, visit: Visit, uuid: uuids.UUID) -> HttpResponse:
    """One statement whole, with what became of it; a hidden one leaves a tombstone."""
    found = (
        visit.consultation.statements.select_related("consultation", "author")
        .filter(uuid=uuid)
        .first()
    )
    if found is None:
        raise NotFound
    if not can(request.user, "statements.view", found):
        if found.moderation != Statement.Moderation.REJECTED and found.withdrawn_at is None:
            raise NotFound(_("This statement is waiting to be read by a moderator."))
        context = visit.context | {"statement": found}
        return render(request, "statements/tombstone.html", context)
    spec = latest_public(visit.consultation)
    cited = Clause.objects.filter(spec=spec, evidence__statement=found).distinct() if spec else ()
    context = {
        "statement": found,
        "spec": spec,
        "clauses": cited,
        "spans": _quoted(request, found),
        "translation": translation_of(found),
    }
    return render(request, "statements/statement.html", visit.context | context)


def _quoted(request: HttpRequest, statement: Statement) -> list[tuple[int, int]]:
    """The passage that the link came from (`?quote=start-end`), if it lies in the text."""
    start, _, end = request.GET.get("quote", "").partition("-")
    if not (start.isascii() and start.isdigit() and end.isascii() and end.isdigit()):
        return []
    first, last = int(start[:9]), int(end[:9])
    return [(first, last)] if first < last <= len(statement.text) else []
