"""kill -9 of Redis: people notice nothing, the worker outlives it, no work is lost."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.services, pytest.mark.slow]


class OwnRedis:
    """A Redis server of this test's own that keeps nothing, on a port of its own."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder = folder
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self.process = subprocess.Popen(
            [*command, "--dir", str(self.folder)], stdout=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                assert time.monotonic() < deadline, "Redis does not start"
                time.sleep(0.05)
            else:
                return

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def own_redis(services_url: tuple[str, str], tmp_path: Path) -> Iterator[OwnRedis]:
    """A Redis that may be shot; where a Redis answers, its program is expected to be there."""
    if shutil.which("redis-server") is None:
        pytest.skip("no redis-server program; the Redis that answers belongs to somebody else")
    server = OwnRedis(tmp_path)
    yield server
    server.kill()


def test_a_worker_outlives_its_redis(new_platform: Callable[..., Any], own_redis: OwnRedis) -> None:
    """Redis dies with a run in flight and comes back empty. What was asked for meanwhile is done
    by the same worker process, although no message about it was left."""
    platform = new_platform("x", REDIS_URL=own_redis.url)

    def statuses() -> list[str]:
        return [status for (status,) in platform.rows("SELECT status FROM analysis_run")]

    worker = platform.start_worker()
    platform.wait_for(lambda: "ready." in platform.logs(), seconds=60)
    platform.manage("run_analysis", "x")
    platform.wait_for(lambda: "running" in statuses(), seconds=60)
    own_redis.kill()
    platform.wait_for(lambda: "done" in statuses(), seconds=90)
    platform.manage("run_analysis", "x")
    assert sorted(statuses()) == ["done", "queued"]
    own_redis.start()
    platform.wait_for(lambda: statuses() == ["done", "done"], seconds=120)
    assert worker.poll() is None, platform.logs()
