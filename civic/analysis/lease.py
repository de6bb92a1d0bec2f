"""The right to work on a run: taken by one worker, kept alive, lost when it falls silent."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from civic.analysis import journal
from civic.analysis.models import Run
from civic.consultations import leases
from civic.consultations.leases import MAX_ATTEMPTS, LeaseLost, new_deadline

__all__ = ["MAX_ATTEMPTS", "LeaseLost", "Stopwatch", "heartbeat", "put_back", "renew", "take"]


def take(run_id: int) -> uuid.UUID | None:
    """Claim a queued run by a conditional update; None where another worker got here first."""
    now = timezone.now()
    queued = Run.objects.filter(pk=run_id, status=Run.Status.QUEUED)
    return leases.take(queued, status=Run.Status.RUNNING, heartbeat_at=now, started_at=now)


def renew(run_id: int, *, holder: uuid.UUID) -> None:
    """Say that the worker is alive; LeaseLost where the run is no longer its own."""
    mine = Run.objects.filter(pk=run_id, lease_holder=holder, status=Run.Status.RUNNING)
    if not mine.update(lease_until=new_deadline(), heartbeat_at=timezone.now()):
        raise LeaseLost


@contextmanager
def heartbeat(run_id: int, *, holder: uuid.UUID) -> Iterator[None]:
    """Keep a run's lease while it is computed; what was not finished is free at once."""
    mine = Run.objects.filter(pk=run_id, lease_holder=holder, status=Run.Status.RUNNING)
    with leases.kept(
        f"run-{run_id}",
        renew=lambda: renew(run_id, holder=holder),
        give_up=lambda: mine.update(lease_until=timezone.now()),
    ):
        yield


def put_back() -> None:
    """Queue runs again whose worker fell silent, and give up those that keep killing theirs."""
    silent = Run.objects.filter(status=Run.Status.RUNNING, lease_until__lt=timezone.now())
    for run in silent.only("pk", "attempts"):
        with transaction.atomic():
            if run.attempts >= MAX_ATTEMPTS:
                _give_up(run, silent)
            elif silent.filter(pk=run.pk).update(
                status=Run.Status.QUEUED, lease_holder=None, lease_until=None
            ):
                journal.note(run, journal.SILENT)


def _give_up(run: Run, silent: QuerySet[Run]) -> None:
    if silent.filter(pk=run.pk).update(
        status=Run.Status.FAILED,
        finished_at=timezone.now(),
        error=f"The worker stopped {MAX_ATTEMPTS} times while computing; see its log.",
    ):
        journal.note(run, journal.GIVEN_UP, attempt=run.attempts)


class Stopwatch:
    """Seconds since each named thing began."""

    def __init__(self) -> None:
        self._began: dict[str, float] = {}

    def seconds(self, name: str) -> float:
        """Since the first question about this name."""
        now = time.monotonic()
        return now - self._began.setdefault(name, now)
