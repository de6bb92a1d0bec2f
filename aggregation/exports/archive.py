"""Files in one zip archive whose bytes follow from the files alone."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

_NEVER = (1980, 1, 1, 0, 0, 0)  # the earliest moment that an archive can state
_UNIX = 3
_READABLE = 0o644 << 16


def to_zip(files: Mapping[str, bytes]) -> bytes:
    """Path -> content as an archive: sorted by path, without times.

    Stored and not compressed: compressors differ from machine to machine, bytes must not.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(path, date_time=_NEVER)
            entry.create_system, entry.external_attr = _UNIX, _READABLE
            archive.writestr(entry, files[path])
    return buffer.getvalue()
