"""What axe and a narrow window say about every page, as each kind of visitor sees it."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.journey.conftest import NewVisitor
from tests.journey.platform import Platform
from tests.journey.visitor import Visitor

pytestmark = pytest.mark.browser

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
# In the dark only colours differ, so only they are looked at twice.
COLOURS = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
    "resultTypes": ["violations"],
}
NOWHERE = "/nowhere/"
NARROW, WIDE = {"width": 320, "height": 640}, {"width": 1280, "height": 900}


def violations_of(visitor: Visitor, options: dict[str, Any]) -> list[str]:
    """Each rule of axe that the page breaks, with the first place."""
    found = Axe().run(visitor.page, options=options).response["violations"]
    return [f"{v['id']}: {v['help']}; {v['nodes'][0]['html'][:200]}" for v in found]


def inspect(visitor: Visitor) -> list[str]:
    """Everything wrong with the page that the visitor sees, in light, in the dark and narrow."""
    page = visitor.page
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.set_viewport_size(WIDE)
    faults = violations_of(visitor, RULES)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    faults += [f"dark: {fault}" for fault in violations_of(visitor, COLOURS)]
    page.set_viewport_size(NARROW)
    widths = page.evaluate("() => [document.scrollingElement.scrollWidth, innerWidth]")
    if widths[0] > widths[1]:
        faults.append(f"scrolls sideways: {widths[0]} in {widths[1]}")
    return [f"{visitor.path}: {fault}" for fault in faults]


def inspect_all(visitor: Visitor, paths: list[str]) -> list[str]:
    faults = []
    for path in paths:
        status = visitor.go(path)
        assert status == (404 if path == NOWHERE else 200), path
        faults += inspect(visitor)
    return faults


def test_inspection_finds_what_is_wrong(new_visitor: NewVisitor) -> None:
    """A picture without words, grey on grey in the dark, and a box wider than a phone are told."""
    visitor = new_visitor(bypass_csp=True)
    visitor.page.set_content(
        "<!doctype html><html lang=en><title>Spoilt</title><style>div { width: 500px }"
        "@media (prefers-color-scheme: dark) { body { background: #555; color: #666 } }</style>"
        "<main><h1>Spoilt</h1><img src='data:,'><div>words</div></main>"
    )
    told = " ".join(inspect(visitor))
    for fault in ("image-alt", "dark: color-contrast", "scrolls sideways: 5"):
        assert fault in told
    assert " color-contrast" not in told.replace("dark: color-contrast", "")


@pytest.fixture
def quote(platform: Platform) -> tuple[str, str]:
    """The addresses of an adopted clause and of the passage that it quotes."""
    key, statement, start, end = platform.rows(
        "select c.key, s.uuid, e.start, e.end from specs_clause c"
        " join specs_evidence e on e.clause_id = c.id"
        " join statements_statement s on s.id = e.statement_id"
        " where c.status = 'adopted' order by c.id limit 1"
    )[0]
    return f"spec/1/clauses/{key}/", f"statements/{dashed(statement)}/?quote={start}-{end}"


def dashed(uuid: str) -> str:
    """A UUID as addresses write it."""
    return "-".join((uuid[:8], uuid[8:12], uuid[12:16], uuid[16:20], uuid[20:]))


def test_pages_for_everybody_are_accessible(
    new_visitor: NewVisitor, quote: tuple[str, str]
) -> None:
    """A stranger finds no barrier, on error pages neither."""
    stranger = new_visitor(bypass_csp=True)
    paths = [
        *("/", "/about/", "/privacy/", "/accounts/login/code/", NOWHERE),
        *("", "spec/", "spec/1/files/", "decisions/", "joined/", *quote),
    ]
    faults = inspect_all(stranger, paths)
    stranger.go("/accounts/login/code/")
    stranger.press("Send me a code")
    faults += inspect(stranger)
    stranger.go("write/")
    stranger.page.get_by_label("E-mail address").fill("newcomer@example.org")
    stranger.press("Send me a code")
    faults += inspect(stranger)
    stranger.enter_code()
    expect(stranger.page.get_by_role("heading", level=1)).to_have_text("Take part")
    faults += inspect(stranger)
    assert faults == []


def test_pages_for_those_who_take_part_are_accessible(
    new_visitor: NewVisitor, citizen_state: Any
) -> None:
    """Writing, its refusals and receipts, reacting and my part hold no barrier."""
    citizen = new_visitor(bypass_csp=True, storage_state=citizen_state)
    box = citizen.page.get_by_label("What should an AI do")
    faults = inspect_all(citizen, ["", "write/"])
    citizen.press("Send")
    faults += inspect(citizen)
    box.fill("An AI must not call me on +49 30 1234567.")
    citizen.press("Send")
    faults += inspect(citizen)
    citizen.press("Send it as it is")
    faults += inspect(citizen)
    citizen.follow("React to what others wrote")
    faults += inspect(citizen)
    citizen.press("Agree")
    faults += inspect(citizen)
    citizen.page.get_by_role("status").get_by_role("link", name="Change it").click()
    faults += inspect(citizen)
    faults += inspect_all(citizen, ["so-far/", "either-or/"])
    citizen.press("Neither")
    faults += inspect(citizen)
    faults += inspect_all(citizen, ["mine/", "mine/reactions/", "mine/delete/", "/me/"])
    faults += inspect_all(citizen, ["/me/delete/", "/accounts/logout/", "mine/"])
    citizen.follow("Withdraw")
    faults += inspect(citizen)
    assert faults == []


def test_pages_behind_the_scenes_are_accessible(
    new_visitor: NewVisitor, organizer_state: Any, analysis: str
) -> None:
    """Organizers find no barrier either."""
    organizer = new_visitor(bypass_csp=True, storage_state=organizer_state)
    desk = f"/o/{organizer.platform.slug}/"
    pages = ["", "import/", "people/", "moderation/", "moderation/?state=rejected", "runs/"]
    pages += ["specs/", "specs/1/withdraw/", "log/", analysis]
    pages += [f"curation/{page}" for page in ("", "same/", "opposed/", "claims/", "themes/")]
    faults = inspect_all(organizer, ["/o/", "/o/new/", *(desk + page for page in pages)])
    for place in ("claims/?q=assistant", "themes/"):
        organizer.go(f"{desk}curation/{place}")
        organizer.page.get_by_role("main").locator("ul.rows a").first.click()
        faults += inspect(organizer)
    organizer.go("/o/new/")
    organizer.press("Create the draft")
    faults += inspect(organizer)
    for content in (None, b"words\nno such column", b"author,text\nm,An AI should be kind."):
        organizer.go(f"{desk}import/")
        if content is not None:
            file = {"name": "table.csv", "mimeType": "text/csv", "buffer": content}
            organizer.page.get_by_label("Table of statements").set_input_files([file])
        organizer.press("Check this file")
        faults += inspect(organizer)
    expect(organizer.page.get_by_role("heading", level=1)).to_have_text("Ready to be imported")
    organizer.go(f"{desk}runs/start/?policy.must_pooled=0.8")
    faults += inspect(organizer)
    organizer.press("Start the analysis")
    faults += inspect(organizer)
    organizer.press("Make a draft of the spec", patience=120_000)
    faults += inspect(organizer)
    organizer.follow("Publish this version …")
    faults += inspect(organizer)
    faults += inspect_all(
        organizer, [f"{desk}{page}" for page in ("runs/compare/", "specs/reply/")]
    )
    assert faults == []


@pytest.fixture
def analysis(platform: Platform) -> str:
    """The address of the sample's analysis, below its organizers' pages."""
    (uuid,) = platform.rows("select uuid from analysis_run order by id limit 1")[0]
    return f"runs/{dashed(uuid)}/"
