"""The organizers' own pages: their consultations, one consultation at a glance, its log."""

from __future__ import annotations

from collections import Counter

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from civic.accounts.permissions import is_host, is_signed_in, require
from civic.analysis.models import Run
from civic.analysis.selectors import runs_of
from civic.audit.models import Entry
from civic.consultations.entry import Visit, behind
from civic.consultations.models import Membership
from civic.consultations.phases import OPEN_ACTS, Phase
from civic.consultations.selectors import organized_consultations, visible_consultations
from civic.errors import Forbidden, SignInRequired
from civic.pages import overview, tasks
from civic.specs.models import SpecVersion

PAGE, CARDS = 50, 24
PHASE_HELP = {
    Phase.DRAFT: "Only your team can see it. Prepare the question, import, invite.",
    Phase.COLLECT: "People write statements and react to those of others.",
    Phase.REACT: "No new statements; people react to what was written.",
    Phase.REVIEW: "Nobody writes or reacts any more. Analyse and draft the spec.",
    Phase.PUBLISHED: "The result is public. People can still withdraw what they wrote.",
    Phase.CLOSED: "Everything stays readable; nothing changes any more.",
}


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """The consultations in whose team somebody is, with whatever role."""
    if not is_signed_in.test(request.user):
        raise SignInRequired
    can_create = is_host.test(request.user)
    mine = Membership.objects.filter(consultation=OuterRef("pk"), user=request.user)
    rows = overview.with_counts(organized_consultations(request.user)).annotate(
        may_manage=Exists(mine.filter(is_organizer=True)),
        may_moderate=Exists(mine.filter(Q(is_organizer=True) | Q(is_moderator=True))),
    )
    page = Paginator(rows, CARDS).get_page(request.GET.get("page"))
    if not page.paginator.count and not can_create:
        raise Forbidden(_("You are in no consultation’s team."))
    for one in page:
        one.run_status = Run.Status(one.last_run_status).label if one.last_run_status else ""
    context = {"page": page, "can_create": can_create}
    if not page.paginator.count:
        context["example"] = visible_consultations(request.user).filter(is_synthetic=True).first()
    return render(request, "organizer/desk.html", context)


@require_POST
def load_example(request: HttpRequest) -> HttpResponse:
    """Have the worker make the invented consultation, owned by whoever asked."""
    require(request.user, "consultations.create")
    tasks.load_example.delay_on_commit(request.user.pk)
    messages.success(request, _("The example is being made. Load this page again in a minute."))
    return redirect("pages:desk")


@behind("consultations.desk")
@require_safe
def dashboard(request: HttpRequest, visit: Visit) -> HttpResponse:
    """One consultation at a glance: phase, numbers, what waits, the last analysis."""
    consultation = visit.consultation
    states = dict(
        consultation.statements.filter(withdrawn_at=None)
        .values_list("moderation")
        .annotate(Count("pk"))
    )
    roles = Counter(
        role for member in _staff(visit) for role in member.roles if role != "participant"
    )
    context = {
        "tab": "dashboard",
        "numbers": overview.numbers_of(consultation),
        "waiting": states.get("waiting", 0),
        "hidden": states.get("rejected", 0),
        "last_run": runs_of(consultation).first(),
        "specs": consultation.specs.defer("document")[:3],
        "team": [(Membership.Role(role).label, n) for role, n in sorted(roles.items())],
        "phases": [
            (phase, phase.label, PHASE_HELP[phase], phase == consultation.phase) for phase in Phase
        ],
        "open_acts": sorted(act.label for act in OPEN_ACTS[Phase(consultation.phase)]),
        "draft": consultation.specs.filter(status=SpecVersion.Status.DRAFT)
        .defer("document")
        .first(),
    }
    return render(request, "organizer/dashboard.html", visit.context | context)


def _staff(visit: Visit) -> list[Membership]:
    members = visit.consultation.memberships
    staff = members.filter(is_moderator=True) | members.filter(is_organizer=True)
    return list(staff | members.filter(is_auditor=True))


@behind("consultations.view_log")
@require_safe
def log(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Who did what, when: every entry of the audit record of this consultation."""
    entries = Entry.objects.filter(consultation=visit.consultation.uuid).order_by("-pk")
    page = Paginator(entries, PAGE).get_page(request.GET.get("page"))
    me = request.user.audit_key
    context = {"tab": "log", "page": page, "me": me}
    return render(request, "organizer/log.html", visit.context | context)
