"""What a spec's codes and numbers mean, in the language of whoever reads.

The document keeps its own English sentences, byte for byte; pages and reports say the same from the
codes and numbers beside them. What has no code stays English there and is marked as such.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from statistics import median_low
from typing import Any

from django.utils.formats import get_format, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from aggregation.spec import words
from civic.analysis.pictures.figures import part_of

Document = dict[str, Any]
Clause = dict[str, Any]
Text = str | Promise

REASONS: Mapping[str, Text] = {
    "broad_support": _(
        "Broad support: enough people are for it, overall and in every opinion group, even at the "
        "low end of what the answers allow."
    ),
    "needs_more_reactions": _(
        "The answers so far would be enough, but too few people have answered to be sure."
    ),
    "divides_groups": _(
        "The opinion groups differ: a clear majority of %(group)s stands against what most others "
        "say."
    ),
    "voice": _(
        "Not broad enough for everybody, but opposed by no group, and chosen so that people whose "
        "views are otherwise missing are heard."
    ),
    "represented_by": _("Very close in meaning to another sentence, which stands for both."),
    "overlaps": _(
        "Broad support, but close in meaning to another sentence, and nothing is said twice."
    ),
    "voice_overlaps": _(
        "Supported by a part of the people only, and close in meaning to another sentence."
    ),
    "contradicts": _(
        "Broad support, but people found that it contradicts another sentence that was chosen: "
        "nobody can follow both."
    ),
    "likely_contradicts": _(
        "The answers so far would be enough, but people found that it contradicts an adopted "
        "sentence: nobody can follow both."
    ),
    "voice_contradicts": _(
        "Supported by a part of the people only, and found to contradict another sentence that "
        "stands."
    ),
    "opposite_views": _(
        "The opinion groups differ: %(group)s asks for this most, another group for a sentence "
        "that contradicts it. Both views are shown."
    ),
    "likely_overlaps": _(
        "The answers so far would be enough, but it is close in meaning to another sentence, and "
        "nothing is said twice."
    ),
    "theme_full": _(
        "Broad support, but the share of the spec that one theme may take was filled by other "
        "sentences."
    ),
    "budget": _("Broad support, but the room for common ground was filled by other sentences."),
    "voice_budget": _(
        "Supported by a part of the people only, and the room for such voices was filled by other "
        "sentences."
    ),
    "unclear_norm": _(
        "People support it, but it is unclear whether it says how an AI should behave; an "
        "organizer may decide."
    ),
    "not_a_norm": _(
        "People support it, but it does not say how an AI should behave; an organizer may put it "
        "into such words."
    ),
    "no_reactions": _("Nobody was asked about it."),
    "few_reactions": _("Too few people have answered."),
    "tie": _("As many people agree as disagree."),
    "more_oppose": _("More people disagree than agree."),
    "group_opposes": _(
        "A clear majority of %(group)s is against it, and too few elsewhere are for it."
    ),
    "no_majority": _("No opinion group has a majority for it."),
    "not_broad": _("Support is not broad enough, overall or in every opinion group."),
}
REASON_TITLES: Mapping[str, Text] = {
    "represented_by": _("Another clause stands for both"),
    "overlaps": _("Too close in meaning to another clause"),
    "likely_overlaps": _("Promising, but too close to another clause"),
    "voice_overlaps": _("A minority’s wish, too close to another clause"),
    "contradicts": _("Contradicts another clause that was chosen"),
    "likely_contradicts": _("Promising, but contradicts an adopted clause"),
    "voice_contradicts": _("A minority’s wish that contradicts a clause that stands"),
    "theme_full": _("Its theme was full"),
    "budget": _("The spec was full"),
    "voice_budget": _("The room for minority voices was full"),
    "not_a_norm": _("Does not say how an AI should behave"),
    "unclear_norm": _("Unclear whether it says how an AI should behave"),
    "no_reactions": _("Nobody was asked"),
    "few_reactions": _("Too few answers"),
    "tie": _("As many for as against"),
    "more_oppose": _("More against than for"),
    "group_opposes": _("A group is clearly against it"),
    "no_majority": _("No group has a majority for it"),
    "not_broad": _("Support is not broad enough"),
}
PROCEDURES: Mapping[str, Text] = {
    "plural": _(
        "It presents the main views fairly, takes no side by itself, and lets the user choose."
    ),
    "voice": _("It follows this when the user asks for it. By itself it does not."),
}
CHANGES: Mapping[str, Text] = {
    "added": _("came in"),
    "removed": _("went out"),
    "status": _("changed its place"),
    "modality": _("changed how strongly it binds"),
}
CAUSES: Mapping[str, Text] = {
    "first version": _("first version"),
    "new statements, reactions or moderation since the last version": _(
        "new statements, answers or decisions of moderators since the version before"
    ),
}
STEADY = 0.95  # share of redrawn crowds in which a steady clause keeps its place


def number(value: float) -> str:
    """A whole number with the reader's thousands."""
    return number_format(value, 0, use_l10n=True, force_grouping=True)


def percent(value: float, *, fine: bool = False) -> str:
    """A share in per cent, never rounded up to certainty; its sign stays with its number."""
    told = words.percent(value, fine=fine).replace(" ", "\N{NO-BREAK SPACE}")
    return told.replace(".", get_format("DECIMAL_SEPARATOR"))


def group_words(letter: str | None) -> str:
    """ "group B", or "a group" where it has no letter."""
    if not letter:
        return gettext("a group")
    return gettext("group %(letter)s") % {"letter": letter}


def reason(clause: Clause) -> str | None:
    """Why a clause stands where it stands; None for a code that has no words here."""
    told = REASONS.get(clause["reason"]["code"])
    if told is None:
        return None
    letter = re.search(r"\bgroup ([A-Z]+)\b", clause["reason"]["text"])
    return str(told) % {"group": group_words(letter and letter[1])}


def reason_title(code: str) -> str:
    """A reason in a few words, for lists to choose from."""
    return str(REASON_TITLES.get(code, code))


def procedure(clause: Clause) -> str | None:
    """What an AI does about a contested clause; None for the others."""
    return str(PROCEDURES[clause["tier"]]) if clause["tier"] in PROCEDURES else None


def change(event: Mapping[str, Any]) -> str:
    """One line of a clause's history."""
    told = {
        "version": event["version"],
        "change": CHANGES.get(event["change"], event["change"]),
        "cause": CAUSES.get(event["cause"], event["cause"]),
    }
    return gettext("Version %(version)s: %(change)s (%(cause)s)") % told


def weakest(clause: Clause) -> str:
    """Where a clause is weakest: among everybody, or in a group."""
    place = clause["margin"]["weakest"]
    return gettext("among everybody") if place == "overall" else group_words(place.split()[-1])


def margin(clause: Clause) -> list[str]:
    """How firmly a clause stands, in sentences."""
    found = clause["margin"]
    if not found:
        return []
    flips = found["flips"]
    told = [
        ngettext(
            "%(people)s supporter changing sides would be enough to lose it its place.",
            "%(people)s supporters would have to change sides before it lost its place.",
            flips,
        )
        % {"people": number(flips)},
        gettext("Its weakest point: %(place)s.") % {"place": weakest(clause)},
    ]
    share = found["coordinated_share"]
    if share is not None:
        told.append(
            gettext(
                "Newcomers who all voted against it would have to be %(share)s of everybody to "
                "bring it down."
            )
            % {"share": percent(share, fine=True)}
        )
    return told


def stability(clause: Clause) -> str:
    """How often a clause keeps its place when other people of the same crowd come."""
    return gettext(
        "Had other people of the same crowd come, it would have kept its place in %(share)s of the "
        "trials."
    ) % {"share": percent(clause["stability"])}


def swap(clause: Clause) -> str:
    """How many would have to leave before another sentence took the place of a chosen one."""
    if not clause["margin"] or clause["margin"]["swap"] is None:
        return ""
    people = clause["margin"]["swap"]
    if not people:
        return gettext("Another sentence would serve people as well.")
    return ngettext(
        "If %(people)s person left, another sentence could take its place.",
        "%(people)s people would have to leave before another sentence took its place.",
        people,
    ) % {"people": number(people)}


# --- A whole spec in three sentences


def summary(document: Document) -> list[str]:
    """Three sentences for somebody who reads nothing else, made from the document's numbers."""
    counts = Counter(map(part_of, document["clauses"]))
    return [_who(document), _shared(counts), _apart(counts)]


def _who(document: Document) -> str:
    population, groups = document["population"], len(document["groups"])
    told = {
        "people": number(population["participants"]),
        "answers": number(population["reactions"]),
        "groups": number(groups),
    }
    if groups < 2:
        return (
            ngettext(
                "%(people)s person gave %(answers)s answers.",
                "%(people)s people gave %(answers)s answers, and no groups that think differently "
                "could be told apart.",
                population["participants"],
            )
            % told
        )
    return (
        ngettext(
            "%(people)s people gave %(answers)s answers, and %(groups)s group of people who "
            "answer alike could be told apart.",
            "%(people)s people gave %(answers)s answers, and %(groups)s groups of people who "
            "answer alike could be told apart.",
            groups,
        )
        % told
    )


def _shared(counts: Mapping[str, int]) -> str:
    told = {"shared": number(counts["adopted"]), "more": number(counts["provisional"])}
    if not counts["adopted"] and not counts["provisional"]:
        return gettext("No sentence has found broad support in every group.")
    if not counts["adopted"]:
        return (
            ngettext(
                "No sentence is common ground yet; %(more)s would be, if further answers confirm "
                "the first ones.",
                "No sentence is common ground yet; %(more)s would be, if further answers confirm "
                "the first ones.",
                counts["provisional"],
            )
            % told
        )
    if not counts["provisional"]:
        return (
            ngettext(
                "%(shared)s sentence found broad support in every group: it is common ground.",
                "%(shared)s sentences found broad support in every group: they are common ground.",
                counts["adopted"],
            )
            % told
        )
    return (
        ngettext(
            "%(shared)s sentence found broad support in every group and is common ground; %(more)s "
            "more would be, if further answers confirm the first ones.",
            "%(shared)s sentences found broad support in every group and are common ground; "
            "%(more)s more would be, if further answers confirm the first ones.",
            counts["adopted"],
        )
        % told
    )


def _apart(counts: Mapping[str, int]) -> str:
    told = {"divide": number(counts["plural"]), "voices": number(counts["voice"])}
    if not counts["plural"] and not counts["voice"]:
        return gettext("No sentence divides people so clearly that the spec has to deal with it.")
    if not counts["plural"]:
        return (
            ngettext(
                "%(voices)s sentence is the wish of a part of the people that no group opposes.",
                "%(voices)s sentences are wishes of a part of the people that no group opposes.",
                counts["voice"],
            )
            % told
        )
    if not counts["voice"]:
        return (
            ngettext(
                "On %(divide)s sentence the groups clearly differ, and the spec says what an AI "
                "does about it.",
                "On %(divide)s sentences the groups clearly differ, and the spec says what an AI "
                "does about each.",
                counts["plural"],
            )
            % told
        )
    return (
        ngettext(
            "On %(divide)s sentence the groups clearly differ; %(voices)s more come from a part of "
            "the people and are opposed by no group.",
            "On %(divide)s sentences the groups clearly differ; %(voices)s more come from a part "
            "of the people and are opposed by no group.",
            counts["plural"],
        )
        % told
    )


# --- How sure is this?


def certainty(document: Document) -> list[str]:
    """What can be said in plain words about how sure a result is."""
    adopted = [c for c in document["clauses"] if c["status"] == "adopted"]
    told = [
        gettext(
            "Support is a count of %(answers)s answers. Nothing is estimated in it, and only "
            "answers that people were asked for count."
        )
        % {"answers": number(document["population"]["reactions"])}
    ]
    flips = sorted(c["margin"]["flips"] for c in adopted if c["margin"])
    if flips:
        told.append(_firmness(flips))
    if adopted:
        told.append(_chance(document, adopted))
    told.append(
        gettext(
            "Those who took part chose to do so. The figures speak for them, and not for everybody "
            "else."
        )
    )
    return told


def _firmness(flips: list[int]) -> str:
    middle = median_low(flips)
    return ngettext(
        "A typical sentence of the common ground would lose its place if %(people)s of its "
        "supporters changed sides; the least firm one at %(least)s, the firmest at %(most)s.",
        "A typical sentence of the common ground would lose its place if %(people)s of its "
        "supporters changed sides; the least firm one at %(least)s, the firmest at %(most)s.",
        middle,
    ) % {"people": number(middle), "least": number(flips[0]), "most": number(flips[-1])}


def _chance(document: Document, adopted: list[Clause]) -> str:
    steady = sum(c["stability"] >= STEADY for c in adopted)
    return gettext(
        "The crowd was drawn anew %(times)s times, as if others of the same people had come: "
        "%(steady)s of the %(all)s sentences kept their place nearly always."
    ) % {
        "times": number(document["method"]["bootstrap_resamples"]),
        "steady": number(steady),
        "all": number(len(adopted)),
    }


def silence(document: Document) -> list[str]:
    """Who and what is not in the figures."""
    population, quiet = document["population"], document["population"]["silence"]
    lines = (
        (
            population["reactions_not_served"],
            ngettext_lazy(
                "%(told)s answer was not counted, because people had not been asked for it.",
                "%(told)s answers were not counted, because people had not been asked for them.",
                "count",
            ),
        ),
        (
            quiet["statements_waiting"],
            ngettext_lazy(
                "%(told)s statement still waits for a moderator.",
                "%(told)s statements still wait for a moderator.",
                "count",
            ),
        ),
        (
            quiet["statements_rejected"],
            ngettext_lazy(
                "%(told)s statement was hidden by a moderator, with a public reason.",
                "%(told)s statements were hidden by a moderator, each with a public reason.",
                "count",
            ),
        ),
        (
            quiet["statements_without_claim"],
            ngettext_lazy(
                "%(told)s statement holds nothing that could be voted on.",
                "%(told)s statements hold nothing that could be voted on.",
                "count",
            ),
        ),
        (
            quiet["claims_without_reactions"],
            ngettext_lazy(
                "%(told)s sentence got no answer.", "%(told)s sentences got no answer.", "count"
            ),
        ),
        (
            quiet["participants_without_group"],
            ngettext_lazy(
                "%(told)s person answered too little to be placed in a group, and counts in the "
                "overall figures.",
                "%(told)s people answered too little to be placed in a group; they count in the "
                "overall figures.",
                "count",
            ),
        ),
    )
    return [str(line % {"count": n, "told": number(n)}) for n, line in lines if n]
