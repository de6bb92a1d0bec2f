"""Reacting: one sentence at a time, with the last answer always within reach.

A page asks for the bare parts of the next card with the header HX-Request; everybody else is led
on to the next page.
"""

from __future__ import annotations

import uuid as uuids

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from civic.consultations.entry import Visit, participants
from civic.consultations.phases import Act
from civic.curation import asking
from civic.errors import Invalid, NotFound
from civic.reactions import selectors, services
from civic.reactions.cards import card_context, claim_context
from civic.reactions.forms import ImportanceForm, ReactionForm
from civic.statements.models import Claim
from civic.statements.translated import with_translation


@never_cache
@participants
@require_safe
def react(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The next sentence, or word that there is none."""
    context = card_context(
        visit,
        after=_named(request, "after"),
        again=_named(request, "again"),
        is_undone="undone" in request.GET,
    )
    context["answered_question"] = _answered_question(request, visit)
    return _show(request, visit, context)


def _show(request: HttpRequest, visit: Visit, context: dict[str, object]) -> HttpResponse:
    template = "reactions/parts.html" if _wants_parts(request) else "reactions/react.html"
    return render(request, template, visit.context | context)


@never_cache
@participants
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, visit: Visit, uuid: uuids.UUID) -> HttpResponse:
    """One sentence by its address: to answer it, or to change the answer."""
    claim = _claim(visit, uuid)
    form = ReactionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and not form.hints:
        return _answered(request, visit, claim, form)
    context = claim_context(claim, visit) | {
        "tab": "react",
        "form": form,
        "hints": form.hints if form.is_bound and form.is_valid() else (),
        "current": selectors.reaction_to(claim, participant=visit.participant),
        "mine": request.GET.get("mine") or request.POST.get("mine") or "",
        "is_open": visit.consultation.is_open(Act.CAST_REACTION),
        "closed_because": visit.consultation.closed_because(Act.CAST_REACTION),
    }
    status = 400 if form.errors or context["hints"] else 200
    return render(request, "reactions/change.html", visit.context | context, status=status)


def _answered(request: HttpRequest, visit: Visit, claim: Claim, form: ReactionForm) -> HttpResponse:
    """Save; then back, on to the next sentence, or now and then to an either/or question."""
    me, data = visit.participant, form.cleaned_data
    me.user = request.user  # the same row; the audit entry need not fetch it again
    given = {name: data[name] for name in ("value", "importance", "condition", "token")}
    services.cast_reaction(claim, participant=me, **given)
    if request.POST.get("mine"):
        return _back_to_mine(request, visit)
    pool = selectors.pool_of(me)
    is_time = pool.answered % asking.EVERY == 0 and not selectors.has_changed(claim, me)
    if is_time and asking.has_question(me):
        there = reverse("curation:either_or", args=[visit.consultation.slug])
        return _on(request, f"{there}?{urlencode({'after': claim.uuid})}")
    if _wants_parts(request):
        return _show(request, visit, card_context(visit, pool=pool, after=claim.uuid))
    return _on(request, _react(visit, after=claim.uuid))


@participants
@require_POST
def weigh(request: HttpRequest, visit: Visit, uuid: uuids.UUID) -> HttpResponse:
    """How much a sentence that she has answered matters to her."""
    form = ImportanceForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("Importance is a whole number from 1 to 5."))
    importance = form.cleaned_data["importance"]
    services.weigh_reaction(
        _claim(visit, uuid), participant=visit.participant, importance=importance
    )
    if _wants_parts(request):
        return _show(request, visit, card_context(visit, after=uuid))
    return redirect(_react(visit, after=uuid))


@participants
@require_POST
def undo(request: HttpRequest, visit: Visit, uuid: uuids.UUID) -> HttpResponse:
    """Take an answer back: the sentence is asked again, or the earlier answer counts again."""
    claim = visit.consultation.claims.select_related("statement").filter(uuid=uuid).first()
    if claim is None:
        raise NotFound
    seen = request.POST.get("only", "")
    before = services.undo_reaction(
        claim,
        participant=visit.participant,
        only=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 19 else None,
    )
    if request.POST.get("mine"):
        return _back_to_mine(request, visit)
    where = {"after": uuid} if before is not None else {"again": uuid}
    if _wants_parts(request):
        return _show(request, visit, card_context(visit, is_undone=True, **where))
    return redirect(_react(visit, undone=1, **where))


def _back_to_mine(request: HttpRequest, visit: Visit) -> HttpResponse:
    """To my part, or to what there is so far: wherever the change began."""
    is_so_far = request.POST.get("mine") == "so-far"
    there = "pages:so_far" if is_so_far else "pages:my_part"
    return _on(request, reverse(there, args=[visit.consultation.slug]) + "#reactions")


def _on(request: HttpRequest, address: str) -> HttpResponse:
    """To another page, whether a browser asks or a script of the page."""
    if _wants_parts(request):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


def _wants_parts(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def _react(visit: Visit, **query: object) -> str:
    return f"{reverse('reactions:react', args=[visit.consultation.slug])}?{urlencode(query)}"


def _claim(visit: Visit, uuid: uuids.UUID) -> Claim:
    """A claim that everybody may read and that is not in the visitor's own words."""
    claims = visit.consultation.claims.shown().filter(uuid=uuid)
    others = claims.exclude(statement__author=visit.membership).exclude(
        segments__statement__author=visit.membership
    )
    claim = with_translation(others.select_related("statement__consultation")).first()
    if claim is None:
        raise NotFound(_("This sentence is no longer shown, or it is your own."))
    return claim


def _answered_question(request: HttpRequest, visit: Visit) -> object:
    """The either/or question just answered."""
    wanted = _named(request, "answered")
    return visit.participant.questions.filter(uuid=wanted).first() if wanted else None


def _named(request: HttpRequest, name: str) -> uuids.UUID | None:
    """The id in the address, None where there is none."""
    try:
        return uuids.UUID(request.GET.get(name, ""))
    except ValueError:
        return None
