"""Words for what an analysis decided, and numbers of differences."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext_lazy as _

register = template.Library()

WHY = {
    "broad_support": _("Broad support: overall and in every opinion group."),
    "needs_more_reactions": _("Support is strong so far, but too few people have answered."),
    "divides_groups": _("A clear majority of one group stands against what most others say."),
    "voice": _(
        "Not broad enough for everybody and opposed by no group: chosen so that people whose "
        "views are otherwise missing are heard."
    ),
    "represented_by": _("Another sentence that says nearly the same stands for both."),
    "overlaps": _("Broad support, but close in meaning to another sentence that was chosen."),
    "likely_overlaps": _("Promising, but close in meaning to another sentence that was chosen."),
    "voice_overlaps": _("A part’s wish, close in meaning to another sentence that was chosen."),
    "contradicts": _("Broad support, but it contradicts another sentence that was chosen."),
    "likely_contradicts": _("Promising, but it contradicts another sentence that was chosen."),
    "voice_contradicts": _("A part’s wish that contradicts another sentence that was chosen."),
    "opposite_views": _("Opposed to another sentence; each is the wish of a different group."),
    "theme_full": _("Broad support, but its theme has all the room that one theme may take."),
    "budget": _("Broad support, but other sentences fill the room and serve people better."),
    "voice_budget": _("A part’s wish, but other sentences fill the room for voices."),
    "unclear_norm": _("Supported, but it is unclear whether it says how an AI should behave."),
    "not_a_norm": _("Supported, but it does not say how an AI should behave."),
    "no_reactions": _("Nobody was asked about it."),
    "few_reactions": _("Too few people have answered."),
    "tie": _("As many people agree as disagree."),
    "more_oppose": _("More people disagree than agree."),
    "group_opposes": _("A clear majority of one group is against it."),
    "no_majority": _("No opinion group has a majority for it."),
    "not_broad": _("Support is not broad enough, overall or in every opinion group."),
}


@register.filter
def why(code: str) -> str:
    """The sentence for a reason code, in the language of the page."""
    return str(WHY.get(code, code))


@register.filter
def points(difference: float) -> int:
    """A difference of shares in points of a hundred."""
    return round(difference * 100)


@register.filter
def minus(number: int, less: int) -> int:
    """The difference of two numbers."""
    return number - less
