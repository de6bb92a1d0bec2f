"""Setting a consultation up: begin from a blueprint, six saved steps, open."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from civic.accounts.permissions import can, require
from civic.consultations import setting_up
from civic.consultations.blueprints import BLUEPRINTS, opens_into
from civic.consultations.checklist import checklist
from civic.consultations.entry import Visit, behind
from civic.consultations.models import Consultation, Membership
from civic.consultations.phases import Phase
from civic.consultations.services import grant_role
from civic.consultations.steps import BY_NAME, STEPS, next_step
from civic.errors import Conflict, Invalid, NotFound
from civic.pages.setup_forms import FORMS, StepForm

# Where an item of the checklist that is no step is mended.
ELSEWHERE = {"team": "consultations:team", "import": "intake:upload"}


def progress(consultation: Consultation, here: str = "") -> dict[str, object]:
    """What every page of the set-up shows: the steps, done or not, and where to go on."""
    rows = [
        {
            "step": step,
            "is_saved": step.name in consultation.steps_saved,
            "is_here": step.name == here,
        }
        for step in STEPS
    ]
    return {
        "tab": "setup",
        "rows": rows,
        "saved": sum(bool(row["is_saved"]) for row in rows),
        "next": next_step(consultation, after=here),
        "blueprint": BLUEPRINTS.get(consultation.blueprint),
        "is_opened": consultation.phase != Phase.DRAFT,
    }


@behind("consultations.view_setup")
@require_safe
def overview(request: HttpRequest, visit: Visit) -> HttpResponse:
    """All six steps with what is done and what is missing."""
    items = checklist(visit.consultation)
    context = progress(visit.consultation) | {
        "items": items,
        "lacking": [item for item in items if not item.is_met],
        "may_change": can(request.user, "consultations.manage", visit.consultation),
        "may_delete": can(request.user, "consultations.delete", visit.consultation),
    }
    return render(request, "organizer/setup.html", visit.context | context)


@behind("consultations.view_setup")
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, visit: Visit, step: str) -> HttpResponse:
    """One step: a form of its own, saved on its own."""
    if step not in BY_NAME:
        raise NotFound
    if step == "publish":
        return _publish(request, visit)
    may_change = can(request.user, "consultations.manage", visit.consultation)
    if request.method == "POST":
        require(request.user, "consultations.manage", visit.consultation)
    sent = request.POST if request.method == "POST" else None
    form = FORMS[step](sent, consultation=visit.consultation, is_read_only=not may_change)
    if request.method == "POST" and form.is_valid():
        try:
            _save(request, visit, step, form)
        except (Invalid, Conflict) as refusal:
            blamed = form.blamed if isinstance(refusal, Invalid) else None
            form.add_error(blamed, refusal.sentence)
        else:
            if "stay" in request.POST:
                return redirect("pages:setup", slug=visit.consultation.slug)
            onward = next_step(visit.consultation, after=step)
            return redirect("pages:setup_step", slug=visit.consultation.slug, step=onward.name)
    context = progress(visit.consultation, here=step) | {
        "form": form,
        "this_step": BY_NAME[step],
        "number": [one.name for one in STEPS].index(step) + 1,
        "may_change": may_change,
    }
    status = 400 if form.errors else 200
    return render(request, f"organizer/setup_{step}.html", visit.context | context, status=status)


def _save(request: HttpRequest, visit: Visit, step: str, form: StepForm) -> None:
    setting_up.save_step(visit.consultation, step=step, fields=form.values(), by=request.user)
    if form.cleaned_data.get("read_myself"):
        moderator = Membership.Role.MODERATOR
        grant_role(visit.consultation, user=request.user, role=moderator, by=request.user)
    messages.success(request, _("Saved: “%(step)s”.") % {"step": BY_NAME[step].label})


def _publish(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The last step: look at it as a citizen, see what is missing, open."""
    if request.method == "POST":
        require(request.user, "consultations.manage", visit.consultation)
        return _open(request, visit)
    items = checklist(visit.consultation)
    context = progress(visit.consultation, here="publish") | {
        "items": items,
        "lacking": [item for item in items if not item.is_met],
        "this_step": BY_NAME["publish"],
        "number": len(STEPS),
        "opens_into": opens_into(visit.consultation),
        "may_change": can(request.user, "consultations.manage", visit.consultation),
    }
    return render(request, "organizer/setup_publish.html", visit.context | context)


def _open(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Open the consultation in the phase that its blueprint leads to."""
    slug = visit.consultation.slug
    try:
        is_new = setting_up.open_first(visit.consultation, by=request.user)
    except Conflict as refusal:
        messages.error(request, refusal.sentence)
        return redirect("pages:setup_step", slug=slug, step="publish")
    told = (
        _("Open. The consultation is in the phase “%(phase)s” now.")
        if is_new
        else _("The consultation is in the phase “%(phase)s”.")
    )
    phase = Phase(visit.consultation.phase).label
    messages.success(request, told % {"phase": phase})
    return redirect("pages:dashboard", slug=slug)
