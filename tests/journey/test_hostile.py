"""Texts that attack the page are shown as text, everywhere, and leave the layout as it is."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.addresses import Reader, paths
from tests.journey import hostile
from tests.journey.conftest import Cast, NewVisitor
from tests.journey.inspection import PHONE
from tests.journey.platform import Platform
from tests.journey.visitor import Visitor

pytestmark = pytest.mark.browser

BROKEN_OUT = """() => [...document.querySelectorAll(
    'img[src="x"], [onerror], [onload], [onclick], a[href^="javascript:"], main script:not([src])'
  )].map(one => one.outerHTML.slice(0, 120))"""
SIDEWAYS = "() => [document.scrollingElement.scrollWidth, innerWidth]"
# Text with a pile in it, and nothing around it that holds the pile back.
SPILLING = """() => {
  const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    if (!/\u0301{20}/.test(walk.currentNode.data)) continue;
    let one = walk.currentNode.parentElement;
    if (one.matches('textarea, option, title') || !one.checkVisibility()) continue;
    while (one !== document.body && getComputedStyle(one).overflowY === 'visible')
      one = one.parentElement;
    if (one === document.body) found.push(walk.currentNode.parentElement.outerHTML.slice(0, 120));
  }
  return found;
}"""
# A cell that a spreadsheet takes for a formula.
FORMULAS = ("=", "+", "-", "@", "\t", "\r")


@pytest.fixture(scope="module")
def attacked(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Cast:
    """The hostile consultation, analysed and published."""
    folder = tmp_path_factory.mktemp("hostile")
    told = json.loads(platform.run("-m", "tests.journey.hostile", str(folder)).splitlines()[-1])
    return Cast(told["things"], told["cookies"], iter(()))


def visit(new_visitor: NewVisitor, attacked: Cast, reader: Reader) -> Visitor:
    options: dict[str, Any] = {"viewport": {"width": PHONE[0], "height": PHONE[1]}}
    if reader != Reader.ANYBODY:
        options["storage_state"] = attacked.state(reader.value)
    visitor = new_visitor(**options)
    visitor.page.on(
        "dialog", lambda dialog: visitor.faults.seen.append(f"dialog: {dialog.message}")
    )
    return visitor


# check 18
@pytest.mark.parametrize("reader", Reader, ids=lambda reader: reader.value)
def test_hostile_texts_are_text_on_every_page(
    new_visitor: NewVisitor, attacked: Cast, reader: Reader
) -> None:
    """No dialog, no element of theirs, no error, no other origin; 360 px hold the page."""
    visitor = visit(new_visitor, attacked, reader)
    faults = []
    for address in paths(attacked.things, reader=reader):
        assert visitor.go(address) == 200, address
        visitor.page.wait_for_load_state("networkidle")
        faults += [f"{address}: {html}" for html in visitor.page.evaluate(BROKEN_OUT)]
        page, window = visitor.page.evaluate(SIDEWAYS)
        if page > window:
            faults.append(f"{address}: {page} in {window}")
        faults += [f"{address}: spills: {html}" for html in visitor.page.evaluate(SPILLING)]
    assert faults == []
    if reader == Reader.ANYBODY:
        visitor.go(f"/c/{hostile.SLUG}/spec/")
        expect(visitor.page.get_by_role("main")).to_contain_text(hostile.SCRIPT)
        expect(visitor.page.get_by_role("banner")).to_contain_text(hostile.MARKUP)


# check 18
def test_what_piles_up_accents_is_refused_and_given_back(
    new_visitor: NewVisitor, attacked: Cast
) -> None:
    """5,000 marks come back with the reason; markup is taken, and shown as it was typed."""
    citizen = visit(new_visitor, attacked, Reader.CITIZEN)
    page = citizen.page
    citizen.go(f"/c/{hostile.SLUG}/write/")
    box = page.get_by_label("What should an AI do")
    box.fill(hostile.PILE)
    citizen.press("Send")
    expect(page.get_by_role("alert").first).to_contain_text("accents")
    expect(box).to_have_value(hostile.PILE)
    wish = f"An AI should keep {hostile.SCRIPT} {hostile.MARKUP} apart."
    box.fill(wish)
    citizen.press("Send")
    expect(page.locator("blockquote.words").first).to_have_text(wish)
    assert page.evaluate(BROKEN_OUT) == []


# check 18
def test_no_file_holds_a_formula(new_visitor: NewVisitor, attacked: Cast, tmp_path: Path) -> None:
    """A table that is opened in a spreadsheet shows words where somebody wrote a formula."""
    organizer = visit(new_visitor, attacked, Reader.ORGANIZER)
    url, slug = organizer.platform.url, hostile.SLUG
    for address in (
        *(f"/o/{slug}/explore/groups.csv", f"/o/{slug}/record.csv", f"/c/{slug}/decisions.csv"),
        f"/c/{slug}/spec/1/files/clauses.csv",
    ):
        answer = organizer.get(url + address)
        if address.endswith("clauses.csv") and answer.status == 404:
            continue  # that file is of no table
        assert answer.status == 200, address
        rows = list(csv.reader(answer.text().splitlines()))
        cells = [cell for row in rows for cell in row]
        guilty = [c for c in cells if c.startswith(FORMULAS) and not is_number(c)]
        assert guilty == [], address


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
