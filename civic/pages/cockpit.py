"""The live cockpit of one consultation: what to do next, who takes part, what is said."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from civic.accounts.permissions import can
from civic.analysis.selectors import runs_of
from civic.consultations.entry import Visit, behind
from civic.consultations.models import Membership
from civic.consultations.selectors import team
from civic.pages.live import activity
from civic.pages.live.next_steps import next_steps
from civic.pages.live.patterns import patterns_of
from civic.pages.live.turnout import turnout_of
from civic.statements.queue import counts_of

FAST = 40  # per cent of answers too fast to be read, from which it is worth a look


@behind("consultations.desk")
@require_safe
def dashboard(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The cockpit. Moderators see what waits for them, readers of analyses everything."""
    consultation, user = visit.consultation, request.user
    waiting = counts_of(consultation)
    context: dict[str, Any] = visit.context | {
        "tab": "dashboard",
        "steps": next_steps(consultation, user=user, membership=visit.membership, waiting=waiting),
        "waiting": waiting,
        "may_manage": can(user, "consultations.manage", visit.membership),
        "may_moderate": can(user, "statements.moderate", visit.membership),
        "reads": can(user, "analysis.view", visit.membership),
        "refreshes": "still" not in request.GET,
    }
    if context["reads"]:
        context |= _figures(visit) | _panels(visit)
    return render(request, "organizer/dashboard.html", context)


def _figures(visit: Visit) -> dict[str, Any]:
    """The numbers on top, which come anew every half minute."""
    tallies = activity.tallies_of(visit.consultation)
    return {"tallies": tallies, "turnout": turnout_of(visit.consultation)}


def _panels(visit: Visit) -> dict[str, Any]:
    consultation, today = visit.consultation, timezone.now().date()
    tallies = activity.tallies_of(consultation)
    members = consultation.memberships.filter(team())
    roles = Counter(
        role for member in members for role in member.roles if role != Membership.Role.PARTICIPANT
    )
    return {
        "reactions": activity.chart_of(tallies.by_day, today=today),
        "statements": activity.chart_of(activity.statements_by_day(consultation), today=today),
        "openings": activity.openings_of(consultation),
        "stages": activity.people_at(consultation),
        "coverage": activity.coverage_of(consultation),
        "last_run": runs_of(consultation).first(),
        "specs": list(consultation.specs.defer("document")[:3]),
        "team": [(Membership.Role(role).label, n) for role, n in sorted(roles.items())],
        "days": activity.DAYS,
    }


@behind("analysis.view")
@require_safe
def figures(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The numbers on top alone, for a page that stays open."""
    context = {"waiting": counts_of(visit.consultation), "refreshes": True}
    context |= visit.context | _figures(visit)
    context["may_moderate"] = can(request.user, "statements.moderate", visit.membership)
    return render(request, "organizer/live_figures.html", context)


@behind("analysis.view")
@require_safe
def patterns(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Unusual patterns: a page of its own, and a part of the cockpit once that is loaded."""
    found = patterns_of(visit.consultation)
    is_part = bool(getattr(request, "htmx", False))
    context = {
        "tab": "dashboard",
        "patterns": found,
        "is_hurried": found.fast_share > FAST / 100,
        "level": 3 if is_part else 2,  # of the headings: a part stands below one of the page
    }
    template = "organizer/live_patterns.html" if is_part else "organizer/patterns.html"
    return render(request, template, visit.context | context)
