"""What the version before held, so that clauses and groups do not come and go without cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from aggregation.opinion import Groups
from aggregation.spec import Document
from aggregation.tiers import Strength
from aggregation.types import Claim, IntArray, Status, Tier

_STRENGTHS: dict[str, Strength] = {
    "must": "must",
    "must_not": "must",
    "should": "should",
    "should_not": "should",
    "may": "should",  # a permission, adopted with the support of a SHOULD at least
}
BUDGETS = {Tier.COMMON_GROUND.value: Status.ADOPTED, Tier.VOICE.value: Status.CONTESTED}


def held(
    previous: Document | None, claims: Sequence[Claim], direction: IntArray
) -> tuple[Strength | None, ...]:
    """(m,) each claim's strength in the version before, if it is taken in the same direction."""
    clauses = _by_claim(previous)
    found: list[Strength | None] = []
    for claim, way in zip(claims, direction.tolist(), strict=True):
        clause = clauses.get(claim.id)
        stood = clause is not None and clause["status"] == Status.ADOPTED.value
        same = clause is not None and (clause["stance"] == "affirms") == (way > 0)
        found.append(_STRENGTHS[clause["modality"]] if clause and stood and same else None)
    return tuple(found)


def chosen(previous: Document | None, claims: Sequence[Claim]) -> Mapping[str, frozenset[int]]:
    """Budget -> the claims, by index, that filled it in the version before."""
    clauses = _by_claim(previous)
    place = {claim.id: index for index, claim in enumerate(claims)}
    return {
        budget: frozenset(
            place[name]
            for name, clause in clauses.items()
            if name in place and clause["tier"] == budget and clause["status"] == status.value
        )
        for budget, status in BUDGETS.items()
    }


def themes(previous: Document | None) -> dict[str, str]:
    """Claim id -> id of the theme that it stood under in the version before."""
    clauses = _by_claim(previous)
    return {name: one["section"] for name, one in clauses.items() if one["section"] is not None}


def groups(previous: Groups | None, people: Sequence[str], numbers: Sequence[str]) -> Groups | None:
    """The earlier groups under the numbers that people have now; those who left are left out."""
    if previous is None:
        return None
    label = dict(zip(previous.participants, previous.labels.tolist(), strict=True))
    labels = np.array([label.get(one, -1) for one in people], dtype=np.int64)
    sizes = np.bincount(labels[labels >= 0], minlength=previous.k)
    return Groups(tuple(numbers), labels, previous.k, sizes, previous.silhouette)


def _by_claim(previous: Document | None) -> dict[str, Document]:
    return {clause["claim"]: clause for clause in previous["clauses"]} if previous else {}
