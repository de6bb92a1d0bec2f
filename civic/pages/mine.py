"""My part: the receipt. Every sentence and where it is now, every answer, and what can be done."""

from __future__ import annotations

import uuid as uuids

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from civic.consultations.entry import Visit, participants
from civic.consultations.phases import Act
from civic.consultations.receipt_links import link_of
from civic.consultations.strata import answers_among, strata_of
from civic.curation.asking import answers_of
from civic.curation.selectors import joined_with
from civic.errors import Invalid
from civic.judging.selectors import judgements_of
from civic.pages import receipt
from civic.pages.private_receipt import address_of
from civic.reactions.selectors import answers_to, reactions_of
from civic.specs.selectors import latest_public
from civic.statements.appeals import MOST_WORDS, open_appeal
from civic.statements.selectors import statements_of
from civic.statements.views import own_statement

PER_PAGE = 20
RECENT = 5  # answers that My part shows before the list of all


@participants
@never_cache
@require_safe
def mine(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Everything I wrote and where each sentence is now; what I answered last; my rights."""
    me = visit.participant
    page = Paginator(statements_of(me), PER_PAGE).get_page(request.GET.get("page"))
    items = receipt.items_of(me, page.object_list)
    claims = {s.segment.claim_id for item in items for s in item.sentences} - {None}
    answered = Paginator(reactions_of(me), RECENT).page(1)
    context = {
        "tab": "mine",
        "spec": latest_public(visit.consultation),
        "items": items,
        "page": page,
        "answers": answers_to(claims),
        "k": visit.consultation.k,
        "reactions": answered.object_list,
        "reaction_count": answered.paginator.count,
        "judged": judgements_of(me).count(),
        "joined": joined_with(visit.consultation, claims),
        "about": _about(visit),
        "link": (link := link_of(me)),
        "link_address": address_of(link),
        "can_write": visit.consultation.is_open(Act.SUBMIT_STATEMENT),
        "can_react": visit.consultation.is_open(Act.CAST_REACTION),
        "can_withdraw": visit.consultation.is_open(Act.WITHDRAW_STATEMENT),
    }
    return render(request, "pages/mine.html", visit.context | context)


@participants
@never_cache
@require_safe
def reactions(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Everything I answered, to change."""
    me = visit.participant
    context = {
        "tab": "mine",
        "page": Paginator(reactions_of(me), PER_PAGE).get_page(request.GET.get("page")),
        "either_or": answers_of(me),
        "judgements": judgements_of(me),
        "can_react": visit.consultation.is_open(Act.CAST_REACTION),
    }
    return render(request, "pages/my_reactions.html", visit.context | context)


class AppealForm(forms.Form):
    """Why a decision should be looked at again."""

    words = forms.CharField(
        label=gettext_lazy("Why should it be shown?"),
        help_text=gettext_lazy("A sentence or two. The one who decides reads it."),
        widget=forms.Textarea(attrs={"rows": 5, "maxlength": MOST_WORDS}),
        strip=False,
        error_messages={"required": gettext_lazy("Write a sentence on why it should be shown.")},
    )


@participants
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request: HttpRequest, visit: Visit, uuid: uuids.UUID) -> HttpResponse:
    """Ask for a hidden statement of mine to be looked at once more."""
    statement = own_statement(visit, uuid)
    form = AppealForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            open_appeal(statement, by=request.user, words=form.cleaned_data["words"])
        except Invalid as refusal:
            form.add_error("words", refusal.sentence)
        else:
            messages.success(
                request, _("Your appeal is here. Whoever decides on it did not hide the statement.")
            )
            return redirect("pages:my_part", slug=visit.consultation.slug)
    (item,) = receipt.items_of(visit.participant, [statement])
    context = visit.context | {"tab": "mine", "form": form, "item": item, "statement": statement}
    return render(request, "pages/appeal.html", context, status=400 if form.errors else 200)


def _about(visit: Visit) -> list[tuple[str, str]]:
    """What I said about myself: each question with my answer, "" where I said nothing."""
    given = answers_among(visit.consultation, visit.participant.strata)
    found = []
    for stratum in strata_of(visit.consultation):
        labels = {option.key: option.label for option in stratum.options}
        found.append((stratum.question, labels.get(given.get(stratum.key, ""), "")))
    return found
