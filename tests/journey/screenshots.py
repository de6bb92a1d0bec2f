"""`make screenshots`: pictures of pages, for the guides or to look at them one by one.

    python -m tests.journey.screenshots                 the six of the guides, into docs/images/
    python -m tests.journey.screenshots --all FOLDER    every page, on a phone and at a desk, light,
                                                        dark and in Arabic
    ... --all FOLDER --only publish diff                those whose names hold one of these words

Starts a platform of its own with the sample consultation.
"""

from __future__ import annotations

import argparse
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django
from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import ROOT
from tests.journey.conftest import ARGUMENTS, cast_of
from tests.journey.platform import CITIZEN, CODE, ORGANIZER, Platform, running
from tests.journey.things import things_of

PHONE, DESK = (360, 740), (1280, 900)


@dataclass(frozen=True)
class Look:
    """How somebody sees a page."""

    size: tuple[int, int]
    scheme: str = "light"
    language: str = "en"

    @property
    def name(self) -> str:
        return f"{self.size[0]}-{self.scheme}-{self.language}"

    @property
    def options(self) -> dict[str, Any]:
        width, height = self.size
        return {
            "viewport": {"width": width, "height": height},
            "color_scheme": self.scheme,
            "locale": self.language,
            "reduced_motion": "reduce",
            "device_scale_factor": 2 if self.size == PHONE else 1,
            "has_touch": self.size == PHONE,
            "is_mobile": self.size == PHONE,
        }


LOOKS = [Look(size, scheme) for size in (PHONE, DESK) for scheme in ("light", "dark")]
LOOKS += [Look(PHONE, language="ar"), Look(DESK, language="ar")]
# name of the picture: (who, page, look)
BEST = {
    "react": (CITIZEN, "reactions:react", Look(PHONE)),
    "write": (CITIZEN, "statements:write", Look(PHONE)),
    "results": (None, "specs:results", Look(DESK)),
    "clause": (None, "specs:clause", Look(DESK)),
    "start": (None, "pages:consultation", Look(PHONE)),
    "what-if": (ORGANIZER, "pages:what_if", Look(DESK)),
}


@contextmanager
def browser() -> Iterator[Browser]:
    found = shutil.which(os.environ.get("CHROMIUM", "chromium"))
    if found is None:
        raise SystemExit("Pictures need Chromium: set CHROMIUM to its path.")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield started
        started.close()


def sign_in(browser: Browser, platform: Platform, email: str) -> Any:
    """The cookies of one of the sample's people."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{platform.url}/accounts/login/code/")
        page.locator("input[name=email]").fill(email)
        page.locator("main button[type=submit]").first.click()
        page.locator("input[name=code]").fill(CODE)
        page.locator("main button[type=submit]").first.click()
        page.wait_for_load_state()
        return context.storage_state()


def take(page: Page, address: str, target: Path, *, whole: bool) -> None:
    answer = page.goto(address)
    if answer is None or answer.status != 200:
        raise SystemExit(f"{address} answered {answer and answer.status}")
    page.wait_for_load_state("networkidle")
    target.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=target, full_page=whole)


def best(browser: Browser, platform: Platform, folder: Path) -> None:
    """The pictures of the guides."""
    from tests.addresses import path

    things = things_of(platform)
    cookies = {email: sign_in(browser, platform, email) for email in (CITIZEN, ORGANIZER)}
    for name, (who, page_name, look) in BEST.items():
        state = cookies.get(who) if who else None
        with browser.new_context(**look.options, storage_state=state) as context:
            address = platform.url + path(page_name, things)
            take(context.new_page(), address, folder / f"{name}.png", whole=False)


def everything(
    browser: Browser, platform: Platform, folder: Path, *, only: Sequence[str] = ()
) -> None:
    """Every page in every look, one file each."""
    from tests.addresses import PAGES, Reader, path

    cast = cast_of(platform, "--later")
    addresses = {
        reader: {
            name: path(name, cast.things) for name, one in PAGES.items() if one.reader == reader
        }
        for reader in Reader
    }
    failed = cast.things | {"run": cast.things["failed_run"]}
    addresses[Reader.ORGANIZER]["analysis:run-failed"] = path("analysis:run", failed)
    for look, (reader, pages) in itertools.product(LOOKS, addresses.items()):
        state = None if reader == Reader.ANYBODY else cast.state(reader.value)
        with browser.new_context(**look.options, storage_state=state) as context:
            page = context.new_page()
            for name, address in pages.items():
                if not only or any(word in name for word in only):
                    target = folder / look.name / f"{name.replace(':', '-')}.png"
                    take(page, platform.url + address, target, whole=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="every page, in every look")
    parser.add_argument("--only", nargs="+", default=(), metavar="WORD", help="names hold one")
    chosen = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "civic.settings")
    with tempfile.TemporaryDirectory() as home:
        os.environ["CONCORDANCE_HOME"] = home
        django.setup()
        with running(Path(home)) as platform, browser() as started:
            if chosen.all:
                everything(started, platform, chosen.all, only=chosen.only)
            else:
                best(started, platform, ROOT / "docs" / "images")


if __name__ == "__main__":
    main()
