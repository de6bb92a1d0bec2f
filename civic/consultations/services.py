"""Acts on a consultation and its membership."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone

from civic.accounts.models import User
from civic.audit.services import record
from civic.consultations.models import Consultation, Invitation, Membership, token_digest
from civic.consultations.phases import Act, Phase
from civic.errors import Conflict, Forbidden, Invalid, InvitationUnusable

INVITATION_LIFE = timedelta(days=30)


@transaction.atomic
def create_consultation(
    *, title: str, slug: str, by: User | None = None, **fields: object
) -> Consultation:
    """Make a draft; whoever makes it is its owner.

    `fields` are further columns of Consultation. Raises Conflict where the slug is taken.
    """
    if not title.strip():
        raise Invalid("A consultation needs a title.")
    if Consultation.objects.filter(slug=slug).exists():
        raise Conflict(f"The address “{slug}” is taken; choose another.")
    consultation = Consultation.objects.create(title=title, slug=slug, created_by=by, **fields)
    if by is not None:
        Membership.objects.create(
            consultation=consultation, user=by, is_organizer=True, is_owner=True
        )
    actor = by.audit_key if by else ""
    record("consultation.created", subject=consultation, actor=actor, content={"title": title})
    return consultation


@transaction.atomic
def open_phase(consultation: Consultation, *, phase: str, by: User | None = None) -> Consultation:
    """Move the consultation to another phase (a value of `phases.Phase`)."""
    if phase not in Phase.values:
        raise Invalid(f"There is no phase “{phase}”.")
    consultation.phase = phase
    consultation.save(update_fields=["phase"])
    actor = by.audit_key if by else ""
    record("consultation.phase_opened", subject=consultation, actor=actor, content={"phase": phase})
    return consultation


@transaction.atomic
def join(consultation: Consultation, *, user: User) -> Membership:
    """Let a signed-in person take part in an open consultation; joining twice changes nothing."""
    if consultation.access != Consultation.Access.OPEN:
        raise Forbidden("This consultation is by invitation; ask its organizer for one.")
    consultation.require_open(Act.JOIN)
    return grant_role(consultation, user=user, role=Membership.Role.PARTICIPANT)


@transaction.atomic
def grant_role(
    consultation: Consultation, *, user: User, role: str, by: User | None = None
) -> Membership:
    """Add a role to a person's membership, making the membership where there is none."""
    flags = {f"is_{Membership.Role(role)}"}
    if role == Membership.Role.OWNER:
        flags.add("is_organizer")
    membership, _ = Membership.objects.get_or_create(consultation=consultation, user=user)
    missing = sorted(flag for flag in flags if not getattr(membership, flag))
    if missing:
        for flag in missing:
            setattr(membership, flag, True)
        membership.save(update_fields=missing)
        actor = (by or user).audit_key
        record("membership.granted", subject=membership, actor=actor, content={"role": role})
    return membership


@transaction.atomic
def invite(
    consultation: Consultation, *, by: User, role: str, email: str = ""
) -> tuple[Invitation, str]:
    """Make a single-use invitation, mail its link where an address is given, return its token.

    The address is not kept, and of the token only its digest.
    """
    consultation.require_open(Act.INVITE)
    token = secrets.token_urlsafe(24)
    invitation = Invitation.objects.create(
        consultation=consultation,
        role=Membership.Role(role),
        token_digest=token_digest(token),
        expires_at=timezone.now() + INVITATION_LIFE,
    )
    record("invitation.created", subject=invitation, actor=by.audit_key, content={"role": role})
    if email:
        body = (
            f"You are invited to “{consultation.title}”.\n\n{consultation.question}\n\n"
            f"Open this address to take part (it works once, until "
            f"{invitation.expires_at:%d %B %Y}):\n{settings.SITE_URL}/invitations/{token}/\n"
        )
        send_mail(f"Invitation: {consultation.title}", body, None, [email])
    return invitation, token


@transaction.atomic
def accept_invitation(token: str, *, user: User) -> Membership:
    """Use an invitation up. Raises InvitationUnusable where it is unknown, expired or used."""
    now = timezone.now()
    usable = Invitation.objects.filter(
        token_digest=token_digest(token), accepted_at=None, expires_at__gt=now
    )
    # The conditional update decides a race: of two people with one link, one gets in.
    if not usable.update(accepted_at=now):
        raise InvitationUnusable
    invitation = Invitation.objects.select_related("consultation").get(
        token_digest=token_digest(token)
    )
    record("invitation.accepted", subject=invitation, actor=user.audit_key)
    return grant_role(invitation.consultation, user=user, role=invitation.role)
