"""The rules for statements: what each key means, and how a reason is written and told.

A reason is stored as one English text, so that the record of it never changes; whoever reads it
is told the rule in her own language.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Rule:
    """One rule: what moderators choose, and the sentence that authors are told."""

    key: str
    label: Any
    sentence: str


# Why a statement may be hidden, and why somebody may report one.
RULES = (
    Rule("insult", _("Insults or threatens people"), gettext_noop("Insults or threatens people.")),
    Rule(
        "personal",
        _("Personal data of somebody"),
        gettext_noop("Names a private person or gives contact details."),
    ),
    Rule("advert", _("Advertising or spam"), gettext_noop("Advertising or spam.")),
    Rule(
        "off_topic",
        _("Nothing to do with the question"),
        gettext_noop("Has nothing to do with the question."),
    ),
    Rule("unlawful", _("Breaks the law"), gettext_noop("Breaks the law.")),
    Rule("other", _("Another reason (say which)"), gettext_noop("Another reason.")),
)
# Why a statement is shown or read once more; nobody chooses these by hand.
OTHERS = (
    Rule("follows", _("Follows the rules"), gettext_noop("It follows the rules for statements.")),
    Rule("again", _("To be read again"), gettext_noop("Put back to be read again.")),
    Rule("appeal", _("After an appeal"), gettext_noop("Decided anew after an appeal.")),
)
# Stands before the reason where nobody else could decide.
ALONE = gettext_noop("Decided by its author, who alone may moderate here.")
BY_KEY = {rule.key: rule for rule in RULES + OTHERS}
CHOICES = [(rule.key, rule.label) for rule in RULES]
NEEDS_WORDS = "other"


def written(rule: str, words: str) -> str:
    """The reason as it is stored: the rule's sentence, then the moderator's own words."""
    known = BY_KEY.get(rule)
    parts = (known.sentence if known else "", words.strip())
    return " ".join(part for part in parts if part)


def told(reason: str) -> str:
    """A stored reason in the reader's language; a moderator's own words stay as they are."""
    for sentence in (ALONE, *(rule.sentence for rule in BY_KEY.values())):
        if reason.startswith(sentence):
            rest = reason.removeprefix(sentence).strip()
            return f"{gettext(sentence)} {told(rest) if sentence == ALONE else rest}".strip()
    return reason


def named(rule: str) -> str:
    """What a rule is called; "" for a decision made in words alone."""
    return str(BY_KEY[rule].label) if rule in BY_KEY else ""
