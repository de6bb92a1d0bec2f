"""The right to work on a row: taken by one worker, kept alive, lost when it falls silent.

For rows with `status` (queued, running, ...), `lease_holder`, `lease_until`, `attempts`. Whoever
changes the row by a conditional update holds it; the clock of the database's rows decides the rest.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import OperationalError, connections
from django.db.models import F, QuerySet
from django.utils import timezone

logger = logging.getLogger(__name__)
MAX_ATTEMPTS = 5  # work that kills its worker this often is given up


class LeaseLost(Exception):
    """The work was called off, or another worker has taken it: stop, and store nothing."""


def new_deadline() -> datetime:
    """Until when a worker heard of now is believed to be alive."""
    return timezone.now() + timedelta(seconds=settings.LEASE_SECONDS)


def take(queued: QuerySet[Any], **changes: object) -> uuid.UUID | None:
    """Claim a row by a conditional update; None where another worker got here first."""
    holder = uuid.uuid4()
    changed = queued.update(
        lease_holder=holder, lease_until=new_deadline(), attempts=F("attempts") + 1, **changes
    )
    return holder if changed else None


@contextmanager
def kept(
    row: str, *, renew: Callable[[], None], give_up: Callable[[], object] | None = None
) -> Iterator[None]:
    """Renew a lease from a second thread, so that one long computation does not look like death.

    renew : says that the worker is alive; LeaseLost where the row is no longer its own
    give_up : called at the end, so that what was not finished is free for the next worker at once
    """
    over = threading.Event()

    def beat() -> None:
        try:
            while not over.wait(settings.LEASE_SECONDS / 3):
                try:
                    renew()
                except OperationalError as error:
                    logger.warning("Heartbeat of %s missed: %s", row, error)
        except LeaseLost:
            return  # The main thread notices at its next step.
        finally:
            connections.close_all()

    thread = threading.Thread(target=beat, name=f"heartbeat-{row}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        if give_up is not None:
            give_up()
