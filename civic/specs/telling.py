"""A whole spec in a few sentences: what was found, how sure that is, and who is not in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from statistics import median_low
from typing import Any

from django.utils.translation import gettext, ngettext, ngettext_lazy

from civic.analysis.pictures.figures import part_of
from civic.specs.wording import Clause, Document, number

STEADY = 0.95  # share of redrawn crowds in which a steady clause keeps its place
# What is not in the figures: the field of the document's population that counts it -> its sentence.
SILENCES: Mapping[str, Any] = {
    "reactions_not_served": ngettext_lazy(
        "%(told)s answer was not counted, because people had not been asked for it.",
        "%(told)s answers were not counted, because people had not been asked for them.",
        "count",
    ),
    "statements_waiting": ngettext_lazy(
        "%(told)s statement still waits for a moderator.",
        "%(told)s statements still wait for a moderator.",
        "count",
    ),
    "statements_rejected": ngettext_lazy(
        "%(told)s statement was hidden by a moderator, with a public reason.",
        "%(told)s statements were hidden by a moderator, each with a public reason.",
        "count",
    ),
    "statements_without_claim": ngettext_lazy(
        "%(told)s statement holds nothing that could be voted on.",
        "%(told)s statements hold nothing that could be voted on.",
        "count",
    ),
    "claims_without_reactions": ngettext_lazy(
        "%(told)s sentence got no answer.", "%(told)s sentences got no answer.", "count"
    ),
    "participants_without_group": ngettext_lazy(
        "%(told)s person answered too little to be placed in a group, and counts in the "
        "overall figures.",
        "%(told)s people answered too little to be placed in a group; they count in the "
        "overall figures.",
        "count",
    ),
}


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
    counts = document["population"] | document["population"]["silence"]
    return [
        str(line % {"count": counts[name], "told": number(counts[name])})
        for name, line in SILENCES.items()
        if counts[name]
    ]
