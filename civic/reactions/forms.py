"""The shape of an answer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from civic.errors import Invalid
from civic.reactions.models import Reaction
from civic.reactions.services import cleaned_condition
from civic.statements.forms import hints_of

IMPORTANCE = [(number, str(number)) for number in range(1, 6)]


class ReactionForm(forms.Form):
    """One answer, when it depends on something, and how much it matters.

    `token` names one sending. `confirmed`: she was told of what looks like personal data.
    """

    value = forms.ChoiceField(
        label=_("Your answer"),
        choices=Reaction.Value.choices,
        error_messages={
            "required": _("Choose one of the answers."),
            "invalid_choice": _("Choose one of the answers."),
        },
    )
    condition = forms.CharField(required=False, strip=False, label=_("When would you agree?"))
    importance = forms.TypedChoiceField(
        required=False,
        label=_("Does it matter?"),
        coerce=int,
        empty_value=None,
        choices=IMPORTANCE,
        error_messages={"invalid_choice": _("Importance is a whole number from 1 to 5.")},
    )
    token = forms.RegexField(r"^[\w-]{1,36}\Z", required=False)
    confirmed = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("value") != Reaction.Value.DEPENDS:
            data["condition"] = ""
            return data
        try:
            data["condition"] = cleaned_condition(
                data.get("condition", ""), value=Reaction.Value.DEPENDS
            )
        except Invalid as refusal:
            self.add_error("condition", refusal.sentence)
        return data

    @property
    def hints(self) -> list[str]:
        """What in the condition looks like personal data, unless she has confirmed it."""
        is_warned = self.cleaned_data.get("confirmed")
        return [] if is_warned else hints_of(self.cleaned_data.get("condition", ""))


class ImportanceForm(forms.Form):
    """How much a claim matters, from 1 to 5."""

    importance = forms.TypedChoiceField(
        coerce=int,
        choices=IMPORTANCE,
        error_messages={
            "required": _("Importance is a whole number from 1 to 5."),
            "invalid_choice": _("Importance is a whole number from 1 to 5."),
        },
    )
