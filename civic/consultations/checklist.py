"""What has to be there before a consultation opens to people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from civic.consultations.blueprints import opens_into
from civic.consultations.models import Consultation
from civic.consultations.phases import Phase

WITH_PEOPLE = (Phase.COLLECT, Phase.REACT)
_ALL = (*WITH_PEOPLE, Phase.REVIEW)
LEAST_K = 5


@dataclass(frozen=True)
class Rule:
    """One thing that has to be there; `step` is the page of the set-up where it is done."""

    step: str
    label: Any
    remedy: Any
    holds: Callable[[Consultation], bool]
    phases: tuple[Phase, ...] = WITH_PEOPLE
    blueprint: str = ""  # "" for all


@dataclass(frozen=True)
class Item:
    """A rule as it stands with one consultation."""

    rule: Rule
    is_met: bool


def _readers(consultation: Consultation) -> int:
    return consultation.memberships.filter(is_moderator=True).exclude(user=None).count()


def _has_seeds(consultation: Consultation) -> bool:
    return any(str(one).strip() for one in consultation.examples) or _has_claims(consultation)


def _has_claims(consultation: Consultation) -> bool:
    return bool(consultation.statements.filter(withdrawn_at=None).exists())


def _has_scenarios(consultation: Consultation) -> bool:
    return bool(consultation.scenarios) and all(
        one.get("title") and one.get("text") for one in consultation.scenarios
    )


def _dates_are_in_order(consultation: Consultation) -> bool:
    opens, closes = consultation.opens_on, consultation.closes_on
    return closes is None or closes >= max(opens or closes, timezone.now().date())


RULES = (
    Rule(
        "question",
        _("The question is there"),
        _("Write the question that people answer."),
        lambda c: bool(c.question.strip()),
        _ALL,
    ),
    Rule(
        "question",
        _("People can read who asks"),
        _("Name who asks: a person, an office, a group."),
        lambda c: bool(c.asked_by.strip()),
        _ALL,
    ),
    Rule(
        "question",
        _("People can read what happens with the result"),
        _("Say what you will do with the result, and when."),
        lambda c: bool(c.use_of_result.strip()),
        _ALL,
    ),
    Rule(
        "question",
        _("Every situation has a title and a text"),
        _("Describe at least one situation."),
        _has_scenarios,
        blueprint="scenario",
    ),
    Rule(
        "question",
        _("There is an example or a first statement"),
        _("Write an example, or import statements to begin with."),
        _has_seeds,
        (Phase.COLLECT,),
    ),
    Rule(
        "import",
        _("There are sentences to react to"),
        _("Import the sentences, or type them."),
        _has_claims,
        (Phase.REACT, Phase.REVIEW),
    ),
    Rule(
        "people",
        _("No number about fewer than five people is shown"),
        _("Set the smallest number shown to 5 or more."),
        lambda c: c.k >= LEAST_K,
        _ALL,
    ),
    Rule(
        "moderation",
        _("The rules of moderation are written down"),
        _("Write which statements you hide."),
        lambda c: bool(c.moderation_policy.strip()),
    ),
    Rule(
        "team",
        _("Somebody reads statements before they are shown"),
        _("Name a moderator, or show statements at once."),
        lambda c: c.moderation == Consultation.Moderation.AFTER or _readers(c) >= 1,
        (Phase.COLLECT,),
    ),
    Rule(
        "team",
        _("There are two moderators, as a second reader is asked for"),
        _("Name a second moderator, or do without a second reader."),
        lambda c: not c.needs_second_reader or _readers(c) >= 2,
        (Phase.COLLECT,),
    ),
    Rule(
        "dates",
        _("The dates are in order"),
        _("Let it close on or after the day of opening, and not in the past."),
        _dates_are_in_order,
    ),
)


def checklist(consultation: Consultation, *, phase: Phase | None = None) -> list[Item]:
    """Every rule for opening this phase (by default the one its blueprint leads to)."""
    wanted = phase or opens_into(consultation)
    return [
        Item(rule, rule.holds(consultation))
        for rule in RULES
        if wanted in rule.phases and rule.blueprint in ("", consultation.blueprint)
    ]


def missing(consultation: Consultation, *, phase: Phase) -> list[Item]:
    """The rules that are not met."""
    return [item for item in checklist(consultation, phase=phase) if not item.is_met]
