"""The start page and the front page: what a visitor is told, and where the one button leads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from civic.accounts.models import User
from civic.consultations.models import Consultation, Membership
from civic.consultations.services import accept_invitation, invite
from civic.statements.services import submit_statement

SignIn = Callable[[User | None], Client]
TODAY = timezone.now().date()


def change(consultation: Consultation, **fields: Any) -> None:
    Consultation.objects.filter(pk=consultation.pk).update(**fields)


def test_the_start_page_tells_who_asks_why_and_what_follows(
    consultation: Consultation, client: Client
) -> None:
    """In the organizers' own words, with paragraphs and lists, and no markup of theirs."""
    change(
        consultation,
        asked_by="The city of Hallen",
        purpose="Because *you* live here.",
        use_of_result="- We answer.\n- In public.",
        description="<script>alert(1)</script>",
        moderation_policy="Be **fair**.",
        closes_on=TODAY + timedelta(days=9),
    )
    page = client.get("/c/ai/").text
    assert "The city of Hallen" in page
    assert "Because <em>you</em> live here." in page
    assert "<li>We answer.</li>" in page
    assert "Be <strong>fair</strong>." in page
    assert "<script>alert" not in page
    assert date_format(TODAY + timedelta(days=9), "DATE_FORMAT") in page


def test_the_button_leads_each_visitor_to_her_next_thing(
    consultation: Consultation, sign_in: SignIn, bob: User, member: Membership
) -> None:
    """A stranger joins first, who is in writes, who wrote reacts."""
    assert "/c/ai/join/?next=/c/ai/write/" in sign_in(None).get("/c/ai/").text
    browser = sign_in(bob)
    assert 'start-button" href="/c/ai/write/"' in browser.get("/c/ai/").text
    submit_statement(author=member, text="AI should be kind.")
    assert 'start-button" href="/c/ai/react/"' in browser.get("/c/ai/").text


@pytest.mark.parametrize(
    ("fields", "told", "button"),
    [
        ({"opens_on": TODAY + timedelta(days=3)}, "Opens on", False),
        ({"closes_on": TODAY - timedelta(days=1)}, "Closed at the end of", False),
        ({"access": "link"}, "No account needed.", True),
        ({"access": "open"}, "We ask for an e-mail address", True),
        ({"phase": "review"}, "The answers are in", False),
        ({"phase": "closed"}, "No result has been published.", False),
    ],
)
def test_the_start_page_says_what_can_be_done_today(
    consultation: Consultation, client: Client, fields: dict[str, Any], told: str, button: bool
) -> None:
    """Before, during and after, each in a sentence."""
    change(consultation, **fields)
    page = client.get("/c/ai/").text
    assert told in page
    assert ("start-button" in page) is button


def test_a_draft_is_seen_by_its_team_alone(
    consultation: Consultation, client: Client, alice: User, sign_in: SignIn
) -> None:
    """Its page says so, and when it is to open."""
    change(consultation, phase="draft", opens_on=TODAY + timedelta(days=3))
    assert client.get("/c/ai/").status_code == 404
    page = sign_in(alice).get("/c/ai/").text
    assert "Only the team sees this page" in page
    assert "It is to open on" in page


def test_by_invitation_only_says_how_to_get_in(
    consultation: Consultation, client: Client, charlie: User, alice: User, sign_in: SignIn
) -> None:
    """A stranger is told of invitations; who accepted one is asked to agree, and is in."""
    change(consultation, access="invite")
    consultation.refresh_from_db()
    answer = client.get("/c/ai/")
    assert answer.status_code == 404
    assert "by invitation only" in answer.text
    _, token = invite(consultation, by=alice, role="participant")
    accept_invitation(token, user=charlie)
    browser = sign_in(charlie)
    assert "What it means, in plain words" in browser.get("/c/ai/join/").text
    assert browser.post("/c/ai/join/").status_code == 302
    assert consultation.memberships.get(user=charlie).consented_at is not None


def test_the_front_page_shows_where_one_takes_part(
    consultation: Consultation, sign_in: SignIn, bob: User, member: Membership, charlie: User
) -> None:
    """Only to oneself; consultations without sign-in are listed like the others."""
    change(consultation, access="link")
    assert "You take part" in sign_in(bob).get("/").text
    stranger = sign_in(charlie).get("/").text
    assert "You take part" not in stranger
    assert "/c/ai/" in stranger


@pytest.mark.parametrize("page", ["/", "/c/ai/", "/privacy/", "/about/", "/accounts/login/code/"])
def test_the_language_switch_keeps_the_page(
    consultation: Consultation, client: Client, page: str
) -> None:
    """Who changes the language stays where she is."""
    shown = client.get(page + "?page=1")
    assert f'name="next" value="{page}?page=1"' in shown.text
    answer = client.post("/language/", {"language": "ar", "next": page + "?page=1"})
    assert answer["Location"] == page + "?page=1"
    assert '<html lang="ar" dir="rtl">' in client.get(page).text
