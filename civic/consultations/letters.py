"""The message that brings an invitation."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from civic.consultations.models import Invitation, Membership


def link_of(token: str) -> str:
    """The address that uses an invitation."""
    return f"{settings.SITE_URL}/invitations/{token}/"


def letter(invitation: Invitation, *, token: str, to: str) -> EmailMessage:
    """What is sent: the question, what for, the link and how long it works."""
    consultation = invitation.consultation
    title = " ".join(consultation.title.split())
    if invitation.role == Membership.Role.PARTICIPANT:
        asked = _("Open this address to take part.")
    else:
        role = Membership.Role(invitation.role).label
        asked = _("Open this address to join the team. Your role: %(role)s.") % {"role": role}
    lines = (
        _("You are invited to “%(title)s”.") % {"title": title},
        consultation.question,
        asked,
        _("It works once, until %(day)s:") % {"day": date_format(invitation.expires_at)},
        link_of(token),
    )
    body = "\n\n".join(line for line in lines if line.strip()) + "\n"
    return EmailMessage(_("Invitation: %(title)s") % {"title": title}, body, None, [to])
