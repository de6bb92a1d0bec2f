"""How an act leaves its trace."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping

import rfc8785
from django.db import models

from civic.audit.models import Entry


def record(
    action: str,
    *,
    subject: models.Model,
    actor: str = "",
    content: Mapping[str, object] | None = None,
) -> Entry:
    """Write down one act; call it inside the act's own transaction.

    `actor` is `User.audit_key`, "" for the system. `content` (JSON values) is committed to, not
    kept. The consultation is read from the subject.
    """
    row_key = secrets.token_bytes(32)
    return Entry.objects.create(
        action=action,
        subject_type=subject._meta.label_lower,
        subject_id=subject_id(subject),
        consultation=consultation_uuid(subject),
        actor=actor,
        commitment=commitment(row_key, content or {}),
        row_key=row_key,
    )


def commitment(row_key: bytes, content: Mapping[str, object]) -> str:
    """HMAC-SHA256 of the canonical JSON of `content`, in hexadecimal."""
    return hmac.new(row_key, rfc8785.dumps(dict(content)), hashlib.sha256).hexdigest()


def subject_id(subject: models.Model) -> str:
    """The public id of a row where it has one, else its row number."""
    return str(getattr(subject, "uuid", subject.pk))


def consultation_uuid(subject: models.Model) -> object:
    """The public id of the consultation a row belongs to, None outside any."""
    owner = getattr(subject, "consultation", subject)
    return owner.uuid if owner._meta.label_lower == "consultations.consultation" else None
