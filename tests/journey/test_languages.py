"""Another language: mirrored pages, one's own words unharmed, nothing lost on the way."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journey.conftest import Cast, NewVisitor
from tests.journey.platform import CODE
from tests.journey.visitor import Visitor

pytestmark = pytest.mark.browser

LATIN = "An AI should say in plain words what it cannot do."
GERMAN = "Eine künstliche Intelligenz muss immer sagen, wenn sie sich nicht sicher ist."
DIRECTION = "element => getComputedStyle(element).direction"


def assert_arabic(page: Page) -> None:
    root = page.locator("html")
    expect(root).to_have_attribute("lang", "ar")
    expect(root).to_have_attribute("dir", "rtl")


def send(visitor: Visitor, name: str = "", value: str = "") -> None:
    """Press the first button of the page's own form, or the one with this name and value."""
    named = f"[name={name}][value={value}]" if name else ""
    visitor.page.get_by_role("main").locator(f"button[type=submit]{named}").first.click()


# check 5
@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_citizens_whole_way_in_arabic(new_visitor: NewVisitor, scripts: bool) -> None:
    """From the start page to a receipt and five answers: mirrored, Latin words left to right."""
    citizen = new_visitor(
        locale="ar", java_script_enabled=scripts, viewport={"width": 360, "height": 740}
    )
    page = citizen.page
    main = page.get_by_role("main")
    citizen.go("")
    assert_arabic(page)
    main.locator("a.button").first.click()
    page.locator("input[name=email]").fill(f"layla-{scripts}@example.org".lower())
    send(citizen)
    page.locator("input[name=code]").fill(CODE)
    assert_arabic(page)
    send(citizen)
    main.locator("form").filter(has=page.locator("input[name=next]")).locator("button").click()
    page.locator("textarea[name=text]").fill(LATIN)
    assert page.locator("textarea[name=text]").evaluate(DIRECTION) == "ltr"
    send(citizen, "action", "send")
    receipt = page.locator("blockquote.words").first
    expect(receipt).to_have_text(LATIN)
    assert_arabic(page)
    assert receipt.evaluate(DIRECTION) == "ltr"
    citizen.go("react/")
    answers = ("agree", "disagree", "unsure", "skipped", "agree")
    for answer in answers:
        assert_arabic(page)
        words = page.locator(".claim-card .words").first
        text = words.inner_text()
        is_arabic = bool(re.search(r"[\u0600-\u06ff]", text))
        assert words.evaluate(DIRECTION) == ("rtl" if is_arabic else "ltr"), text
        send(citizen, "value", answer)
        expect(page.locator(".claim-card .words, .pair .words").first).not_to_have_text(text)
        if citizen.path.endswith("/either-or/"):
            citizen.go("react/")
    assert starts_at_the_right(page)
    citizen.go("mine/")
    expect(page.locator("section[aria-labelledby=reactions] ul.rows > li")).to_have_count(5)
    expect(page.locator("article.card")).to_contain_text(LATIN)
    assert_arabic(page)


def starts_at_the_right(page: Page) -> bool:
    """Whether what comes first stands at the right: the wordmark right of the site's menu."""
    mark = page.locator("header .wordmark").bounding_box()
    menu = page.locator("header details.tongue > summary").bounding_box()
    assert mark
    assert menu
    return mark["x"] > menu["x"]


def switch(visitor: Visitor, language: str) -> None:
    visitor.page.locator("header details.tongue > summary").click()
    visitor.page.locator(f"header button[name=language][value={language}]").click()
    expect(visitor.page.locator("html")).to_have_attribute("lang", language)


# check 23
def test_another_language_keeps_page_draft_and_place(new_visitor: NewVisitor, cast: Cast) -> None:
    """The same page with the same search, the text as it was typed, the same sentence."""
    citizen = new_visitor(storage_state=cast.newcomer())
    page = citizen.page
    citizen.go("write/?about=" + str(cast.things["claim"]))
    address = page.url
    box = page.locator("textarea[name=text]")
    box.fill(LATIN)
    page.wait_for_timeout(1000)  # it is kept when she pauses
    for language in ("de", "ar", "en"):
        switch(citizen, language)
        assert page.url == address
        expect(box).to_have_value(LATIN)
    citizen.go("react/")
    words = page.locator(".claim-card .words").inner_text()
    switch(citizen, "fr")
    expect(page.locator(".claim-card .words")).to_have_text(words)
    citizen.go("spec/1/parts/not_adopted/?q=assistant")
    switch(citizen, "es")
    assert page.url.endswith("?q=assistant")


# check 23
def test_what_she_wrote_is_marked_with_its_own_language(
    new_visitor: NewVisitor, cast: Cast
) -> None:
    """German words in an English page are told as German, on the receipt and under my part."""
    citizen = new_visitor(storage_state=cast.newcomer())
    page = citizen.page
    citizen.go("write/")
    page.locator("textarea[name=text]").fill(GERMAN)
    citizen.press("Send")
    expect(page.locator("ol.read-back .words").first).to_have_attribute(
        "lang", "de", timeout=90_000
    )
    expect(page.locator("blockquote.words").first).to_have_attribute("lang", "de")
    citizen.go("mine/")
    expect(page.locator("article.card .words").first).to_have_attribute("lang", "de")


# check 23
def test_every_sentence_of_the_spec_is_marked_with_its_language(
    new_visitor: NewVisitor, cast: Cast
) -> None:
    """As the platform stored it: the sample speaks four languages and more."""
    stranger = new_visitor()
    stored = dict(
        stranger.platform.rows(
            "select k.key, c.language from specs_clause k join specs_specversion v on"
            " v.id = k.spec_id join statements_claim c on c.id = k.claim_id"
            " join consultations_consultation o on o.id = v.consultation_id"
            " where v.number = 1 and o.slug = ?",
            stranger.platform.slug,
        )
    )
    stranger.go("spec/1/parts/adopted/")
    cards = stranger.page.locator("article.clause")
    marked = dict(
        cards.evaluate_all(
            "all => all.map(one => [one.id, one.querySelector('.words [lang], .words').lang])"
        )
    )
    assert len(marked) > 10
    assert {key: stored[key] for key in marked} == marked
    assert len(set(marked.values())) > 1
