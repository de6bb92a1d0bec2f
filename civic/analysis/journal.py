"""A run's log: what happened while it worked, one sentence each, told in the reader's language.

A line is kept as its English sentence and the figures in it, so that it can be translated when it
is read, and can still be read when the sentence is no longer in use.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import localize
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as noop

from civic.analysis.models import Run, RunEvent
from civic.analysis.steps import step_label

ASKED = noop("Asked for. Waiting for a worker.")
TAKEN = noop("A worker took it up.")
TAKEN_AGAIN = noop("A worker took it up again: attempt %(attempt)s of at most %(most)s.")
FROZEN = noop(
    "Input: %(people)s people, %(statements)s statements, %(claims)s sentences, "
    "%(reactions)s answers."
)
BEGUN = noop("Step “%(step)s” began.")
ENDED = noop("Step “%(step)s” is done, after %(seconds)s s.")
STUMBLED = noop("The worker met an error it did not expect (%(error)s). It is tried again.")
SILENT = noop("The worker fell silent. The analysis waits for another one.")
GIVEN_UP = noop("Given up after %(attempt)s attempts: the worker stopped each time.")
CANCELLED = noop("Cancelled.")
FAILED = noop("It failed: %(reason)s")
DONE = noop("Done. The worker needed %(memory)s MB of memory at most.")

MOST_LINES = 200  # on a page; the oldest are left out


@dataclass(frozen=True)
class Line:
    """One line as it is read."""

    at: datetime
    text: str


def note(run: Run, text: str, **facts: object) -> None:
    """Add one line to a run's log."""
    RunEvent.objects.create(run=run, text=text, facts=facts)


def lines_of(run: Run, *, most: int = MOST_LINES) -> list[Line]:
    """The newest lines of a run's log, oldest first."""
    newest = run.events.order_by("-at", "-pk")[:most]
    return [Line(event.at, told(event)) for event in reversed(newest)]


def told(event: RunEvent) -> str:
    """A line in the reader's language."""
    facts = {name: _told(name, value) for name, value in event.facts.items()}
    sentence = gettext(event.text)
    try:
        return sentence % facts if facts else sentence
    except (KeyError, TypeError, ValueError):
        return sentence  # A sentence of another version: its bare words say enough.


def _told(name: str, value: object) -> object:
    if name == "step":
        return step_label(str(value))
    return localize(value, use_l10n=True) if isinstance(value, int | float) else value
