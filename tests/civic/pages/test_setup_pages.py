"""The organizer's set-up in the browser: begin, six steps, preview, open, phases, delete."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from civic.accounts.models import User
from civic.accounts.services import ensure_user
from civic.consultations.blueprints import BLUEPRINTS
from civic.consultations.models import Consultation, Invitation, Membership
from civic.consultations.services import create_consultation, grant_role, open_phase
from civic.pages.preview import pages_of
from civic.statements.models import Claim, Statement

SignIn = Callable[[User | None], Client]
SETUP = "/o/robots/setup/"
PEOPLE = {"k": "10", "expected_people": "", "licence": ""}


@pytest.fixture
def alices(sign_in: SignIn, alice: User) -> Client:
    """Alice's browser, with a draft of hers."""
    browser = sign_in(alice)
    browser.post("/o/new/", {"title": "Robots", "blueprint": "scenario"})
    return browser


@pytest.fixture
def draft(alices: Client) -> Consultation:
    """The draft that Alice made."""
    return Consultation.objects.get(slug="robots")


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


# --- Preview and opening


@pytest.mark.parametrize("access", ["link", "open", "invite"])
def test_the_preview_shows_the_real_pages_and_stores_nothing(
    alices: Client, draft: Consultation, access: str
) -> None:
    """No person, statement or claim is left; the draft is still a draft."""
    Consultation.objects.update(access=access)

    def stored() -> list[int]:
        return [rows.objects.count() for rows in (User, Membership, Statement, Claim)]

    before = stored()
    for page, words in (
        ("start", "What should an AI do in these situations?"),
        ("write", "<textarea"),
        ("react", "It must not decide for me"),
    ):
        answer = alices.get(f"{SETUP}preview/{page}/")
        markup = answer.content.decode()
        assert answer.status_code == 200
        assert "Nothing you do here is stored." in markup
        assert page == "react" or words in markup
        assert "<script" not in markup
        assert set(re.findall(r'<form[^>]*action="([^"]+)"', markup)) <= {f"{SETUP}preview/{page}/"}
        assert "<form>" not in markup
    assert stored() == before
    draft.refresh_from_db()
    assert draft.phase == "draft"


def test_what_is_sent_from_a_preview_is_thrown_away(alices: Client, draft: Consultation) -> None:
    """It says so and goes on to the next page."""
    answer = alices.post(f"{SETUP}preview/write/", {"text": "AI should be kind."}, follow=True)
    assert answer.redirect_chain[0][0] == f"{SETUP}preview/react/"
    assert "nothing was stored" in answer.content.decode()
    assert not Statement.objects.exists()


def test_a_preview_shows_what_its_blueprint_opens(draft: Consultation) -> None:
    """Where nobody writes there is no page for writing."""
    shown = {}
    for key in BLUEPRINTS:
        draft.blueprint = key
        shown[key] = pages_of(draft)
    assert shown["ratify"] == ("start", "react")
    assert shown["analyse"] == ("start",)


def test_it_opens_when_everything_is_there(alices: Client, draft: Consultation) -> None:
    """Until then the button is missing, and a made-up form opens nothing."""
    page = alices.get(f"{SETUP}publish/").content.decode()
    assert "1 thing is missing" in page
    assert "Open the consultation" not in page
    alices.post(f"{SETUP}publish/")
    draft.refresh_from_db()
    assert draft.phase == "draft"
    policy = {"moderation": "before", "moderation_policy": "Be kind.", "read_myself": "on"}
    alices.post(f"{SETUP}moderation/", policy)
    assert "Open the consultation" in alices.get(f"{SETUP}publish/").content.decode()
    answer = alices.post(f"{SETUP}publish/")
    assert answer["Location"] == "/o/robots/"
    draft.refresh_from_db()
    assert draft.phase == "collect"
    assert "publish" in draft.steps_saved


# --- Phases


def test_a_phase_that_lets_people_in_needs_the_checklist(
    alices: Client, draft: Consultation
) -> None:
    """The page says how much is missing, and pressing anyway leads to the list."""
    page = alices.get("/o/robots/phase/").content.decode()
    assert "1 thing is missing before people can be let in." in page
    answer = alices.post("/o/robots/phase/", {"phase": "collect"})
    assert answer["Location"] == f"{SETUP}publish/"
    assert alices.post("/o/robots/phase/", {"phase": "review"})["Location"] == "/o/robots/"


def test_going_back_is_confirmed(alices: Client, draft: Consultation) -> None:
    """The first press asks, with what opens and closes; the second goes."""
    open_phase(draft, phase="review")
    asked = alices.post("/o/robots/phase/", {"phase": "draft"})
    assert asked.status_code == 200
    assert "Go back to “Draft”?" in asked.content.decode()
    draft.refresh_from_db()
    assert draft.phase == "review"
    alices.post("/o/robots/phase/", {"phase": "draft", "confirmed": "1"})
    draft.refresh_from_db()
    assert draft.phase == "draft"


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


# --- Deleting, inviting, the list


def test_deleting_asks_for_the_title(
    alices: Client, draft: Consultation, sign_in: SignIn, bob: User
) -> None:
    """A wrong title deletes nothing; an organizer who does not own it cannot even ask."""
    grant_role(draft, user=bob, role="organizer")
    assert sign_in(bob).get("/o/robots/delete/").status_code == 403
    answer = alices.post("/o/robots/delete/", {"typed": "Robot"})
    assert answer.status_code == 400
    assert 'href="#id_typed"' in answer.content.decode()
    answer = alices.post("/o/robots/delete/", {"typed": "Robots"}, follow=True)
    assert "“Robots” is deleted." in answer.content.decode()
    assert not Consultation.objects.exists()


def test_a_deletion_tells_no_small_number(
    consultation: Consultation, member: Membership, sign_in: SignIn, alice: User
) -> None:
    """Below k it says “fewer than”."""
    page = sign_in(alice).get("/o/ai/delete/").content.decode()
    assert "fewer than 10" in page


def test_links_come_as_a_table_that_is_kept_nowhere(alices: Client, draft: Consultation) -> None:
    """One row per link, each good for one person."""
    answer = alices.post("/o/robots/people/", {"kind": "links", "number": "25"})
    assert answer["Content-Type"].startswith("text/csv")
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert len(lines) == 26
    assert len(set(lines)) == 26
    assert Invitation.objects.filter(role="participant").count() == 25
    assert "25" in alices.get("/o/robots/people/").content.decode()


def test_pasted_addresses_are_checked_one_by_one(
    alices: Client, draft: Consultation, mailoutbox: list[Any]
) -> None:
    """A wrong one stops all, named by its place; the text is still there; twice is once."""
    bad = {"kind": "mail", "emails": "a@example.org\nnobody\n"}
    answer = alices.post("/o/robots/people/", bad)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Entry 2, “nobody”" in page
    assert "a@example.org" in page
    assert mailoutbox == []
    good = {"kind": "mail", "emails": "a@example.org, B@example.org; <b@example.org>"}
    alices.post("/o/robots/people/", good)
    assert [message.to for message in mailoutbox] == [["a@example.org"], ["B@example.org"]]
    for kind in ({"kind": "pigeon"}, {"kind": "links", "number": "5000"}):
        assert alices.post("/o/robots/people/", kind).status_code == 400


def test_the_list_costs_the_same_for_ten_and_for_a_thousand(
    sign_in: SignIn, alice: User, django_assert_num_queries: Any
) -> None:
    """It is read page by page, every card from the same queries."""
    browser = sign_in(alice)
    for number in range(10):
        create_consultation(title=f"C{number}", slug=f"c{number}", by=alice)
    browser.get("/o/")
    with django_assert_num_queries(4):
        assert browser.get("/o/").status_code == 200
    made = Consultation.objects.bulk_create(
        Consultation(title=f"M{number}", slug=f"m{number}") for number in range(990)
    )
    Membership.objects.bulk_create(
        Membership(consultation=one, user=alice, is_organizer=True) for one in made
    )
    with django_assert_num_queries(4):
        page = browser.get("/o/?page=2").content.decode()
    assert page.count("<article") == 24


def test_an_empty_list_offers_the_example(
    sign_in: SignIn, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker makes it for whoever asked; somebody without the right to create is refused."""
    asked: list[int] = []
    monkeypatch.setattr("civic.pages.tasks.load_example.delay_on_commit", asked.append)
    browser = sign_in(alice)
    assert "Load the example" in browser.get("/o/").content.decode()
    assert browser.post("/o/example/load/")["Location"] == "/o/"
    assert asked == [alice.pk]
    stranger = sign_in(ensure_user("stranger@example.org"))
    assert stranger.post("/o/example/load/").status_code == 403


# --- Team


def test_the_team_page_shows_names_and_lets_owners_change_roles(
    draft: Consultation, alices: Client, sign_in: SignIn, bob: User
) -> None:
    """Owners set roles; organizers read them; no address is shown to anybody."""
    member = grant_role(draft, user=bob, role="organizer")
    path = reverse("consultations:team_change", args=["robots", bob.uuid])
    page = sign_in(bob).get("/o/robots/team/").content.decode()
    assert "Alice" in page
    assert "example.org" not in page
    assert "Save roles" not in page
    assert sign_in(bob).post(path, {"roles": ["owner"]}).status_code == 403
    page = alices.get("/o/robots/team/").content.decode()
    assert "Save roles" in page
    assert member.key not in page  # under which everybody reads what she says as a citizen
    alices.post(path, {"roles": ["analyst", "moderator"]})
    member.refresh_from_db()
    assert set(member.roles) == {"analyst", "moderator"}
    alices.post(path, {"roles": ["owner"], "remove": "1"})
    member.refresh_from_db()
    assert member.roles == ()
    assert alices.post(path, {"roles": []}).status_code == 404


def test_the_last_owner_cannot_leave(draft: Consultation, alices: Client, alice: User) -> None:
    """She is told whom to name first; another consultation's member is not found here."""
    path = reverse("consultations:team_change", args=["robots", alice.uuid])
    page = alices.post(path, {"remove": "1"}, follow=True).content.decode()
    assert "name another owner first" in page
    assert draft.memberships.get(user=alice).is_owner
    assert alices.post(path, {"roles": ["king"]}).status_code == 400


def test_invitations_into_the_team_can_be_taken_back(draft: Consultation, alices: Client) -> None:
    """They wait on the page until somebody uses them."""
    page = alices.post("/o/robots/team/invite/", {"role": "auditor"}, follow=True)
    assert "Pass this link on" in page.content.decode()
    invitation = Invitation.objects.get()
    path = reverse("consultations:team_revoke", args=["robots", invitation.uuid])
    assert alices.post(path, follow=True).status_code == 200
    assert not Invitation.objects.exists()
    assert alices.post(path).status_code == 404
    for data in ({"role": "participant"}, {"role": "auditor", "email": "nobody"}):
        assert alices.post("/o/robots/team/invite/", data).status_code == 400


@pytest.mark.parametrize(
    ("dates", "told"),
    [
        ({"opens_on": date(2090, 1, 1)}, "This consultation opens on 1 January 2090 (UTC)."),
        ({"closes_on": date(2020, 1, 1)}, "closed at the end of 1 January 2020 (UTC)."),
    ],
)
def test_citizens_read_the_day_where_they_would_write_or_react(
    consultation: Consultation, member: Membership, sign_in: SignIn, dates: Any, told: str
) -> None:
    """Before and after the dates both pages say so, although the phase would allow it."""
    Consultation.objects.update(**dates)
    for place in ("write", "react"):
        assert told in sign_in(member.user).get(f"/c/ai/{place}/").content.decode()
