"""An organizer's way: from an empty desk to a published spec that anybody can check."""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import suppress
from pathlib import Path

import jsonschema
import pytest
from playwright.sync_api import Error, expect

from aggregation.exports import NAMES
from civic.analysis.steps import STEPS
from tests.journey import conversation
from tests.journey.conftest import NewVisitor
from tests.journey.platform import ORGANIZER
from tests.journey.visitor import Visitor

pytestmark = pytest.mark.browser

SLUG = "behaviour"
DESK = f"/o/{SLUG}/"


def test_organizer_gets_from_an_empty_desk_to_a_published_spec(
    new_visitor: NewVisitor, tmp_path: Path
) -> None:
    """Create, import, moderate, analyse, publish, export; a stranger then reads the result."""
    organizer, stranger = new_visitor(accept_downloads=True), new_visitor()
    sign_in(organizer)
    create(organizer)
    refuse_bad_files(organizer, tmp_path)
    import_good_files(organizer, tmp_path)
    moderate(organizer)
    assert stranger.go(f"/c/{SLUG}/") == 404
    open_phase(organizer, "Reviewing the result")
    analyse(organizer)
    publish(organizer)
    check_downloads(organizer, tmp_path)
    stranger.go(f"/c/{SLUG}/spec/")
    expect(stranger.page.locator("#adopted blockquote").first).to_be_visible()
    for text in conversation.SHARED:
        expect(stranger.page.locator("#adopted")).to_contain_text(text)


def sign_in(organizer: Visitor) -> None:
    organizer.go("/")
    organizer.page.get_by_role("link", name="Sign in").click()
    organizer.sign_in(ORGANIZER)
    organizer.page.get_by_role("link", name="Organize").click()


def create(organizer: Visitor) -> None:
    """First without a title, then with everything; the first step of the set-up is saved."""
    organizer.follow("New consultation")
    organizer.press("Create the draft")
    expect(organizer.page.get_by_role("alert")).to_be_focused()
    organizer.page.get_by_label("Title").fill("How AI should behave <b>here</b>")
    organizer.page.get_by_label("Address").fill(SLUG)
    organizer.press("Create the draft")
    expect(organizer.page.get_by_role("status")).to_contain_text("Only you can see it")
    organizer.page.get_by_label("The question").fill("What should an AI do & never do?")
    organizer.press("Save and stop here")
    assert organizer.path == f"{DESK}setup/"
    expect(organizer.page.get_by_role("banner")).to_contain_text("<b>here</b>")


def upload(organizer: Visitor, files: tuple[Path, Path]) -> None:
    organizer.go(f"{DESK}import/")
    organizer.page.get_by_label("comments.csv").set_input_files(files[0])
    organizer.page.get_by_label(re.compile(r"^votes\.csv")).set_input_files(files[1])
    comments = organizer.page.get_by_label("comments.csv")
    form = organizer.page.locator("form").filter(has=comments)
    form.get_by_role("button", name="Check these files").click()


def imported(organizer: Visitor) -> int:
    """How many statements and reactions of this consultation are stored."""
    return organizer.platform.count(
        "select count(*) from consultations_consultation c join statements_statement s"
        " on s.consultation_id = c.id where c.slug = ?",
        SLUG,
    )


def refuse_bad_files(organizer: Visitor, folder: Path) -> None:
    """The table says where, what and how to mend it, and nothing is written."""
    upload(organizer, conversation.write(folder, spoilt=True))
    expect(organizer.page.get_by_role("heading", level=1)).to_have_text(
        "1 problem found, nothing was written"
    )
    row = organizer.page.locator("tbody tr")
    last = 2 + conversation.PEOPLE * len(conversation.SHARED + conversation.DIVIDING)
    cells = row.get_by_role("cell").all_inner_texts()
    assert cells[:3] == ["votes.csv", str(last), "vote"]
    assert "7" in cells[3]
    assert cells[4]
    assert imported(organizer) == 0


def import_good_files(organizer: Visitor, folder: Path) -> None:
    """The dry run counts and writes nothing; confirming writes everything."""
    upload(organizer, conversation.write(folder))
    expect(organizer.page.get_by_role("heading", level=1)).to_have_text("Ready to be imported")
    expect(organizer.page.get_by_role("main")).to_contain_text(conversation.SHARED[0])
    assert imported(organizer) == 0
    organizer.press("Import all of this")
    expect(organizer.page.get_by_role("heading", name="Imported")).to_be_visible(timeout=60_000)
    assert imported(organizer) == 10


def moderate(organizer: Visitor) -> None:
    """Hiding takes a reason: the browser asks for it, and so does the platform."""
    watches, children = conversation.UNREAD
    organizer.follow("Moderate")
    hide = organizer.page.locator("article.card", has_text=watches)
    hide.get_by_text("Hide it …").click()
    hide.get_by_role("button", name="Hide it", exact=True).click()
    assert hide.get_by_label("Rule").evaluate("(field) => field.matches(':invalid')")
    hide.locator("form").last.evaluate("(form) => { form.noValidate = true; }")
    hide.get_by_role("button", name="Hide it", exact=True).click()
    expect(organizer.page.get_by_role("main")).to_contain_text("Please give a reason")
    organizer.go(f"{DESK}moderation/")
    hide.get_by_text("Hide it …").click()
    hide.get_by_label("Rule").select_option("Advertising or spam")
    hide.get_by_role("button", name="Hide it", exact=True).click()
    expect(organizer.page.get_by_role("status").first).to_contain_text("Decided: hidden.")
    show = organizer.page.locator("article.card", has_text=children)
    show.get_by_role("button", name="Show it").click()
    expect(organizer.page.get_by_role("main")).to_contain_text("Nothing waits.")
    organizer.go(f"/c/{SLUG}/decisions/")
    expect(organizer.page.get_by_role("main")).to_contain_text("Advertising or spam.")
    expect(organizer.page.get_by_role("main")).not_to_contain_text(watches)


def open_phase(organizer: Visitor, phase: str) -> None:
    organizer.go(f"{DESK}phase/")
    organizer.press(f"Open “{phase}”")
    expect(organizer.page.get_by_role("status")).to_contain_text(phase)


def analyse(organizer: Visitor) -> None:
    """The page tells each step without being reloaded by hand, until all are done."""
    organizer.go(f"{DESK}runs/")
    organizer.follow("Start an analysis …")
    expect(organizer.page.get_by_role("main")).to_contain_text("nothing leaves this machine")
    organizer.page.get_by_label("Seed").fill("7")
    organizer.press("Start the analysis")
    expect(organizer.page.get_by_role("heading", level=1)).to_have_text(
        re.compile("The analysis is (under way|done)")
    )
    steps = organizer.page.locator(".run-steps")
    done = steps.locator("li.done")
    seen: list[int] = []
    for _ in range(600):
        with suppress(Error):  # of a page that is just being reloaded there is nothing to count
            seen += steps.evaluate_all(
                "lists => lists.map(one => one.querySelectorAll('.done').length)"
            )
        if organizer.page.get_by_role("heading", level=1).inner_text() == "The analysis is done":
            break
        organizer.page.wait_for_timeout(100)
    assert seen[0] < len(STEPS)
    assert done.count() == len(STEPS)
    assert seen == sorted(seen)


def publish(organizer: Visitor) -> None:
    """A draft that strangers do not see, a name and a word asked for, a version that is final."""
    analysis = organizer.path
    organizer.press("Make a draft of the spec")
    expect(organizer.page.get_by_role("heading", name="Draft: not public")).to_be_visible()
    organizer.follow("Publish this version …")
    organizer.press("Publish version 1")
    expect(organizer.page.get_by_role("alert")).to_contain_text("Type the word “publish”")
    organizer.page.get_by_label("Your name and office").fill("Ada Auer, Mayor")
    organizer.page.get_by_label("Type “publish”").fill("publish")
    organizer.press("Publish version 1")
    expect(organizer.page.get_by_role("status")).to_contain_text("Version 1 is public now.")
    organizer.go(analysis)
    expect(organizer.page.get_by_role("main")).to_contain_text("Version 1 was made from it")
    organizer.follow("read it")


def check_downloads(organizer: Visitor, folder: Path) -> None:
    """Each file comes; spec.json is to the byte what the platform stored, and keeps its schema."""
    organizer.follow("Download")
    with organizer.page.expect_download() as coming:
        organizer.follow("spec.json")
    coming.value.save_as(folder / "spec.json")
    links = organizer.page.get_by_role("main").get_by_role("link")
    offered = {link.inner_text(): link.get_attribute("href") for link in links.all()}
    for name in NAMES:  # not by clicks: Chromium drops the eleventh download of a page
        answer = organizer.get(f"{organizer.platform.url}{offered[name]}")
        assert answer.headers["content-disposition"].startswith("attachment"), name
        may_be_empty = name.endswith(".jsonl")  # a line for each of what may not be there
        assert answer.body() or may_be_empty, name
    schema = organizer.get(f"{organizer.platform.url}{offered['spec.schema.json']}").json()
    content = (folder / "spec.json").read_bytes()
    stored = organizer.platform.rows(
        "select v.sha256 from specs_specversion v join consultations_consultation c"
        " on v.consultation_id = c.id where c.slug = ?",
        SLUG,
    )
    assert stored == [(hashlib.sha256(content).hexdigest(),)]
    expect(organizer.page.get_by_role("main")).to_contain_text(stored[0][0])
    document = json.loads(content)
    jsonschema.validate(document, schema)
    adopted = {c["text"] for c in document["clauses"] if c["status"] == "adopted"}
    assert set(conversation.SHARED) <= adopted
    assert not adopted & set(conversation.DIVIDING)
