"""A platform of its own for one test: a folder, a database, a worker process that can be shot."""

from __future__ import annotations

import csv
import os
import random
import secrets
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import psycopg
import pytest
import redis
from psycopg import sql

ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Platform(AbstractContextManager["Platform"]):
    """One installation in one folder, driven from outside as an operator would."""

    folder: Path
    extra: dict[str, str] = field(default_factory=dict)
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
        return clean | {
            "CONCORDANCE_HOME": str(self.folder),
            "CONCORDANCE_LEASE_SECONDS": "3",
            "CONCORDANCE_RECONCILE_SECONDS": "1",
            "OMP_NUM_THREADS": "1",
            **self.extra,
        }

    def manage(self, *arguments: str) -> str:
        """Run one management command and return what it printed; fails the test if it fails."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if done.returncode != 0:
            pytest.fail(f"manage.py {arguments[0]}: {done.stdout[-1000:]}{done.stderr[-2000:]}")
        return done.stdout

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What its database holds, read from outside: a shell takes seconds to start."""
        if url := self.extra.get("DATABASE_URL"):
            with psycopg.connect(url) as served:
                return served.execute(query.encode()).fetchall()
        with closing(sqlite3.connect(self.folder / "concordance.sqlite3", timeout=20)) as file:
            return file.execute(query).fetchall()

    def start_worker(self) -> subprocess.Popen[bytes]:
        """A worker for all queues with its beat, in a process group of its own."""
        command = ["-m", "celery", "-A", "civic", "worker", "-P", "threads", "-c", "2", "-B"]
        name = f"worker-{len(self.workers)}"
        command += ["-s", str(self.folder / f"{name}.beat")]  # two may not share one
        log = (self.folder / f"{name}.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, *command, "-Q", "cpu,gpu,mail", "-l", "INFO"],
            cwd=ROOT,
            env=self.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        log.close()
        self.workers.append(process)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """kill -9 for the whole process group: nothing gets to say goodbye."""
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def wait_for(self, condition: Callable[[], bool], *, seconds: float) -> None:
        """Return once the condition holds; fail with the workers' logs after so many seconds."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                pytest.fail(f"not within {seconds} s\n{self.logs()}")
            time.sleep(0.01)

    def logs(self) -> str:
        """The end of each worker's log, for the message of a failed test."""
        files = sorted(self.folder.glob("worker-*.log"))
        return "\n".join(f"--- {file.name}\n{file.read_text()[-2000:]}" for file in files)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in self.workers:
            self.kill(process)


def write_export(folder: Path, *, people: int, comments: int, seed: int) -> None:
    """An invented Polis export with two camps; big enough that a run takes a moment."""
    chance = random.Random(seed)
    folder.mkdir()
    things = ("lie", "listen", "explain", "refuse", "guess", "help", "wait", "ask", "admit", "joke")
    with (folder / "comments.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["comment-id", "author-id", "moderated", "comment-body"])
        for number in range(comments):
            first, second = chance.choice(things), chance.choice(things)
            text = f"AI should {first} before it may {second} in case number {number}."
            rows.writerow([number, chance.randrange(people), 1, text])
    with (folder / "votes.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["comment-id", "voter-id", "vote"])
        for person in range(people):
            for number in chance.sample(range(comments), comments // 2):
                likely = 0.9 if (person + number) % 3 else 0.3
                vote = 0 if chance.random() < 0.1 else 1 if chance.random() < likely else -1
                rows.writerow([number, person, vote])


@pytest.fixture(scope="session")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an invented Polis export."""
    folder = tmp_path_factory.mktemp("invented") / "export"
    write_export(folder, people=150, comments=120, seed=3)
    return folder


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Folders of installations that took an export in and ran nothing; one for equal settings."""
    made: dict[tuple[object, ...], Path] = {}

    def begin(export: Path, then: tuple[tuple[str, ...], ...], extra: dict[str, str]) -> Path:
        key = (export, then, *sorted(extra.items()))
        if key not in made:
            platform = Platform(tmp_path_factory.mktemp("begun"), extra)
            platform.manage("migrate", "-v", "0")
            platform.manage("import_polis", str(export), "--title", "Invented", "--slug", "x")
            for command in then:
                platform.manage(*command)
            made[key] = platform.folder
        return made[key]

    return begin


@pytest.fixture
def new_platform(
    tmp_path: Path, export: Path, begun: Callable[..., Path]
) -> Iterator[Callable[..., Platform]]:
    """Makes platforms by name, each with an export imported as `x` and nothing run yet.

    Further arguments are environment variables; `folder` is another export than the invented one,
    `then` are management commands to begin with. Each platform is a copy of its own.
    """
    with ExitStack() as stack:

        def make(
            name: str,
            *,
            folder: Path = export,
            then: tuple[tuple[str, ...], ...] = (),
            **extra: str,
        ) -> Platform:
            home = shutil.copytree(begun(folder, then, extra), tmp_path / name)
            return stack.enter_context(Platform(home, extra))

        yield make


@pytest.fixture
def services(services_url: tuple[str, str]) -> Iterator[dict[str, str]]:
    """Variables that switch to PostgreSQL and Redis: an empty database, an empty Redis."""
    server, cache = services_url
    name = f"concordance_{secrets.token_hex(4)}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as administration:
        administration.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        redis.Redis.from_url(cache).flushdb()
        try:
            yield {"DATABASE_URL": f"{server}/{name}", "REDIS_URL": cache}
        finally:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            administration.execute(drop)
