"""Citizens are asked which of two claims comes nearer; organizers have the last word on claims."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journey.conftest import NewVisitor
from tests.journey.visitor import Visitor

pytestmark = pytest.mark.browser

BOTH_WAYS = pytest.mark.parametrize(
    "scripts", [True, False], ids=["with JavaScript", "without JavaScript"]
)


def heading(visitor: Visitor) -> str:
    return visitor.page.get_by_role("heading", level=1).inner_text()


@BOTH_WAYS
def test_citizen_is_asked_after_five_answers_and_changes_her_mind(
    new_visitor: NewVisitor, scripts: bool
) -> None:
    """Five reactions, a question, an answer by keyboard, and another one from my part."""
    citizen = new_visitor(java_script_enabled=scripts)
    citizen.go("react/")
    citizen.become_participant(f"lena-{scripts}@example.org".lower())
    title = citizen.page.get_by_role("heading", level=1)
    for _ in range(5):
        before = heading(citizen)
        citizen.press("Agree")
        expect(title).not_to_have_text(before)
    expect(title).to_have_text("Which comes nearer to what you want?")
    expect(citizen.page.get_by_role("status")).to_contain_text("Your answer is saved.")
    words = citizen.page.locator(".pair .words")
    first, second = words.nth(0).inner_text(), words.nth(1).inner_text()
    button = citizen.page.get_by_role("button", name="The second", exact=True)
    button.focus()
    citizen.page.keyboard.press("Enter")
    expect(citizen.page.get_by_role("status")).to_contain_text(
        "You answered the either/or question."
    )
    citizen.go("mine/reactions/")
    row = citizen.page.locator("#either-or ~ ul.rows > li")
    expect(row.locator(".words strong")).to_have_text(second)
    expect(row).to_contain_text("Nearer to mine")
    row.get_by_role("link", name="Change").click()
    expect(words.nth(0)).to_have_text(first)
    expect(button).to_have_attribute("aria-pressed", "true")
    citizen.press("Both at once are possible")
    expect(row).to_contain_text("Both at once are possible")
    assert citizen.platform.count("select count(*) from curation_answer where is_latest") >= 1


def decide(organizer: Visitor, path: str) -> None:
    organizer.go(f"/o/{organizer.platform.slug}/curation/{path}")


@BOTH_WAYS
def test_organizer_judges_joins_and_takes_back(
    new_visitor: NewVisitor, organizer_state: Any, scripts: bool
) -> None:
    """A contradiction is left open, two claims are joined and the joining undone, on record."""
    organizer = new_visitor(storage_state=organizer_state, java_script_enabled=scripts)
    main = organizer.page.get_by_role("main")
    decide(organizer, "opposed/")
    pair = organizer.page.locator("article.pair-item").first
    own = pair.locator(".words b, .words:not(:has(b))")  # less what stands around them
    words = own.first.inner_text()
    pair.get_by_text("Say why in your own words").click()
    pair.get_by_label("Reason").fill(f"Not clear to <b>me</b> ({scripts}).")
    pair.get_by_role("button", name=re.compile("^Both can be followed")).click()
    expect(organizer.page.get_by_role("status")).to_contain_text("Both can be followed")
    expect(main).not_to_contain_text(f"Not clear to <b>me</b> ({scripts}).")
    decide(organizer, "")
    decision = main.locator("ul.rows > li").first
    expect(decision).to_contain_text(words)
    expect(decision).to_contain_text(f"Not clear to <b>me</b> ({scripts}).")
    expect(decision).to_contain_text("From the next analysis on")
    decision.get_by_role("button", name="Undo").click()
    expect(organizer.page.get_by_role("status")).to_contain_text("Undone.")
    join_two(organizer)
    organizer.go("joined/")
    expect(main).to_contain_text(f"Not clear to <b>me</b> ({scripts}).")
    expect(main).to_contain_text("Put to the vote for both:")


def join_two(organizer: Visitor) -> None:
    """From the list of claims: open one, find another by its words, join, and undo."""
    decide(organizer, "claims/")
    main = organizer.page.get_by_role("main")
    main.locator("ul.rows a").first.click()
    organizer.page.get_by_label("Words of the other claim").fill("assistant")
    organizer.press("Show")
    other = main.get_by_role("group", name="The other claim").get_by_role("radio").first
    other.check()
    organizer.press("Join them")
    expect(main).to_contain_text("Joined: both say the same")
    main.get_by_role("button", name="Undo").first.click()
    expect(main).not_to_contain_text("Joined: both say the same")


def test_organizer_gives_a_theme_her_own_name(
    new_visitor: NewVisitor, organizer_state: Any
) -> None:
    """Renamed, shown as pending on the list, and undone."""
    organizer = new_visitor(storage_state=organizer_state)
    main = organizer.page.get_by_role("main")
    decide(organizer, "themes/")
    main.locator("ul.rows a").first.click()
    organizer.page.get_by_label("Name").fill("Honesty & <i>doubt</i>")
    organizer.press("Rename it")
    expect(main).to_contain_text("Honesty & <i>doubt</i>")
    decide(organizer, "themes/")
    expect(main.locator("ul.rows > li").first).to_contain_text("Honesty & <i>doubt</i>")
    main.locator("ul.rows a").first.click()
    main.get_by_role("button", name="Undo").click()
    expect(main).not_to_contain_text("Honesty &")
