"""What may be asked about people: a few questions with options, and the population's shares.

A consultation keeps them as JSON: {"key", "label", "question", "options": [{"key", "label",
"share"}]}. `share` is the option's part of the population, 0 to 1, or None where it is not known.
A person's answers are {stratum's key: option's key}; who would rather not say has no entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from civic.consultations.models import Consultation


@dataclass(frozen=True)
class Option:
    """One answer to choose, with its share of the population."""

    key: str
    label: str
    share: float | None = None


@dataclass(frozen=True)
class Stratum:
    """One question about people: `label` names it to organizers, `question` asks it."""

    key: str
    label: str
    question: str
    options: tuple[Option, ...]

    @property
    def has_targets(self) -> bool:
        """Whether every option's share of the population is known."""
        return all(option.share is not None for option in self.options)


def strata_of(consultation: Consultation) -> tuple[Stratum, ...]:
    """The questions about people that this consultation asks."""
    return tuple(
        Stratum(
            key=one["key"],
            label=one["label"],
            question=one.get("question") or one["label"],
            options=tuple(
                Option(each["key"], each["label"], each.get("share")) for each in one["options"]
            ),
        )
        for one in consultation.strata
    )


def answers_among(consultation: Consultation, given: Mapping[str, Any]) -> dict[str, str]:
    """Those of the given answers that are options of this consultation's questions."""
    return {
        stratum.key: given[stratum.key]
        for stratum in strata_of(consultation)
        if given.get(stratum.key) in [option.key for option in stratum.options]
    }
