"""What the templates behind the scenes ask."""

from __future__ import annotations

from typing import Any

from django import template

from civic.consultations.models import Membership
from civic.pages.places import Place, places_for

register = template.Library()


@register.simple_tag
def open_places(user: Any, membership: Membership | None) -> list[tuple[Place, str]]:
    """The entries of the navigation behind the scenes."""
    return [] if membership is None else places_for(user, membership)
