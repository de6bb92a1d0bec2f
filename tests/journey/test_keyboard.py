"""The citizen's way without a mouse."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.journey.conftest import NewVisitor
from tests.journey.platform import CODE
from tests.journey.visitor import Visitor

pytestmark = pytest.mark.browser

FOCUS = """() => {
    const element = document.activeElement;
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    const focusable = [...document.querySelectorAll(
        'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]'
    )];
    return {
        name: element.tagName + ' ' + element.textContent.trim().slice(0, 40),
        place: focusable.indexOf(element),
        outlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
        seen: box.width > 0 && box.left >= 0 && box.right <= innerWidth
            && box.top < innerHeight - 20 && box.bottom > 20,
    };
}"""
# A key, and how many Tabs from the sentence to the button.
ANSWERS = (
    ("Enter", 1, "Agree"),
    ("Space", 2, "Disagree"),
    ("Enter", 3, "Unsure"),
    ("Space", 1, "Agree"),
    ("Enter", 2, "Disagree"),
)
STOPS = 60  # Tabs after which a page is too long to be operated by keyboard


def walk_to(visitor: Visitor, goal: Locator, *, back: bool = False) -> None:
    """Press Tab until the goal has the focus; at each stop the focus is to be seen, in order."""
    before = -1
    for _ in range(STOPS):
        visitor.page.keyboard.press("Shift+Tab" if back else "Tab")
        stop = visitor.page.evaluate(FOCUS)
        assert stop["outlined"], f"no visible focus: {stop['name']}"
        assert stop["seen"], f"focus out of sight: {stop['name']}"
        in_order = before == -1 or (stop["place"] < before if back else stop["place"] > before)
        assert in_order, f"the focus jumped: {stop['name']}"
        before = stop["place"]
        if goal.evaluate("(element) => element === document.activeElement"):
            return
    raise AssertionError("The keyboard does not get there.")


def press_enter(visitor: Visitor) -> None:
    """Enter on whatever has the focus, and the page that follows."""
    with visitor.page.expect_navigation():
        visitor.page.keyboard.press("Enter")


# check 4
def test_citizen_gets_everywhere_by_keyboard(new_visitor: NewVisitor) -> None:
    """Sign in, write and answer five times with Tab, Enter and Space alone, to the receipt."""
    citizen = new_visitor(viewport={"width": 360, "height": 740})
    page, main = citizen.page, citizen.page.get_by_role("main")
    citizen.go("")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    walk_to(citizen, main.get_by_role("link", name="Start", exact=True))
    press_enter(citizen)
    walk_to(citizen, page.get_by_label("E-mail address"))
    page.keyboard.type("keys@example.org")
    press_enter(citizen)
    expect(page.get_by_label("Code")).to_be_focused()
    page.keyboard.type(CODE)
    press_enter(citizen)
    walk_to(citizen, page.get_by_role("button", name="I understand, let me in"))
    press_enter(citizen)
    walk_to(citizen, page.get_by_label("What should an AI do"))
    page.keyboard.type("An AI should be usable without a mouse.")
    walk_on_from_box(citizen)
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    walk_to(citizen, main.get_by_role("link", name="React to what others wrote"))
    press_enter(citizen)
    react_by_keyboard(citizen)
    walk_to(citizen, page.get_by_role("link", name="My part"), back=True)
    press_enter(citizen)
    expect(main.locator("article.card").first).to_contain_text("usable without a mouse")


def walk_on_from_box(citizen: Visitor) -> None:
    """To the tips, which Space opens, and back to the button."""
    page = citizen.page
    walk_to(citizen, page.locator("summary", has_text="Tips, with examples"))
    page.keyboard.press("Space")
    expect(page.get_by_text("One wish in one sentence.")).to_be_visible()
    send = page.get_by_role("button", name="Send", exact=True)
    for _ in range(5):
        page.keyboard.press("Shift+Tab")
        if send.evaluate("(element) => element === document.activeElement"):
            break
    press_enter(citizen)


def react_by_keyboard(citizen: Visitor) -> None:
    """The sentence has the focus; one Tab leads to Agree, and the answer to the next sentence."""
    page = citizen.page
    for key, tabs, answer in ANSWERS:
        expect(page.get_by_role("heading", level=1)).to_be_focused()
        for _ in range(tabs):
            page.keyboard.press("Tab")
        expect(page.get_by_role("button", name=answer, exact=True)).to_be_focused()
        assert page.evaluate(FOCUS)["outlined"]
        with page.expect_navigation():
            page.keyboard.press(key)
        told = re.compile(f"You answered “{answer}”|Your answer is saved. Here is a question")
        expect(page.get_by_role("status")).to_contain_text(told)
