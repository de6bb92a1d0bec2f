"""The organizer's set-up in the browser: begin, and what the steps take and refuse."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from civic.accounts.models import User
from civic.consultations.blueprints import BLUEPRINTS
from civic.consultations.models import Consultation, Membership
from civic.consultations.services import grant_role
from civic.statements.models import Statement

SignIn = Callable[[User | None], Client]
SETUP = "/o/robots/setup/"
PEOPLE = {"k": "10", "expected_people": "", "licence": ""}


def question_of(consultation: Consultation, **changes: str) -> dict[str, str]:
    """The first step's form as the page shows it, with changes."""
    fields = ("title", "question", "asked_by", "purpose", "use_of_result", "description")
    data = {name: getattr(consultation, name) for name in fields}
    data["examples"] = "\n".join(consultation.examples)
    for number, one in enumerate(consultation.scenarios, start=1):
        data[f"scenario_{number}_title"] = one["title"]
        data[f"scenario_{number}_text"] = one["text"]
    return data | changes


# --- Beginning


def test_a_new_consultation_begins_with_texts(alices: Client, draft: Consultation) -> None:
    """All blueprints are offered; the chosen one fills the first step."""
    page = alices.get("/o/new/").content.decode()
    assert all(f'value="{key}"' in page for key in BLUEPRINTS)
    first = alices.get(f"{SETUP}question/").content.decode()
    assert "What should an AI do in these situations?" in first
    assert first.count('name="scenario_') == 2 * 4
    assert (draft.blueprint, draft.asked_by) == ("scenario", "Alice")


def test_a_second_consultation_of_the_same_title_gets_an_address_of_its_own(
    alices: Client, draft: Consultation
) -> None:
    """Whoever left the address to the platform is not asked for another; "new" is the page's."""
    for title, address in (("Robots", "robots-2"), ("Robots", "robots-3"), ("New", "new-2")):
        answer = alices.post("/o/new/", {"title": title, "blueprint": "behaviour"})
        assert answer.headers["Location"] == f"/o/{address}/setup/question/"
    chosen = alices.post("/o/new/", {"title": "Robots", "slug": "robots"})
    assert chosen.status_code == 400
    assert "is taken" in chosen.content.decode()


@pytest.mark.parametrize(
    "data", [{"title": ""}, {"title": "機器人"}, {"title": "a", "slug": "Ä b"}]
)
def test_what_cannot_become_an_address_is_told(
    sign_in: SignIn, alice: User, data: dict[str, str]
) -> None:
    """The error stands on top; nothing is made."""
    answer = sign_in(alice).post("/o/new/", data)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert not Consultation.objects.exists()


# --- Steps


def test_steps_are_saved_left_and_resumed(alices: Client, draft: Consultation) -> None:
    """Each save leads to the next open step, or back to the list; the list says what is done."""
    answer = alices.post(f"{SETUP}question/", question_of(draft, question="Whose robots?"))
    assert answer["Location"] == f"{SETUP}access/"
    answer = alices.post(f"{SETUP}dates/", {"closes_on": "2090-03-31", "stay": "1"})
    assert answer["Location"] == SETUP
    draft.refresh_from_db()
    assert (draft.question, draft.closes_on) == ("Whose robots?", date(2090, 3, 31))
    assert draft.steps_saved == ["question", "dates"]
    page = alices.get(SETUP).content.decode()
    assert "2 of 6 steps are saved" in page
    assert "Go on: Who may take part" in page


def test_situations_and_examples_are_edited_as_text(alices: Client, draft: Consultation) -> None:
    """An emptied situation goes, a new one gets a key of its own, the others keep theirs."""
    changes = {"scenario_2_title": "", "scenario_2_text": "", "examples": "One.\n\n Two. \n"}
    changes |= {"scenario_4_title": "New", "scenario_4_text": "Something happens."}
    alices.post(f"{SETUP}question/", question_of(draft, **changes))
    draft.refresh_from_db()
    assert [one["key"] for one in draft.scenarios] == ["night", "friend", "s1"]
    assert draft.examples == ["One.", "Two."]
    half = question_of(draft, scenario_1_text="")
    answer = alices.post(f"{SETUP}question/", half)
    assert answer.status_code == 400
    assert "Say what happens in it." in answer.content.decode()


def test_questions_about_people_come_with_shares(alices: Client, draft: Consultation) -> None:
    """Lines become options; a label that stays keeps its key, so that answers stay its own."""
    data = {
        "stratum_1_label": "Age",
        "stratum_1_question": "How old are you?",
        "stratum_1_options": "Under 30 = 22,5 %\n30 to 59 = 50\n60 or older = 27.5%",
    }
    alices.post(f"{SETUP}people/", PEOPLE | data)
    draft.refresh_from_db()
    (age,) = draft.strata
    assert [(one["key"], one["share"]) for one in age["options"]] == [
        ("1", 0.225),
        ("2", 0.5),
        ("3", 0.275),
    ]
    data["stratum_1_options"] = "60 or older\n30 to 59\nYounger"
    alices.post(f"{SETUP}people/", PEOPLE | data)
    draft.refresh_from_db()
    assert [one["key"] for one in draft.strata[0]["options"]] == ["3", "2", "4"]
    assert draft.strata[0]["key"] == "age"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("Young", "Give 2 to"),
        ("Young = 20\nOld", "or none of them"),
        ("Young = 20\nOld = 20", "add up to 40"),
        ("Young = 120\nOld = 20", "Line 1"),
        ("Young = many\nOld = 20", "Line 1"),
        ("Young\nYoung", "Line 2"),
        ("= 20\nOld = 80", "Line 1"),
    ],
)
def test_options_that_make_no_sense_are_named_by_line(
    alices: Client, draft: Consultation, options: str, told: str
) -> None:
    """The rule and the remedy stand at the field; the text is still there."""
    data = {"stratum_1_label": "Age", "stratum_1_options": options}
    answer = alices.post(f"{SETUP}people/", PEOPLE | data)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert told in page
    assert options.splitlines()[0] in page


@pytest.mark.parametrize(
    ("step", "data", "told"),
    [
        ("people", {"k": "4"}, "5 or more"),
        ("people", {"k": "many"}, "whole number"),
        ("access", {"access": "everybody"}, "valid choice"),
        ("dates", {"opens_on": "31.12.2090"}, "year-month-day"),
        ("dates", {"opens_on": "2090-02-01", "closes_on": "2090-01-01"}, "before it opens"),
        ("dates", {"languages": ["xx"]}, "valid choice"),
        ("question", {"title": ""}, "required"),
    ],
)
def test_bad_input_is_told_on_top(
    alices: Client, draft: Consultation, step: str, data: dict[str, Any], told: str
) -> None:
    """The page comes back with an alert; nothing is saved."""
    answer = alices.post(f"{SETUP}{step}/", data)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert told in page
    assert 'role="alert"' in page
    draft.refresh_from_db()
    assert draft.steps_saved == []


def test_piled_accents_are_refused_with_the_reason(alices: Client, draft: Consultation) -> None:
    """Nothing of an organizer's covers the lines around it."""
    answer = alices.post(
        f"/o/{draft.slug}/setup/question/", {"title": "Z" + "\u0301" * 50, "question": "What?"}
    )
    assert answer.status_code == 400
    assert "accents follow each other" in answer.content.decode()
    draft.refresh_from_db()
    assert "\u0301" not in draft.title


def test_dates_the_wrong_way_round_are_told_beside_the_later_one(
    alices: Client, draft: Consultation
) -> None:
    """The summary on top leads to the field; nothing is saved."""
    dates = {"opens_on": "2127-05-01", "closes_on": "2127-04-01"}
    answer = alices.post(f"/o/{draft.slug}/setup/dates/", dates)
    assert answer.status_code == 400
    named = 'href="#id_closes_on"><bdi>Closes after</bdi>: It closes before it opens'
    assert named in answer.content.decode()
    draft.refresh_from_db()
    assert draft.opens_on is None


def test_an_address_without_step_leads_nowhere(alices: Client, draft: Consultation) -> None:
    """Neither in the wizard nor in the preview."""
    assert alices.get(f"{SETUP}money/").status_code == 404
    assert alices.get(f"{SETUP}preview/mine/").status_code == 404


def test_after_opening_what_is_locked_says_why(
    consultation: Consultation, member: Membership, sign_in: SignIn, alice: User
) -> None:
    """Fields that may not change cannot be typed into; access offers only what is wider."""
    Statement.objects.create(consultation=consultation, text="AI should be kind.", author=member)
    browser = sign_in(alice)
    page = browser.get("/o/ai/setup/question/").content.decode()
    assert re.search(r"<textarea[^>]+name=\"question\"[^>]+disabled", page)
    assert "People have answered this question" in page
    access = browser.get("/o/ai/setup/access/").content.decode()
    assert 'value="link"' in access
    assert 'value="invite"' not in access
    data = question_of(consultation, title="Robots", question="Something else?")
    assert browser.post("/o/ai/setup/question/", data).status_code == 302
    consultation.refresh_from_db()
    assert (consultation.title, consultation.question) == ("Robots", "")


def test_an_auditor_reads_the_set_up_and_changes_nothing(
    draft: Consultation, sign_in: SignIn, bob: User
) -> None:
    """Every field is there, none can be typed into, and a made-up form is refused."""
    grant_role(draft, user=bob, role="auditor")
    browser = sign_in(bob)
    page = browser.get(f"{SETUP}question/").content.decode()
    assert "What should an AI do in these situations?" in page
    assert "Save and go on" not in page
    assert browser.post(f"{SETUP}question/", question_of(draft)).status_code == 403
    assert browser.post(f"{SETUP}publish/").status_code == 403


def test_hostile_words_stay_words(alices: Client, draft: Consultation) -> None:
    """Markup and overrides in any field come back as text."""
    nasty = '<img src=x onerror=alert(1)></textarea>\u202e"'
    alices.post(f"{SETUP}question/", question_of(draft, title=nasty, question=nasty, purpose=nasty))
    for path in (SETUP, f"{SETUP}question/", f"{SETUP}preview/start/", "/o/", "/o/robots/delete/"):
        page = alices.get(path).content.decode()
        assert "<img src=x" not in page
        assert "&lt;img src=x" in page


# --- Statements to begin with


def test_typed_statements_have_no_author(
    alices: Client, draft: Consultation, django_capture_on_commit_callbacks: Any
) -> None:
    """They are shown at once and become claims; the same words twice are one statement."""
    data = {"texts": "AI should be kind.\n\nAI must never lie.\nAI should be kind.\n"}
    with django_capture_on_commit_callbacks(execute=True):
        alices.post("/o/robots/import/typed/", data)
        alices.post("/o/robots/import/typed/", data)
    assert Statement.objects.count() == 2
    assert set(Statement.objects.values_list("author", "moderation", "is_imported")) == {
        (None, "accepted", True)
    }
    assert draft.claims.count() == 2
    for texts in ("", "x" * 20_000):
        answer = alices.post("/o/robots/import/typed/", {"texts": texts})
        assert answer.status_code == 400
        assert 'href="#id_texts"' in answer.content.decode()
