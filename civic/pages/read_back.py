"""The receipt of a statement: what was read in it, sentence by sentence, and its author's word."""

from __future__ import annotations

import uuid as uuids
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from civic.accounts.permissions import require
from civic.consultations.entry import Visit, participants
from civic.consultations.phases import Act
from civic.curation import services as curation
from civic.curation.selectors import joined_with
from civic.errors import Invalid, NotFound, TooMany, with_headers
from civic.pages.similar import offered_to
from civic.statements import authoring, services
from civic.statements.forms import WordsForm, hints_of
from civic.statements.models import Segment, Statement
from civic.statements.selectors import segments_of
from civic.statements.similar import similar_to_statement
from civic.statements.views import own_statement
from civic.texts import LIMIT

LOOKS = 40  # a page looks again so many times, every three seconds; then a link is left
APART = "alone"  # of a verdict: the sentence is right, the words that stand for it are not


@never_cache
@participants
@require_safe
def receipt(request: HttpRequest, visit: Visit, uuid: uuids.UUID) -> HttpResponse:
    """The reference number, what was read in the text, and who sees it next."""
    statement = own_statement(visit, uuid)
    context = visit.context | {"tab": "write"} | _read_back(visit, statement)
    looked = _number(request.GET.get("looked", ""))
    context["look"] = looked + 1 if looked < LOOKS else None
    if request.headers.get("HX-Request"):
        return render(request, "statements/read_back.html", context)
    can_agree = visit.consultation.is_open(Act.CAST_REACTION)
    if context["is_read"] and can_agree and statement.withdrawn_at is None:
        among = offered_to(visit.participant, scenario=statement.scenario)
        context["similar"] = similar_to_statement(statement, among=among)
    context["can_react"] = can_agree
    return render(request, "statements/sent.html", context)


def _read_back(visit: Visit, statement: Statement) -> dict[str, Any]:
    """What the read-back shows: sentences put to the vote, and those read as context."""
    segments = list(segments_of(statement)) if statement.prepared_at else []
    asked = [one for one in segments if one.claim_id is not None]
    is_open = visit.consultation.is_open
    return {
        "statement": statement,
        "is_read": statement.prepared_at is not None,
        "asked": asked,
        "context_sentences": [one for one in segments if one.claim_id is None],
        "joined": joined_with(visit.consultation, [one.claim_id for one in asked]),
        "can_judge": is_open(Act.WITHDRAW_STATEMENT) and statement.withdrawn_at is None,
        "can_write": is_open(Act.SUBMIT_STATEMENT),
    }


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


@participants
@require_POST
def judge(request: HttpRequest, visit: Visit, uuid: uuids.UUID, start: int) -> HttpResponse:
    """Yes, not what I meant, undo, or: not in those words of somebody else."""
    statement = own_statement(visit, uuid)
    require(request.user, "statements.judge", statement)
    segment = _sentence(statement, start)
    verdict = request.POST.get("verdict", "?")
    if verdict == APART:
        _set_apart(request, visit, segment)
    else:
        authoring.judge_sentence(segment, by=request.user, verdict=verdict)
    return _back_to(visit, segment)


def _set_apart(request: HttpRequest, visit: Visit, segment: Segment) -> None:
    """Undo a merge or an organizer's joining: the sentence stands in its own words again."""
    if segment.is_merged:
        curation.separate_sentence(segment, by=request.user)
    elif segment.claim is not None:
        segment.claim.consultation = visit.consultation
        curation.separate_claim(segment.claim, by=request.user)
    messages.success(request, _("Your sentence now stands for itself."))


def _sentence(statement: Statement, start: int) -> Segment:
    """The sentence put to the vote that begins at this character."""
    segment = segments_of(statement).filter(start=start).exclude(claim=None).first()
    if segment is None:
        raise NotFound
    segment.statement = statement
    return segment


def _back_to(visit: Visit, segment: Segment) -> HttpResponse:
    page = reverse("pages:receipt", args=[visit.consultation.slug, segment.statement.uuid])
    return redirect(f"{page}#sentence-{segment.start}")


@never_cache
@participants
@require_http_methods(["GET", "HEAD", "POST"])
def differently(request: HttpRequest, visit: Visit, uuid: uuids.UUID, start: int) -> HttpResponse:
    """A sentence said differently: a new statement takes its place."""
    statement = own_statement(visit, uuid)
    require(request.user, "statements.judge", statement)
    segment = _sentence(statement, start)
    if request.method != "POST":
        form = WordsForm(initial={"text": segment.text, "token": uuids.uuid4()})
        return _ask_differently(request, visit, segment, form)
    form = WordsForm(request.POST)
    if not form.is_valid():
        return _ask_differently(request, visit, segment, form)
    data = form.cleaned_data
    hints = [] if data["confirmed"] else hints_of(data["text"])
    if hints:
        return _ask_differently(request, visit, segment, form, hints=hints)
    try:
        made = authoring.reword_sentence(
            segment,
            author=visit.participant,
            by=request.user,
            text=data["text"],
            language=statement.language,
            token=data["token"],
        )
    except services.SentAlready as refusal:
        made = refusal.statement
    except (Invalid, TooMany) as refusal:
        form.add_error("text", refusal.sentence)
        page = _ask_differently(request, visit, segment, form)
        page.status_code = refusal.status
        return with_headers(page, refusal)
    messages.success(request, _("Your new words take the place of the old ones."))
    return redirect("pages:receipt", slug=visit.consultation.slug, uuid=made.uuid)


def _ask_differently(
    request: HttpRequest, visit: Visit, segment: Segment, form: WordsForm, **context: object
) -> HttpResponse:
    form.fields["text"].label = _("Your new words")
    context |= visit.context | {
        "tab": "write",
        "form": form,
        "segment": segment,
        "statement": segment.statement,
        "limit": LIMIT,
        "can_write": visit.consultation.is_open(Act.SUBMIT_STATEMENT),
    }
    status = 400 if form.errors else 200
    return render(request, "statements/differently.html", context, status=status)
