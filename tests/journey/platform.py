"""The real thing for the journeys: `manage.py demo` in a folder of its own, web and worker."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CODE = "123456"
CITIZEN, ORGANIZER = "citizen@example.org", "organizer@example.org"
PATIENCE = 480  # seconds until a platform that does not come up is called broken

# The demo ends with the sample in its second phase; writing needs the first one.
REOPEN = (
    "from civic.consultations.models import Consultation as C;"
    "from civic.consultations.services import open_phase;"
    "one = C.objects.get(); open_phase(one, phase='collect', by=one.created_by); print(one.slug)"
)


@dataclass(frozen=True)
class Platform:
    """A running platform with the sample analysed, published and open for writing."""

    url: str
    slug: str
    database: Path

    @property
    def home(self) -> Path:
        return self.database.parent

    @property
    def consultation(self) -> str:
        return f"{self.url}/c/{self.slug}/"

    def rows(self, query: str, *values: Any) -> list[Any]:
        """What is stored, read past the platform: its only word that a journey need not take."""
        address = f"file:{self.database}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=20)) as connection:
            return connection.execute(query, values).fetchall()

    def run(self, *arguments: str) -> str:
        """What a Python program beside the platform prints; the test fails where it fails."""
        done = subprocess.run(
            [sys.executable, *arguments],
            check=False,
            capture_output=True,
            text=True,
            env=plain_environment(self.home) | {"DJANGO_SETTINGS_MODULE": "civic.settings"},
            cwd=ROOT,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def shell(self, script: str) -> str:
        """What a few lines inside the platform print."""
        return self.run("manage.py", "shell", "--verbosity", "0", "--command", script)

    def count(self, query: str, *values: Any) -> int:
        """The single number that a query gives."""
        return int(self.rows(query, *values)[0][0])


@contextmanager
def running(home: Path) -> Iterator[Platform]:
    """Start the demo, wait until it serves, and end it with its processes whatever happens."""
    port = free_port()
    log = home / "demo.log"
    with log.open("wb") as output:
        demo = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "demo", "--port", str(port)],
            stdout=output,
            stderr=subprocess.STDOUT,
            env=plain_environment(home),
            cwd=ROOT,
        )
    try:
        _wait_until_ready(demo, log)
        url, database = f"http://127.0.0.1:{port}", home / "concordance.sqlite3"
        slug = Platform(url, "", database).shell(REOPEN).split()[-1]
        yield Platform(url, slug, database)
    finally:
        _end(demo)


def plain_environment(home: Path) -> dict[str, str]:
    """The caller's, less what would lead the demo to another database, broker or address."""
    ours = ("CONCORDANCE_", "DATABASE_URL", "REDIS_URL")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | {"CONCORDANCE_HOME": str(home), "OMP_NUM_THREADS": "1"}


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(demo: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while "Ready after" not in log.read_text():
        if demo.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"The demo did not come up:\n{log.read_text()[-3000:]}")
        time.sleep(0.2)


def _end(demo: subprocess.Popen[bytes]) -> None:
    """Ask the demo to end: it then stops its web server and its worker.

    Not by SIGINT, which a process started in the background may have been told to ignore.
    """
    demo.terminate()
    try:
        demo.wait(timeout=60)
    except subprocess.TimeoutExpired:
        demo.kill()
        demo.wait()
