"""How templates tell what is wrong with a form."""

from __future__ import annotations

from django import template
from django.forms import BoundField
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()


@register.simple_tag
def named_error(field: BoundField, error: str) -> SafeString:
    """What is wrong, after the name of its field: read alone, it tells where to look.

    A name that ends as a question keeps its mark and takes no colon.
    """
    name = str(field.field.label or "").strip()
    if not name:
        return format_html("{}", error)
    if name.endswith(("?", "؟", "…")):
        return format_html("<bdi>{}</bdi> {}", name, error)
    told = _("{field}: {error}").replace("{field}", "{0}").replace("{error}", "{1}")
    return format_html(told, format_html("<bdi>{}</bdi>", name), error)
