"""The code that lets one in: pasted, mistyped, and asked for with an address nobody knows."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journey.conftest import NewVisitor
from tests.journey.platform import CODE
from tests.journey.visitor import Visitor

pytestmark = pytest.mark.browser

LOCKED = re.compile(r"no code works for it until \d\d:\d\d UTC, 5 minutes from now")


def ask(visitor: Visitor, email: str) -> None:
    visitor.go("/accounts/login/code/")
    visitor.page.get_by_label("E-mail address").fill(email)
    visitor.press("Send me a code")


# check 24
def test_a_pasted_code_lets_in(new_visitor: NewVisitor) -> None:
    """Pasted with a blank in the middle and at its ends; phones may fill it in from the message."""
    visitor = new_visitor()
    ask(visitor, "pasting@example.org")
    box = visitor.page.get_by_label("Code")
    expect(box).to_be_focused()
    expect(box).to_have_attribute("autocomplete", "one-time-code")
    visitor.page.keyboard.insert_text(f" {CODE[:3]} {CODE[3:]}\u00a0")
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.get_by_role("link", name="My account")).to_be_visible()


# check 24
def test_five_wrong_codes_lock_the_address_until_a_time(new_visitor: NewVisitor) -> None:
    """Each is answered with what is left; then with a time, also for whoever asks anew."""
    visitor = new_visitor()
    ask(visitor, "guessing@example.org")
    for left in (4, 3, 2, 1):
        visitor.page.get_by_label("Code").fill(f"00000{left}")
        visitor.press("Go on")
        expect(visitor.page.get_by_role("alert")).to_contain_text(
            re.compile(rf"\b{left} (try|tries)")
        )
    visitor.page.get_by_label("Code").fill("000000")
    visitor.press("Go on")
    expect(visitor.page.get_by_role("main")).to_contain_text(LOCKED)
    ask(visitor, "guessing@example.org")
    expect(visitor.page.get_by_role("main")).to_contain_text(re.compile(r"until \d\d:\d\d UTC"))


# check 24
def test_an_unknown_address_looks_the_same(new_visitor: NewVisitor) -> None:
    """To the letter, but for the address itself."""
    seen = []
    for email in ("auditor@example.org", "nobody-knows@example.org"):
        visitor = new_visitor()
        ask(visitor, email)
        main = visitor.page.get_by_role("main").inner_text()
        seen.append((visitor.path, main.replace(email, "…"), visitor.page.title()))
    assert seen[0] == seen[1]
