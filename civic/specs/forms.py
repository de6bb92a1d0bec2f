"""The shape of looking something up in a spec, publishing it and taking it back."""

from __future__ import annotations

from django import forms


class PublishForm(forms.Form):
    """Publishing asks for a deliberate tick."""

    sure = forms.BooleanField(
        label="I have read this draft, and I publish it for good.",
        error_messages={"required": "Tick the box to publish."},
    )


class WithdrawForm(forms.Form):
    """Taking a version back asks for the reason that everybody will read."""

    reason = forms.CharField(
        label="Why is this version withdrawn?",
        help_text="Shown publicly in its place.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
