"""The shape of what organizers enter about a consultation."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import slugify

from civic.consultations.models import Consultation, Membership

LICENCES = [
    ("", "Not said"),
    ("CC0-1.0", "CC0: free for any use"),
    ("CC-BY-4.0", "CC BY 4.0: free for any use, naming the source"),
    ("CC-BY-SA-4.0", "CC BY-SA 4.0: as before, and shared alike"),
]


class ConsultationForm(forms.Form):
    """What a new consultation needs; everything else can follow."""

    title = forms.CharField(
        max_length=200, label="Title", help_text="Short, as people will hear it in conversation."
    )
    question = forms.CharField(
        label="The question",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="One open question, in words a twelve-year-old understands.",
    )
    description = forms.CharField(
        required=False,
        label="Background",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Who asks, why now, and what will happen with the result.",
    )
    slug = forms.SlugField(
        required=False,
        max_length=80,
        label="Address",
        help_text="The last part of the web address. Left empty, it is made from the title.",
    )
    access = forms.ChoiceField(
        label="Who may take part",
        choices=Consultation.Access.choices,
        initial=Consultation.Access.OPEN,
        widget=forms.RadioSelect,
    )
    moderation = forms.ChoiceField(
        label="Moderation",
        choices=Consultation.Moderation.choices,
        initial=Consultation.Moderation.BEFORE,
        widget=forms.RadioSelect,
    )
    licence = forms.ChoiceField(
        required=False, label="Licence of what people write", choices=LICENCES
    )
    is_synthetic = forms.BooleanField(
        required=False, label="The statements and reactions are invented (every page will say so)"
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("slug") and data.get("title"):
            data["slug"] = slugify(data["title"])[:80]
            if not data["slug"]:
                self.add_error("slug", "Please choose an address in Latin letters and digits.")
        return data


class PhaseForm(forms.Form):
    """Which phase comes next."""

    phase = forms.CharField(max_length=12)


class InvitationForm(forms.Form):
    """Whom to invite, and as what."""

    email = forms.EmailField(
        required=False,
        label="E-mail address",
        help_text="Used to send this one message, and not kept. Without an address you get a link.",
    )
    role = forms.ChoiceField(
        label="Invite as", choices=Membership.Role.choices, initial=Membership.Role.PARTICIPANT
    )
