"""Words for what an analysis decided, and numbers of differences."""

from __future__ import annotations

import re
from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from civic.pages.templatetags.citizen import highlighted
from civic.specs import wording

register = template.Library()

RULES = {
    "default": _("The spec’s own: Nash welfare, then exchanges"),
    "utilitarian": _("The most support in sum"),
    "p_half": _("Square-root welfare, between sum and Nash"),
    "nash": _("Nash welfare, rounded by itself"),
    "harmonic_mean": _("Harmonic mean, which looks harder at who has little"),
    "maximin_groups": _("The best for the group served worst"),
    "cvar": _("The best for the tenth of people served worst"),
    "seq_pav": _("Sequential proportional approval"),
    "equal_shares": _("The method of equal shares"),
    "seq_phragmen": _("Phragmén’s sequential rule"),
    "approval_voting": _("The most approvals"),
    "group_consensus": _("Group-informed consensus, as Polis ranks"),
}


@register.filter
def why(code: str) -> str:
    """The sentence for a reason code, in the language of the page."""
    told = wording.REASONS.get(code)
    return code if told is None else str(told) % {"group": wording.group_words(None)}


@register.filter
def rule_words(rule: str) -> str:
    """A rule of choosing in the language of the page; its own name where there are no words."""
    return str(RULES.get(rule, rule))


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
