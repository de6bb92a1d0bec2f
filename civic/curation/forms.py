"""The shape of what organizers decide and of what citizens answer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from civic.curation.models import Answer, Kind
from civic.curation.rules import MAX_REASON
from civic.curation.themes import MAX_TITLE
from civic.texts import TextForm

# The reason that goes with a button, until the organizer writes one of her own.
USUAL = {
    Kind.TOGETHER: "Both say the same.",
    Kind.APART: "They say different things.",
    Kind.OPPOSED: "Nobody can follow both at once.",
    Kind.COMPATIBLE: "Both can be followed at once.",
    Kind.LEFT_OPEN: "Not clear enough to decide.",
    Kind.SPLIT: "These passages say something else.",
    Kind.RENAMED: "A clearer name.",
    Kind.THEME_MERGED: "Both are about the same.",
    Kind.PLACED: "It belongs there.",
}


class ReasonForm(TextForm):
    """Why something was decided or undone: in own words, or the usual ones."""

    reason = forms.CharField(required=False, max_length=MAX_REASON)


class PairForm(ReasonForm):
    """Two claims and what is decided about them.

    `keep` says whose words stand for both, and by itself that the two are joined.
    """

    kind = forms.ChoiceField(
        required=False,
        choices=[
            (kind.value, kind.label)
            for kind in (Kind.TOGETHER, Kind.APART, Kind.OPPOSED, Kind.COMPATIBLE, Kind.LEFT_OPEN)
        ],
    )
    first = forms.UUIDField()
    second = forms.UUIDField()
    keep = forms.ChoiceField(required=False, choices=[("first", "first"), ("second", "second")])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("keep") and not data.get("kind"):
            data["kind"] = Kind.TOGETHER
        if not data.get("kind"):
            self.add_error("kind", "Choose one of the buttons.")
        return data


class ThemeForm(ReasonForm):
    """What is decided about a theme, or where a claim goes."""

    kind = forms.ChoiceField(
        choices=[
            (kind.value, kind.label) for kind in (Kind.RENAMED, Kind.THEME_MERGED, Kind.PLACED)
        ]
    )
    theme = forms.CharField(required=False, max_length=200)
    claim = forms.UUIDField(required=False)
    title = forms.CharField(required=False, max_length=MAX_TITLE)
    into = forms.CharField(required=False, max_length=200)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        needs = {
            Kind.RENAMED: ("theme", "title"),
            Kind.THEME_MERGED: ("theme", "into"),
            Kind.PLACED: ("claim", "into"),
        }
        for name in needs.get(data.get("kind", ""), ()):
            if not data.get(name):
                self.add_error(name, "Please fill this in.")
        return data


class AnswerForm(forms.Form):
    """One answer to an either/or question."""

    value = forms.ChoiceField(
        label=_("Your answer"),
        choices=Answer.Value.choices,
        error_messages={
            "required": _("Choose one of the answers."),
            "invalid_choice": _("Choose one of the answers."),
        },
    )
