"""How templates show what a machine made of people's words: under them, and named as such."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context
from django.utils.translation import get_language, get_language_bidi

from civic.specs.translations import words_of

register = template.Library()
SHOWN = "statements/translation.html"


@register.inclusion_tag(SHOWN)
def machine_translation(text: str | None) -> dict[str, Any]:
    """A translation into the reader's language; nothing where there is none."""
    return _shown(text)


@register.inclusion_tag(SHOWN, takes_context=True)
def clause_translation(context: Context, clause: dict[str, Any]) -> dict[str, Any]:
    """That of a clause's words, on pages that looked for `translations`."""
    found = context.get("translations")
    return _shown(found.get(words_of(clause)) if found else None)


@register.inclusion_tag(SHOWN, takes_context=True)
def passage_translation(context: Context, passage: Any) -> dict[str, Any]:
    """That of a quoted passage, where a statement still stands behind it."""
    found = context.get("translations")
    if not found or passage.statement is None:
        return _shown(None)
    return _shown(found.get((passage.statement.key, passage.start, passage.end)))


def _shown(text: str | None) -> dict[str, Any]:
    direction = "rtl" if get_language_bidi() else "ltr"
    return {"words": text or "", "language": get_language() or "en", "direction": direction}
