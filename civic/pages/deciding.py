"""What an organizer decides about claims and themes: every button of her desk ends here."""

from __future__ import annotations

import uuid as uuids

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from civic.analysis.findings import newest_run, theme_titles
from civic.consultations.entry import Visit, behind
from civic.curation import selectors, services, themes
from civic.curation.forms import USUAL, PairForm, ReasonForm, ThemeForm
from civic.curation.models import Kind
from civic.errors import Invalid, NotFound
from civic.pages.curation import claim_at, passages_of


@require_POST
@behind("curation.decide")
def decide_pair(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Join two claims, keep them apart, or say whether they contradict each other."""
    form = _checked(PairForm(request.POST), _("Choose two claims and what to decide about them."))
    kind, reason = form["kind"], _reason(form)
    first, second = claim_at(visit, form["first"]), claim_at(visit, form["second"])
    about = {"by": request.user, "reason": reason}
    if kind == Kind.TOGETHER:
        kept, folded = (second, first) if form["keep"] == "second" else (first, second)
        services.merge_claims(visit.consultation, kept=kept, folded=folded, **about)
    elif kind == Kind.APART:
        services.keep_apart(visit.consultation, first=first, second=second, **about)
    else:
        services.judge_contradiction(
            visit.consultation, first=first, second=second, verdict=kind, **about
        )
    messages.success(
        request,
        _("Decided: “%(what)s”. It counts from the next analysis on.") % {"what": Kind(kind).label},
    )
    return _back(request, visit)


@require_POST
@behind("curation.decide")
def split(request: HttpRequest, visit: Visit, uuid: uuids.UUID) -> HttpResponse:
    """Let chosen passages leave a claim."""
    found = claim_at(visit, uuid)
    form = _checked(ReasonForm(request.POST), _("The reason is too long."))
    wanted = set(request.POST.getlist("passage"))
    passages = [one for one in passages_of(found) if str(one.pk) in wanted]
    made = services.split_claim(
        found, passages=passages, by=request.user, reason=_reason(form | {"kind": Kind.SPLIT})
    )
    messages.success(request, _("These passages have a claim of their own now."))
    return redirect("pages:claim", slug=visit.consultation.slug, uuid=made.second.uuid)


@require_POST
@behind("curation.decide")
def decide_theme(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Rename a theme, join it with another, or move a claim."""
    form = _checked(ThemeForm(request.POST), _("Choose a theme and what to decide about it."))
    titles = theme_titles(newest_run(visit.consultation))
    about = {"themes": titles, "by": request.user, "reason": _reason(form)}
    if form["kind"] == Kind.RENAMED:
        themes.rename_theme(visit.consultation, theme=form["theme"], title=form["title"], **about)
    elif form["kind"] == Kind.THEME_MERGED:
        themes.merge_theme(visit.consultation, theme=form["theme"], into=form["into"], **about)
    else:
        moved = claim_at(visit, form["claim"])
        themes.place_claim(visit.consultation, claim=moved, into=form["into"], **about)
    messages.success(request, _("Decided. It counts from the next analysis on."))
    return _back(request, visit)


@require_POST
@behind("curation.decide")
def undo(request: HttpRequest, visit: Visit, uuid: uuids.UUID) -> HttpResponse:
    """Take a decision back."""
    rows = visit.consultation.decisions.filter(uuid=uuid)
    decision = selectors.with_words(rows).select_related("consultation").first()
    if decision is None:
        raise NotFound
    form = _checked(ReasonForm(request.POST), _("The reason is too long."))
    reason = form["reason"].strip() or "The decision was a mistake."
    services.undo_decision(decision, by=request.user, reason=reason)
    messages.success(request, _("Undone. It counts from the next analysis on."))
    return _back(request, visit)


def _checked(form: ReasonForm, otherwise: str) -> dict[str, object]:
    if not form.is_valid():
        told = [str(error) for errors in form.errors.values() for error in errors]
        raise Invalid(" ".join([otherwise, *told]))
    return form.cleaned_data


def _reason(form: dict[str, object]) -> str:
    """The organizer's own words, or the usual ones for this kind of decision."""
    return str(form["reason"]).strip() or USUAL[Kind(form["kind"])]


def _back(request: HttpRequest, visit: Visit) -> HttpResponse:
    """To the list that the form stood on."""
    home = reverse("pages:curation", args=[visit.consultation.slug])
    wanted = request.POST.get("back", "")
    return redirect(wanted if wanted.startswith(home) else home)
