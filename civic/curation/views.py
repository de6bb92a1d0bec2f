"""The citizen's side: either/or questions, and one's own words taken out of a merge."""

from __future__ import annotations

import uuid as uuids

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from civic.accounts.permissions import require
from civic.consultations.entry import Visit, participants
from civic.consultations.phases import Act
from civic.curation import asking, services
from civic.curation.forms import AnswerForm
from civic.curation.models import Answer, Question
from civic.errors import NotFound
from civic.statements.models import Claim
from civic.statements.selectors import segments_of
from civic.statements.views import own_statement


@never_cache
@participants
@require_safe
def either_or(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The next question, or word that there is none."""
    question = asking.next_question(visit.participant)
    context = {
        "question": question,
        "saved": _saved(request),
        "after": request.GET.get("after", "")[:36],
    }
    return _show(request, visit, context)


@never_cache
@participants
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, visit: Visit, uuid: uuids.UUID) -> HttpResponse:
    """One of the visitor's own questions: to answer it, or to change the answer."""
    question = _own_question(visit, uuid)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    mine = bool(request.GET.get("mine") or request.POST.get("mine"))
    if request.method == "POST" and form.is_valid():
        asking.answer_question(question, value=form.cleaned_data["value"])
        return _onward(visit, question, mine=mine)
    context = {
        "form": form,
        "question": question,
        "current": question.answers.filter(is_latest=True).first(),
        "mine": mine,
    }
    return _show(request, visit, context, status=400 if form.errors else 200)


def _show(
    request: HttpRequest, visit: Visit, context: dict[str, object], *, status: int = 200
) -> HttpResponse:
    question = context["question"]
    fields = {
        "tab": "react",
        "is_open": visit.consultation.is_open(Act.CAST_REACTION),
        "closed_because": visit.consultation.closed_because(Act.CAST_REACTION),
        "chance": _drawn_from(question),
        "shown": question.shown if isinstance(question, Question) else (),
        "values": _values(question) if isinstance(question, Question) else (),
    }
    context = visit.context | fields | context
    return render(request, "curation/either_or.html", context, status=status)


def _values(question: Question) -> list[tuple[str, str]]:
    """The answers as buttons: "the first" is whichever stands first on this person's page."""
    value = Answer.Value
    first, second = (value.SECOND, value.FIRST) if question.swapped else (value.FIRST, value.SECOND)
    return [
        (first, value.FIRST.label),
        (second, value.SECOND.label),
        *((one, one.label) for one in (value.BOTH, value.NEITHER, value.UNSURE)),
    ]


def _drawn_from(question: object) -> int:
    """From how many pairs the question was drawn; 0 where there is none."""
    drawn = isinstance(question, Question) and question.probability
    return round(1 / question.probability) if drawn else 0


def _onward(visit: Visit, question: Question, *, mine: bool) -> HttpResponse:
    slug = visit.consultation.slug
    if mine:
        return redirect(reverse("pages:my_reactions", args=[slug]) + "#either-or")
    answered = urlencode({"answered": question.uuid})
    return redirect(f"{reverse('reactions:react', args=[slug])}?{answered}")


def _own_question(visit: Visit, uuid: uuids.UUID) -> Question:
    rows = visit.participant.questions.filter(uuid=uuid)
    question = rows.select_related(
        "first__statement__consultation",
        "second__statement__consultation",
        "participant__consultation",
        "participant__user",
    ).first()
    if question is None:
        raise NotFound
    return question


def _saved(request: HttpRequest) -> bool:
    """Whether the visitor comes from a reaction that was just saved."""
    try:
        return bool(uuids.UUID(request.GET.get("after", "")))
    except ValueError:
        return False


@participants
@require_POST
def separate_sentence(
    request: HttpRequest, visit: Visit, uuid: uuids.UUID, start: int
) -> HttpResponse:
    """Give a merged sentence a claim of its own: its author says that it means something else."""
    statement = own_statement(visit, uuid)
    segment = segments_of(statement).filter(start=start).first()
    if segment is None:
        raise NotFound
    services.separate_sentence(segment, by=request.user)
    messages.success(request, _("Your sentence now stands for itself."))
    return redirect("pages:my_part", slug=visit.consultation.slug)


@participants
@require_POST
def separate_claim(request: HttpRequest, visit: Visit, uuid: uuids.UUID) -> HttpResponse:
    """Take one's own claim out of what an organizer joined it with."""
    claims = Claim.objects.filter(consultation=visit.consultation, uuid=uuid)
    claim = claims.select_related("consultation", "statement__author").first()
    if claim is None or claim.statement.author_id != visit.participant.pk:
        raise NotFound
    require(request.user, "curation.separate", claim.statement)
    services.separate_claim(claim, by=request.user)
    messages.success(request, _("Your sentence now stands for itself."))
    return redirect("pages:my_part", slug=visit.consultation.slug)
