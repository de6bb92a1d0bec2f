"""The shape of publishing a spec, taking it back, and answering to it in public."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from civic.specs.services import MAX_ANNOUNCEMENT, MAX_REASON, MAX_REPLY, MAX_SIGNATURE
from civic.texts import TextForm

CONFIRMATION = "publish"


def confirmation() -> str:
    """The word to type, in the reader's language."""
    return pgettext("the word to type", "publish")


class PublishForm(TextForm):
    """Publishing asks for who answers for it, and for a word that nobody types by accident."""

    signed_as = forms.CharField(
        label=gettext_lazy("Your name and office"),
        help_text=gettext_lazy("Shown with the result: who answers for it."),
        max_length=MAX_SIGNATURE,
        error_messages={"required": gettext_lazy("Say who signs: your name and office.")},
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
    )
    announcement = forms.CharField(
        required=False,
        label=gettext_lazy("Announcement"),
        help_text=gettext_lazy(
            "A few sentences for everybody, shown on the start page and with the result: what was "
            "asked, what came out, what happens next."
        ),
        max_length=MAX_ANNOUNCEMENT,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
    )
    word = forms.CharField(widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word = self.fields["word"]
        word.label = _("Type “%(word)s” to publish for good") % {"word": confirmation()}
        word.error_messages["required"] = self._mistyped()

    def clean_word(self) -> str:
        typed = str(self.cleaned_data["word"]).strip().casefold()
        if typed not in (confirmation().casefold(), CONFIRMATION):
            raise ValidationError(self._mistyped())
        return typed

    def _mistyped(self) -> str:
        return _("Type the word “%(word)s” to publish.") % {"word": confirmation()}


class WithdrawForm(TextForm):
    """Taking a version back asks for the reason that everybody will read."""

    reason = forms.CharField(
        label=gettext_lazy("Why is this version withdrawn?"),
        help_text=gettext_lazy("Shown publicly in its place."),
        max_length=MAX_REASON,
        error_messages={"required": gettext_lazy("Give the reason: everybody will read it.")},
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )


class ReplyForm(TextForm):
    """What the organizers say to the result; left empty, there is no reply any more."""

    text = forms.CharField(
        required=False,
        label=gettext_lazy("Your reply"),
        help_text=gettext_lazy(
            "What will you do with each clause, by when, and why not where you will not? An empty "
            "line makes a paragraph, “## ” a heading, “- ” a list, and **two stars** bold words."
        ),
        max_length=MAX_REPLY,
        widget=forms.Textarea(attrs={"rows": 12, "dir": "auto"}),
    )
