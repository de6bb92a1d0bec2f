"""Every sentence a spec says about its own numbers, made from the rule that was applied."""

from __future__ import annotations

from collections.abc import Mapping

REASONS: dict[str, str] = {
    "broad_support": "Broad support: the lower bounds pass the thresholds overall and in every "
    "opinion group.",
    "needs_more_reactions": "The answers so far pass the thresholds, but too few people have "
    "answered to be sure.",
    "divides_groups": "Opinion groups differ: a clear majority of {group} stands against what "
    "most others say.",
    "voice": "Not broad enough for everybody, opposed by no group, and chosen by the welfare "
    "programme so that people whose views are otherwise missing are heard.",
    "represented_by": "Very close in meaning to another clause, which stands for both.",
    "overlaps": "Broad support, but close in meaning to another clause, and a spec should not say "
    "things twice.",
    "voice_overlaps": "Supported by part of the people only, and close in meaning to another "
    "clause.",
    "contradicts": "Broad support, but people found it to contradict another clause that was "
    "chosen, and nobody can follow both.",
    "likely_contradicts": "The answers so far pass the thresholds, but people found it to "
    "contradict an adopted clause, and nobody can follow both.",
    "voice_contradicts": "Supported by part of the people only, and found to contradict another "
    "clause that stands.",
    "opposite_views": "Opinion groups differ: {group} asks for this most, another group for a "
    "clause that people found to contradict it. Both views are shown.",
    "likely_overlaps": "The answers so far pass the thresholds, but it is close in meaning to "
    "another clause, and a spec should not say things twice.",
    "theme_full": "Broad support, but the welfare programme filled the share of the spec that one "
    "theme may take with other clauses.",
    "budget": "Broad support, but the welfare programme filled the common-ground budget with other "
    "clauses.",
    "voice_budget": "Supported by part of the people only, and the welfare programme filled the "
    "voice budget with other clauses.",
    "unclear_norm": "People support it, but no rule could tell whether it says how an AI system "
    "should behave; an organizer may decide.",
    "not_a_norm": "People support it, but the sentence does not say how an AI system should "
    "behave; an organizer may word a norm from it.",
    "no_reactions": "Nobody was asked about it.",
    "few_reactions": "Too few people have answered.",
    "tie": "As many people agree as disagree.",
    "more_oppose": "More people disagree than agree.",
    "group_opposes": "A clear majority of {group} is against it, and too few elsewhere are for it.",
    "no_majority": "No opinion group has a majority for it.",
    "not_broad": "Support is not broad enough overall or in every opinion group.",
}

BROAD = (
    "broad_support",
    "needs_more_reactions",
    "overlaps",
    "likely_overlaps",
    "contradicts",
    "likely_contradicts",
    "theme_full",
    "budget",
)

PROCEDURE_PLURAL = (
    "Citizens differ on this. Present the main views fairly, take no side by default, and let the "
    "user choose."
)
PROCEDURE_VOICE = (
    "Part of the citizens ask for this and no group stands against it. Follow it when the user "
    "asks for it; it is no default."
)
SUPPRESSION = (
    "Counts are not shown where fewer than {least} people answered. Where what is left of the "
    "count over everybody beside the groups shown would be one hidden group, or fewer than {least} "
    "people, the smallest group shown is hidden too. Where a group is hidden, so are the clause's "
    "margin and its place among what is typical of that group."
)
RULE = (
    "Common ground: Wilson 95 % lower bounds of support pass the policy's thresholds, pooled and "
    "in every opinion group. Voice: a Nash welfare programme over claims that no group opposes. "
    "Plural: claims that a group clearly opposes while others support them, and contradictions of "
    "which each side is another group's wish. What people found to contradict each other is never "
    "chosen together; what may do so costs a stated part of the score. Only reactions that "
    "the platform asked for count as support. Which of the supported claims fill a budget, and "
    "with what weight, also rests on estimates of answers that nobody gave, each at most the lower "
    "bound of what the person's group answered."
)


def group_name(index: int) -> str:
    """A, B, C, ... in order of size; names carry no meaning beyond that."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def condition_name(condition: int) -> str:
    """ "overall" for the condition over everybody, else the group's name."""
    return "overall" if condition < 0 else f"group {group_name(condition)}"


def reason_text(code: str, *, group: int | None) -> str:
    """The sentence for a reason code."""
    name = "a group" if group is None else f"group {group_name(group)}"
    return REASONS[code].format(group=name)


def percent(value: float, *, fine: bool = False) -> str:
    """A share in per cent, never rounded up to certainty or down to none.

    fine : one decimal below 10 %, where whole numbers would hide a difference
    """
    if fine and 0 < value < 0.1:
        return f"{value * 100:.1f} %" if value >= 0.0005 else "<0.1 %"
    if 0 < value < 0.005:
        return "<1 %"
    return ">99 %" if 0.995 < value < 1 else f"{value * 100:.0f} %"


def counted(number: int, noun: str, *, plural: str = "") -> str:
    """ "1 clause", "2 clauses"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def summary(
    *, participants: int, reactions: int, groups: int, counts: Mapping[str, int], synthetic: bool
) -> str:
    """Three sentences for somebody who reads nothing else."""
    first = (
        f"{counted(participants, 'person', plural='people')} gave "
        f"{counted(reactions, 'reaction')}; "
        f"{counted(groups, 'opinion group')} could be told apart."
    )
    second = (
        f"{counted(counts['adopted'], 'clause')} found broad support in every group and "
        f"{'is' if counts['adopted'] == 1 else 'are'} adopted; {counts['provisional']} more would "
        f"be, if further answers confirm the first ones."
    )
    third = (
        f"On {counted(counts['contested'], 'clause')} people differ, and the spec says what to do "
        f"about it; {counts['not_adopted']} are not adopted, each with its reason."
    )
    warning = "Synthetic: these statements and reactions were invented. " if synthetic else ""
    return f"{warning}{first} {second} {third}"
