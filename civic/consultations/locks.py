"""What may no longer change once people rely on it, and the reason to tell the organizer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from civic.consultations.models import Consultation
from civic.consultations.phases import Phase

_WIDTH = (Consultation.Access.INVITE, Consultation.Access.OPEN, Consultation.Access.LINK)


@dataclass(frozen=True)
class Lock:
    """From a moment on a field keeps its value, or changes in one direction only."""

    reason: Any
    holds: Callable[[Consultation], bool]
    lets: Callable[[Any, Any], bool] | None = None  # (old, new); None: nothing passes


def _is_opened(consultation: Consultation) -> bool:
    """Also once it is a draft again: whoever came while it was open was promised something."""
    came = consultation.memberships.exclude(consented_at=None)
    return consultation.phase != Phase.DRAFT or came.exists()


def _has_texts(consultation: Consultation) -> bool:
    return consultation.statements.exclude(author=None).exists()


def _has_answers(consultation: Consultation) -> bool:
    return consultation.memberships.exclude(strata={}).exists()


def _has_spoken_to(consultation: Consultation) -> bool:
    return consultation.statements.exclude(scenario="").exists()


def _keeps_all(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> bool:
    """Whether every situation is there as it was: statements point to it by its key."""
    return all(one in new for one in old)


def _widens(old: str, new: str) -> bool:
    return _WIDTH.index(new) >= _WIDTH.index(old)


def _keeps_options(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> bool:
    """Whether every question is still there with the same options; shares may change."""

    def asked(strata: list[dict[str, Any]]) -> dict[str, list[tuple[str, str]]]:
        return {one["key"]: [(o["key"], o["label"]) for o in one["options"]] for one in strata}

    now = asked(new)
    return all(now.get(key) == options for key, options in asked(old).items())


LOCKS = {
    "question": Lock(
        _("People have answered this question. Changed, it would stand over words it never asked."),
        _has_texts,
    ),
    "scenarios": Lock(
        _("People have answered this question. Changed, it would stand over words it never asked."),
        _has_spoken_to,
        _keeps_all,
    ),
    "licence": Lock(_("People wrote under this licence."), _has_texts),
    "is_synthetic": Lock(_("Readers were told whether this is real or invented."), _is_opened),
    "access": Lock(
        _("The consultation is open: it may let in more people, never fewer."),
        _is_opened,
        _widens,
    ),
    "k": Lock(
        _("People were promised that smaller numbers are not shown: it may only grow."),
        _is_opened,
        lambda old, new: new >= old,
    ),
    "moderation": Lock(
        _("People were told who reads first: statements may be read earlier, never later."),
        _has_texts,
        lambda _old, new: new == Consultation.Moderation.BEFORE,
    ),
    "strata": Lock(
        _("People have answered: questions and options stay; shares may change, questions join."),
        _has_answers,
        _keeps_options,
    ),
}


def locks_on(consultation: Consultation) -> dict[str, Lock]:
    """The locks that hold now, by field."""
    return {name: lock for name, lock in LOCKS.items() if lock.holds(consultation)}
