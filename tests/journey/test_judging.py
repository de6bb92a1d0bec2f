"""Judging answers of machines in a browser, with and without a script."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journey.conftest import NewVisitor

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_newcomer_judges_changes_her_mind_and_finds_it_under_my_part(
    new_visitor: NewVisitor, scripts: bool
) -> None:
    """From the consultation's page to an answer, its undo, the next one, and what she said."""
    citizen = new_visitor(java_script_enabled=scripts)
    page = citizen.page
    citizen.go("judge/")
    citizen.become_participant(f"judging-{scripts}@example.org".lower())
    citizen.go("")
    citizen.follow("Judge answers of machines")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Answer 1 of 9")
    expect(page.get_by_text("Written by a machine, not by a person")).to_be_visible()
    words = page.locator("article blockquote").inner_text()
    citizen.press("Yes, a good answer")
    expect(heading).to_have_text("Answer 2 of 9")
    expect(page.get_by_role("status")).to_contain_text("You said “Yes, a good answer”.")
    citizen.press("Undo")
    expect(heading).to_have_text("Answer 1 of 9")
    expect(page.locator("article blockquote")).to_have_text(words)
    citizen.press("No, not a good answer")
    citizen.press("Skip")
    expect(heading).to_have_text("Answer 3 of 9")
    citizen.go("mine/")
    expect(page.get_by_text("You judged 2 answers of machines.")).to_be_visible()
    citizen.follow("Look at it and change it")
    row = page.get_by_role("listitem").filter(has_text=words)
    expect(row).to_contain_text("No, not a good answer")
    row.get_by_role("link", name="Change").click()
    citizen.press("Unsure")
    expect(page.get_by_role("listitem").filter(has_text=words)).to_contain_text("Unsure")
    assert citizen.faults.seen == []
