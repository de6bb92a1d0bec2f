"""Words for what differs between two versions."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as noop

from civic.analysis.comparing import OTHER_SETTINGS

register = template.Library()

# What the library writes into `changes`: kept as it is there, translated where it is read.
CAUSES = (noop("new statements, reactions or moderation since the last version"), OTHER_SETTINGS)


@register.filter
def cause(text: str) -> str:
    """Why a clause moved, in the reader's language; "–" where nobody said."""
    return gettext(text) if text else "–"
