"""The shape of an upload."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.base import File
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from civic.intake.models import ImportJob

_CSV = forms.FileInput(attrs={"accept": ".csv,text/csv,text/plain"})


class PolisForm(forms.Form):
    """The files of a Polis export."""

    kind = ImportJob.Kind.POLIS
    comments = forms.FileField(
        label="comments.csv",
        help_text=gettext_lazy("Statements, with what moderators decided."),
        widget=_CSV,
    )
    votes = forms.FileField(
        required=False,
        label="votes.csv",
        help_text=gettext_lazy("Every vote with its time."),
        widget=_CSV,
    )
    participants_votes = forms.FileField(
        required=False,
        label="participants-votes.csv",
        help_text=gettext_lazy(
            "One row per person. Used where votes.csv is missing, and to check it."
        ),
        widget=_CSV,
    )
    exclude = forms.FileField(
        required=False,
        label=gettext_lazy("People to leave out"),
        help_text=gettext_lazy(
            "One participant number per line, for example known automatic accounts."
        ),
        widget=_CSV,
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("votes") and not data.get("participants_votes"):
            self.add_error("votes", _("Add votes.csv or participants-votes.csv."))
        return data

    def uploads(self) -> dict[str, File]:
        return {name: file for name, file in self.cleaned_data.items() if file}


class StatementsForm(forms.Form):
    """A table of statements from anywhere."""

    kind = ImportJob.Kind.STATEMENTS
    statements = forms.FileField(
        label=gettext_lazy("Table of statements (CSV)"),
        help_text=gettext_lazy(
            "Columns: author and text, and language and id if you have them. Every other "
            "column is taken to describe the person, such as her region."
        ),
        widget=_CSV,
    )

    def uploads(self) -> dict[str, File]:
        return {"statements": self.cleaned_data["statements"]}


class AnswersForm(forms.Form):
    """Answers of machines to try sentences on, and what people elsewhere made of them."""

    kind = ImportJob.Kind.ANSWERS
    answers = forms.FileField(
        label="answers.csv",
        help_text=gettext_lazy(
            "Columns: answer (its id), claim (the id of the sentence that it tries), prompt, text, "
            "by (who wrote the answer, such as a model with its version), prompt-by, and source if "
            "you like. All of it becomes public. The table under Explore has the ids of sentences."
        ),
        widget=_CSV,
    )
    judgements = forms.FileField(
        required=False,
        label="judgements.csv",
        help_text=gettext_lazy(
            "Only for a study made elsewhere. Columns: participant, answer, judgement: 1 for a "
            "good answer, -1 for a bad one, 0 for neither."
        ),
        widget=_CSV,
    )

    def uploads(self) -> dict[str, File]:
        return {name: file for name, file in self.cleaned_data.items() if file}


class SeedsForm(forms.Form):
    """Statements to begin with, typed by an organizer, one per line."""

    texts = forms.CharField(
        label=gettext_lazy("Statements, one per line"),
        help_text=gettext_lazy(
            "People react to them from the first day. They are shown as the organizers’, and no "
            "person stands behind them in any count."
        ),
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
    )

    def lines(self) -> list[str]:
        """The lines that hold anything."""
        return [line for line in self.cleaned_data["texts"].splitlines() if line.strip()]
