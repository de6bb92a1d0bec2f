"""Words for what an analysis decided, and numbers of differences."""

from __future__ import annotations

from django import template

from civic.specs import wording

register = template.Library()


@register.filter
def why(code: str) -> str:
    """The sentence for a reason code, in the language of the page."""
    told = wording.REASONS.get(code)
    return code if told is None else str(told) % {"group": wording.group_words(None)}


@register.filter
def points(difference: float) -> int:
    """A difference of shares in points of a hundred."""
    return round(difference * 100)


@register.filter
def minus(number: int, less: int) -> int:
    """The difference of two numbers."""
    return number - less
