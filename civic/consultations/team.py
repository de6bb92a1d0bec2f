"""Acts on a consultation's team, and on invitations to it."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence

from django.core.mail import get_connection
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from civic.accounts.models import User
from civic.audit.services import record
from civic.consultations.letters import letter, link_of
from civic.consultations.models import Consultation, Invitation, Membership, token_digest
from civic.consultations.phases import Act
from civic.consultations.services import INVITATION_LIFE
from civic.errors import Conflict, Invalid

Role = Membership.Role
TEAM_ROLES = (Role.MODERATOR, Role.ANALYST, Role.AUDITOR, Role.ORGANIZER, Role.OWNER)
MOST_AT_ONCE = 1000


@transaction.atomic
def set_team_roles(membership: Membership, *, roles: Collection[str], by: User) -> bool:
    """Give a member exactly these roles in the team; none takes her out. Says whether it changed.

    Whether she takes part as a citizen stays as it is. Raises Conflict where nobody would own the
    consultation any more.
    """
    if not set(roles) <= set(TEAM_ROLES):
        raise Invalid(_("Choose roles of the team."))
    wanted = set(roles) | ({Role.ORGANIZER.value} if Role.OWNER in roles else set())
    consultation = Consultation.objects.select_for_update().get(pk=membership.consultation_id)
    membership.refresh_from_db()
    others = consultation.memberships.filter(is_owner=True).exclude(pk=membership.pk)
    if membership.is_owner and Role.OWNER not in wanted and not others.exclude(user=None).exists():
        raise Conflict(_("Nobody would own the consultation: name another owner first."))
    before = set(membership.roles) & set(TEAM_ROLES)
    if before == wanted:
        return False
    for role in TEAM_ROLES:
        setattr(membership, f"is_{role}", role in wanted)
    membership.save(update_fields=[f"is_{role}" for role in TEAM_ROLES])
    content = {"roles": sorted(wanted), "before": sorted(before)}
    record("membership.roles_set", subject=membership, actor=by.audit_key, content=content)
    return True


@transaction.atomic
def revoke_invitation(invitation: Invitation, *, by: User) -> None:
    """Make an invitation that nobody used worthless."""
    if not Invitation.objects.filter(pk=invitation.pk, accepted_at=None).exists():
        raise Conflict(_("This invitation was used already."))
    record("invitation.revoked", subject=invitation, actor=by.audit_key)
    invitation.delete()


@transaction.atomic
def invite_many(
    consultation: Consultation, *, by: User, number: int, emails: Sequence[str] = ()
) -> list[tuple[str, Invitation]]:
    """Make single-use invitations for participants; mail one to each address, where there are any.

    Returns their links, which are kept nowhere. With `emails`, `number` is their number.
    """
    consultation.require_open(Act.INVITE)
    number = len(emails) or number
    if not 1 <= number <= MOST_AT_ONCE:
        raise Invalid(_("Invite 1 to %(most)s people at once.") % {"most": MOST_AT_ONCE})
    tokens = [secrets.token_urlsafe(24) for _each in range(number)]
    now = timezone.now()
    made = Invitation.objects.bulk_create(
        Invitation(
            consultation=consultation,
            role=Role.PARTICIPANT,
            token_digest=token_digest(token),
            created_at=now,
            expires_at=now + INVITATION_LIFE,
        )
        for token in tokens
    )
    content = {"role": Role.PARTICIPANT.value, "number": number}
    record("invitation.created_many", subject=consultation, actor=by.audit_key, content=content)
    letters = [
        letter(one, token=token, to=email)
        for one, token, email in zip(made, tokens, emails, strict=False)
    ]
    if letters:
        get_connection().send_messages(letters)
    links = [link_of(token) for token in tokens]
    return list(zip(links, made, strict=True))
