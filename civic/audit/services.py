"""How an act leaves its trace."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping

import rfc8785
from django.db import models

from civic.audit.models import Entry

# Acts whose subject the public log names. Of every other act, above all of what people do for
# themselves (answer, report, join), it shows a commitment: nobody can count who looked at what.
NAMED = frozenset(
    {
        *("statement.submitted", "statement.withdrawn"),
        *("statement.accepted", "statement.rejected", "statement.waiting"),
        *("statement.hiding_proposed", "statement.hiding_overruled", "statement.hiding_taken_back"),
        *("statement.ruling_undone", "appeal.upheld", "appeal.granted"),
        *("claims.joined", "claims.kept_apart", "claim.split", "claim.placed"),
        *("pair.opposed", "pair.compatible", "pair.left_open", "theme.renamed", "theme.joined"),
        *("decision.undone", "consultation.created", "consultation.phase_opened"),
        *("consultation.replied", "consultation.deleted", "import.done", "statements.seeded"),
        *("answers.added", "answer.withdrawn"),
        *("run.requested", "run.done", "run.failed", "run.cancelled", "run.redacted"),
        *("spec.drafted", "spec.published", "spec.withdrawn", "spec.redacted"),
        "log.key_announced",
    }
)
HIDDEN = "hmac-sha256:"


def record(
    action: str,
    *,
    subject: models.Model,
    actor: str = "",
    content: Mapping[str, object] | None = None,
) -> Entry:
    """Write down one act; call it inside the act's own transaction.

    `actor` is `User.audit_key`, "" for the system. `content` (JSON values) is committed to, not
    kept. The consultation is read from the subject. The sealer puts the entry into the public log.
    """
    row_key = secrets.token_bytes(32)
    kind, identity = subject._meta.label_lower, subject_id(subject)
    return Entry.objects.create(
        action=action,
        subject_type=kind,
        subject_id=identity,
        public_id=identity if action in NAMED else hidden_id(row_key, kind, identity),
        consultation=consultation_uuid(subject),
        actor=actor,
        commitment=commitment(row_key, content or {}),
        row_key=row_key,
    )


def commitment(row_key: bytes, content: Mapping[str, object]) -> str:
    """HMAC-SHA256 of the canonical JSON of `content`, in hexadecimal."""
    return hmac.new(row_key, rfc8785.dumps(dict(content)), hashlib.sha256).hexdigest()


def hidden_id(row_key: bytes, kind: str, identity: str) -> str:
    """What stands for a subject that the public log does not name.

    Canonical JSON begins with a brace, so no commitment is one to a subject as well.
    """
    message = f"subject:{kind}:{identity}".encode()
    return HIDDEN + hmac.new(row_key, message, hashlib.sha256).hexdigest()


def subject_id(subject: models.Model) -> str:
    """The public id of a row where it has one, else its row number."""
    return str(getattr(subject, "uuid", subject.pk))


def consultation_uuid(subject: models.Model) -> object:
    """The public id of the consultation a row belongs to, None outside any."""
    owner = getattr(subject, "consultation", subject)
    return owner.uuid if owner._meta.label_lower == "consultations.consultation" else None
