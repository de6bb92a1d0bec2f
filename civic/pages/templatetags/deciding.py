"""Words for decisions on claims and themes."""

from __future__ import annotations

from django import template

from aggregation.stance import Verdict
from civic.curation import wording

register = template.Library()


@register.filter
def told_reason(stored: str) -> str:
    """A stored reason: the usual ones in the reader's language."""
    return wording.reason(stored)


@register.filter
def told_verdict(verdict: Verdict) -> str:
    """What the answers to an either/or question suggest."""
    return wording.verdict(verdict)
