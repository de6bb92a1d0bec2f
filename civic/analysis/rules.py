"""The rules of an analysis in plain words: each threshold and budget of the policy, and its range.

The widths of intervals (`z`) are left out: every page and every published sentence says 95 %.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aggregation.tiers import Policy

Kind: TypeAlias = Literal["share", "count", "factor"]
DEFAULT = Policy().to_dict()


@dataclass(frozen=True)
class Rule:
    """One field of the policy. `low` and `high` are as it is entered: a share in per cent."""

    name: str
    label: Promise
    meaning: Promise
    kind: Kind = "share"
    low: float = 0
    high: float = 100

    @property
    def usual(self) -> Any:
        """The value of the default policy."""
        return DEFAULT[self.name]

    def entered(self, value: Any) -> Any:
        """A value of the policy as a person enters it."""
        return round(float(value) * 100, 4) if self.kind == "share" else value

    def stored(self, value: Any) -> Any:
        """What a person entered as a value of the policy."""
        if self.kind == "share":
            return round(float(value) / 100, 6)
        return int(value) if self.kind == "count" else float(value)

    def told(self, value: Any) -> str:
        """A value as it is read: “75 %”, “30”, “1.5”."""
        number = number_format(f"{self.entered(value):g}", use_l10n=True)
        return gettext("%(number)s %%") % {"number": number} if self.kind == "share" else number


@dataclass(frozen=True)
class Part:
    """Rules that belong together."""

    key: str
    title: Promise
    rules: tuple[Rule, ...]


PARTS = (
    Part(
        "broad",
        _("How broad support must be"),
        (
            Rule(
                "must_pooled",
                _("For a MUST, among everybody"),
                _("The low end of the interval of support has to reach this share of answers."),
                low=1,
            ),
            Rule(
                "must_group",
                _("For a MUST, in every opinion group"),
                _("So that no group is outvoted on what binds hardest."),
                low=1,
            ),
            Rule(
                "should_pooled",
                _("For a SHOULD, among everybody"),
                _("Not more than what a MUST asks for."),
                low=1,
            ),
            Rule(
                "should_group",
                _("For a SHOULD, in every opinion group"),
                _("Not more than what a MUST asks for."),
                low=1,
            ),
            Rule(
                "min_groups_for_must",
                _("Opinion groups needed for a MUST"),
                _("With fewer groups than this, nobody could have objected as a group."),
                "count",
                high=5,
            ),
        ),
    ),
    Part(
        "objection",
        _("When a group can object"),
        (
            Rule(
                "min_group_mass",
                _("Smallest opinion group"),
                _("Smaller groups are joined with the nearest one. A part of everybody placed."),
                high=50,
            ),
            Rule(
                "veto",
                _("A group objects from this share on"),
                _("What surely more than this part of a group is against is no common ground."),
            ),
            Rule(
                "divided_pooled",
                _("Divided, if this many are for it"),
                _("What a group objects to, and this part of everybody asks for, is contested."),
            ),
        ),
    ),
    Part(
        "voice",
        _("Voices of a part"),
        (
            Rule(
                "voice_share",
                _("A group speaks for a sentence from this share on"),
                _("More than this part of a group has to agree."),
            ),
            Rule(
                "weight_floor",
                _("Weight that all adopted clauses share alike"),
                _("This part of each person’s say is spread evenly. The rest follows support."),
            ),
        ),
    ),
    Part(
        "evidence",
        _("How many answers are enough"),
        (
            Rule(
                "min_reactions",
                _("Answers needed"),
                _("With fewer answers a sentence is not judged."),
                "count",
                high=10_000,
            ),
            Rule(
                "hysteresis",
                _("Leeway for what stands already"),
                _("A clause of the last version goes only if it falls this far below its mark."),
                high=20,
            ),
        ),
    ),
    Part(
        "length",
        _("How long the spec may be"),
        (
            Rule(
                "common_budget",
                _("Clauses of common ground, at most"),
                _("A short spec is read. What is left out stays visible with its reason."),
                "count",
                high=200,
            ),
            Rule(
                "voice_budget",
                _("Clauses for the voices of a part, at most"),
                _("0 leaves no room for them."),
                "count",
                high=100,
            ),
            Rule(
                "theme_share",
                _("Part of the spec that one theme may fill"),
                _("So that one loud theme does not crowd out the others."),
            ),
            Rule(
                "theme_leeway",
                _("Or, if that is more, this many times an even share"),
                _("With few themes each of them may take more. 1 is an even share."),
                "factor",
                low=1,
                high=10,
            ),
            Rule(
                "contradiction_penalty",
                _("What two clauses cost that may contradict each other"),
                _("In per cent of the score. The higher, the fewer such pairs are chosen."),
            ),
        ),
    ),
)
RULES = {rule.name: rule for part in PARTS for rule in part.rules}


@dataclass(frozen=True)
class Setting:
    """One rule as it was set: in words, with what is usual."""

    rule: Rule
    value: Any

    @property
    def told(self) -> str:
        return self.rule.told(self.value)

    @property
    def usual(self) -> str:
        return self.rule.told(self.rule.usual)


def differing(policy: Mapping[str, Any]) -> list[Setting]:
    """The settings of a policy that are not the usual ones, in the order of the rules."""
    return [
        Setting(rule, policy[rule.name])
        for rule in RULES.values()
        if rule.name in policy and policy[rule.name] != rule.usual
    ]
