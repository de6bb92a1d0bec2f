"""The six steps of setting a consultation up, and which are saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from civic.consultations.models import Consultation


@dataclass(frozen=True)
class Step:
    """One page of the set-up. `fields` are the columns of Consultation that it sets."""

    name: str
    label: Any
    fields: tuple[str, ...] = ()


STEPS = (
    Step(
        "question",
        _("Question and background"),
        (
            *("title", "question", "asked_by", "description", "purpose", "use_of_result"),
            *("examples", "scenarios", "is_synthetic"),
        ),
    ),
    Step("access", _("Who may take part"), ("access",)),
    Step("people", _("About people, and privacy"), ("strata", "expected_people", "k", "licence")),
    Step(
        "moderation",
        _("Moderation"),
        ("moderation", "moderation_policy", "needs_second_reader"),
    ),
    Step("dates", _("Dates and languages"), ("opens_on", "closes_on", "languages")),
    Step("publish", _("Preview and open")),
)
BY_NAME = {step.name: step for step in STEPS}


def next_step(consultation: Consultation, *, after: str = "") -> Step:
    """The first step after this one that is not saved; the last one where all are."""
    names = [step.name for step in STEPS]
    start = names.index(after) + 1 if after in names else 0
    waiting = [one for one in STEPS[start:] if one.name not in consultation.steps_saved]
    return (waiting or [STEPS[-1]])[0]
