"""How pages show an author what was read in her text, and which situation a text speaks to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from civic.consultations.models import Consultation
from civic.statements.models import Segment

register = template.Library()


@register.simple_tag
def sentences_marked(text: str, segments: Iterable[Segment]) -> SafeString:
    """The text with these sentences marked, in reading order; all of it is escaped.

    The style sheet numbers the marks, so that the text stays what was sent when it is copied.
    """
    pieces: list[SafeString] = []
    position = 0
    for one in sorted(segments, key=lambda segment: segment.start):
        if one.start < position or one.end > len(text):
            continue
        kind = "wish taken-back" if one.verdict == Segment.Verdict.NO else "wish"
        pieces.append(
            format_html(
                '{}<mark class="{}">{}</mark>',
                text[position : one.start],
                kind,
                text[one.start : one.end],
            )
        )
        position = one.end
    pieces.append(format_html("{}", text[position:]))
    return format_html_join("", "{}", ((piece,) for piece in pieces))


@register.simple_tag
def situation_of(consultation: Consultation, key: str) -> dict[str, Any] | None:
    """The situation a statement speaks to (`key`, `title`, `text`); None where it names none."""
    return next((one for one in consultation.scenarios if key and one["key"] == key), None)


@register.filter
def taken_back(segments: Iterable[Segment]) -> list[Segment]:
    """Those of the sentences that their author did not mean."""
    return [one for one in segments if one.verdict == Segment.Verdict.NO]


@register.filter
def grouped(number: int) -> str:
    """A whole number as the reader's language groups its digits."""
    return str(number_format(number, force_grouping=True))
