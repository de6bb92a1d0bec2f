"""Signed notes as C2SP describes them: a text, and lines that say who signed it.

Whoever has the public key checks them with any tool for such notes, without ours.
"""

from __future__ import annotations

import base64
import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ED25519 = b"\1"  # the algorithm's number in key ids and in verifier keys
MARK = "— "


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    """The 32 bytes of the public half."""
    return key.public_key().public_bytes_raw()


def key_id(name: str, public: bytes) -> bytes:
    """The four bytes by which a signature names its key."""
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


def verifier_key(name: str, public: bytes) -> str:
    """The public key as one line of text: name, key id, algorithm and key."""
    encoded = base64.b64encode(ED25519 + public).decode()
    return f"{name}+{key_id(name, public).hex()}+{encoded}"


def sign(text: str, *, name: str, key: Ed25519PrivateKey) -> str:
    """The text with one signature under it. Ed25519: the same text gives the same bytes."""
    if not text.endswith("\n") or "\n\n" in text:
        raise ValueError("a note ends with a newline and holds no empty line")
    signature = key_id(name, public_bytes(key)) + key.sign(text.encode())
    return f"{text}\n{MARK}{name} {base64.b64encode(signature).decode()}\n"


def checkpoint_text(origin: str, *, size: int, root: bytes) -> str:
    """The body of a checkpoint: which log, how many leaves, their root."""
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
