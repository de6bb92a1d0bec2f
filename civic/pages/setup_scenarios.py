"""Situations that people speak to, as an organizer types them: a title and what happens."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from civic.consultations.models import Consultation
from civic.pages.setup_fields import text

MAX_SCENARIOS = 12


class ScenarioFields(forms.Form):
    """Two fields for each situation, and those of an empty one more."""

    consultation: Consultation

    def prepare(self) -> None:
        held = self.consultation.scenarios
        self.numbers = range(1, min(MAX_SCENARIOS, max(2, len(held) + 1)) + 1)
        for number in self.numbers:
            one = held[number - 1] if number <= len(held) else {}
            named = {"number": number}
            self.fields[f"scenario_{number}_title"] = text(
                _("Situation %(number)s: title") % named, most=120, initial=one.get("title", "")
            )
            self.fields[f"scenario_{number}_text"] = text(
                _("Situation %(number)s: what happens") % named,
                most=2000,
                rows=3,
                initial=one.get("text", ""),
            )

    def scenario_fields(self) -> list[forms.BoundField]:
        return [self[f"scenario_{n}_{part}"] for n in self.numbers for part in ("title", "text")]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        scenarios, taken = [], {one["key"] for one in self.consultation.scenarios}
        for number in self.numbers:
            title, words = (
                data.get(f"scenario_{number}_{part}", "").strip() for part in ("title", "text")
            )
            if words and not title:
                self.add_error(f"scenario_{number}_title", _("Give this situation a title."))
            if title and not words:
                self.add_error(f"scenario_{number}_text", _("Say what happens in it."))
            if title and words:
                scenarios.append({"key": self._key(number, taken), "title": title, "text": words})
        data["scenarios"] = scenarios
        return data

    def _key(self, number: int, taken: set[str]) -> str:
        """The key that this situation has, or a new one: statements point to it."""
        held = self.consultation.scenarios
        if number <= len(held):
            return str(held[number - 1]["key"])
        key = next(f"s{n}" for n in range(1, 1000) if f"s{n}" not in taken)
        taken.add(key)
        return key
