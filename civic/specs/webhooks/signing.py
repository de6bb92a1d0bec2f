"""Secrets and signatures of Standard Webhooks 1.0 (symmetric, v1)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

PREFIX = "whsec_"
SIZE = 32  # bytes


def new_secret() -> str:
    """A fresh secret as receivers' libraries take it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SIZE)).decode()


def signed(body: bytes, *, secret: str, message_id: str, timestamp: int) -> dict[str, str]:
    """The headers of a message: its id, when it was sent, and HMAC-SHA256 over these and the body.

    The time is signed too, so that a receiver can refuse what somebody recorded and sends again.
    """
    key = base64.b64decode(secret.removeprefix(PREFIX))
    content = f"{message_id}.{timestamp}.".encode() + body
    signature = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
    }
