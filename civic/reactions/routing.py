"""Which claim a person sees next, and with what probability it was chosen."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from django.db.models import Count, Q

from aggregation.opinion import Support
from aggregation.routing import next_statements
from civic.consultations.models import Consultation, Membership
from civic.curation.selectors import open_claims
from civic.reactions.models import VOTES, Reaction
from civic.statements.models import Claim

Value = Reaction.Value
FRESH_SECONDS = 10.0  # how old the tallies may be: counting all reactions at each click is too slow


@dataclass(frozen=True)
class Choice:
    """A claim and the probability with which it was drawn."""

    claim: Claim
    probability: float


@dataclass(frozen=True)
class Tallies:
    """Served answers per claim (row number -> agree, disagree, all), and when they were counted."""

    counted_at: float
    by_claim: dict[int, tuple[int, int, int]]


_tallies: dict[int, Tallies] = {}  # per process and consultation


def choose(participant: Membership) -> Choice | None:
    """Draw the claim whose standing one more answer would settle most; None when none is left.

    Never her own, never one that her words were merged into, never one she answered.
    """
    consultation = participant.consultation
    candidates = list(
        open_claims(consultation)
        .exclude(statement__author=participant)
        .exclude(segments__statement__author=participant)
        .exclude(reactions__participant=participant)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    if not candidates:
        return None
    support = support_of(consultation, candidates)
    unseen = np.zeros(len(candidates), dtype=bool)
    (pick,) = next_statements(support, None, unseen, np.random.default_rng())
    claim = Claim.objects.select_related("statement").get(pk=int(pick.statement))
    return Choice(claim=claim, probability=pick.probability)


def support_of(consultation: Consultation, claims: list[int]) -> Support:
    """The served answers to these claims by everybody together; no opinion groups."""
    tallies = tallies_of(consultation).by_claim
    counts = np.array([tallies.get(claim, (0, 0, 0)) for claim in claims], dtype=np.int64)
    nobody = np.zeros((0, len(claims)), dtype=np.int64)
    return Support(
        statements=tuple(str(claim) for claim in claims),
        agree=nobody,
        disagree=nobody,
        seen=nobody,
        agree_all=counts[:, 0],
        disagree_all=counts[:, 1],
        seen_all=counts[:, 2],
    )


def tallies_of(consultation: Consultation) -> Tallies:
    """The tallies, counted anew where they are older than FRESH_SECONDS."""
    known = _tallies.get(consultation.pk)
    if known is not None and time.monotonic() - known.counted_at < FRESH_SECONDS:
        return known
    latest = Q(reactions__is_latest=True, reactions__served=True)
    rows = consultation.claims.annotate(
        agree=Count("reactions", filter=latest & Q(reactions__value=Value.AGREE)),
        disagree=Count("reactions", filter=latest & Q(reactions__value=Value.DISAGREE)),
        seen=Count("reactions", filter=latest & Q(reactions__value__in=VOTES)),
    ).values_list("pk", "agree", "disagree", "seen")
    found = Tallies(time.monotonic(), {pk: tuple(counts) for pk, *counts in rows})
    _tallies[consultation.pk] = found
    return found
