"""How templates tell a clause: its reason, procedure, margin and history, and draw its pictures."""

from __future__ import annotations

import functools
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from civic.analysis.pictures import charts, figures
from civic.analysis.pictures.album import Picture
from civic.analysis.pictures.kit import WIDTH
from civic.specs import reading, wording

register = template.Library()
Clause = dict[str, Any]
Cell = dict[str, Any]
PART_NAMES = {  # part -> of one clause, of many
    "adopted": (_("Common ground"), _("Common ground")),
    "provisional": (_("Provisional"), _("Provisional")),
    "voice": (_("Voice of a part"), _("Voices of a part")),
    "plural": (_("Divides people"), _("Dividing people")),
    "not_adopted": (_("Not adopted"), _("Not adopted")),
}


@register.filter
def reason_words(clause: Clause) -> str | SafeString:
    """Why a clause stands where it does, in the reader's language where there are words for it."""
    told = wording.reason(clause)
    return english(clause["reason"]["text"]) if told is None else told


@register.filter
def english(text: str) -> str | SafeString:
    """A sentence of the document that has no translation, marked as English for other readers."""
    if not text or (get_language() or "en").startswith("en"):
        return text
    return format_html('<span lang="en" dir="ltr">{}</span>', text)


@register.filter
def method_words(document: dict[str, Any], name: str) -> str | SafeString:
    """The `rule` of a document or its `suppression`, in the reader's language where it is ours."""
    told = {"rule": wording.rule, "suppression": wording.suppression}[name](document)
    return english(document["method"][name]) if told is None else told


@register.filter
def procedure_words(clause: Clause) -> str | SafeString:
    """What an AI does about a contested clause; "" for others."""
    told = wording.procedure(clause)
    return english(clause["procedure"] or "") if told is None else told


@register.filter
def change_words(event: dict[str, Any]) -> str:
    """One line of a clause's history."""
    return wording.change(event)


@register.filter
def margin_words(clause: Clause) -> str:
    """How firmly a clause stands, in a few sentences."""
    return " ".join(wording.margin(clause))


@register.filter
def stability_words(clause: Clause) -> str:
    """How often it keeps its place in redrawn crowds."""
    return wording.stability(clause)


@register.filter
def swap_words(clause: Clause) -> str:
    """What it would take for another sentence to be chosen instead."""
    return wording.swap(clause)


@register.filter
def grouped(value: int | None) -> str:
    """A whole number with the reader's thousands."""
    return "–" if value is None else wording.number(value)


@register.filter
def gone(text: str) -> bool:
    """Whether these words were erased at the wish of whoever wrote them."""
    return reading.is_gone(text)


@register.filter
def part_key(clause: Clause) -> str:
    """The part a clause stands in: adopted, provisional, voice, plural or not_adopted."""
    return figures.part_of(clause)


@register.filter
def part_name(clause: Clause) -> str:
    """Where one clause stands, in words."""
    return str(PART_NAMES[figures.part_of(clause)][0])


@register.filter
def part_title(part: str) -> str:
    """The name of a part that holds many."""
    return str(PART_NAMES[part][1])


@register.filter
def share_words(cell: Cell, measures: str) -> str:
    """ "62 % of 140 people agree [54 to 70 %]", or that too few have answered."""
    if cell["n"] is None:
        return gettext("Too few to show")
    if not cell["n"]:
        return gettext("Nobody was asked")
    told = {
        "share": wording.percent(cell["estimate"]),
        "people": wording.number(cell["n"]),
        "lo": wording.percent(cell["lo"]),
        "hi": wording.percent(cell["hi"]),
    }
    if measures == "disagree":
        return _tied(gettext("%(share)s of %(people)s people disagree [%(lo)s to %(hi)s]") % told)
    return _tied(gettext("%(share)s of %(people)s people agree [%(lo)s to %(hi)s]") % told)


@register.filter
def judged_words(judged: Cell) -> str:
    """How many found an answer good, with the interval; or that too few judged it."""
    if judged["n"] is None:
        return gettext("Too few people judged it to show what they said.")
    told = {name: wording.number(judged[name]) for name in ("n", "agree", "disagree", "unsure")}
    counts = (
        gettext(
            "People who judged it: %(n)s. Good: %(agree)s, not good: %(disagree)s, "
            "unsure: %(unsure)s."
        )
        % told
    )
    if judged["margin"] is None:
        return counts
    share = {name: wording.percent((judged[name] + 1) / 2) for name in ("margin", "lo", "hi")}
    of_sides = gettext("Good for %(margin)s of those who took a side [%(lo)s to %(hi)s].")
    return f"{counts} {_tied(of_sides % share)}"


def _tied(told: str) -> str:
    """The same words with their interval on one line."""
    words, bracket, interval = told.partition("[")
    return words + bracket + interval.replace(" ", "\N{NO-BREAK SPACE}")


@register.simple_tag
def drawing(picture: Picture | None, place: tuple[float, float] | None = None) -> SafeString:
    """The picture's SVG, made by our worker from escaped words; "" where there is none.

    place : where the reader herself stands, marked on her own page and kept nowhere
    """
    if picture is None or not picture.svg:
        return mark_safe("")
    svg = picture.svg
    if place:
        x, y = (round(8 + share * (WIDTH - 16), 1) for share in place)
        svg = svg.removesuffix("</svg>") + (
            f'<g class="you-are-here" transform="translate({x},{y})">'
            '<circle r="11" fill="var(--surface)" stroke="var(--ink)" stroke-width="2.5"/>'
            '<path d="M0,-6L5,4H-5Z" fill="var(--ink)"/></g></svg>'
        )
    return SafeString(svg)  # drawn by our worker, which escaped the words in it


@register.simple_tag
def titled_drawing(picture: Picture, title: str, words: str) -> SafeString:
    """The picture as a file of its own shows it: what it says stands in the SVG itself."""
    head, _, rest = drawing(picture).partition(">")
    told = format_html("<title>{} {}</title>", title, words)
    return SafeString(head.replace(' aria-hidden="true"', ' role="img"') + ">" + told + rest)


@register.inclusion_tag("specs/report/entry.html")
def clause_entry(clause: Clause) -> dict[str, Any]:
    """One entry of the list of all clauses: its words and its numbers."""
    support = clause["support"]
    return {
        "clause": clause,
        "measures": support["measures"],
        "overall": short_share(support["overall"]),
        "groups": [(cell["group"], short_share(cell)) for cell in support["by_group"]],
    }


def short_share(cell: Cell) -> str:
    """ "62 % [54 to 70 %], n = 140", for a narrow column."""
    if cell["n"] is None:
        return "–"
    if not cell["n"]:
        return gettext("n = 0")
    return gettext("%(share)s [%(lo)s to %(hi)s], n = %(people)s") % {
        "share": wording.percent(cell["estimate"]),
        "people": wording.number(cell["n"]),
        "lo": wording.percent(cell["lo"]),
        "hi": wording.percent(cell["hi"]),
    }


@register.filter
def first_margin(clause: Clause) -> str:
    """How many supporters would have to change sides, in one sentence."""
    return wording.margin(clause)[0]


@register.simple_tag
def sign(letter: str) -> SafeString:
    """The sign of an opinion group, as in the pictures: colour, shape and letter."""
    return _sign(letter, get_language() or "en")


@functools.lru_cache(maxsize=256)
def _sign(letter: str, language: str) -> SafeString:
    """Drawn once per letter and language: a long page shows hundreds."""
    shape = max("ABCDE".find(letter), 0)
    return SafeString(render_to_string("specs/sign.html", {"letter": letter, "shape": shape}))


@register.inclusion_tag("specs/mark.html")
def part_mark(part: str) -> dict[str, Any]:
    """The mark of a part of the spec, as in the picture of the whole."""
    return {
        "part": part,
        "is_hollow": part in charts.HOLLOW,
        "path": charts.PART_SHAPES.get(part, ""),
    }
