"""The shape of what people write and of what moderators decide."""

from __future__ import annotations

from typing import Any

from django import forms

from aggregation.text import personal_data_hints
from civic.statements.languages import CHOICES

LANGUAGES = [("", "Found out automatically"), *CHOICES]
ACCEPT_REASON = "It follows the rules for statements."
RULES = [
    ("", "Choose the rule it breaks"),
    ("Insults or threatens people.", "Insults or threatens people"),
    ("Names a private person or gives contact details.", "Personal data of somebody"),
    ("Advertising or spam.", "Advertising or spam"),
    ("Has nothing to do with the question.", "Nothing to do with the question"),
    ("Breaks the law.", "Breaks the law"),
    ("Another reason.", "Another reason (say which)"),
]


HINTS = {
    "address": "a postal address",
    "email": "an e-mail address",
    "iban": "a bank account number",
    "phone": "a phone number",
}


def hints_of(text: str) -> list[str]:
    """What in a text looks like personal data, in words."""
    return [HINTS[hint] for hint in personal_data_hints(text)]


class StatementForm(forms.Form):
    """One statement. `website` is a trap: people do not see it, machines fill it in."""

    text = forms.CharField(
        label="What should an AI do, and what should it never do?",
        strip=False,
        error_messages={"required": "Please write something first."},
        widget=forms.Textarea(attrs={"class": "big words", "dir": "auto", "rows": 10}),
    )
    language = forms.ChoiceField(required=False, label="Language you write in", choices=LANGUAGES)
    website = forms.CharField(required=False, widget=forms.HiddenInput)
    confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise forms.ValidationError("This looks like it was sent by a machine.")
        return ""


class ModerationForm(forms.Form):
    """A decision with its reason: a rule, words of one's own, or both."""

    decision = forms.ChoiceField(
        choices=[("accepted", "Show"), ("rejected", "Hide"), ("waiting", "Put back")]
    )
    rule = forms.CharField(required=False, max_length=200)
    details = forms.CharField(required=False, max_length=1000)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        parts = (data.get("rule", "").strip(), data.get("details", "").strip())
        data["reason"] = " ".join(part for part in parts if part)
        return data
