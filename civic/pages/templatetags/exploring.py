"""Words for what an analysis decided, and numbers of differences."""

from __future__ import annotations

import re
from typing import Any

from django import template
from django.utils.safestring import SafeString

from civic.pages.templatetags.citizen import highlighted
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


@register.simple_tag
def found_in(text: str, words: str) -> SafeString:
    """The text with the words that were looked for marked; everything is escaped."""
    if not words.strip():
        return highlighted(text, ())
    hits = re.finditer(re.escape(words.strip()), text, flags=re.IGNORECASE)
    return highlighted(text, [hit.span() for hit in hits])


@register.filter
def heat(cell: dict[str, Any]) -> str:
    """A class for the shade behind a share: how far from half and half, and to which side."""
    if not cell["n"]:
        return ""
    strength = round(abs(cell["estimate"] - 0.5) * 10)  # 0..5
    return f"heat {'for' if cell['estimate'] >= 0.5 else 'against'}-{strength}"
