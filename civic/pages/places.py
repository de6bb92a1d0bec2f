"""The places behind the scenes, in the order of the work, and who may open which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from civic.accounts.permissions import can
from civic.consultations.models import Membership


@dataclass(frozen=True)
class Place:
    """One entry of the navigation; `tab` is what its pages put into their context."""

    tab: str
    label: Any
    route: str
    permission: str


PLACES = (
    Place("dashboard", _("Overview"), "pages:dashboard", "consultations.desk"),
    Place("setup", _("Set-up"), "pages:setup", "consultations.view_setup"),
    Place("import", _("Import"), "intake:upload", "consultations.view_imports"),
    Place("people", _("Invite people"), "consultations:invite", "consultations.invite"),
    Place("moderation", _("Moderation"), "statements:queue", "statements.moderate"),
    Place("curation", _("Claims and themes"), "pages:curation", "curation.view"),
    Place("runs", _("Analyses"), "specs:runs", "analysis.view"),
    Place("explore", _("Explore"), "pages:explore", "analysis.view"),
    Place("specs", _("Specs"), "specs:versions", "analysis.view"),
    Place("team", _("Team"), "consultations:team", "consultations.view_team"),
    Place("log", _("Record"), "pages:log", "consultations.view_log"),
)


def places_for(user: Any, membership: Membership) -> list[tuple[Place, str]]:
    """The places that the member may open, with their addresses; costs no query."""
    slug = membership.consultation.slug
    return [
        (place, reverse(place.route, args=[slug]))
        for place in PLACES
        if can(user, place.permission, membership)
    ]
