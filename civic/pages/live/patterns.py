"""Unusual patterns in how people answer: numbers and hours, never who. Nothing follows from them.

The newest answers that were given here are looked at, so that the cost has a bound however many
there are.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

import numpy as np
from django.core.cache import cache
from django.db.models import CharField, Count
from django.db.models.functions import Cast, Substr
from django.utils import timezone

from civic.consultations.models import Consultation
from civic.reactions.models import Reaction

WINDOW = 10_000  # newest answers that are looked at
MOST_AN_HOUR = 400  # people who began in one hour, compared with each other
LISTED = 10
FRESH = 300  # seconds for which what was found is kept
LEAST_ANSWERS = 6  # fewer in common say nothing about two people
CHANCE = 0.01  # pairs that may look alike by chance, at most
ALIKE = 0.95  # of their common answers are the same
SIGNS_PER_SECOND = 40.0  # nobody reads faster than this: about eight words
LEAST_SECONDS = 0.8
OFTEN = 10  # answers of one person before half of them being too fast means anything
SPIKE = 5.0  # times the usual number of people in an hour
NUMBERS = {"agree": 1, "disagree": 2, "unsure": 3, "depends": 3}

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Burst:
    """People who began within one hour and answered the same."""

    hour: datetime
    people: int
    answers: int  # that the one who answered most of them gave


@dataclass(frozen=True)
class Spike:
    """An hour in which many more people joined than usual."""

    hour: datetime
    people: int
    usual: int


@dataclass(frozen=True)
class Patterns:
    """What was found; `fast_people` is None where they are fewer than k but not none."""

    looked_at: int
    since: datetime | None
    bursts: list[Burst]
    fast: int
    fast_share: float
    fast_people: int | None
    spikes: list[Spike]
    made_at: datetime

    @property
    def is_quiet(self) -> bool:
        return not (self.bursts or self.spikes) and self.fast_people == 0


@dataclass(frozen=True)
class Given:
    """One answer, by row numbers that stay in here."""

    person: int
    claim: int
    value: str
    at: datetime
    signs: int


def patterns_of(consultation: Consultation) -> Patterns:
    """What stands out, at most five minutes old."""
    key = f"live-patterns-{consultation.pk}"
    found: Patterns | None = cache.get(key)
    if found is None:
        found = _look(consultation)
        cache.set(key, found, FRESH)
    return found


def _look(consultation: Consultation) -> Patterns:
    given = _newest(consultation)
    k = consultation.k
    fast, gaps, hurried = too_fast(given)
    return Patterns(
        looked_at=len(given),
        since=min((one.at for one in given), default=None),
        bursts=bursts(given, k=k)[:LISTED],
        fast=fast,
        fast_share=fast / gaps if gaps else 0.0,
        fast_people=hurried if hurried == 0 or hurried >= k else None,
        spikes=_spikes(consultation)[:LISTED],
        made_at=timezone.now(),
    )


def _newest(consultation: Consultation) -> list[Given]:
    """The newest answers that were given here; imported ones carry no time one could judge."""
    rows = (
        Reaction.objects.filter(claim__consultation=consultation)
        .exclude(given_at=None)
        .order_by("-pk")
        .values_list(
            "participant", "claim", "value", "given_at", "created_at", "claim__start", "claim__end"
        )[:WINDOW]
    )
    minute = timedelta(minutes=1)
    return [
        Given(person, claim, value, at, end - start)
        for person, claim, value, at, created, start, end in rows
        if abs(created - at) < minute
    ]


def too_fast(given: list[Given]) -> tuple[int, int, int]:
    """Answers given faster than their words can be read, of how many; and people who mostly do."""
    by_person: dict[int, list[Given]] = defaultdict(list)
    for one in given:
        by_person[one.person].append(one)
    fast = gaps = hurried = 0
    for answers in by_person.values():
        answers.sort(key=lambda one: one.at)
        own = [
            (after.at - before.at).total_seconds() < _reading(after.signs)
            for before, after in pairwise(answers)
            if after.claim != before.claim
        ]
        fast, gaps = fast + sum(own), gaps + len(own)
        hurried += len(own) >= OFTEN and 2 * sum(own) > len(own)
    return fast, gaps, hurried


def _reading(signs: int) -> float:
    return max(LEAST_SECONDS, signs / SIGNS_PER_SECOND)


def bursts(given: list[Given], *, k: int) -> list[Burst]:
    """Hours in which k people or more began and answered the same, though others do not."""
    votes: dict[int, dict[int, int]] = defaultdict(dict)
    began: dict[int, datetime] = {}
    for one in sorted(given, key=lambda one: one.at):
        if one.value in NUMBERS:
            votes[one.person][one.claim] = NUMBERS[one.value]
            began.setdefault(one.person, one.at)
    hours: dict[datetime, list[int]] = defaultdict(list)
    for person, answers in votes.items():
        if len(answers) >= LEAST_ANSWERS:
            hour = began[person].replace(minute=0, second=0, microsecond=0)
            hours[hour].append(person)
    weight = _surprise(votes)
    found = []
    for hour, people in sorted(hours.items(), reverse=True):
        if len(people) >= k:
            group = _alike([votes[one] for one in people[:MOST_AN_HOUR]], weight=weight, k=k)
            others = [votes[one] for at, them in hours.items() if at != hour for one in them]
            if len(group) >= k and not _is_common(group, others[:MOST_AN_HOUR]):
                found.append(Burst(hour, len(group), max(len(one) for one in group)))
    return found


def _surprise(votes: dict[int, dict[int, int]]) -> dict[int, float]:
    """For each sentence, how much it says that two people give it the same answer.

    -log10 of the chance that two people drawn at random agree on it; one is added to each count,
    so that a sentence with few answers is no proof.
    """
    counts: dict[int, list[int]] = defaultdict(lambda: [1, 1, 1])
    for answers in votes.values():
        for claim, value in answers.items():
            counts[claim][value - 1] += 1
    return {
        claim: -float(np.log10(sum((n / sum(three)) ** 2 for n in three)))
        for claim, three in counts.items()
    }


def _alike(
    people: list[dict[int, int]], *, weight: dict[int, float], k: int
) -> list[dict[int, int]]:
    """The largest set of people who all answer like one of them."""
    claims = {claim: column for column, claim in enumerate(sorted(set().union(*people)))}
    values: Ints = np.zeros((len(people), len(claims)), dtype=np.int64)
    for row, answers in enumerate(people):
        for claim, value in answers.items():
            values[row, claims[claim]] = value
    says: Floats = np.array([weight[claim] for claim in claims])
    common = _together(values > 0)
    same = sum(_together(values == number) for number in (1, 2, 3))
    proof = sum(_together((values == number) * np.sqrt(says)) for number in (1, 2, 3))
    # The more people there are, the more pairs look alike by chance.
    chance = min(CHANCE, 0.1 * k / len(people))
    alike = (common >= LEAST_ANSWERS) & (same >= ALIKE * common) & (proof >= -np.log10(chance))
    middle = int(np.argmax(alike.sum(axis=1)))
    members = alike[middle] | (np.arange(len(people)) == middle)
    return [people[row] for row in np.flatnonzero(members)]


def _together(marks: np.ndarray[Any, Any]) -> Floats:
    """How much each two rows have in common."""
    floats = marks.astype(np.float64)
    return floats @ floats.T


def _is_common(group: list[dict[int, int]], others: list[dict[int, int]]) -> bool:
    """Whether people of other hours answer like this, too: then it is an opinion, not a burst."""
    usual: dict[int, int] = {}
    for claim in set().union(*group):
        said = [one[claim] for one in group if claim in one]
        usual[claim] = max(set(said), key=said.count)
    compared = like = 0
    for other in others:
        shared = usual.keys() & other.keys()
        if len(shared) >= LEAST_ANSWERS:
            compared += 1
            like += sum(other[claim] == usual[claim] for claim in shared) >= ALIKE * len(shared)
    return like > 0.1 * compared


def _spikes(consultation: Consultation) -> list[Spike]:
    """Hours in which far more people joined than in the usual hour with anybody in it."""
    joined = consultation.memberships.filter(is_participant=True).exclude(user=None)
    hour = Substr(Cast("joined_at", CharField()), 1, 13)
    counts = dict(joined.annotate(hour=hour).order_by().values_list("hour").annotate(Count("pk")))
    if not counts:
        return []
    usual = median(counts.values())
    return [
        Spike(datetime.fromisoformat(f"{hour}:00+00:00"), count, round(usual))
        for hour, count in sorted(counts.items(), reverse=True)
        if count >= max(2 * consultation.k, SPIKE * usual)
    ]
