"""Phases, membership, invitations."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from civic.accounts.models import User
from civic.audit.models import Entry
from civic.consultations.models import Consultation, Invitation, Membership
from civic.consultations.phases import OPEN_ACTS, Act, Phase
from civic.consultations.selectors import organized_consultations, visible_consultations
from civic.consultations.services import (
    accept_invitation,
    create_consultation,
    invite,
    join,
    open_phase,
)
from civic.errors import Conflict, ConsultationClosed, Forbidden, Invalid, InvitationUnusable
from civic.statements.services import submit_statement


def test_every_phase_says_what_is_open() -> None:
    """The table has a row for each phase and no act that does not exist."""
    assert set(OPEN_ACTS) == set(Phase)
    assert set().union(*OPEN_ACTS.values()) <= set(Act)
    assert [phase for phase in Phase if Act.IMPORT not in OPEN_ACTS[phase]] == [
        Phase.PUBLISHED,
        Phase.CLOSED,
    ]


def test_statements_are_taken_in_the_collecting_phase_only(
    consultation: Consultation, member: Membership, alice: User
) -> None:
    """Outside it a citizen hears which phase it is."""
    open_phase(consultation, phase=Phase.REACT, by=alice)
    member.consultation.refresh_from_db()
    with pytest.raises(ConsultationClosed, match="Reacting to statements"):
        submit_statement(author=member, text="AI should be kind.")


def test_a_slug_belongs_to_one_consultation(consultation: Consultation) -> None:
    """Two consultations never share an address."""
    with pytest.raises(Conflict, match="“ai”"):
        create_consultation(title="Another", slug=consultation.slug)
    with pytest.raises(Conflict, match="“new”"):  # where consultations are made
        create_consultation(title="New", slug="new")


def test_a_phase_that_does_not_exist_is_refused(consultation: Consultation) -> None:
    """Only the phases of the table can be opened."""
    with pytest.raises(Invalid, match="voting"):
        open_phase(consultation, phase="voting")


def test_joining_twice_makes_one_member(consultation: Consultation, bob: User) -> None:
    """A second click changes nothing."""
    assert join(consultation, user=bob).pk == join(consultation, user=bob).pk
    assert consultation.memberships.filter(user=bob).count() == 1


def test_nobody_joins_an_invited_circle_without_invitation(
    consultation: Consultation, bob: User
) -> None:
    """A link to the page is no way in."""
    consultation.access = Consultation.Access.INVITE
    with pytest.raises(Forbidden, match="invitation"):
        join(consultation, user=bob)


def test_an_invitation_works_once(
    consultation: Consultation, alice: User, bob: User, charlie: User
) -> None:
    """Of two people with the same link, the second is turned away."""
    _, token = invite(consultation, by=alice, role="moderator")
    membership = accept_invitation(token, user=bob)
    assert membership.roles == (Membership.Role.MODERATOR,)
    with pytest.raises(InvitationUnusable):
        accept_invitation(token, user=charlie)
    assert not consultation.memberships.filter(user=charlie).exists()


def test_an_invitation_expires(consultation: Consultation, alice: User, bob: User) -> None:
    """After its time it lets nobody in."""
    invitation, token = invite(consultation, by=alice, role="participant")
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now() - timedelta(1))
    with pytest.raises(InvitationUnusable):
        accept_invitation(token, user=bob)


def test_an_invitation_is_mailed_and_its_token_not_kept(
    consultation: Consultation, alice: User
) -> None:
    """The address gets the link; the database holds neither address nor token."""
    invitation, token = invite(consultation, by=alice, role="participant", email="dora@example.org")
    assert token in mail.outbox[0].body
    row = Invitation.objects.filter(pk=invitation.pk).values().get()
    assert "dora" not in str(row)
    assert token not in str(row)


def test_each_person_sees_public_and_own_consultations(
    consultation: Consultation, alice: User, charlie: User
) -> None:
    """A draft is listed for its organizer alone."""
    draft = create_consultation(title="Draft", slug="draft", by=alice)
    assert set(visible_consultations(charlie)) == {consultation}
    assert set(visible_consultations(None)) == {consultation}
    assert set(visible_consultations(alice)) == {consultation, draft}
    assert set(organized_consultations(charlie)) == set()


def test_the_record_can_neither_be_changed_nor_deleted(consultation: Consultation) -> None:
    """What was done stays done."""
    entry = Entry.objects.filter(action="consultation.created").get()
    assert entry.consultation == consultation.uuid
    with pytest.raises(TypeError):
        entry.delete()
    with pytest.raises(TypeError):
        entry.save()
    with pytest.raises(TypeError):
        Entry.objects.all().delete()
    with pytest.raises(TypeError):
        Entry.objects.update(actor="")
