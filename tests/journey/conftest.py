"""A running platform, a browser, and visitors who note every fault behind the pages they see."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.journey.platform import Platform, running
from tests.journey.things import things_of
from tests.journey.visitor import Faults, Visitor

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SLOW = 30_000  # milliseconds: two busy cores serve page, worker and browser at once
expect.set_options(timeout=SLOW)

NewVisitor = Callable[..., Visitor]


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium is; the journeys are skipped on a machine without it."""
    wanted = os.environ.get("CHROMIUM", "chromium")
    found = shutil.which(wanted)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(f"CI requires Chromium; “{wanted}” is not there")
        pytest.skip(f"no browser: “{wanted}” is not there; set CHROMIUM to a Chromium's path")
    return found


@pytest.fixture(scope="session")
def platform(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The platform with the sample consultation analysed, published and open for writing."""
    with running(tmp_path_factory.mktemp("platform")) as platform:
        yield platform


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One browser per file: its event loop ends before other tests ask the database."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def new_visitor(platform: Platform, browser: Browser) -> Iterator[NewVisitor]:
    """Makes visitors, each with cookies of their own; none may leave a fault behind."""
    visitors: list[Visitor] = []

    def make(**options: Any) -> Visitor:
        context = browser.new_context(**options)
        context.set_default_timeout(SLOW)
        faults = Faults(platform.url)
        faults.watch(context)
        visitors.append(Visitor(platform, context.new_page(), faults))
        return visitors[-1]

    yield make
    seen = [fault for visitor in visitors for fault in visitor.faults.seen]
    for visitor in visitors:
        visitor.page.context.close()
    assert seen == []


@dataclass
class Cast:
    """People who can sign in without a code, and what addresses name; see `cast.py`."""

    things: dict[str, object]
    cookies: dict[str, dict[str, str]]
    newcomers: Iterator[str]

    def state(self, name: str) -> Any:
        """The cookies of one of them, as a browser takes them."""
        cookie = {"domain": "127.0.0.1", "path": "/", "expires": -1, "secure": False}
        more = {"httpOnly": True, "sameSite": "Lax"}
        return {"cookies": [cookie | more | self.cookies[name]], "origins": []}

    def newcomer(self) -> Any:
        """The cookies of somebody who takes part in the sample and has seen nothing yet."""
        return self.state(next(self.newcomers))


@pytest.fixture(scope="session")
def cast(platform: Platform) -> Cast:
    """Everybody who is needed: an address gets three codes a minute, so few ask for one."""
    return cast_of(platform)


def cast_of(platform: Platform, *options: str) -> Cast:
    """The people of `cast.py`, made beside this platform, and what addresses name."""
    told = json.loads(platform.run("-m", "tests.journey.cast", platform.slug, *options))
    newcomers = iter([name for name in told["cookies"] if name.startswith("new")])
    return Cast(things_of(platform) | told["things"], told["cookies"], newcomers)


@pytest.fixture
def citizen_state(cast: Cast) -> Any:
    """The cookies of somebody who takes part in the sample consultation."""
    return cast.state("citizen")


@pytest.fixture
def organizer_state(cast: Cast) -> Any:
    """The cookies of the sample's organizer."""
    return cast.state("organizer")
