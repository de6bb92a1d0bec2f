"""Which claim a person sees next, and with what probability it was chosen."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.db.models import Count, Q

from civic.consultations.models import Membership
from civic.statements.models import Claim

POOL = 10  # the claims with the fewest served answers, among which chance decides


@dataclass(frozen=True)
class Choice:
    """A claim and the probability with which it was drawn."""

    claim: Claim
    probability: float


def choose(participant: Membership) -> Choice | None:
    """Draw one of the claims that most need an answer; never her own, never one she answered."""
    candidates = (
        participant.consultation.claims.shown()
        .exclude(statement__author=participant)
        .exclude(segments__statement__author=participant)
        .exclude(reactions__participant=participant)
        .annotate(answers=Count("reactions", filter=Q(reactions__is_latest=True)))
        .select_related("statement")
        .order_by("answers", "pk")
    )
    pool = list(candidates[:POOL])
    if not pool:
        return None
    return Choice(claim=secrets.choice(pool), probability=1 / len(pool))
