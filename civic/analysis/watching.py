"""What a page says about a run: its steps, how far, how long, whether anybody works on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from civic.analysis import journal
from civic.analysis.estimate import Estimate, estimate, size_then
from civic.analysis.models import Run, RunStep
from civic.analysis.rules import Setting, differing
from civic.analysis.steps import remedy, step_label

SILENT_SECONDS = 60  # without a sign of life for this long, the page says so
SHOWN_LINES = 6  # of the log, while the run works


@dataclass(frozen=True)
class Step:
    """One step as it is shown: waiting, running, done, or where the run ended (stopped)."""

    label: str
    state: str
    seconds: float | None


@dataclass(frozen=True)
class Watch:
    """Everything about one run at one moment.

    silent_for : seconds since the worker was heard of; waiting_for : since a worker was asked for
    """

    run: Run
    steps: list[Step]
    finished: int
    current: str | None
    elapsed: float | None
    expected: Estimate | None
    silent_for: float
    waiting_for: float
    lines: list[journal.Line]
    ended_at: str | None = None  # the step in which it failed or was cancelled
    remedy: str = ""

    @property
    def is_silent(self) -> bool:
        """Its worker is believed to be gone."""
        late = self.silent_for > SILENT_SECONDS
        return self.run.status == Run.Status.RUNNING and (self.run.is_stalled or late)

    @property
    def is_forgotten(self) -> bool:
        """No worker has come for it although one was asked for a while ago."""
        return self.run.status == Run.Status.QUEUED and self.waiting_for > SILENT_SECONDS

    @property
    def is_overdue(self) -> bool:
        """It takes longer than was expected."""
        return (
            self.run.status == Run.Status.RUNNING
            and self.expected is not None
            and self.elapsed is not None
            and self.elapsed > self.expected.high
        )

    @property
    def key(self) -> str:
        """Changes with what is worth reading out."""
        states = "".join(step.state[0] for step in self.steps)
        return f"{self.run.status}-{states}{'-silent' * self.is_silent}"

    @property
    def sentence(self) -> str:
        """How far it is, in one sentence."""
        if self.run.status == Run.Status.QUEUED:
            return _("Waiting for a worker.")
        facts = {"number": self.finished + 1, "all": len(self.steps), "step": self.current}
        if self.current and self.is_silent:
            return _("Stalled at step %(number)s of %(all)s, %(step)s.") % facts
        if self.current:
            return _("Working: step %(number)s of %(all)s, %(step)s.") % facts
        return _("Working: %(done)s of %(all)s steps done.") % (facts | {"done": self.finished})

    @property
    def settings(self) -> list[Setting]:
        """Rules that are not the usual ones."""
        return differing(self.run.aggregation_settings.get("policy", {}))


def progress_of(run: Run) -> Watch:
    """A run while it works, with the newest lines of its log, newest first."""
    steps = list(run.steps.all())
    now = timezone.now()
    current = next((step for step in steps if step.status == RunStep.Status.RUNNING), None)
    finished = sum(step.status == RunStep.Status.DONE for step in steps)
    size = size_then(run)
    lines = journal.lines_of(run, most=SHOWN_LINES)
    return Watch(
        run=run,
        steps=[
            Step(
                step_label(s.name),
                "stopped" if run.is_over and s is current else s.status,
                s.seconds,
            )
            for s in steps
        ],
        finished=finished,
        current=step_label(current.name) if current else None,
        elapsed=_since(run.started_at, run.finished_at or now),
        expected=estimate(size) if size and not run.is_over else None,
        silent_for=_since(run.heartbeat_at, now) or 0.0,
        waiting_for=_since(lines[-1].at if lines else run.created_at, now) or 0.0,
        lines=lines[::-1],
    )


def watched(run: Run) -> Watch:
    """The same with the whole log, oldest first, once it is over, and where and why it ended."""
    watch = progress_of(run)
    if not run.is_over:
        return watch
    stopped = next((s for s in run.steps.all() if s.status == RunStep.Status.RUNNING), None)
    watch = replace(
        watch,
        lines=journal.lines_of(run),
        ended_at=step_label(stopped.name) if stopped else None,
    )
    if run.status == Run.Status.FAILED:
        gave_up = run.events.filter(text=journal.GIVEN_UP).exists()
        name = stopped.name if stopped else "read"
        watch = replace(watch, remedy=remedy(None if gave_up else name))
    return watch


def _since(moment: datetime | None, now: datetime) -> float | None:
    return None if moment is None else max(0.0, (now - moment).total_seconds())
