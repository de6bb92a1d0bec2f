"""The doorbell: how the web side tells workers that rows are waiting.

The database owns the work. A message carries a row's id and may be lost, doubled or late: tasks
claim their row by a conditional update, and the reconciler (civic.analysis.tasks) rings again.
"""

from __future__ import annotations

import functools
import itertools
import logging
import os
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from celery import Celery
from celery.contrib.django.task import DjangoTask
from django.db import transaction
from kombu.exceptions import OperationalError
from kombu.transport import TRANSPORT_ALIASES, filesystem, redis
from kombu.utils.encoding import bytes_to_str, str_to_bytes
from kombu.utils.json import dumps, loads

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "civic.settings")
logger = logging.getLogger(__name__)


class AtomicChannel(filesystem.Channel):
    """kombu's folder of messages, except that no reader ever meets a half-written one.

    Names begin with wall-clock time, so that order survives a reboot.
    """

    _count = itertools.count()

    def _put(self, queue: str, payload: dict[str, Any], **_: object) -> None:
        name = f"{time.time_ns():020d}_{next(self._count):06d}_{uuid.uuid4()}.{queue}.msg"
        target = Path(self.data_folder_out) / name
        part = target.with_name(f"{name}.part")
        with part.open("wb") as file:
            file.write(str_to_bytes(dumps(payload)))
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)

    def _get(self, queue: str) -> dict[str, Any]:
        folder = Path(self.data_folder_in)
        for name in sorted(os.listdir(folder)):
            if name.partition(".")[2] != f"{queue}.msg":
                continue
            taken = folder / f"{name}.{os.getpid()}.taken"
            try:
                (folder / name).rename(taken)
            except FileNotFoundError:
                continue  # Another worker was faster.
            payload = taken.read_bytes()
            taken.unlink()
            return loads(bytes_to_str(payload))
        raise Empty


class AtomicTransport(filesystem.Transport):
    """The embedded default broker, under the name `safefs://`."""

    Channel = AtomicChannel


class SteadyChannel(redis.Channel):
    """kombu's channel to Redis, except that a worker outlives the Redis it was talking to.

    Acknowledging through a channel whose connection is gone is a lost connection, which Celery
    recovers from; kombu 5.7 stumbles over the missing object instead, and the worker dies of it.
    """

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        if self.connection is None or self.connection.client is None:
            raise ConnectionError("the connection of this channel is gone")
        return super()._connparams(asynchronous)


class SteadyTransport(redis.Transport):
    """What `redis://` and `rediss://` mean here."""

    Channel = SteadyChannel


TRANSPORT_ALIASES |= {
    "safefs": "civic.celery:AtomicTransport",
    "redis": "civic.celery:SteadyTransport",
    "rediss": "civic.celery:SteadyTransport",
}


class DoorbellTask(DjangoTask):
    """A task whose message may fail to go out: the row stays queued and is rung for again."""

    def delay_on_commit(self, *args: object, **kwargs: object) -> None:
        """Send the message once the surrounding transaction is committed."""
        transaction.on_commit(functools.partial(self.ring, *args, **kwargs))

    def ring(self, *args: object, **kwargs: object) -> None:
        """Send the message now; a silent broker is logged, never raised to the person waiting."""
        self._send(args, kwargs, expires=None)

    def ring_again(self, *args: object) -> None:
        """Ring for a row that still waits; the message goes stale, so that they never pile up."""
        self._send(args, {}, expires=60)

    def _send(
        self, args: tuple[object, ...], kwargs: dict[str, object], *, expires: int | None
    ) -> None:
        try:
            self.apply_async(args, kwargs, expires=expires)
        except (OperationalError, OSError) as error:
            logger.warning("Broker unreachable, %s stays queued: %s", self.name, error)


app = Celery("civic", task_cls="civic.celery:DoorbellTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
