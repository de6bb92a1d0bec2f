"""How what an analysis found becomes a list of pairs for a person to look at."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from civic.consultations.models import Consultation
from civic.curation.models import Suggestion
from civic.curation.selectors import pair_of

MOST = 300  # of each kind: more than a person reads before the next analysis
BATCH = 500


@dataclass(frozen=True)
class Found:
    """Two claims, by their keys, and what speaks for looking at them (JSON values)."""

    kind: str
    first: str
    second: str
    evidence: dict[str, object] = field(default_factory=dict)


def replace_suggestions(
    consultation: Consultation, *, run: uuid.UUID, found: Sequence[Found]
) -> None:
    """Keep what an analysis suggests, the most telling first, in place of what the last one did.

    Call it inside the transaction that ends the run. Safe to repeat: the same run leaves the same
    rows. A pair that was settled meanwhile is kept too; the decision hides it.
    """
    wanted = {key for one in found for key in (one.first, one.second)}
    claims = dict(consultation.claims.filter(key__in=wanted).values_list("key", "pk"))
    rows: dict[tuple[str, int, int], Suggestion] = {}
    counts = dict.fromkeys(Suggestion.Kind, 0)
    for one in found:
        if counts[one.kind] >= MOST or one.first not in claims or one.second not in claims:
            continue
        first, second = pair_of(claims[one.first], claims[one.second])
        if first == second or (one.kind, first, second) in rows:
            continue
        rows[one.kind, first, second] = Suggestion(
            consultation=consultation,
            kind=one.kind,
            first_id=first,
            second_id=second,
            position=counts[one.kind],
            evidence=one.evidence,
            run=run,
        )
        counts[one.kind] += 1
    consultation.suggestions.all().delete()
    Suggestion.objects.bulk_create(rows.values(), batch_size=BATCH)
