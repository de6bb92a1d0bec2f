"""Nobody acts as a citizen before she has agreed to take part, whichever door she comes through."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from civic.accounts.models import User
from civic.accounts.permissions import can
from civic.consultations.models import Consultation, Membership
from civic.consultations.services import accept_invitation, grant_role, invite
from civic.reactions.models import Reaction
from civic.statements.models import Claim, Statement

SignIn = Callable[[User | None], Client]
ACTS = ("statements.submit", "statements.flag", "reactions.cast", "curation.answer")


@pytest.fixture
def circle(consultation: Consultation) -> Consultation:
    """The consultation, by invitation."""
    consultation.access = Consultation.Access.INVITE
    consultation.save(update_fields=["access"])
    return consultation


@pytest.fixture
def invited(circle: Consultation, alice: User, charlie: User) -> Membership:
    """Charlie used his invitation, and went to another address than the page for joining."""
    _, token = invite(circle, by=alice, role="participant")
    return accept_invitation(token, user=charlie)


def put(client: Client, address: str, **body: Any) -> Any:
    return client.put(address, json.dumps(body), content_type="application/json")


def post(client: Client, address: str, **body: Any) -> Any:
    return client.post(address, json.dumps(body), content_type="application/json")


def test_the_invited_are_led_to_agreeing_first(
    invited: Membership, sign_in: SignIn, charlie: User, new_claim: Callable[..., Claim]
) -> None:
    """Writing and reacting by their addresses lead to joining, and from there back."""
    claim = new_claim("AI should be kind.")
    browser = sign_in(charlie)
    for address in ("/c/ai/write/", "/c/ai/react/"):
        answer = browser.get(address)
        assert answer["Location"].startswith("/c/ai/join/?next=")
    answer = browser.post("/c/ai/write/", {"text": "AI should tell the truth."})
    assert answer["Location"].startswith("/c/ai/join/?next=")
    there = reverse("reactions:answer", args=["ai", claim.uuid])
    assert browser.post(there, {"value": "agree"})["Location"].startswith("/c/ai/join/")
    assert Statement.objects.filter(author=invited).count() == Reaction.objects.count() == 0


def test_what_was_written_before_agreeing_is_not_lost(
    invited: Membership, sign_in: SignIn, charlie: User
) -> None:
    """After agreeing, the text stands in the box; sent, it is his."""
    browser = sign_in(charlie)
    answer = browser.post("/c/ai/write/", {"text": "AI should tell the truth."})
    answer = browser.post(answer["Location"], {"next": "/c/ai/write/"})
    assert answer["Location"] == "/c/ai/write/"
    assert "AI should tell the truth." in browser.get("/c/ai/write/").content.decode()
    browser.post("/c/ai/write/", {"text": "AI should tell the truth."})
    assert Statement.objects.get().author == invited


def test_programs_are_refused_until_somebody_agreed(
    invited: Membership, sign_in: SignIn, charlie: User, new_claim: Callable[..., Claim]
) -> None:
    """The API answers consent_required; joining is agreeing, and then it lets him in."""
    claim = new_claim("AI should be kind.")
    browser = sign_in(charlie)
    here, there = "/api/v1/consultations/ai/statements/", f"/api/v1/claims/{claim.uuid}/reaction/"
    for answer in (
        post(browser, here, text="AI should tell the truth."),
        put(browser, there, value="agree"),
        browser.get("/api/v1/consultations/ai/reactions/mine/"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "consent_required")
    assert post(browser, "/api/v1/consultations/ai/join/").status_code == 200
    assert post(browser, here, text="AI should tell the truth.").status_code == 201
    assert put(browser, there, value="agree").status_code == 200


def test_strangers_hear_nothing_of_agreeing(
    circle: Consultation, sign_in: SignIn, charlie: User
) -> None:
    """A circle by invitation is not there for whoever was not invited, and cannot be joined."""
    browser = sign_in(charlie)
    assert browser.get("/c/ai/write/").status_code == 404
    for address in ("statements", "join"):
        answer = post(browser, f"/api/v1/consultations/ai/{address}/", text="Let me in.")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_whoever_has_a_role_acts_in_it_without_agreeing(
    consultation: Consultation, alice: User, bob: User, sign_in: SignIn
) -> None:
    """Owner and moderator do their work; as a citizen, the moderator is asked like anybody."""
    grant_role(consultation, user=bob, role="moderator")
    assert can(alice, "consultations.manage", consultation)
    assert sign_in(bob).get("/o/ai/moderation/").status_code == 200
    grant_role(consultation, user=bob, role="participant")
    assert not any(can(bob, act, consultation) for act in ACTS)
    assert sign_in(bob).get("/o/ai/moderation/").status_code == 200


def test_imported_people_take_part_unasked(consultation: Consultation) -> None:
    """They have no account and agreed where they spoke; nobody can act as them here."""
    imported = Membership.objects.create(consultation=consultation, key="p1", is_participant=True)
    assert imported.takes_part


def test_leaving_takes_no_agreement(invited: Membership, sign_in: SignIn, charlie: User) -> None:
    """What is kept about somebody invited is his to read and to delete at once."""
    browser = sign_in(charlie)
    (part,) = browser.get("/c/ai/mine/data.json").json()["consultations"]
    assert part["consented_at"] is None
    browser.post("/c/ai/mine/delete/", {"word": "DELETE"})
    assert not Membership.objects.filter(user=charlie).exists()
