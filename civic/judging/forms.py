"""The shape of what is sent about answers of machines."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from civic.judging.models import Judgement
from civic.judging.services import MOST_REASON
from civic.texts import TextForm


class JudgementForm(forms.Form):
    """What somebody makes of an answer."""

    value = forms.ChoiceField(
        choices=Judgement.Value.choices,
        error_messages={
            "required": _("Choose one of the answers."),
            "invalid_choice": _("Choose one of the answers."),
        },
    )


class WithdrawForm(TextForm):
    """Why an answer is taken out."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Kept beside the answer, for the team to read."),
        max_length=MOST_REASON,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        error_messages={"required": _("Say why it is taken out.")},
    )
