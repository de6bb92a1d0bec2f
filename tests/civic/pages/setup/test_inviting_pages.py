"""Whom organizers ask in: participants by link and by mail, and the team."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client
from django.urls import reverse

from civic.accounts.models import User
from civic.consultations.models import Consultation, Invitation
from civic.consultations.services import grant_role

SignIn = Callable[[User | None], Client]


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
