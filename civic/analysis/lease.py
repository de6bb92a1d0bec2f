"""The right to work on a run: taken by one worker, kept alive, lost when it falls silent."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.db import OperationalError, connections
from django.db.models import F
from django.utils import timezone

from civic.analysis.models import Run

logger = logging.getLogger(__name__)
MAX_ATTEMPTS = 5  # a run that kills its worker this often is given up


class LeaseLost(Exception):
    """The run was cancelled, or another worker has taken it: stop, and store nothing."""


def new_deadline() -> datetime:
    """Until when a worker heard of now is believed to be alive."""
    return timezone.now() + timedelta(seconds=settings.LEASE_SECONDS)


def take(run_id: int) -> uuid.UUID | None:
    """Claim a queued run by a conditional update; None where another worker got here first."""
    holder = uuid.uuid4()
    now = timezone.now()
    queued = Run.objects.filter(pk=run_id, status=Run.Status.QUEUED)
    changed = queued.update(
        status=Run.Status.RUNNING,
        lease_holder=holder,
        lease_until=new_deadline(),
        heartbeat_at=now,
        started_at=now,
        attempts=F("attempts") + 1,
    )
    return holder if changed else None


def renew(run_id: int, *, holder: uuid.UUID) -> None:
    """Say that the worker is alive; LeaseLost where the run is no longer its own."""
    mine = Run.objects.filter(pk=run_id, lease_holder=holder, status=Run.Status.RUNNING)
    if not mine.update(lease_until=new_deadline(), heartbeat_at=timezone.now()):
        raise LeaseLost


@contextmanager
def heartbeat(run_id: int, *, holder: uuid.UUID) -> Iterator[None]:
    """Renew the lease from a second thread, so that one long stage does not look like death."""
    over = threading.Event()

    def beat() -> None:
        try:
            while not over.wait(settings.LEASE_SECONDS / 3):
                try:
                    renew(run_id, holder=holder)
                except OperationalError as error:
                    logger.warning("Heartbeat of run %s missed: %s", run_id, error)
        except LeaseLost:
            return  # The main thread notices at its next step.
        finally:
            connections.close_all()

    thread = threading.Thread(target=beat, name=f"heartbeat-{run_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        # Whatever was not finished is free for the next worker at once.
        Run.objects.filter(pk=run_id, lease_holder=holder, status=Run.Status.RUNNING).update(
            lease_until=timezone.now()
        )


def put_back() -> None:
    """Queue runs again whose worker fell silent, and give up those that keep killing theirs."""
    silent = Run.objects.filter(status=Run.Status.RUNNING, lease_until__lt=timezone.now())
    silent.filter(attempts__gte=MAX_ATTEMPTS).update(
        status=Run.Status.FAILED,
        finished_at=timezone.now(),
        error=f"The worker stopped {MAX_ATTEMPTS} times while computing; see its log.",
    )
    silent.update(status=Run.Status.QUEUED, lease_holder=None, lease_until=None)


class Stopwatch:
    """Seconds since each named thing began."""

    def __init__(self) -> None:
        self._began: dict[str, float] = {}

    def seconds(self, name: str) -> float:
        """Since the first question about this name."""
        now = time.monotonic()
        return now - self._began.setdefault(name, now)
