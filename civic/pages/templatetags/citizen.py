"""How templates write citizens' words, numbers and the words for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from babel import Locale, UnknownLocaleError
from django import template
from django.templatetags.static import static
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from aggregation.spec import words
from civic.analysis.steps import step_label
from civic.consultations.selectors import organized_consultations
from civic.statements.languages import english_name

register = template.Library()
LONGEST_WORD = 25  # characters; what goes on longer is cut within

AUTHORITY = {
    "root": _("Nobody may override it; an organizer has decided so."),
    "system": _("Hard to override: neither whoever runs the AI nor its user may switch it off."),
    "developer": _("Whoever runs the AI may adapt it for good reasons; its user may not."),
    "user": _("Each user decides; it is no default."),
    "guideline": _("A default that the AI follows unless something speaks against it."),
}
STATUS = {
    "adopted": _("Common ground"),
    "provisional": _("Provisional"),
    "contested": _("Contested"),
    "not_adopted": _("Not adopted"),
    "retired": _("Retired"),
}
MODALITY = {
    "must": _("MUST"),
    "must_not": _("MUST NOT"),
    "should": _("SHOULD"),
    "should_not": _("SHOULD NOT"),
    "may": _("MAY"),
}


@register.simple_tag
def island(name: str) -> SafeString:
    """The script of an island. Pages work without it, so where it was not built nothing is said."""
    try:
        address = static(f"concordance/islands/{name}.js")
    except ValueError:  # the manifest of static files does not know it
        return mark_safe("")
    return format_html('<script type="module" src="{}"></script>', address)


@register.simple_tag
def speaks(language: str | None) -> SafeString:
    """The attributes of an element that holds a citizen's words: its direction and language."""
    if not language or language == "und":
        return mark_safe('dir="auto"')
    return format_html('dir="auto" lang="{}"', language)


@register.simple_tag
def highlighted(text: str, spans: Iterable[tuple[int, int]]) -> SafeString:
    """The text with the given ranges of code points marked; everything is escaped."""
    pieces: list[SafeString] = []
    position = 0
    for start, end in sorted(spans):
        if start < position or end > len(text):
            continue
        pieces.append(format_html("{}<mark>{}</mark>", text[position:start], text[start:end]))
        position = end
    pieces.append(format_html("{}", text[position:]))
    return format_html_join("", "{}", ((piece,) for piece in pieces))


@register.simple_tag
def in_context(claim: Any) -> SafeString:
    """A claim's words; where they lean on their neighbours, dimmed between those. All escaped."""
    start, end = claim.context_start, claim.context_end
    if start is None or end is None:
        return format_html("{}", claim.text)
    whole = claim.statement.text
    before, after = whole[start : claim.start], whole[claim.end : end]
    dimmed = [
        format_html('<span class="around">{}</span>', piece) if piece.strip() else piece
        for piece in (before, after)
    ]
    return format_html("{}<b>{}</b>{}", dimmed[0], claim.text, dimmed[1])


@register.simple_tag
def works_behind_the_scenes(user: Any) -> bool:
    """Whether the person organizes, moderates or audits anything, or may begin to."""
    return bool(user.is_host) or organized_consultations(user).exists()


@register.filter
def get(mapping: dict[str, Any], key: str) -> Any:
    """An entry of a mapping, None where there is none."""
    return mapping.get(key)


@register.filter
def percent(value: float | None) -> str:
    """A share as per cent, never rounded up to certainty; the sign stays with its number."""
    return "–" if value is None else words.percent(value).replace(" ", "\N{NO-BREAK SPACE}")


@register.filter
def fine_percent(value: float) -> str:
    """A share with one decimal where it is small."""
    return words.percent(value, fine=True).replace(" ", "\N{NO-BREAK SPACE}")


@register.filter
def modality(value: str) -> str:
    """MUST, MUST NOT, SHOULD, SHOULD NOT or MAY."""
    return str(MODALITY.get(value, value))


@register.filter
def authority(value: str) -> str:
    """Who may override a clause, in words."""
    return str(AUTHORITY.get(value, ""))


@register.filter
def status_name(value: str) -> str:
    """The name of a part of the spec."""
    return str(STATUS.get(value, value))


@register.filter
def step_name(value: str) -> str:
    """What a stage of the analysis does, in words."""
    return step_label(value)


@register.filter
def named_language(code: str | None) -> str:
    """The name of a language in the reader's, in English where that is unknown, else its code."""
    if code in (None, "", "und"):
        return ""
    try:
        named = Locale.parse(str(code), sep="-").get_display_name(get_language() or "en")
    except (UnknownLocaleError, ValueError):
        named = None
    return named or english_name(str(code))


@register.filter
def duration(seconds: float | None) -> str:
    """ "0.4 s", "12 s", "3 min 5 s", in the reader's language."""
    if seconds is None:
        return "–"
    if seconds < 10:
        return gettext("%(seconds)s s") % {"seconds": number_format(seconds, 1)}
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return gettext("%(seconds)s s") % {"seconds": rest}
    if not rest:
        return gettext("%(minutes)s min") % {"minutes": minutes}
    return gettext("%(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": rest}


@register.filter
def reference(key: str) -> str:
    """A reference number in groups of four, so that it can be read out."""
    return "-".join(key[i : i + 4] for i in range(0, len(key), 4))


@register.filter
def excerpt(text: str, limit: int) -> str:
    """The first characters of a text, ending with a whole word where it has words."""
    short = Truncator(text).chars(limit)
    if short == text or not short.endswith("…"):
        return short
    whole = short[:-1].rpartition(" ")[0].rstrip()
    return f"{whole} …" if len(whole) > limit - LONGEST_WORD else short


@register.filter
def isolated(text: str) -> SafeString:
    """A number or name that keeps its own direction inside a sentence of any language."""
    return format_html("<bdi>{}</bdi>", text)


@register.inclusion_tag("specs/bar.html")
def support_bar(cell: dict[str, Any], measures: str) -> dict[str, Any]:
    """A bar of agree, unsure and disagree with the 95 % interval of what is measured.

    Widths are per mille of the bar, as whole numbers. Disagree stands first where it is what is
    measured, so that the interval always lies over the end of the first piece.
    """
    n = cell.get("n")
    if not n:
        return {"n": 0}
    order = ("agree", "unsure", "disagree")
    if measures == "disagree":
        order = order[::-1]
    pieces, x = [], 0
    for name in order:
        width = round(1000 * cell[name] / n)
        pieces.append({"name": name, "x": x, "width": width})
        x += width
    lo, hi = round(1000 * cell["lo"]), round(1000 * cell["hi"])
    return {"n": n, "pieces": pieces, "lo": lo, "span": max(4, hi - lo), "end": hi - 5}
