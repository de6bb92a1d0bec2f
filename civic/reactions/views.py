"""Reacting: one claim at a time, with the last answer always within reach."""

from __future__ import annotations

import uuid as uuids

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from civic.consultations.entry import Visit, participants
from civic.consultations.models import Membership
from civic.consultations.phases import Act
from civic.curation import asking
from civic.errors import NotFound
from civic.reactions import selectors, services
from civic.reactions.forms import ReactionForm
from civic.reactions.models import Serving
from civic.statements.models import Claim

ANSWERS = (
    ("agree", "Agree"),
    ("disagree", "Disagree"),
    ("unsure", "Unsure"),
)


@never_cache
@participants
@require_safe
def react(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The next claim, or word that there is none."""
    participant = visit.participant
    is_open = visit.consultation.is_open(Act.CAST_REACTION)
    claim = services.next_claim(participant) if is_open else None
    answered, total = selectors.progress_of(participant)
    context = {
        "tab": "react",
        "is_open": is_open,
        "claim": claim,
        "answers": ANSWERS,
        "answered": answered,
        "total": total,
        "position": min(answered + 1, total),
        "chance": _chance(claim, participant),
        "last": _last_answer(request, participant),
        "answered_question": _answered_question(request, participant),
    }
    if claim is None:
        context["has_question"] = asking.has_question(participant)
    return render(request, "reactions/react.html", visit.context | context)


@never_cache
@participants
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, visit: Visit, uuid: uuids.UUID) -> HttpResponse:
    """One claim by its address: to answer it, or to change the answer."""
    participant = visit.participant
    claim = _claim(visit, uuid)
    form = ReactionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        is_new = selectors.reaction_to(claim, participant=participant) is None
        services.cast_reaction(
            claim,
            participant=participant,
            value=form.cleaned_data["value"],
            importance=form.cleaned_data["importance"],
        )
        return _onward(visit, claim, is_new=is_new, back_to_mine=bool(request.POST.get("mine")))
    context = {
        "tab": "react",
        "form": form,
        "claim": claim,
        "answers": ANSWERS,
        "current": selectors.reaction_to(claim, participant=participant),
        "mine": request.GET.get("mine") or request.POST.get("mine") or "",
        "is_open": visit.consultation.is_open(Act.CAST_REACTION),
    }
    status = 400 if form.errors else 200
    return render(request, "reactions/change.html", visit.context | context, status=status)


def _onward(visit: Visit, claim: Claim, *, is_new: bool, back_to_mine: bool) -> HttpResponse:
    """Back, on to the next claim, or now and then to an either/or question."""
    slug = visit.consultation.slug
    if back_to_mine:
        return redirect(reverse("pages:my_part", args=[slug]) + "#reactions")
    me = visit.participant
    is_time = is_new and selectors.reactions_of(me).count() % asking.EVERY == 0
    there = "curation:either_or" if is_time and asking.has_question(me) else "reactions:react"
    after = urlencode({"after": claim.uuid})
    return redirect(f"{reverse(there, args=[slug])}?{after}")


def _claim(visit: Visit, uuid: uuids.UUID) -> Claim:
    """A claim that everybody may read and that is not in the visitor's own words."""
    claims = visit.consultation.claims.shown().filter(uuid=uuid)
    others = claims.exclude(statement__author=visit.membership).exclude(
        segments__statement__author=visit.membership
    )
    claim = others.select_related("statement__consultation").first()
    if claim is None:
        raise NotFound("This sentence is no longer shown, or it is your own.")
    return claim


def _chance(claim: Claim | None, participant: Membership) -> int | None:
    """1 in how many: the probability with which the claim was drawn, in words."""
    serving = claim and Serving.objects.filter(claim=claim, participant=participant).first()
    return max(1, round(1 / serving.probability)) if serving and serving.probability else None


def _last_answer(request: HttpRequest, participant: Membership) -> object:
    """The answer just given, so that it can be read back and changed."""
    wanted = _named(request, "after")
    reactions = selectors.reactions_of(participant)
    return reactions.filter(claim__uuid=wanted).first() if wanted else None


def _answered_question(request: HttpRequest, participant: Membership) -> object:
    """The either/or question just answered."""
    wanted = _named(request, "answered")
    return participant.questions.filter(uuid=wanted).first() if wanted else None


def _named(request: HttpRequest, name: str) -> uuids.UUID | None:
    """The id in the address, None where there is none."""
    try:
        return uuids.UUID(request.GET.get(name, ""))
    except ValueError:
        return None
