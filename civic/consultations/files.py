"""Large inputs and results are files below MEDIA_ROOT, whole or not there at all."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings


def path_of(name: str) -> Path:
    """Where the file of this name lies; refuses names that lead out of MEDIA_ROOT."""
    root = Path(settings.MEDIA_ROOT).resolve()
    path = (root / name).resolve()
    if not path.is_relative_to(root):
        raise ValueError(f"{name!r} leads out of the folder of files")
    return path


def write(name: str, chunks: Iterable[bytes]) -> str:
    """Store a file under this name, replacing it in one step; returns the name."""
    target = path_of(name)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            for chunk in chunks:
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return name


def read(name: str) -> bytes:
    """The content of a stored file."""
    return path_of(name).read_bytes()


def remove(name: str) -> None:
    """Delete a stored file, if it is there."""
    path_of(name).unlink(missing_ok=True)


def remove_folder(name: str) -> None:
    """Delete a folder of stored files, if it is there."""
    shutil.rmtree(path_of(name), ignore_errors=True)
