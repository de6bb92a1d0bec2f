"""Words for what differs between two versions."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext

from civic.analysis.comparing import OTHER_SETTINGS
from civic.specs import wording

register = template.Library()


@register.filter
def cause(text: str) -> str:
    """Why a clause moved, in the reader's language; "–" where nobody said."""
    if text == OTHER_SETTINGS:
        return gettext(text)
    return wording.cause(text) if text else "–"


@register.filter
def why_here(clause: dict[str, Any] | None) -> str:
    """Why a clause stands where it does now; "" where the other result does not have it."""
    return wording.reason(clause) or "" if clause else ""
