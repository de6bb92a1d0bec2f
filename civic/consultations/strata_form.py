"""A few questions about a person, each hers to leave out and to change later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from civic.consultations.models import Consultation
from civic.consultations.strata import answers_among, strata_of

RATHER_NOT = ("", _("Rather not say"))


class AboutYouForm(forms.Form):
    """One choice per question of the consultation; saying nothing is chosen until she chooses."""

    def __init__(
        self,
        consultation: Consultation,
        *args: Any,
        given: Mapping[str, str] | None = None,
        **kw: Any,
    ) -> None:
        super().__init__(*args, **kw)
        self.consultation = consultation
        reasons = {one["key"]: one.get("why", "") for one in consultation.strata}
        for stratum in strata_of(consultation):
            self.fields[f"about-{stratum.key}"] = forms.ChoiceField(
                label=stratum.question,
                help_text=reasons[stratum.key],
                required=False,
                choices=[*((option.key, option.label) for option in stratum.options), RATHER_NOT],
                initial=(given or {}).get(stratum.key, ""),
                widget=forms.RadioSelect,
                error_messages={"invalid_choice": _("Choose one of the answers, or say nothing.")},
            )

    @property
    def answers(self) -> dict[str, str]:
        """What she answered, by question; what she left out is not in it."""
        given = {name.removeprefix("about-"): value for name, value in self.cleaned_data.items()}
        return answers_among(self.consultation, given)
