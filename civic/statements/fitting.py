"""May this text be sent? The library's rules, told in the reader's language."""

from __future__ import annotations

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from aggregation.text import TextRefused, clean_text
from aggregation.text.clean import MAX_GRAPHEMES
from civic.consultations.models import Consultation
from civic.errors import Invalid

LIMIT = MAX_GRAPHEMES  # characters as a reader counts them


def fit(text: str) -> str:
    """The text as it is stored; raises Invalid with the rule that it breaks and what to do."""
    try:
        return clean_text(text)
    except TextRefused as error:
        raise Invalid(_told(error)) from error


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
    return (
        _(
            "The text has %(size)s characters, the limit is %(limit)s. "
            "Shorten it or send it in parts."
        )
        % facts
    )


def check_situation(consultation: Consultation, key: str) -> None:
    """Raise Invalid where the consultation asks about no such situation; "" is none."""
    if key and all(one["key"] != key for one in consultation.scenarios):
        raise Invalid(
            _("There is no such situation in this consultation. Choose another, or none.")
        )
