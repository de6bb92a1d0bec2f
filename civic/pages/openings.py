"""What a person's lines in the public log commit to, as far as it is still known."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from civic.audit import selectors
from civic.audit.models import Entry
from civic.audit.services import commitment
from civic.consultations.models import Membership

Content = dict[str, Any]


def contents_of(membership: Membership) -> dict[str, list[Content]]:
    """What she may have done with each thing, by the thing's id: her texts and her answers."""
    found: dict[str, list[Content]] = {}
    for uuid, text in membership.statements.values_list("uuid", "text"):
        found.setdefault(str(uuid), []).append({"text": text})
    columns = ("claim__uuid", "claim__key", "value", "importance", "condition")
    for uuid, key, value, importance, condition in membership.reactions.values_list(*columns):
        content: Content = {"claim": key, "value": value, "importance": importance}
        if condition:
            content["condition"] = condition
        found.setdefault(str(uuid), []).append(content)
    judged = membership.judgements.values_list("answer__uuid", "answer__key", "value")
    for uuid, key, value in judged:
        found.setdefault(str(uuid), []).append({"answer": key, "value": value})
    return found


def receipts_of(
    entries: Iterable[Entry], contents: dict[str, list[Content]]
) -> dict[int, dict[str, Any]]:
    """The receipt of each entry, by its primary key, with the content that it commits to."""
    rows = list(entries)
    inclusions = selectors.inclusion_of(rows)
    return {
        one.pk: selectors.receipt_from(
            one, inclusions[one.pk], content=_committed(one, contents.get(one.subject_id, []))
        )
        for one in rows
    }


def _committed(entry: Entry, contents: list[Content]) -> Content | None:
    if entry.row_key is None:
        return None
    key = bytes(entry.row_key)
    return next((one for one in contents if commitment(key, one) == entry.commitment), None)
