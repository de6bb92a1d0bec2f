"""Somebody at a browser: a page that notes every fault, and the steps all journeys share."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import (
    APIResponse,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    expect,
)

from tests.journey.platform import CODE, Platform


@dataclass
class Faults:
    """What went wrong behind a page: errors on the console, strangers asked, files missing."""

    origin: str
    seen: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        context.on("console", self._said)
        context.on("weberror", lambda error: self.seen.append(f"script: {error.error}"))
        context.on("request", self._asked)
        context.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        # Chromium repeats the status of every answer; `_answered` judges those.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.seen.append(f"console: {message.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.origin, "data:", "blob:")):
            self.seen.append(f"another origin: {request.url}")

    def _answered(self, response: Response) -> None:
        broken = response.status >= 500
        missing = response.status >= 400 and not response.request.is_navigation_request()
        if broken or missing:
            self.seen.append(f"{response.status}: {response.url}")


@dataclass
class Visitor:
    """One person with one browser window."""

    platform: Platform
    page: Page
    faults: Faults

    def go(self, path: str) -> int:
        """Open an address of the platform, or of its sample consultation where relative.

        Gives the status of the answer.
        """
        base = self.platform.url if path.startswith("/") else self.platform.consultation
        answer = self.page.goto(base + path)
        assert answer is not None
        return answer.status

    def get(self, address: str, **options: Any) -> APIResponse:
        """What an address answers, asked beside the page with the visitor's cookies.

        Asked again where the server has just closed a connection that was kept open.
        """
        return self.page.request.get(address, max_retries=3, **options)

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    def press(self, name: str, *, patience: int | None = None) -> None:
        """Press the button with this name once it is there; patience in milliseconds."""
        self.page.get_by_role("button", name=name, exact=True).click(timeout=patience)

    def follow(self, name: str | re.Pattern[str]) -> None:
        """Follow the first link with this name inside the page's own content."""
        self.page.get_by_role("main").get_by_role("link", name=name).first.click()

    def sign_in(self, email: str) -> None:
        """From the page that asks for an address to wherever the visitor wanted to go."""
        self.page.get_by_label("E-mail address").fill(email)
        self.press("Send me a code")
        self.enter_code()

    def enter_code(self) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Look into your mailbox")
        self.page.get_by_label("Code").fill(CODE)
        self.press("Go on")

    def become_participant(self, email: str) -> None:
        """From the page that asks for an address: a new account, then into the consultation."""
        self.sign_in(email)
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Take part")
        self.press("I understand, let me in")
