"""Is one of these yours already? Sentences of others that come near to what somebody writes."""

from __future__ import annotations

import uuid as uuids

from django.contrib import messages
from django.core.cache import cache
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from civic.consultations.entry import Visit, participants
from civic.consultations.models import Membership
from civic.consultations.phases import Act
from civic.curation.selectors import open_claims
from civic.errors import NotFound
from civic.reactions.models import Reaction
from civic.reactions.services import cast_reaction
from civic.statements import drafts
from civic.statements.models import Claim
from civic.statements.similar import similar_to_draft

A_MINUTE = 30  # questions of one person: one every two seconds, as fast as people stop typing


def offered_to(participant: Membership, *, scenario: str = "") -> QuerySet[Claim]:
    """Claims of others about this situation that she can agree with of her own accord.

    Not those that she was shown or has answered: what she says to them is asked on another page.
    """
    claims = open_claims(participant.consultation).filter(statement__scenario=scenario)
    return (
        claims.exclude(statement__author=participant)
        .exclude(segments__statement__author=participant)
        .exclude(reactions__participant=participant)
        .exclude(servings__participant=participant)
    )


@never_cache
@participants
@require_POST
def similar(request: HttpRequest, visit: Visit) -> HttpResponse:
    """A piece of the writing page: up to three sentences near the text under way."""
    me = visit.participant
    if not visit.consultation.is_open(Act.CAST_REACTION):
        return HttpResponse(status=204)
    if not _may_ask(me):
        return HttpResponse(status=429)
    found = similar_to_draft(
        request.POST.get("text", ""),
        language=request.POST.get("language", "")[:16],
        consultation=visit.consultation,
        among=offered_to(me, scenario=request.POST.get("scenario", "")[:40]),
    )
    context = visit.context | {"claims": found}
    return render(request, "statements/similar.html", context)


def _may_ask(participant: Membership) -> bool:
    """Whether somebody has asked fewer than A_MINUTE times since the first one in a minute."""
    name = f"similar-{participant.pk}"
    cache.add(name, 0, timeout=60)
    try:
        return cache.incr(name) <= A_MINUTE
    except ValueError:  # The minute ended between the two lines.
        return True


@participants
@require_POST
def agree(request: HttpRequest, visit: Visit, uuid: uuids.UUID) -> HttpResponse:
    """Agree with a sentence of somebody else; what was being written is kept."""
    me = visit.participant
    slug = visit.consultation.slug
    drafts.keep(request, visit.consultation, request.POST)
    claims = open_claims(visit.consultation).exclude(statement__author=me)
    claim = claims.filter(uuid=uuid).select_related("statement__consultation").first()
    if claim is None:
        raise NotFound(_("This sentence is no longer shown, or it is your own."))
    cast_reaction(claim, participant=me, value=Reaction.Value.AGREE)
    receipt = _receipt_named(request, me)
    if receipt is not None:
        messages.success(request, _("Saved: you agree with that sentence, too."))
        return redirect("pages:receipt", slug=slug, uuid=receipt)
    messages.success(
        request,
        _("Saved: you agree with that sentence. Your own text is still here."),
    )
    return redirect("statements:write", slug=slug)


def _receipt_named(request: HttpRequest, participant: Membership) -> uuids.UUID | None:
    """The statement of hers whose receipt she came from, if she did."""
    try:
        wanted = uuids.UUID(request.POST.get("receipt", ""))
    except ValueError:
        return None
    return wanted if participant.statements.filter(uuid=wanted).exists() else None
