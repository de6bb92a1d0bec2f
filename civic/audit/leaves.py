"""What the public log holds of an act: canonical JSON of five strings, without who did it.

RFC 8785 with nothing but strings is what the standard encoder writes once the names are sorted,
ten times as fast; a test holds the two together.
"""

from __future__ import annotations

import functools
import uuid
from json.encoder import encode_basestring as quoted
from typing import Any

from django.db.models import CharField, Func, QuerySet, TextField
from django.db.models.functions import Cast

from civic.audit.models import Entry


def leaf_bytes(
    action: str, consultation: str | None, public_id: str, commitment: str, day: str
) -> bytes:
    """The leaf of an entry; the day as year-month-day, in UTC."""
    place = "null" if consultation is None else f'"{_dashed(consultation)}"'
    return (
        f'{{"commit":{quoted(commitment)},"consultation":{place},"day":"{day}",'
        f'"object":{quoted(public_id)},"type":{quoted(action)}}}'
    ).encode()


@functools.lru_cache(maxsize=1024)
def _dashed(consultation: str) -> str:
    """A UUID as everywhere else: databases without the type keep it without dashes."""
    return str(uuid.UUID(consultation))


def leaf_of(entry: Entry) -> bytes:
    """What the log holds of this entry, sealed or not."""
    place = None if entry.consultation is None else str(entry.consultation)
    day = entry.at.date().isoformat()
    return leaf_bytes(entry.action, place, entry.public_id, entry.commitment, day)


class _Day(Func):
    """The day of a moment in UTC, as text. SQLite keeps moments as text that begins with it."""

    template = "substr(%(expressions)s, 1, 10)"
    output_field = CharField()

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        template = "to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD')"
        return self.as_sql(compiler, connection, template=template)


def rows_of(entries: QuerySet[Entry], *, key: str) -> QuerySet[Entry, tuple]:
    """For each entry `key` (a column) and the arguments of `leaf_bytes`.

    Read as text: a million dates and UUIDs made only to be written again cost half of sealing.
    """
    return entries.values_list(
        key,
        "action",
        Cast("consultation", TextField()),
        "public_id",
        "commitment",
        _Day("at"),
    )
