"""How templates tell why a moderator decided."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

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
    if since is None:
        return ""
    if timezone.now() - since < timedelta(minutes=1):
        return _("less than a minute")
    return timesince(since, depth=1)
