"""May this text be kept? One door for all that people write, told in the reader's language."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from aggregation.text import TextRefused, clean_text
from aggregation.text.clean import MAX_GRAPHEMES
from civic.errors import Invalid

LIMIT = MAX_GRAPHEMES  # characters as a reader counts them


def fit(text: str, *, most: int | None = None) -> str:
    """The text as it is stored; raises Invalid with the rule that it breaks and what to do.

    most : the size of its column, in code points, since making a text uniform may lengthen it
    """
    try:
        cleaned = clean_text(text, max_graphemes=LIMIT if most is None else most)
    except TextRefused as error:
        raise Invalid(_told(error)) from error
    if most is not None and len(cleaned) > most:
        raise Invalid(_too_long() % {"size": len(cleaned), "limit": most})
    return cleaned


def fit_line(text: str, *, most: int) -> str:
    """A title or a name: cleaned as every text, and on one line. "" stays ""."""
    return " ".join(fit(text, most=most).split()) if text.strip() else ""


class TextForm(forms.Form):
    """A form whose texts hold nothing invisible that deceives, and no piles of accents."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name, value in list(data.items()):
            field = self.fields[name]
            if isinstance(value, str) and value and type(field) is forms.CharField:
                try:
                    data[name] = fit(value, most=field.max_length)
                except Invalid as refusal:
                    self.add_error(name, refusal.sentence)
        return data


def _told(error: TextRefused) -> str:
    facts = {
        name: number_format(value, force_grouping=True) if isinstance(value, int) else value
        for name, value in error.facts.items()
    }
    if error.rule == "empty":
        return _("The text is empty: it holds nothing but white space. Write a sentence.")
    if error.rule == "too_many_marks":
        return (
            _(
                "More than %(limit)s accents follow each other at character %(place)s. "
                "Remove the extra accents."
            )
            % facts
        )
    if error.rule == "forbidden_character":
        return (
            _(
                "The text holds a character that cannot be shown (%(code)s) at character "
                "%(place)s. Remove it and send the text again."
            )
            % facts
        )
    if facts["unit"] == "bytes":
        return (
            _(
                "The text has %(size)s bytes, the limit is %(limit)s. "
                "Shorten it or send it in parts."
            )
            % facts
        )
    return _too_long() % facts


def _too_long() -> str:
    return _(
        "The text has %(size)s characters, the limit is %(limit)s. Shorten it or send it in parts."
    )
