"""A worker is shot while it analyses: the page says so, and another worker finishes the work."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, expect

from tests.journey.conftest import SLOW, Cast
from tests.journey.platform import ROOT, Platform, free_port, plain_environment
from tests.journey.visitor import Faults, Visitor

pytestmark = pytest.mark.browser

A_MINUTE = 60_000  # milliseconds until a page says that nobody works
LONG = 300_000  # for the rest of an analysis on a busy machine
PYTHON = [sys.executable, "-m"]


class Copy:
    """The platform as it stands, in a folder of its own, with a web server and workers of ours."""

    def __init__(self, original: Platform, home: Path) -> None:
        shutil.copytree(original.home, home, ignore=shutil.ignore_patterns("concordance.sqlite3*"))
        database = home / "concordance.sqlite3"
        with (
            closing(sqlite3.connect(original.database)) as source,
            closing(sqlite3.connect(database)) as target,
        ):
            source.backup(target)
        self.port = free_port()
        self.platform = Platform(f"http://127.0.0.1:{self.port}", original.slug, database)
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        environment = plain_environment(self.platform.home)
        with (self.platform.home / "copy.log").open("ab") as log:
            process = subprocess.Popen(
                [*PYTHON, *command],
                stdout=log,
                stderr=log,
                cwd=ROOT,
                env=environment | {"CONCORDANCE_URL": self.platform.url},
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def start_web(self) -> None:
        bind = f"127.0.0.1:{self.port}"
        threads = ("--worker-class", "gthread", "--threads", "4")
        self.start("gunicorn", "civic.wsgi:application", "--bind", bind, *threads)

    def start_worker(self) -> subprocess.Popen[bytes]:
        options = ("--beat", "--pool", "threads", "--concurrency", "2")
        quiet = ("--queues", "cpu,gpu,mail", "--without-gossip", "--without-mingle")
        return self.start("celery", "--app", "civic", "worker", *options, *quiet)


def kill(process: subprocess.Popen[bytes]) -> None:
    """kill -9 for the process and its children: nothing gets to say goodbye."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def copy_of(original: Platform, home: Path) -> Iterator[Copy]:
    copy = Copy(original, home)
    try:
        yield copy
    finally:
        for process in copy.processes:
            kill(process)


# check 20
def test_an_analysis_outlives_its_worker(
    platform: Platform, browser: Browser, cast: Cast, tmp_path: Path
) -> None:
    """Steps advance by themselves; stalled within a minute; then done, with the way on."""
    with (
        copy_of(platform, tmp_path / "home") as copy,
        browser.new_context(storage_state=cast.state("organizer")) as context,
    ):
        copy.start_web()
        worker = copy.start_worker()
        context.set_default_timeout(SLOW)
        faults = Faults(copy.platform.url)
        faults.watch(context)
        organizer = Visitor(copy.platform, context.new_page(), faults)
        page = organizer.page
        answers(organizer)
        organizer.go(f"/o/{copy.platform.slug}/runs/start/")
        page.get_by_label("Seed").fill("11")
        organizer.press("Start the analysis")
        progress = page.locator("#progress")
        expect(progress.locator("li.done").first).to_be_attached(timeout=LONG)
        kill(worker)
        expect(page.get_by_role("heading", level=1)).to_have_text("The analysis is under way")
        expect(progress).to_contain_text(re.compile("stalled", re.IGNORECASE), timeout=A_MINUTE)
        copy.start_worker()
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "The analysis is done", timeout=LONG
        )
        expect(page.get_by_role("button", name="Make a draft of the spec")).to_be_visible()
        expect(page.get_by_role("main")).to_contain_text("a worker had stopped in between")
        assert faults.seen == []


def answers(organizer: Visitor) -> None:
    """Wait until the copy serves pages."""
    for _ in range(120):
        try:
            organizer.get(organizer.platform.url + "/about/")
        except Error:  # nobody opens yet
            time.sleep(0.5)
        else:
            return
    raise AssertionError("The copy does not serve.")
