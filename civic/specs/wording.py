"""What a spec's codes and numbers mean, in the language of whoever reads.

The document keeps its own English sentences, byte for byte; pages and reports say the same from the
codes and numbers beside them. What has no code stays English there and is marked as such.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.formats import get_format, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from aggregation.spec import differences, words

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

# Kinds and causes of `aggregation.spec.differences`, for readers.
CHANGE_KINDS: Mapping[str, Text] = {
    "added": _("Added"),
    "removed": _("Removed"),
    "standing": _("Other standing"),
    "words": _("Other words"),
    "sources": _("Other sources"),
    "numbers": _("Other numbers only"),
    "other": _("Other neighbours or tests"),
}
CHANGE_CAUSES: Mapping[str, Text] = {
    "new_sentence": _("The sentence is new."),
    "erasure": _("Words were removed at the wish of whoever wrote them."),
    "moderation": _("A statement that it rested on was hidden by a moderator."),
    "withdrawal": _("A statement that it rested on was withdrawn by its author."),
    "sources_added": _("Further people said the same."),
    "sources_removed": _("Passages that it rested on are not there any more."),
    "joined": _("Sentences that say the same were put together or separated."),
    "ratification": _("Its wording was written or ratified anew."),
    "reactions": _("Other answers to it were counted."),
    "groups": _("The opinion groups are made of other people."),
    "crowd": _("Other answers elsewhere changed the groups or the trials."),
    "rule": _("Other rules or thresholds."),
    "held": _("What stood in the version before keeps its place at lower thresholds."),
    "seed": _("Another seed."),
    "program": _("Another version of the program or of the language model."),
    "decisions": _("People decided anew which sentences contradict each other."),
    "judgements": _("Answers of AI systems were judged."),
    "rest": _("Follows from changes to other clauses."),
}

# What `aggregation.spec.words` says of every spec; documents of other versions may differ.
RULE = _(
    "Common ground: Wilson 95 % lower bounds of support pass the policy's thresholds, pooled and "
    "in every opinion group. Voice: a Nash welfare programme over claims that no group opposes. "
    "Plural: claims that a group clearly opposes while others support them, and contradictions of "
    "which each side is another group's wish. What people found to contradict each other is never "
    "chosen together; what may do so costs a stated part of the score. Only reactions that "
    "the platform asked for count as support. Which of the supported claims fill a budget, and "
    "with what weight, also rests on estimates of answers that nobody gave, each at most the lower "
    "bound of what the person's group answered."
)
SUPPRESSION = _(
    "Counts are not shown where fewer than {least} people answered. Where what is left of the "
    "count over everybody beside the groups shown would be one hidden group, or fewer than {least} "
    "people, the smallest group shown is hidden too. Where a group is hidden, so are the clause's "
    "margin and its place among what is typical of that group."
)


_BY_CAUSE = {told: CHANGE_CAUSES[code] for code, told in differences.CAUSES.items()}


def cause(text: str) -> str:
    """Why a clause moved, as a document tells it, in the reader's language."""
    if text in CAUSES:
        return str(CAUSES[text])
    parts = text.split(differences.CAUSE_SEPARATOR)
    return " ".join(str(_BY_CAUSE.get(part, part)) for part in parts)


def rule(document: Document) -> str | None:
    """By which rule clauses stand where they stand; None where a document tells of another."""
    return str(RULE) if document["method"]["rule"] == words.RULE else None


def suppression(document: Document) -> str | None:
    """Which counts a document hides; None where it tells of another rule than ours."""
    method = document["method"]
    if method["suppression"] != words.SUPPRESSION.format(least=method.get("least_cell")):
        return None
    return str(SUPPRESSION).format(least=number(method["least_cell"]))


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
        "cause": cause(event["cause"]),
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
