"""The shape of an upload."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.base import File

from civic.intake.models import ImportJob

_CSV = forms.FileInput(attrs={"accept": ".csv,text/csv,text/plain"})


class PolisForm(forms.Form):
    """The files of a Polis export."""

    kind = ImportJob.Kind.POLIS
    comments = forms.FileField(
        label="comments.csv", help_text="Statements, with what moderators decided.", widget=_CSV
    )
    votes = forms.FileField(
        required=False, label="votes.csv", help_text="Every vote with its time.", widget=_CSV
    )
    participants_votes = forms.FileField(
        required=False,
        label="participants-votes.csv",
        help_text="One row per person. Used where votes.csv is missing, and to check it.",
        widget=_CSV,
    )
    exclude = forms.FileField(
        required=False,
        label="People to leave out",
        help_text="One participant number per line, for example known automatic accounts.",
        widget=_CSV,
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("votes") and not data.get("participants_votes"):
            self.add_error("votes", "Add votes.csv or participants-votes.csv.")
        return data

    def uploads(self) -> dict[str, File]:
        return {name: file for name, file in self.cleaned_data.items() if file}


class StatementsForm(forms.Form):
    """A table of statements from anywhere."""

    kind = ImportJob.Kind.STATEMENTS
    statements = forms.FileField(
        label="Table of statements (CSV)",
        help_text="Columns: author and text, and language and id if you have them. Every other "
        "column is taken to describe the person, such as her region.",
        widget=_CSV,
    )

    def uploads(self) -> dict[str, File]:
        return {"statements": self.cleaned_data["statements"]}
