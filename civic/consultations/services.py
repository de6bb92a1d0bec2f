"""Acts on a consultation and its membership."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from civic.accounts.models import User
from civic.audit.services import record
from civic.consultations.letters import letter
from civic.consultations.models import Consultation, Invitation, Membership, token_digest
from civic.consultations.phases import Act, Phase
from civic.errors import Conflict, Forbidden, Invalid, InvitationUnusable
from civic.texts import fit_line

INVITATION_LIFE = timedelta(days=30)
MAX_TITLE = 200  # characters
TAKEN = frozenset({"new"})  # the address under which a consultation is made


@transaction.atomic
def create_consultation(
    *, title: str, slug: str, by: User | None = None, **fields: object
) -> Consultation:
    """Make a draft; whoever makes it is its owner.

    `fields` are further columns of Consultation. Raises Conflict where the slug is taken.
    """
    title = fitting_title(title)
    if slug in TAKEN or Consultation.objects.filter(slug=slug).exists():
        raise Conflict(_("The address “%(slug)s” is taken; choose another.") % {"slug": slug})
    consultation = Consultation.objects.create(title=title, slug=slug, created_by=by, **fields)
    if by is not None:
        Membership.objects.create(
            consultation=consultation, user=by, is_organizer=True, is_owner=True
        )
    actor = by.audit_key if by else ""
    record("consultation.created", subject=consultation, actor=actor, content={"title": title})
    return consultation


def free_address(wanted: str) -> str:
    """This address, or where it is taken the first one with a number behind it."""
    alike = Consultation.objects.filter(slug__startswith=wanted[:70])
    taken = {*TAKEN, *alike.values_list("slug", flat=True)}
    numbered = (f"{wanted[:70]}-{number}" for number in itertools.count(2))
    return next(one for one in itertools.chain((wanted,), numbered) if one not in taken)


def fitting_title(title: str) -> str:
    """The title as it is kept, on one line; raises Invalid with the rule that it breaks."""
    if not title.strip():
        raise Invalid(_("A consultation needs a title."))
    return fit_line(title, most=MAX_TITLE)


@transaction.atomic
def open_phase(consultation: Consultation, *, phase: str, by: User | None = None) -> Consultation:
    """Move the consultation to another phase (a value of `phases.Phase`), once."""
    if phase not in Phase.values:
        raise Invalid(_("There is no phase “%(phase)s”.") % {"phase": phase})
    held = Consultation.objects.select_for_update()
    consultation.refresh_from_db(fields=["phase"], from_queryset=held)
    if consultation.phase == phase:
        return consultation
    consultation.phase = phase
    consultation.save(update_fields=["phase"])
    actor = by.audit_key if by else ""
    record("consultation.phase_opened", subject=consultation, actor=actor, content={"phase": phase})
    return consultation


@transaction.atomic
def join(
    consultation: Consultation, *, user: User, strata: Mapping[str, str] | None = None
) -> Membership:
    """Let a person take part in a public consultation; joining twice changes nothing.

    Whoever was invited is in already, and says here that she understood what it means. `strata`
    are her answers about herself. Guests come in where no sign-in is asked for.
    """
    mine = consultation.memberships.filter(user=user, is_participant=True).first()
    if mine is None:
        if consultation.access == Consultation.Access.INVITE:
            raise Forbidden(_("This consultation is by invitation; ask its organizer for one."))
        if consultation.access == Consultation.Access.OPEN and user.is_guest:
            raise Forbidden(_("This consultation asks for an e-mail address; give one first."))
        consultation.require_open(Act.JOIN)
        mine = grant_role(consultation, user=user, role=Membership.Role.PARTICIPANT)
    waiting = Membership.objects.filter(pk=mine.pk, consented_at=None)
    if waiting.update(consented_at=timezone.now(), strata=dict(strata or {})):
        record("membership.consented", subject=mine, actor=user.audit_key)
    mine.refresh_from_db(fields=["consented_at", "strata"])
    return mine


@transaction.atomic
def describe(membership: Membership, *, strata: Mapping[str, str]) -> None:
    """Keep what a participant says about herself; what she leaves out is forgotten."""
    membership.strata = dict(strata)
    membership.save(update_fields=["strata"])
    actor = membership.audit_key
    record("membership.described", subject=membership, actor=actor)


@transaction.atomic
def grant_role(
    consultation: Consultation, *, user: User, role: str, by: User | None = None
) -> Membership:
    """Add a role to a person's membership, making the membership where there is none.

    Raises Conflict for a citizen whose answers count already, from a part that she had deleted.
    """
    is_citizen = role == Membership.Role.PARTICIPANT
    if is_citizen and consultation.departures.filter(user=user).exists():
        raise Conflict(
            _(
                "You had your part here deleted, and your answers stayed in the counts without "
                "your name. So that nobody counts twice, you cannot take part again."
            )
        )
    flags = {f"is_{Membership.Role(role)}"}
    if role == Membership.Role.OWNER:
        flags.add("is_organizer")
    membership, _is_new = Membership.objects.get_or_create(consultation=consultation, user=user)
    missing = sorted(flag for flag in flags if not getattr(membership, flag))
    if missing:
        for flag in missing:
            setattr(membership, flag, True)
        membership.save(update_fields=missing)
        actor = (by or user).audit_key
        # A citizen who comes in by herself does it as one; whoever is given an office shows.
        action = "membership.joined" if is_citizen and by is None else "membership.granted"
        record(action, subject=membership, actor=actor, content={"role": role})
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
        letter(invitation, token=token, to=email).send()
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
