"""The shape of what people write."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from aggregation.text import personal_data_hints
from civic.consultations.models import Consultation
from civic.statements.languages import CHOICES

LANGUAGES = [("", _("Found out automatically")), *CHOICES]
HINTS = {
    "address": _("a postal address"),
    "email": _("an e-mail address"),
    "iban": _("a bank account number"),
    "phone": _("a phone number"),
}


def hints_of(text: str) -> list[str]:
    """What in a text looks like personal data, in words."""
    return [str(HINTS[hint]) for hint in personal_data_hints(text)]


class WordsForm(forms.Form):
    """A text to send. `token` names the page it is sent from, so that one page sends one text."""

    text = forms.CharField(
        label=_("What should an AI do, and what should it never do?"),
        strip=False,
        error_messages={"required": _("Please write something first.")},
        widget=forms.Textarea(attrs={"class": "big words", "dir": "auto", "rows": 10}),
    )
    confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)
    token = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_token(self) -> uuid.UUID | None:
        """The page's name; one that was tampered with is none."""
        try:
            return uuid.UUID(self.cleaned_data["token"])
        except ValueError:
            return None


class StatementForm(WordsForm):
    """One statement. `website` is a trap: people do not see it, machines fill it in."""

    language = forms.ChoiceField(
        required=False, label=_("Language you write in"), choices=LANGUAGES
    )
    scenario = forms.ChoiceField(
        required=False,
        label=_("Which situation do you speak to?"),
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("Choose one of the situations, or none.")},
    )
    website = forms.CharField(required=False, widget=forms.HiddenInput)
    field_order = ["scenario", "text", "language"]

    def __init__(self, *args: Any, consultation: Consultation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        situations = [(one["key"], one["title"]) for one in consultation.scenarios]
        self.fields["scenario"].choices = [("", _("None in particular")), *situations]

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise forms.ValidationError(_("This looks like it was sent by a machine."))
        return ""
