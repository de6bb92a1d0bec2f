"""The team and invitations: who may become what, and that somebody always owns it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from civic.accounts.models import User
from civic.audit.models import Entry
from civic.consultations.models import Consultation, Invitation, Membership
from civic.consultations.phases import Phase
from civic.consultations.services import accept_invitation, grant_role, invite, open_phase
from civic.consultations.team import invite_many, revoke_invitation, set_team_roles
from civic.errors import Conflict, ConsultationClosed, Invalid, InvitationUnusable


def test_whoever_makes_a_consultation_owns_it(consultation: Consultation, alice: User) -> None:
    """An owner is an organizer as well."""
    mine = consultation.memberships.get(user=alice)
    assert (mine.is_owner, mine.is_organizer, mine.is_participant) == (True, True, False)


def test_a_new_owner_organizes_too(consultation: Consultation, bob: User) -> None:
    """One role brings the other; the database would refuse it otherwise."""
    found = grant_role(consultation, user=bob, role="owner")
    assert (found.is_owner, found.is_organizer) == (True, True)


def test_roles_are_set_exactly(consultation: Consultation, member: Membership, alice: User) -> None:
    """What is not ticked is taken; that she takes part as a citizen stays."""
    grant_role(consultation, user=member.user, role="moderator")
    assert set_team_roles(member, roles=["analyst", "auditor"], by=alice)
    member.refresh_from_db()
    assert set(member.roles) == {"participant", "analyst", "auditor"}
    assert Entry.objects.last().action == "membership.roles_set"
    assert not set_team_roles(member, roles=["auditor", "analyst"], by=alice)
    set_team_roles(member, roles=[], by=alice)
    assert member.roles == (Membership.Role.PARTICIPANT,)


def test_the_last_owner_stays(consultation: Consultation, alice: User, bob: User) -> None:
    """She can go once somebody else owns it; an account that is gone does not count."""
    mine = consultation.memberships.get(user=alice)
    gone = Membership.objects.create(consultation=consultation, is_owner=True, is_organizer=True)
    for roles in ([], ["organizer"], ["moderator"]):
        with pytest.raises(Conflict, match="own"):
            set_team_roles(mine, roles=roles, by=alice)
    assert gone.user is None
    grant_role(consultation, user=bob, role="owner")
    assert set_team_roles(mine, roles=["organizer"], by=alice)
    mine.refresh_from_db()
    assert (mine.is_owner, mine.is_organizer) == (False, True)


def test_nobody_is_made_a_participant_by_hand(member: Membership, alice: User) -> None:
    """Taking part is each person's own act."""
    with pytest.raises(Invalid):
        set_team_roles(member, roles=["participant"], by=alice)


def test_an_invitation_that_was_taken_back_lets_nobody_in(
    consultation: Consultation, alice: User, bob: User
) -> None:
    """A used one cannot be taken back."""
    invitation, token = invite(consultation, by=alice, role="moderator")
    revoke_invitation(invitation, by=alice)
    with pytest.raises(InvitationUnusable):
        accept_invitation(token, user=bob)
    used, token = invite(consultation, by=alice, role="moderator")
    accept_invitation(token, user=bob)
    with pytest.raises(Conflict):
        revoke_invitation(used, by=alice)


def test_many_are_invited_at_once_and_each_link_works_once(
    consultation: Consultation, alice: User, bob: User, charlie: User
) -> None:
    """Every address gets its own link; neither addresses nor tokens are kept."""
    made = invite_many(consultation, by=alice, number=0, emails=["d@example.org", "e@example.org"])
    assert [message.to for message in mail.outbox] == [["d@example.org"], ["e@example.org"]]
    links = [link for link, _ in made]
    assert len(set(links)) == 2
    assert all(link in message.body for link, message in zip(links, mail.outbox, strict=True))
    rows = str(list(Invitation.objects.values()))
    assert "example.org" not in rows
    token = links[0].rstrip("/").rpartition("/")[2]
    assert token not in rows
    assert accept_invitation(token, user=bob).is_participant
    with pytest.raises(InvitationUnusable):
        accept_invitation(token, user=charlie)
    assert Entry.objects.filter(action="invitation.created_many").count() == 1


@pytest.mark.parametrize("number", [0, 1001, -1])
def test_there_is_a_bound_to_how_many(consultation: Consultation, alice: User, number: int) -> None:
    """Neither none nor thousands."""
    with pytest.raises(Invalid, match="1000"):
        invite_many(consultation, by=alice, number=number)
    assert not Invitation.objects.exists()


def test_a_closed_consultation_invites_nobody(consultation: Consultation, alice: User) -> None:
    """The phase says so."""
    open_phase(consultation, phase=Phase.CLOSED, by=alice)
    with pytest.raises(ConsultationClosed):
        invite_many(consultation, by=alice, number=3)


def test_links_end_after_thirty_days(consultation: Consultation, alice: User) -> None:
    """Each carries its own end."""
    ((_, invitation),) = invite_many(consultation, by=alice, number=1)
    left = invitation.expires_at - timezone.now()
    assert timedelta(days=29) < left <= timedelta(days=30)


def test_a_title_cannot_break_the_letter(consultation: Consultation, alice: User) -> None:
    """Line breaks in a title stay out of the mail's head."""
    consultation.title = "Robots\r\nBcc: everybody@example.org"
    invite_many(consultation, by=alice, number=0, emails=["d@example.org"])
    assert mail.outbox[0].recipients() == ["d@example.org"]
    assert "\n" not in mail.outbox[0].subject
