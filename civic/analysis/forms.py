"""The shape of a request for an analysis."""

from __future__ import annotations

from django import forms


class RunForm(forms.Form):
    """The seed that every random choice of the analysis is drawn from."""

    seed = forms.IntegerField(
        min_value=0,
        max_value=2**31 - 1,
        initial=0,
        label="Seed",
        help_text="Any whole number. The same input and seed give the same result, to the byte.",
    )
