"""How templates tell why a moderator decided."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils.timesince import timesince

from civic.statements import rules

register = template.Library()


@register.filter
def reason(text: str | None) -> str:
    """A stored reason with its rule in the reader's language."""
    return rules.told(text or "")


@register.filter
def rule_label(key: str | None) -> str:
    """What a rule is called."""
    return rules.named(key or "")


@register.filter
def age(since: datetime | None) -> str:
    """How long ago something was, in one unit: "3 days"."""
    return timesince(since, depth=1) if since else ""
