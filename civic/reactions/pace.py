"""How long answering takes: one's own pace, the minutes left, the minutes spent."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from civic.consultations.models import Membership
from civic.reactions.models import Reaction

SECONDS = 15.0  # for one sentence, until a person's own answers tell better
PAUSE = 120.0  # a longer gap between two answers was spent on something else
ENOUGH = 5  # gaps from which one's own pace is told
RECENT = 30  # answers that tell it: people get quicker
LONGEST = 60  # minutes; nobody means to answer for more than an hour at once


@dataclass(frozen=True)
class Pace:
    """Seconds for one sentence; `is_own` where her own answers tell it."""

    seconds: float
    is_own: bool

    def minutes_for(self, sentences: int) -> int | None:
        """Whole minutes, 0 for less than one; None where they are more than LONGEST."""
        minutes = sentences * self.seconds / 60
        if minutes > LONGEST:
            return None
        return round(minutes) if minutes >= 1 else 0


def pace_of(moments: Sequence[datetime]) -> Pace:
    """The median gap between answers, given the moments of the latest ones in any order."""
    gaps = _gaps(moments)
    if len(gaps) < ENOUGH:
        return Pace(SECONDS, is_own=False)
    return Pace(statistics.median(gaps), is_own=True)


def minutes_spent(participant: Membership) -> int:
    """Minutes that a person spent answering; after a pause only one sentence's pace counts."""
    rows = Reaction.objects.filter(participant=participant).exclude(given_at=None)
    moments = list(rows.values_list("given_at", flat=True))
    gaps = _gaps(moments)
    after_pauses = len(moments) - len(gaps)
    return round((sum(gaps) + after_pauses * pace_of(moments).seconds) / 60)


def _gaps(moments: Sequence[datetime]) -> list[float]:
    """Seconds between neighbours, without pauses."""
    ordered = sorted(moments)
    gaps = ((later - earlier).total_seconds() for earlier, later in pairwise(ordered))
    return [gap for gap in gaps if gap <= PAUSE]
