"""Beginning a consultation, moving it through its phases, inviting people, deleting it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from civic.accounts.permissions import can, require
from civic.consultations import services, setting_up, team
from civic.consultations.blueprints import BLUEPRINTS, content_of, opens_into
from civic.consultations.checklist import WITH_PEOPLE, missing
from civic.consultations.entry import Visit, behind
from civic.consultations.forms import (
    AddressesForm,
    ConsultationForm,
    DeletionForm,
    LinksForm,
    PhaseForm,
)
from civic.consultations.models import Consultation, Membership
from civic.consultations.phases import CITIZENS_ACTS, OPEN_ACTS, Act, Phase
from civic.consultations.sheets import download
from civic.errors import Conflict, Invalid

PHASE_HELP = {
    Phase.DRAFT: gettext_lazy("Only your team can see it. Prepare the question, import, invite."),
    Phase.COLLECT: gettext_lazy("People write statements and react to those of others."),
    Phase.REACT: gettext_lazy("No new statements; people react to what was written."),
    Phase.REVIEW: gettext_lazy("Nobody writes or reacts any more. Analyse and draft the spec."),
    Phase.PUBLISHED: gettext_lazy(
        "The result is public. People can still withdraw what they wrote."
    ),
    Phase.CLOSED: gettext_lazy("Everything stays readable; nothing changes any more."),
}


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Make a consultation from a blueprint; it starts as a draft that nobody else sees."""
    require(request.user, "consultations.create")
    form = ConsultationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        key = form.cleaned_data["blueprint"] or "behaviour"
        fields: dict[str, Any] = {"blueprint": key} | content_of(BLUEPRINTS[key])
        if request.user.display_name:
            fields["asked_by"] = request.user.display_name
        address = form.cleaned_data["slug"]
        if not form.data.get("slug"):
            address = services.free_address(address)
        title = form.cleaned_data["title"]
        try:
            made = services.create_consultation(
                by=request.user, title=title, slug=address, **fields
            )
        except Conflict as refusal:
            form.add_error("slug", refusal.sentence)
        except Invalid as refusal:
            form.add_error("title", refusal.sentence)
        else:
            messages.success(request, _("Created. Only you can see it until you open it."))
            return redirect("pages:setup_step", slug=made.slug, step="question")
    context = {"form": form, "blueprints": BLUEPRINTS.values()}
    status = 400 if form.errors else 200
    return render(request, "organizer/create.html", context, status=status)


@behind("consultations.desk")
@require_http_methods(["GET", "HEAD", "POST"])
def change_phase(request: HttpRequest, visit: Visit) -> HttpResponse:
    """All phases with what each opens; open another one. Going back is confirmed."""
    consultation = visit.consultation
    if request.method != "POST":
        return _phases(request, visit)
    require(request.user, "consultations.manage", consultation)
    form = PhaseForm(request.POST)
    if not form.is_valid() or form.cleaned_data["phase"] not in Phase.values:
        raise Invalid(_("Choose a phase."))
    wanted = Phase(form.cleaned_data["phase"])
    if wanted == consultation.phase:
        return redirect("pages:dashboard", slug=consultation.slug)
    if _is_back(consultation, wanted) and not form.cleaned_data["confirmed"]:
        return _phases(request, visit, back_to=wanted)
    try:
        setting_up.move_to_phase(consultation, phase=wanted, by=request.user)
    except Conflict as refusal:
        messages.error(request, refusal.sentence)
        return redirect("pages:setup_step", slug=consultation.slug, step="publish")
    told = _("The consultation is now in the phase “%(phase)s”.") % {"phase": wanted.label}
    messages.success(request, told)
    return redirect("pages:dashboard", slug=consultation.slug)


def _is_back(consultation: Consultation, wanted: Phase) -> bool:
    order = list(Phase)
    return order.index(wanted) < order.index(Phase(consultation.phase))


def _after(phase: Phase) -> Phase:
    """The phase that usually follows; the last one is followed by itself."""
    order = list(Phase)
    return order[min(order.index(phase) + 1, len(order) - 1)]


def _names(acts: Collection[str]) -> list[str]:
    """What acts are called, in the order of the table."""
    return [act.label for act in Act if act in acts]


def _phases(request: HttpRequest, visit: Visit, back_to: Phase | None = None) -> HttpResponse:
    consultation = visit.consultation
    now = Phase(consultation.phase)
    onward = opens_into(consultation) if now == Phase.DRAFT else _after(now)
    rows = [
        {
            "phase": phase,
            "help": PHASE_HELP[phase],
            "people": _names(OPEN_ACTS[phase] & CITIZENS_ACTS),
            "team": _names(OPEN_ACTS[phase] - CITIZENS_ACTS),
            "opens": _names(OPEN_ACTS[phase] - OPEN_ACTS[now]),
            "closes": _names(OPEN_ACTS[now] - OPEN_ACTS[phase]),
            "is_now": phase == now,
            "is_next": phase == onward,
            "is_back": _is_back(consultation, phase),
            "lacking": missing(consultation, phase=phase)
            if phase in WITH_PEOPLE and now not in WITH_PEOPLE
            else [],
        }
        for phase in Phase
    ]
    context = {
        "tab": "setup",
        "rows": rows,
        "back": next((row for row in rows if row["phase"] == back_to), None),
        "may_change": can(request.user, "consultations.manage", consultation),
    }
    return render(request, "organizer/phases.html", visit.context | context)


@never_cache
@behind("consultations.invite")
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """Invite many people at once: by mail, or by links in a table to hand out."""
    kind = request.POST.get("kind", "")
    forms = {"mail": AddressesForm(), "links": LinksForm()}
    sent = None
    if request.method == "POST":
        if kind not in forms:
            raise Invalid(_("Choose how you invite."))
        sent = forms[kind] = type(forms[kind])(request.POST)
        if sent.is_valid():
            if kind == "mail":
                return _mailed(request, visit, sent.cleaned_data["emails"])
            return _table(request, visit, sent.cleaned_data["number"])
    now = timezone.now()
    waiting = Q(accepted_at=None, expires_at__gt=now)
    rows = visit.consultation.invitations.filter(role=Membership.Role.PARTICIPANT)
    numbers = rows.aggregate(
        made=Count("pk"),
        used=Count("pk", filter=~Q(accepted_at=None)),
        waiting=Count("pk", filter=waiting),
    )
    context = {"tab": "people", "forms": forms, "form": sent, "numbers": numbers}
    context["kept_days"] = settings.KEEP_INVITATIONS_DAYS
    status = 400 if sent is not None else 200
    return render(request, "organizer/invite.html", visit.context | context, status=status)


def _mailed(request: HttpRequest, visit: Visit, emails: list[str]) -> HttpResponse:
    made = team.invite_many(visit.consultation, by=request.user, number=0, emails=emails)
    told = ngettext(
        "%(n)s invitation is on its way.", "%(n)s invitations are on their way.", len(made)
    )
    messages.success(request, told % {"n": len(made)})
    return redirect("consultations:invite", slug=visit.consultation.slug)


def _table(request: HttpRequest, visit: Visit, number: int) -> HttpResponseBase:
    """The links as a table: the only time that they can be read."""
    made = team.invite_many(visit.consultation, by=request.user, number=number)
    rows = [(link, one.expires_at.date().isoformat()) for link, one in made]
    name = f"invitations-{visit.consultation.slug}.csv"
    return download(name, head=("link", "works_until"), rows=rows)


@behind("consultations.delete")
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Delete the consultation and everything in it, once its title was typed."""
    consultation = visit.consultation
    form = DeletionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        title = consultation.title
        try:
            setting_up.delete_consultation(
                consultation, by=request.user, typed=form.cleaned_data["typed"]
            )
        except (Invalid, Conflict) as refusal:
            form.add_error("typed", refusal.sentence)
        else:
            messages.success(request, _("“%(title)s” is deleted.") % {"title": title})
            return redirect("pages:desk")
    people = consultation.memberships.taking_part().count()
    context = {
        "tab": "setup",
        "form": form,
        "people": people if people >= consultation.k else None,
        "has_people": people > 0,
    }
    status = 400 if form.errors else 200
    return render(request, "organizer/delete.html", visit.context | context, status=status)
