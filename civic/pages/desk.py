"""The organizers' own pages: their consultations, one consultation at a glance, its log."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from civic.accounts.permissions import is_host, is_signed_in, require
from civic.analysis.models import Run
from civic.consultations.models import Membership
from civic.consultations.selectors import organized_consultations, visible_consultations
from civic.errors import Forbidden, SignInRequired
from civic.pages import overview, tasks

PAGE, CARDS = 50, 24


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
