"""How templates tell what differs between two versions."""

from __future__ import annotations

from typing import Any

from django import template

from civic.specs import wording

register = template.Library()
LONG = 60  # characters of a value that are shown


@register.filter
def cause_words(code: str) -> str:
    """Why a clause differs, in a sentence for readers."""
    return str(wording.CHANGE_CAUSES[code])


@register.filter
def kind_title(kind: str) -> str:
    """What kind of change it is, in two words."""
    return str(wording.CHANGE_KINDS[kind])


@register.filter
def figure(value: Any) -> str:
    """One value as the document has it; a dash where there is none."""
    if value is None:
        return "–"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= LONG else f"{text[:LONG]}…"
