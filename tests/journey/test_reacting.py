"""Reacting in a browser: focus, keys, offline, two tabs, two clicks, and most without a script."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.journey.conftest import NewVisitor
from tests.journey.platform import ROOT, Platform
from tests.journey.visitor import Visitor

pytestmark = pytest.mark.browser

BOTH_WAYS = pytest.mark.parametrize(
    "scripts", [True, False], ids=["with JavaScript", "without JavaScript"]
)
SAVED = re.compile(r"Saved\. Sentence \d+ of \d+\. ")
# Twenty newcomers with a session each: how one signs in is another journey's matter.
NEWCOMERS = """
from django.conf import settings
from django.test import Client
from civic.accounts.services import ensure_user
from civic.consultations.models import Consultation
from civic.consultations.services import join
for number in range(20):
    user = ensure_user(f"reacting{number}@example.org")
    member = join(Consultation.objects.get(slug="SLUG"), user=user)
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    print("newcomer", member.pk, cookie.key, cookie.value)
"""


@dataclass
class Newcomer(Visitor):
    """A visitor whose rows can be looked up."""

    member: int

    @property
    def answers(self) -> list[tuple[str, int]]:
        """Every row of hers, oldest first: the answer, and whether it counts."""
        query = "select value, is_latest from reactions_reaction where participant_id = ?"
        return self.platform.rows(f"{query} order by id", self.member)


NewNewcomer = Callable[..., Newcomer]


@pytest.fixture(scope="module")
def newcomers(platform: Platform) -> Iterator[list[str]]:
    """People who take part and saw nothing yet: row number, and their cookie's name and value."""
    script = NEWCOMERS.replace("SLUG", platform.slug)
    home = {"CONCORDANCE_HOME": str(platform.database.parent)}
    made = subprocess.run(
        [sys.executable, ROOT / "manage.py", "shell", "-v0", "-c", script],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | home,
        cwd=ROOT,
    )
    return iter([line.split()[1:] for line in made.stdout.splitlines() if "newcomer" in line])


@pytest.fixture
def newcomer(
    newcomers: Iterator[list[str]], new_visitor: NewVisitor, platform: Platform
) -> NewNewcomer:
    """Somebody new in front of her first sentence."""

    def make(**options: Any) -> Newcomer:
        member, name, value = next(newcomers)
        visitor = new_visitor(**options)
        cookie = {"name": name, "value": value, "url": platform.url}
        visitor.page.context.add_cookies([cookie])
        visitor.go("react/")
        expect(heading(visitor.page)).to_be_focused()
        return Newcomer(visitor.platform, visitor.page, visitor.faults, int(member))

    return make


def heading(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def words(page: Page) -> str:
    return page.locator(".claim-card .words").inner_text()


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


# check 6
@BOTH_WAYS
def test_the_next_sentence_has_the_focus_and_the_answer_is_said(
    newcomer: NewNewcomer, scripts: bool
) -> None:
    """After an answer the page tells what was saved and which sentence comes now."""
    citizen = newcomer(java_script_enabled=scripts)
    before = words(citizen.page)
    citizen.press("Agree")
    expect(citizen.page.get_by_role("status")).to_have_text(
        re.compile(SAVED.pattern + "You answered “Agree”")
    )
    expect(heading(citizen.page)).not_to_contain_text(before)
    expect(heading(citizen.page)).to_be_focused()
    assert citizen.answers == [("agree", 1)]


# check 7
@BOTH_WAYS
def test_answers_can_be_hit_by_a_thumb(newcomer: NewNewcomer, scripts: bool) -> None:
    """Each button that answers is 44 pixels high and wide at least, on a small phone."""
    citizen = newcomer(java_script_enabled=scripts, viewport={"width": 320, "height": 640})
    targets = citizen.page.locator(
        ".answers > button, .answers > details > summary, .skip-line button"
    )
    boxes = [one.bounding_box() for one in targets.all()]
    assert len(boxes) == 5
    assert [box for box in boxes if not box or min(box["width"], box["height"]) < 44] == []


@BOTH_WAYS
def test_it_depends_importance_and_undo(newcomer: NewNewcomer, scripts: bool) -> None:
    """When she would agree, how much it matters, and all of it taken back."""
    citizen = newcomer(java_script_enabled=scripts)
    page, before = citizen.page, words(citizen.page)
    page.locator("summary", has_text="It depends").click()
    page.get_by_label("When would you agree?").fill("Only if it asks <b>first</b>.")
    citizen.press("Save “It depends”")
    said = page.get_by_role("status")
    expect(said).to_contain_text("You answered “It depends”.")
    citizen.press("4")
    expect(said).to_contain_text("It matters to you: 4 of 5.")
    expect(button(page, "4")).to_have_attribute("aria-pressed", "true")
    citizen.press("Undo")
    expect(said).to_contain_text("Taken back.")
    expect(page.locator(".claim-card .words")).to_have_text(before)
    assert citizen.answers == [("depends", 0), ("depends", 0)]
    citizen.press("Unsure")
    expect(said).to_contain_text("You answered “Unsure”.")
    citizen.follow("Stop here")
    expect(page.get_by_role("main")).to_contain_text("You: Unsure.")


def test_single_keys_answer_and_can_be_switched_off(newcomer: NewNewcomer) -> None:
    """1 to 4, 0 and U; not while she types; and off stays off when she comes back."""
    citizen = newcomer()
    page, said = citizen.page, citizen.page.get_by_role("status")
    expect(page.get_by_text("Answer with keys")).to_be_visible()
    page.keyboard.press("2")
    expect(said).to_contain_text("You answered “Disagree”.")
    page.keyboard.press("u")
    expect(said).to_contain_text("Taken back.")
    page.keyboard.press("4")
    box = page.get_by_label("When would you agree?")
    expect(box).to_be_focused()
    page.keyboard.type("1 or 2 or 0, u see")
    expect(box).to_have_value("1 or 2 or 0, u see")
    button(page, "Save “It depends”").press("Enter")
    expect(said).to_contain_text("You answered “It depends”.")
    page.keyboard.press("0")
    expect(said).to_contain_text("You skipped the last sentence.")
    page.get_by_role("switch", name="Answer with keys").uncheck()
    for _ in range(2):
        before = words(page)
        page.keyboard.press("1")
        page.wait_for_timeout(500)
        assert words(page) == before
        page.reload()
    assert citizen.answers == [("disagree", 0), ("depends", 1), ("skipped", 1)]


# check 12
def test_an_answer_given_offline_is_kept_and_counts_once(newcomer: NewNewcomer) -> None:
    """A message at once; changed before it was sent; one row when the connection is back."""
    citizen = newcomer()
    page, before = citizen.page, words(citizen.page)
    page.context.set_offline(True)
    citizen.press("Agree")
    expect(page.get_by_role("alert")).to_contain_text("Not saved yet")
    expect(button(page, "Agree")).to_have_attribute("aria-pressed", "true")
    citizen.press("Disagree")
    expect(button(page, "Disagree")).to_have_attribute("aria-pressed", "true")
    assert citizen.answers == []
    page.context.set_offline(False)
    expect(page.get_by_role("status")).to_contain_text("You answered “Disagree”.")
    expect(page.get_by_role("alert")).to_have_count(0)
    assert words(page) != before
    assert citizen.answers == [("disagree", 1)]


def test_an_answer_whose_reply_was_lost_counts_once(newcomer: NewNewcomer) -> None:
    """The server had stored it, the page did not hear so: sent again, it is the same row."""
    citizen = newcomer()
    page, lost = citizen.page, []

    def lose_the_reply(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    page.route("**/react/*/", lose_the_reply)
    citizen.press("Agree")
    expect(page.get_by_role("alert")).to_contain_text("Not saved yet")
    expect(page.get_by_role("status")).to_contain_text("You answered “Agree”.")
    assert lost == [200]
    assert citizen.answers == [("agree", 1)]


def test_what_was_kept_is_sent_when_she_comes_back(newcomer: NewNewcomer) -> None:
    """The page was closed while there was no connection."""
    citizen = newcomer()
    page = citizen.page
    page.context.set_offline(True)
    citizen.press("Unsure")
    expect(page.get_by_role("alert")).to_contain_text("Not saved yet")
    page.goto("about:blank")
    page.context.set_offline(False)
    citizen.go("react/")
    expect(page.get_by_role("status")).to_contain_text("You answered “Unsure”.")
    assert citizen.answers == [("unsure", 1)]
    citizen.go("react/")
    expect(heading(page)).to_be_focused()
    assert citizen.answers == [("unsure", 1)]


def test_a_slow_answer_is_seen_to_be_on_its_way(newcomer: NewNewcomer) -> None:
    """The buttons stay, the one that was pressed is marked, and the page says what it is doing."""
    citizen = newcomer()
    page = citizen.page

    def dawdle(route: Route) -> None:
        page.wait_for_timeout(1500)
        route.continue_()

    page.route("**/react/*/", dawdle)
    citizen.press("Disagree")
    expect(page.get_by_role("status")).to_have_text("Saving your answer …")
    expect(button(page, "Disagree")).to_have_attribute("aria-pressed", "true")
    expect(button(page, "Agree")).to_be_enabled()
    expect(page.get_by_role("status")).to_contain_text("You answered “Disagree”.")
    assert citizen.answers == [("disagree", 1)]


def test_an_answer_outlives_the_session(newcomer: NewNewcomer) -> None:
    """Signed out meanwhile: she is led to signing in, and what she answered is sent afterwards."""
    citizen = newcomer()
    page = citizen.page
    cookies = [one for one in page.context.cookies() if "session" in one["name"]]
    page.context.clear_cookies(name=cookies[0]["name"])
    citizen.press("Agree")
    expect(page).to_have_url(re.compile("/accounts/login/"))
    page.context.add_cookies(cookies)
    citizen.go("react/")
    expect(page.get_by_role("status")).to_contain_text("You answered “Agree”.")
    assert citizen.answers == [("agree", 1)]


@BOTH_WAYS
def test_two_clicks_are_one_answer(newcomer: NewNewcomer, scripts: bool) -> None:
    """The second click of a double click answers nothing, on this sentence or the next."""
    citizen = newcomer(java_script_enabled=scripts)
    button(citizen.page, "Agree").dblclick()
    expect(citizen.page.get_by_role("status")).to_have_text(SAVED)
    assert citizen.answers == [("agree", 1)]


# check 16
def test_of_two_tabs_the_last_one_wins(newcomer: NewNewcomer) -> None:
    """Both show the same sentence, are answered differently, and agree after a reload."""
    citizen = newcomer()
    first, second = citizen.page, citizen.page.context.new_page()
    second.goto(first.url)
    assert words(first) == words(second)
    button(first, "Agree").click()
    expect(first.get_by_role("status")).to_contain_text("You answered “Agree”.")
    button(second, "Disagree").click()
    expect(second.get_by_role("status")).to_contain_text("You answered “Disagree”.")
    assert citizen.answers == [("agree", 0), ("disagree", 1)]
    for tab in (first, second):
        tab.reload()
        expect(tab.get_by_role("status")).to_contain_text("You answered “Disagree”.")
    assert words(first) == words(second)


@BOTH_WAYS
def test_a_statement_is_reported(newcomer: NewNewcomer, scripts: bool) -> None:
    """From the card to the thanks; a rule must be chosen."""
    citizen = newcomer(java_script_enabled=scripts)
    page = citizen.page
    citizen.follow(re.compile("^Report"))
    page.get_by_label("Another reason").check()
    citizen.press("Report it")
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_label("What should the moderator know?").fill("It names my neighbour.")
    citizen.press("Report it")
    expect(heading(page)).to_have_text("Thank you. A moderator will read it.")


def test_the_page_is_light(newcomer: NewNewcomer) -> None:
    """Markup, styles and script together are at most 60 kB as they travel, the script 25 kB."""
    citizen = newcomer()
    sizes: dict[str, int] = {}

    def note(response: Any) -> None:
        sizes[response.url] = response.request.sizes()["responseBodySize"]

    citizen.page.on("response", note)
    session = citizen.page.context.new_cdp_session(citizen.page)
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    citizen.page.reload(wait_until="networkidle")
    scripts = sum(size for url, size in sizes.items() if url.endswith(".js"))
    assert scripts <= 25_000
    assert sum(sizes.values()) <= 60_000
