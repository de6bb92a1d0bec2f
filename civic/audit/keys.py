"""The keys that sign: where the private half comes from, which are known, how one follows another.

The private half stays outside the database. A key that was never announced signs nothing: whoever
slips another key under the platform gets an error, and no checkpoint.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import logging
import os
import secrets
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils import timezone

from civic.audit import notes
from civic.audit.models import Key, Log
from civic.audit.services import record

logger = logging.getLogger(__name__)
ANNOUNCED = "log.key_announced"
FORMAT = "an Ed25519 private key: PEM, or its 32 bytes in base64"


class KeyNotAnnounced(Exception):
    """The configured key is not the one that the log has announced: nothing is signed with it."""


def signing_key() -> Ed25519PrivateKey:
    """The private key of the settings. On a machine of one's own it is made when first asked for.

    Raises ImproperlyConfigured naming the variable at fault.
    """
    if settings.LOG_KEY:
        return parse(settings.LOG_KEY, source="CONCORDANCE_LOG_KEY")
    file = Path(settings.LOG_KEY_FILE)
    if not file.exists() and settings.MAKES_LOG_KEY:
        make(file)
    try:
        text = file.read_text()
    except OSError as error:
        raise ImproperlyConfigured(f"CONCORDANCE_LOG_KEY_FILE cannot be read: {error}") from error
    return parse(text, source="CONCORDANCE_LOG_KEY_FILE")


def parse(text: str, *, source: str) -> Ed25519PrivateKey:
    """The key in this text; `source` names the variable that it came from."""
    try:
        if text.lstrip().startswith("-----BEGIN"):
            key = serialization.load_pem_private_key(text.strip().encode(), password=None)
        else:
            seed = base64.b64decode(text.strip(), validate=True)
            key = Ed25519PrivateKey.from_private_bytes(seed)
    except (ValueError, TypeError, binascii.Error, UnsupportedAlgorithm):
        raise ImproperlyConfigured(f"{source} must hold {FORMAT}") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise ImproperlyConfigured(f"{source} must hold {FORMAT}")
    return key


def make(file: Path) -> None:
    """Write a new private key, readable by its owner alone; a file that is there stays."""
    part = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(pem)
        os.fsync(out.fileno())
    with contextlib.suppress(FileExistsError):  # Another process was faster: one wins.
        file.hardlink_to(part)
    part.unlink()


def fingerprint(public: bytes) -> str:
    """SHA-256 of the public half, by which the log names a key."""
    return hashlib.sha256(public).hexdigest()


def named(key: Ed25519PrivateKey) -> str:
    """The first digits of a key's fingerprint, for the name of a file."""
    return fingerprint(notes.public_bytes(key))[:8]


def admitted(key: Ed25519PrivateKey, *, log: Log) -> Key:
    """The row of a key that may sign now. The very first one announces itself.

    Raises KeyNotAnnounced for any other that is not known, and for one that another has replaced.
    """
    public = notes.public_bytes(key)
    row = Key.objects.filter(pk=fingerprint(public)).first()
    if row is None:
        if Key.objects.exclude(pk=fingerprint(public)).exists():
            raise KeyNotAnnounced(
                f"The key {notes.verifier_key(log.origin, public)} was never announced in this "
                "log. Configure the key before it, and run `manage.py rotate_log_key`."
            )
        return announce(public, log=log)
    if Key.objects.filter(at__gt=row.at, checkpoints__isnull=False).exists():
        raise KeyNotAnnounced(
            f"The key {notes.verifier_key(log.origin, public)} was replaced: a newer one has "
            "signed since. Configure that one, or rotate to another with `rotate_log_key`."
        )
    return row


def signed(text: str) -> str | None:
    """A note over this text (its first line names what is signed), signed with the log's key.

    None while the log has no key, or where the one configured here may not sign: whoever asks gets
    her answer without a signature.
    """
    log = Log.objects.first()
    if log is None or not Key.objects.exists():
        return None
    try:
        key = signing_key()
        admitted(key, log=log)
    except (ImproperlyConfigured, KeyNotAnnounced) as error:
        logger.warning("Nothing is signed: %s", error)
        return None
    return notes.sign(f"{log.origin}/{text}", name=log.origin, key=key)


@transaction.atomic
def announce(public: bytes, *, log: Log, under: Ed25519PrivateKey | None = None) -> Key:
    """Make a key known: a row, an entry of the log, and a note signed by the key before it.

    Announcing the same key twice changes nothing.
    """
    Log.objects.select_for_update().get(pk=log.pk)
    known = Key.objects.filter(pk=fingerprint(public)).first()
    if known is not None:
        return known
    verifier = notes.verifier_key(log.origin, public)
    text = f"{log.origin}/key\n{verifier}\n"
    key = Key.objects.create(
        fingerprint=fingerprint(public),
        public=public,
        announcement=notes.sign(text, name=log.origin, key=under) if under else "",
        at=timezone.now(),
    )
    record(ANNOUNCED, subject=key, content={"key": verifier})
    return key
