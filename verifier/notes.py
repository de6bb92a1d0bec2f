"""Who said it: keys, signed notes, checkpoints."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from verifier.reading import Fault, decoded, parsed

ED25519 = 1
KEY_NAMES = ["announcement", "fingerprint", "key"]


@dataclass(frozen=True)
class Key:
    """A public key with the name it signs under."""

    name: str
    id: bytes
    public: bytes

    @classmethod
    def read(cls, line: str) -> Key:
        """A verifier key: name+id+base64."""
        name, key_id, encoded = [*line.strip().split("+", 2), "", ""][:3]
        held = decoded(encoded, f"key {line!r}")
        algorithm, public = held[0], held[1:]
        digest = hashlib.sha256(name.encode() + b"\n" + bytes([algorithm]) + public).digest()
        if algorithm != ED25519 or len(public) != 32 or key_id != digest[:4].hex():
            raise Fault(f"key {line!r}: its id does not belong to it")
        return cls(name, digest[:4], public)

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.public).hexdigest()

    @property
    def line(self) -> str:
        """As it is read."""
        encoded = base64.b64encode(bytes([ED25519]) + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{encoded}"


@dataclass(frozen=True)
class Note:
    """A text and who signed it."""

    source: str
    text: str
    signatures: tuple[tuple[str, bytes], ...]

    @classmethod
    def read(cls, source: str, content: str) -> Note:
        text, gap, below = content.rpartition("\n\n")
        lines = [re.fullmatch(r"— (\S+) (\S+)", line) for line in below.split("\n")[:-1]]
        if not gap or not lines or None in lines or not below.endswith("\n"):
            raise Fault(f"{source}: it is not a signed note")
        return cls(source, text + "\n", tuple((m[1], decoded(m[2], source)) for m in lines if m))

    def signer(self, keys: Sequence[Key]) -> Key:
        """The known key that signed it; a signature of a known key that does not fit is a fault."""
        for name, signature in self.signatures:
            for key in keys:
                if (name, signature[:4]) == (key.name, key.id):
                    try:
                        public = Ed25519PublicKey.from_public_bytes(key.public)
                        public.verify(signature[4:], self.text.encode())
                    except InvalidSignature:
                        raise Fault(f"{self.source}: the signature does not fit its text") from None
                    return key
        raise Fault(f"{self.source}: no known key has signed it")


@dataclass(frozen=True)
class Checkpoint:
    """What a log says of itself."""

    source: str
    size: int
    root: bytes
    key: Key

    @classmethod
    def read(cls, source: str, content: str, keys: Sequence[Key]) -> Checkpoint:
        note = Note.read(source, content)
        key = note.signer(keys)
        lines = note.text.splitlines()
        if len(lines) < 3 or lines[0] != key.name:
            raise Fault(f"{source}: it is not a checkpoint of the log {key.name}")
        if not re.fullmatch(r"[1-9][0-9]{0,17}", lines[1]) or len(decoded(lines[2], source)) != 32:
            raise Fault(f"{source}: its size or its root cannot be read")
        return cls(source, int(lines[1]), decoded(lines[2], source), key)


def read_keys(source: str, content: str, *, trusted: str | None) -> list[Key]:
    """Every key of the log, each but the first vouched for by one before it."""
    held = parsed(source, content)
    rows = held.get("results") if isinstance(held, dict) else held
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise Fault(f"{source}: it lists no keys")
    keys: list[Key] = []
    for number, row in enumerate(rows, start=1):
        key, said = Key.read(str(row.get("key"))), row.get("announcement")
        where = f"{source}, key {number}"
        if not keys:
            if trusted and trusted.strip() != row["key"]:
                raise Fault(f"{where}: the log's first key is not the one you gave")
            if said is not None:
                raise Fault(f"{where}: nobody can announce the first key")
        else:
            note = Note.read(f"{where}, announcement", str(said))
            note.signer(keys)
            if note.text != f"{keys[0].name}/key\n{row['key']}\n":
                raise Fault(f"{where}: its announcement is about something else")
        if sorted(row) != KEY_NAMES or row["fingerprint"] != key.fingerprint:
            raise Fault(f"{where}: it is not made of {', '.join(KEY_NAMES)}, or not of its own")
        keys.append(key)
    return keys
