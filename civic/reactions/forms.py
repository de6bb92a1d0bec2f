"""The shape of an answer."""

from __future__ import annotations

from django import forms

from civic.reactions.models import Reaction


class ReactionForm(forms.Form):
    """One answer, and how much it matters, if the person likes to say."""

    value = forms.ChoiceField(
        choices=Reaction.Value.choices,
        error_messages={
            "required": "Choose one of the answers.",
            "invalid_choice": "Choose one of the answers.",
        },
    )
    importance = forms.TypedChoiceField(
        required=False, coerce=int, empty_value=None, choices=[(n, str(n)) for n in range(1, 6)]
    )
