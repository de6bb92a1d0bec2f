"""A citizen's way: from the front door to her own words in a published spec."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journey.conftest import NewVisitor
from tests.journey.visitor import Visitor

pytestmark = pytest.mark.browser

WISHES = (
    "An AI should say plainly when it is only guessing 🤔.",
    "It must never put <b>bold claims</b> & slogans in front of facts.",
)
# The second who writes the same is joined with the first.
PUT_TO_THE_VOTE = re.compile("Shown to others, who react to it|says nearly the same")
CONTEXT = "I work nights & read on a small screen 📱."
CONTACT = "More from me: maria@example.net."
TEXT = " ".join((WISHES[0], CONTEXT, WISHES[1], CONTACT))


def heading(visitor: Visitor) -> str:
    return visitor.page.get_by_role("heading", level=1).inner_text()


def statements_of(visitor: Visitor, text: str) -> int:
    return visitor.platform.count("select count(*) from statements_statement where text = ?", text)


# check 3
@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_citizen_writes_reacts_and_follows_a_clause_to_its_words(
    new_visitor: NewVisitor, organizer_state: Any, scripts: bool
) -> None:
    """Everything a citizen does works in a browser, and none of it needs JavaScript."""
    citizen = new_visitor(java_script_enabled=scripts)
    enter(citizen, f"maria-{scripts}@example.org".lower())
    text = f"{TEXT} ({scripts})"
    reference = write(citizen, text)
    react_to_five(citizen)
    see_my_part(citizen, reference, moderator=new_visitor(storage_state=organizer_state))
    follow_a_clause_to_its_words(citizen)
    assert statements_of(citizen, text) == 1


def enter(citizen: Visitor, email: str) -> None:
    """Home, consultation, sign-up by e-mailed code, and in."""
    citizen.go("/")
    citizen.follow("An assistant for everyone")
    citizen.follow("Start")
    citizen.become_participant(email)
    assert heading(citizen) == "Say it in your own words"
    expect(citizen.page.get_by_role("main")).to_contain_text("You are taking part.")


def write(citizen: Visitor, text: str) -> str:
    """Write, heed the warning about personal data once, and get a reference number."""
    box = citizen.page.get_by_label("What should an AI do")
    box.fill(text)
    citizen.press("Send")
    assert heading(citizen) == "Is there personal data in your text?"
    expect(citizen.page.get_by_role("main")).to_contain_text("an e-mail address")
    citizen.press("Change my text")
    expect(box).to_have_value(text)
    citizen.press("Send")
    citizen.press("Send it as it is")
    assert heading(citizen) == "Thank you. Your statement is here."
    expect(citizen.page.get_by_role("blockquote").first).to_have_text(text)
    assert citizen.page.locator("blockquote b").count() == 0
    return citizen.page.locator("dd strong").first.inner_text()


def react_to_five(citizen: Visitor) -> None:
    """Four different answers and a fifth that is taken back and given anew; each is read back.

    After the fifth comes an either/or question, which can wait.
    """
    citizen.follow("React to what others wrote")
    saved = citizen.page.get_by_role("status")
    for button, told in (
        ("Agree", "You answered “Agree”."),
        ("Disagree", "You answered “Disagree”."),
        ("Unsure", "You answered “Unsure”."),
        ("Skip", "You skipped the last sentence."),
        ("Agree", "You answered “Agree”."),
    ):
        words = citizen.page.locator(".claim-card .words").inner_text()
        citizen.press(button)
        expect(citizen.page.locator(".claim-card .words, .pair .words").first).not_to_have_text(
            words
        )
        if citizen.path.endswith("/either-or/"):
            citizen.follow("Not now")
        expect(saved).to_contain_text(told)
    citizen.press("Undo")
    expect(saved).to_contain_text("Taken back.")
    expect(citizen.page.locator(".claim-card .words")).to_have_text(words)
    citizen.press("Disagree")
    expect(saved).to_contain_text("You answered “Disagree”.")
    citizen.follow("Stop here")
    expect(citizen.page.get_by_role("main")).to_contain_text("You: Disagree.")


def see_my_part(citizen: Visitor, reference: str, *, moderator: Visitor) -> None:
    """Each sentence with its place, before and after a moderator has read it."""
    citizen.follow("My part")
    card = citizen.page.locator("article.card", has_text=reference)
    sentences = card.locator(".sentences > li")
    for _ in range(60):  # the worker needs a moment
        if sentences.count():
            break
        citizen.page.wait_for_timeout(500)
        citizen.page.reload()
    expect(card).to_contain_text("Waiting for a moderator to read it.")
    accept(moderator, reference)
    citizen.page.reload()
    for wish in WISHES:
        found = sentences.filter(has_text=wish.rstrip("."))
        expect(found).to_contain_text(PUT_TO_THE_VOTE)
    # The second to write this is joined with the first, whose context stands there, too.
    expect(sentences.filter(has_text=CONTEXT).first).to_contain_text("Context: kept and read")
    answers = citizen.page.locator("section[aria-labelledby=reactions] ul.rows > li")
    assert sorted(answers.locator("strong").all_inner_texts()) == sorted(
        ["Agree", "Disagree", "Unsure", "Skipped", "Disagree"]
    )


def accept(moderator: Visitor, reference: str) -> None:
    moderator.go(f"/o/{moderator.platform.slug}/moderation/")
    card = moderator.page.locator("article.card", has_text=reference)
    card.get_by_role("button", name="Show it").click()
    expect(moderator.page.get_by_role("status").first).to_contain_text("Decided: shown.")


def follow_a_clause_to_its_words(citizen: Visitor) -> None:
    """Result, clause, quote, statement: the quote is marked in the whole text."""
    citizen.page.get_by_role("navigation", name="Consultation").get_by_text("Result").click()
    sentence = citizen.page.locator("ol.found").first.get_by_role("link").nth(1)
    words = sentence.inner_text().strip("“”")
    sentence.click()
    expect(citizen.page.get_by_role("blockquote").first).to_have_text(f"“{words}”")
    citizen.follow(re.compile("read the whole statement"))
    expect(citizen.page.locator("blockquote mark")).to_have_text(words)
    expect(citizen.page.get_by_role("blockquote")).to_contain_text(words)


# check 15
@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "Please write something first."),
        ("   \n  ", "The text is empty"),
        ("\u200b\u200b\u200b", "The text is empty"),
        ("x" * 10_001, "the limit is 10,000"),
    ],
    ids=["empty", "only spaces", "only invisible characters", "too long"],
)
def test_text_that_cannot_be_taken_comes_back_with_the_reason(
    member: Visitor, scripts: bool, text: str, told: str
) -> None:
    """A refused text is still in the box, and the reason has the focus and leads to the box."""
    member.go("write/")
    box = member.page.get_by_label("What should an AI do")
    box.fill(text)
    member.press("Send")
    summary = member.page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text(told)
    expect(box).to_have_value(text)
    summary.get_by_role("link").click()
    expect(box).to_be_focused()


@pytest.fixture
def member(new_visitor: NewVisitor, citizen_state: str, scripts: bool) -> Visitor:
    """Somebody who takes part already."""
    return new_visitor(storage_state=citizen_state, java_script_enabled=scripts)


# check 13
# check 14
@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_sending_twice_stores_once(member: Visitor, scripts: bool) -> None:
    """Two clicks, or going back and sending again, make one statement and one receipt."""
    text = f"An AI should answer twice the same. Scripts: {scripts}."
    member.go("write/")
    member.page.get_by_label("What should an AI do").fill(text)
    member.page.get_by_role("button", name="Send", exact=True).dblclick()
    expect(member.page.get_by_role("heading", level=1)).to_have_text(
        "Thank you. Your statement is here."
    )
    receipt = member.path
    assert statements_of(member, text) == 1
    member.page.go_back()
    assert member.path.endswith("/write/")
    assert statements_of(member, text) == 1
    member.page.get_by_label("What should an AI do").fill(text)
    member.press("Send")
    member.page.wait_for_url(f"**{receipt}")
    assert statements_of(member, text) == 1


# check 13
@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_key_held_down_sends_once(member: Visitor, scripts: bool) -> None:
    """Enter on the button repeats while it is held; one statement is stored."""
    text = f"An AI should not count a heavy finger twice. Scripts: {scripts}."
    member.go("write/")
    member.page.get_by_label("What should an AI do").fill(text)
    member.page.get_by_role("button", name="Send", exact=True).focus()
    for _ in range(6):
        member.page.keyboard.down("Enter")
    member.page.keyboard.up("Enter")
    expect(member.page.get_by_role("heading", level=1)).to_have_text(
        "Thank you. Your statement is here."
    )
    assert statements_of(member, text) == 1


# check 17
@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_text_outlives_the_session(new_visitor: NewVisitor, scripts: bool) -> None:
    """Signed out while writing: after signing in again the text is in the box, to be sent."""
    email = f"expired-{scripts}@example.org".lower()
    text = f"An AI should wait for slow writers. Scripts: {scripts}."
    citizen = new_visitor(java_script_enabled=scripts)
    box = citizen.page.get_by_label("What should an AI do")
    citizen.go("write/")
    citizen.become_participant(email)
    box.fill(text)
    citizen.page.context.clear_cookies(name="session")
    citizen.press("Send")
    citizen.sign_in(email)
    expect(box).to_have_value(text)
    assert statements_of(citizen, text) == 0
    citizen.press("Send")
    expect(citizen.page.get_by_role("blockquote").first).to_have_text(text)
    assert statements_of(citizen, text) == 1
