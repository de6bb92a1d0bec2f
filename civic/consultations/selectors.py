"""What pages ask about consultations."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from civic.consultations.models import Consultation, Invitation, Membership, token_digest
from civic.consultations.phases import Phase


def visible_consultations(user: Any) -> QuerySet[Consultation]:
    """Public ones and the user's own."""
    public = ~Q(access=Consultation.Access.INVITE) & ~Q(phase=Phase.DRAFT)
    if user is None or not user.is_authenticated:
        return Consultation.objects.filter(public)
    mine = Membership.objects.filter(user=user).values("consultation")
    return Consultation.objects.filter(public | Q(pk__in=mine))


def organized_consultations(user: Any) -> QuerySet[Consultation]:
    """Those in whose team the user is, with whatever role."""
    mine = Membership.objects.filter(user=user).filter(team())
    return Consultation.objects.filter(pk__in=mine.values("consultation"))


def team() -> Q:
    """The condition on a membership that it is one of the team's."""
    return Q(is_organizer=True) | Q(is_moderator=True) | Q(is_auditor=True) | Q(is_analyst=True)


def invitation_for(token: str) -> Invitation | None:
    """The invitation behind a token, usable or not."""
    digest = token_digest(token)
    return Invitation.objects.select_related("consultation").filter(token_digest=digest).first()
