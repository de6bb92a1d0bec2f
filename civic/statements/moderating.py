"""The shape of what moderators send: a decision with its reason, an answer to an appeal."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from civic.statements import rules
from civic.statements.models import Appeal, Statement
from civic.texts import TextForm

REASON_NEEDED = _("Please give a reason: choose the rule, or say it in your own words.")
WORDS_NEEDED = _("Please say in your own words which reason it is.")
DECISIONS = (
    (Statement.Moderation.ACCEPTED, _("Show")),
    (Statement.Moderation.REJECTED, _("Hide")),
    (Statement.Moderation.WAITING, _("Put back")),
)


class ModerationForm(TextForm):
    """A decision with its reason: a rule, words of one's own, or both."""

    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=DECISIONS,
        error_messages={
            "required": _("Choose whether to show the statement, hide it or put it back."),
            "invalid_choice": _("Choose whether to show the statement, hide it or put it back."),
        },
    )
    rule = forms.ChoiceField(
        required=False,
        label=_("Rule"),
        choices=[("", ""), *((key, rule.label) for key, rule in rules.BY_KEY.items())],
    )
    details = forms.CharField(required=False, max_length=1000, label=_("In your words"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        words, rule = data.get("details", "").strip(), data.get("rule", "")
        if "rule" in data and not rule and not words:
            self.add_error("rule", REASON_NEEDED)
        if rule == rules.NEEDS_WORDS and not words:
            self.add_error("details", WORDS_NEEDED)
        return data


class AnswerForm(TextForm):
    """What becomes of an appeal, and the answer that its author reads."""

    outcome = forms.ChoiceField(
        label=_("Your answer to the appeal"),
        choices=[
            (Appeal.Outcome.UPHELD, _("The decision stands")),
            (Appeal.Outcome.GRANTED, _("Show the statement again")),
        ],
        error_messages={
            "required": _("Choose whether the decision stands or the statement is shown again."),
            "invalid_choice": _(
                "Choose whether the decision stands or the statement is shown again."
            ),
        },
    )
    answer = forms.CharField(
        label=_("Why"),
        max_length=2000,
        error_messages={"required": _("Please write an answer: its author is told it.")},
    )


class QueueFilter(forms.Form):
    """Which statements the queue shows."""

    words = forms.CharField(required=False, max_length=200, label=_("Words in it"))
    language = forms.ChoiceField(required=False, label=_("Language"))

    def __init__(self, *args: Any, languages: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("All languages")), *languages]
        self.fields["language"] = forms.ChoiceField(
            required=False, label=_("Language"), choices=choices
        )
