"""Pages that only a moment brings up: refusals, warnings, receipts, confirmations, a dead link."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journey.cast import OUTSIDE
from tests.journey.conftest import Cast, NewVisitor
from tests.journey.inspection import inspect
from tests.journey.visitor import Visitor

pytestmark = pytest.mark.browser


class Watcher:
    """Inspects the page that the visitor sees, after making sure that it is the right one."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.faults: list[str] = []

    def look(self, heading: str | re.Pattern[str]) -> None:
        expect(self.visitor.page.get_by_role("heading", level=1)).to_have_text(heading)
        self.faults += inspect(self.visitor)

    def look_at_errors(self) -> None:
        """The summary on top has the focus and leads to a field."""
        summary = self.visitor.page.get_by_role("alert").first
        expect(summary).to_be_focused()
        expect(summary.get_by_role("link").first).to_be_visible()
        self.faults += inspect(self.visitor)


def test_moments_of_strangers(new_visitor: NewVisitor) -> None:
    """A dead link, signing in with its errors, and what taking part means."""
    stranger = new_visitor(bypass_csp=True)
    watcher = Watcher(stranger)
    assert stranger.go("/nowhere/") == 404
    watcher.look(re.compile("not"))
    stranger.go("write/")
    stranger.press("Send me a code")
    watcher.look_at_errors()
    stranger.page.get_by_label("E-mail address").fill("newcomer@example.org")
    stranger.press("Send me a code")
    watcher.look("Look into your mailbox")
    stranger.page.get_by_label("Code").fill("999999")
    stranger.press("Go on")
    watcher.look_at_errors()
    stranger.enter_code()
    watcher.look("Take part")
    assert watcher.faults == []


def test_moments_of_guests(new_visitor: NewVisitor, cast: Cast) -> None:
    """Without an account: letting oneself in, and giving an address later."""
    stranger = new_visitor(bypass_csp=True)
    watcher = Watcher(stranger)
    stranger.go(f"/c/{OUTSIDE}/join/")
    watcher.look("Take part")
    guest = new_visitor(bypass_csp=True, storage_state=cast.state("guest"))
    seen = Watcher(guest)
    guest.go(f"/c/{OUTSIDE}/mine/")
    seen.look("My part")
    guest.follow("Keep my part")
    guest.press("Send me a code")
    seen.look_at_errors()
    guest.page.get_by_label("E-mail address").fill("kept@example.org")
    guest.press("Send me a code")
    seen.look("Look into your mailbox")
    assert watcher.faults + seen.faults == []


def test_moments_of_writing(new_visitor: NewVisitor, cast: Cast) -> None:
    """Nothing written, personal data, the receipt, other words from an old page, withdrawing."""
    citizen = new_visitor(bypass_csp=True, storage_state=cast.newcomer())
    watcher = Watcher(citizen)
    box = citizen.page.get_by_label("What should an AI do")
    citizen.go("write/")
    citizen.press("Send")
    watcher.look_at_errors()
    box.fill("An AI must not call me on +49 30 1234567.")
    citizen.press("Send")
    watcher.look("Is there personal data in your text?")
    citizen.press("Send it as it is")
    watcher.look("Thank you. Your statement is here.")
    expect(citizen.page.locator("ol.read-back")).to_be_visible(timeout=90_000)
    watcher.look("Thank you. Your statement is here.")
    citizen.go("mine/")
    citizen.follow(re.compile("^Withdraw"))
    watcher.look("Withdraw this statement?")
    citizen.go("mine/delete/")
    citizen.press("Delete my part for good")
    watcher.look_at_errors()
    assert watcher.faults == []


def test_moments_of_reacting(new_visitor: NewVisitor, cast: Cast) -> None:
    """After an answer, without a connection, a condition, a report, a question, and an appeal."""
    citizen = new_visitor(bypass_csp=True, storage_state=cast.newcomer())
    watcher, page = Watcher(citizen), citizen.page
    said = page.get_by_role("status")
    citizen.go("react/")
    citizen.press("Agree")
    expect(said).to_contain_text("You answered")
    watcher.look(re.compile("."))
    page.locator("summary", has_text="It depends").click()
    page.locator("summary", has_text="Why am I seeing this?").click()
    watcher.look(re.compile("."))
    page.context.set_offline(True)
    citizen.press("Disagree")
    expect(page.get_by_role("alert")).to_contain_text("Not saved yet")
    watcher.look(re.compile("."))
    page.context.set_offline(False)
    expect(said).to_contain_text("You answered “Disagree”.")
    citizen.go("mine/reactions/")
    citizen.follow(re.compile("^Change"))
    watcher.look(re.compile("."))
    citizen.go("react/")
    citizen.follow(re.compile("^Report"))
    page.get_by_label("Another reason").check()
    citizen.press("Report it")
    watcher.look_at_errors()
    citizen.go("either-or/")
    citizen.press("Neither")
    watcher.look(re.compile("."))
    author = new_visitor(bypass_csp=True, storage_state=cast.state("citizen"))
    seen = Watcher(author)
    author.go(f"statements/{cast.things['hidden_statement']}/appeal/")
    author.press("Send my appeal")
    seen.look_at_errors()
    assert author.go(f"/o/{author.platform.slug}/") == 403
    seen.look(re.compile("."))
    assert watcher.faults + seen.faults == []


def test_moments_of_organizers(new_visitor: NewVisitor, cast: Cast) -> None:
    """Forms that come back, files that are refused or fit, lists that are searched."""
    organizer = new_visitor(bypass_csp=True, storage_state=cast.state("organizer"))
    watcher, page = Watcher(organizer), organizer.page
    desk = f"/o/{organizer.platform.slug}/"
    organizer.go("/o/new/")
    organizer.press("Create the draft")
    watcher.look_at_errors()
    for content, heading in (
        (None, re.compile(".")),
        (b"words\nno such column", re.compile("problem")),
        (b"author,text\nm,An AI should be kind.", "Ready to be imported"),
    ):
        organizer.go(f"{desk}import/")
        if content is not None:
            file = {"name": "table.csv", "mimeType": "text/csv", "buffer": content}
            page.get_by_label("Table of statements").set_input_files([file])
        organizer.press("Check this file")
        watcher.look(heading)
    for place in ("moderation/?state=rejected", "curation/claims/?q=assistant", "people/"):
        assert organizer.go(desk + place) == 200, place
        watcher.look(re.compile("."))
    organizer.go(f"{desk}curation/themes/")
    page.get_by_role("main").locator("ul.rows a").first.click()
    watcher.look(re.compile("."))
    organizer.go(f"{desk}runs/start/?policy.must_pooled=0.8")
    watcher.look(re.compile("."))
    organizer.go(f"{desk}specs/{cast.things['draft']}/publish/")
    sign = page.get_by_role("button", name=f"Publish version {cast.things['draft']}", exact=True)
    if sign.count():
        sign.click()
        watcher.look_at_errors()
    else:  # another journey has deleted words that the draft rests on: the page says so instead
        watcher.look(re.compile("Publish version"))
    organizer.go(f"{desk}delete/")
    page.get_by_role("main").get_by_role("button", name=re.compile("Delete")).click()
    watcher.look(re.compile("."))
    assert watcher.faults == []
