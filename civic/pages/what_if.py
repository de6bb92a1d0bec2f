"""What if the rules were others? Tried on a finished analysis at once; nothing is stored."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from aggregation import whatif
from aggregation.errors import AggregationError
from aggregation.whatif import Basis
from civic.accounts.permissions import can
from civic.analysis import exploring, trying
from civic.analysis.trying import LISTED, WhatIfForm
from civic.consultations.entry import Visit, behind
from civic.pages.looking import context_of

# The rules that stand first; the others are folded.
FIRST = (
    *("should_pooled", "should_group", "must_pooled", "must_group"),
    *("veto", "voice_share", "common_budget", "voice_budget"),
)
# Where a slider ends although the field takes more.
REACH = {"min_reactions": 100, "common_budget": 100, "voice_budget": 50, "theme_leeway": 5}


@never_cache
@behind("analysis.view")
@require_safe
def what_if(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The form, and what follows from it; `?part=1` gives what follows alone, for the island."""
    context = context_of(request, visit, looking="what_if")
    run = context["run"]
    has_basis = context["found"] is not None and exploring.has_basis(run)
    if not has_basis or not trying.is_small_enough(run):
        context["is_too_large"] = has_basis
        return render(request, "explore/what_if_not.html", context)
    basis = exploring.basis_in(run.basis_file)
    form = _form(request, basis)
    context |= {
        "form": form,
        "sliders": _sliders(form, first=True),
        "folded": _sliders(form, first=False),
        "presets": _presets(form.own),
        "shown": exploring.readable(visit.consultation, context["found"]),
        "may_start": can(request.user, "analysis.run", visit.membership),
        "listed": f":{LISTED}",
        "listed_count": LISTED,
    }
    if not form.is_bound or form.is_valid():
        context |= _followed(context, visit, basis, form)
    if request.GET.get("part"):
        return render(request, "explore/what_follows.html", context | {"is_part": True})
    status = 400 if form.is_bound and form.errors else 200
    return render(request, "explore/what_if.html", context, status=status)


def _form(request: HttpRequest, basis: Basis) -> WhatIfForm:
    """Bound where any rule is asked for; the others are as in the run."""
    empty = WhatIfForm(own=basis.policy)
    given = {name: request.GET[name] for name in empty.fields if name in request.GET}
    if not given:
        return empty
    own = {name: str(field.initial) for name, field in empty.fields.items()}
    return WhatIfForm(own | given, own=basis.policy)


def _followed(
    context: dict[str, Any], visit: Visit, basis: Basis, form: WhatIfForm
) -> dict[str, Any]:
    policy = basis.policy
    try:
        if form.is_bound:
            policy = whatif.changed(basis.policy, **form.policy())
        tried = trying.tried(context["run"], context["found"], policy)
    except AggregationError:
        return {"is_unsolved": True}
    start = reverse("specs:start_run", args=[visit.consultation.slug])
    return {"tried": tried, "start": f"{start}?{urlencode(trying.link_of(policy))}"}


def _sliders(form: WhatIfForm, *, first: bool) -> list[dict[str, Any]]:
    """Each rule with its field and the ends of its slider."""
    names = FIRST if first else tuple(name for name in form.fields if name not in FIRST)
    return [
        {
            "field": form[name],
            "meaning": trying.RULES[name].meaning,
            "own": trying.RULES[name].told(form.own[name]),
            "low": form.fields[name].min_value,
            "high": REACH.get(name, form.fields[name].max_value),
            "step": 0.5 if name in ("theme_leeway", "contradiction_penalty", "hysteresis") else 1,
            "unit": trying.RULES[name].kind == "share",
        }
        for name in names
    ]


def _presets(own: dict[str, Any]) -> list[tuple[str, str]]:
    """Name and address of what is asked most often, from the rules of the run."""
    entered = {name: rule.entered(own[name]) for name, rule in trying.RULES.items()}

    def moved(points: float) -> dict[str, float]:
        """Thresholds of a SHOULD by so many points, never above those of a MUST."""
        pairs = (("should_pooled", "must_pooled"), ("should_group", "must_group"))
        return {
            mild: min(max(entered[mild] + points, 1), entered[strict]) for mild, strict in pairs
        }

    room = own["common_budget"]
    presets = (
        (_("Half as long"), {"common_budget": max(1, room // 2)}),
        (_("Twice as long"), {"common_budget": min(2 * room, 200)}),
        (_("A stricter bar"), moved(10)),
        (_("A lower bar"), moved(-10)),
        (_("A smaller part can object"), {"veto": max(entered["veto"] - 20, 0)}),
        (_("No room for voices of a part"), {"voice_budget": 0}),
    )
    return [
        (name, urlencode([(rule, f"{value:g}") for rule, value in changes.items()]))
        for name, changes in presets
    ]
