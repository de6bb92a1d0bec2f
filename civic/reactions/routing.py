"""Which claim a person sees next, and with what probability it was chosen."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from django.db.models import Count

from aggregation.opinion import Support
from aggregation.routing import next_statements
from civic.consultations.models import Consultation
from civic.reactions.models import VOTES, Reaction

Value = Reaction.Value
FRESH_SECONDS = 10.0  # how old the tallies may be: counting all reactions at each click is too slow
TAU = 0.60  # the share of agreement in question: how near a claim is to it makes it worth asking
COUNTING = 0.01  # at most this share of the time goes into counting, however many reactions


@dataclass(frozen=True)
class Choice:
    """A claim's row number, the probability with which it was drawn, and from how many."""

    claim: int
    probability: float
    among: int


@dataclass(frozen=True)
class Tallies:
    """Served answers per claim (row number -> agree, disagree, all), and when to count anew."""

    fresh_until: float
    by_claim: dict[int, tuple[int, int, int]]


_tallies: dict[int, Tallies] = {}  # per process and consultation


def draw(consultation: Consultation, claims: Iterable[int]) -> Choice | None:
    """Draw the claim whose standing one more answer would settle most; None where there is none.

    claims : row numbers of those that the person can be shown and has not answered
    """
    candidates = list(claims)
    if not candidates:
        return None
    support = support_of(consultation, candidates)
    unseen = np.zeros(len(candidates), dtype=bool)
    (pick,) = next_statements(support, None, unseen, np.random.default_rng(), tau=TAU)
    return Choice(int(pick.statement), pick.probability, len(candidates))


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
    """The tallies, counted anew where they are too old."""
    known = _tallies.get(consultation.pk)
    started = time.monotonic()
    if known is not None and started < known.fresh_until:
        return known
    by_claim = _count(consultation)
    now = time.monotonic()
    fresh_for = max(FRESH_SECONDS, (now - started) / COUNTING)
    found = Tallies(now + fresh_for, by_claim)
    _tallies[consultation.pk] = found
    return found


def _count(consultation: Consultation) -> dict[int, tuple[int, int, int]]:
    rows = (
        Reaction.objects.filter(claim__consultation=consultation, is_latest=True, served=True)
        .filter(value__in=VOTES)
        .order_by()
        .values_list("claim", "value")
        .annotate(Count("pk"))
    )
    counts: dict[int, dict[str, int]] = {}
    for claim, value, n in rows:
        counts.setdefault(claim, {})[value] = n
    return {
        claim: (by.get(Value.AGREE, 0), by.get(Value.DISAGREE, 0), sum(by.values()))
        for claim, by in counts.items()
    }
