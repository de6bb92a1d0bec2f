"""Which groups' counts of a clause are shown: none of few people, and none that follows from them.

The count over everybody is public, so what is left of it beside the shown groups is known: those
hidden and the people in no group, together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

EARLIER_CELL = 5  # of documents of schema version 1.2, which do not state it


def least_cell(document: Mapping[str, Any]) -> int:
    """People below whom a document shows no count."""
    return int(document["method"].get("least_cell", EARLIER_CELL))


def shown_groups(seen: Sequence[int], *, total: int, least: int) -> list[int]:
    """Groups whose counts are shown, in their order.

    seen : answers per group; total : answers of everybody, people in no group with them; least :
        people below whom nothing is shown

    Groups below `least` are hidden. While what is left over is about fewer people than that, or is
    one hidden group and nobody else, the smallest group still shown goes as well.
    """
    shown = [group for group, n in enumerate(seen) if n >= least]
    outside = total - sum(seen)
    while shown:
        hidden = len(seen) - len(shown)
        left_over = total - sum(seen[group] for group in shown)
        is_alone = hidden == 1 and outside == 0
        if not (is_alone or 0 < left_over < least):
            break
        shown.remove(min(shown, key=lambda group: (seen[group], group)))
    return shown
