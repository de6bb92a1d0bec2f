"""What every check reads, and the one way in which it fails."""

from __future__ import annotations

import base64
import binascii
import json
import re
from pathlib import Path
from typing import Any


class Fault(Exception):
    """The first thing that does not hold."""


def decoded(encoded: str, source: str) -> bytes:
    """Bytes in base64, written in the one canonical way."""
    try:
        found = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if not found or base64.b64encode(found).decode() != encoded:
        raise Fault(f"{source}: {encoded!r} is not base64")
    return found


def hashes_of(value: Any, where: str) -> list[bytes]:
    if not isinstance(value, list) or not all(
        isinstance(one, str) and re.fullmatch(r"[0-9a-f]{64}", one) for one in value
    ):
        raise Fault(f"{where}: it is not a list of hashes")
    return [bytes.fromhex(one) for one in value]


def parsed(where: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Fault(f"{where}: it is not JSON ({error})") from None


def text_of(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise Fault(f"{path.name}: it cannot be read ({error})") from None
