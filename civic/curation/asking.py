"""Either/or questions to citizens: which pair comes next, and what somebody answered.

An answer says which of two wishes comes nearer to a person's own. It is no vote on either claim.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from django.db import transaction
from django.db.models import Count

from civic.audit.services import record
from civic.consultations.models import Consultation, Membership
from civic.consultations.phases import Act
from civic.curation.models import Answer, Question, Suggestion
from civic.curation.selectors import Pair, suggestions
from civic.errors import Invalid, NotFound
from civic.statements.models import Claim

EVERY = 5  # reactions between two questions
POOL = 20  # pairs from which one is drawn: those that most need answers


@transaction.atomic
def next_question(participant: Membership) -> Question | None:
    """The question to put to this person next, recorded as asked; None where there is none.

    A question that she has not answered yet is put again, so that reloading skips nothing. Nobody
    is asked about her own words.
    """
    consultation = participant.consultation
    if not consultation.is_open(Act.CAST_REACTION):
        return None
    pairs = _pairs(participant)
    asked = {(one.first_id, one.second_id): one for one in _questions(participant)}
    waiting = [asked[pair] for pair in pairs if pair in asked and not asked[pair].n_answers]
    if waiting:
        return waiting[0]
    choice = draw([pair for pair in pairs if pair not in asked], tallies(consultation))
    if choice is None:
        return None
    question, _ = Question.objects.get_or_create(
        first_id=choice.pair[0],
        second_id=choice.pair[1],
        participant=participant,
        defaults={
            "seed": choice.seed,
            "swapped": choice.swapped,
            "probability": choice.probability,
        },
    )
    return question


def has_question(participant: Membership) -> bool:
    """Whether there is a pair that this person has not answered; records nothing."""
    if not participant.consultation.is_open(Act.CAST_REACTION):
        return False
    answered = Answer.objects.filter(question__participant=participant)
    done = set(answered.values_list("question__first", "question__second"))
    return any(pair not in done for pair in _pairs(participant))


def _questions(participant: Membership) -> Iterable[Question]:
    rows = participant.questions.select_related("first__statement", "second__statement")
    return rows.annotate(n_answers=Count("answers")).order_by("pk")


def _pairs(participant: Membership) -> list[Pair]:
    """Undecided pairs, the most telling first, none of them in the person's own words."""
    found = suggestions(participant.consultation, Suggestion.Kind.CONTRADICTION)
    claims = {pk for one in found for pk in (one.first_id, one.second_id)}
    own = own_claims(participant, claims)
    return [
        (one.first_id, one.second_id)
        for one in found
        if one.first_id not in own and one.second_id not in own
    ]


def own_claims(participant: Membership, claims: Iterable[int]) -> set[int]:
    """Which of these claims stand in this person's words, or for some of them."""
    rows = Claim.objects.filter(pk__in=set(claims))
    own = rows.filter(statement__author=participant) | rows.filter(
        segments__statement__author=participant
    )
    return set(own.values_list("pk", flat=True))


@dataclass(frozen=True)
class Choice:
    """A pair, the probability with which it was drawn, and the order in which it is shown."""

    pair: Pair
    probability: float
    seed: int
    swapped: bool


def draw(pairs: list[Pair], answered: dict[Pair, Tally]) -> Choice | None:
    """One of the pairs with the fewest answers by lot, and its order by lot."""
    if not pairs:
        return None
    place = {pair: rank for rank, pair in enumerate(pairs)}
    counts = {pair: answered[pair].n if pair in answered else 0 for pair in pairs}
    pool = sorted(pairs, key=lambda pair: (counts[pair], place[pair]))[:POOL]
    seed = secrets.randbits(63)
    lot = np.random.default_rng(seed)
    pair = pool[int(lot.integers(len(pool)))]
    return Choice(pair, 1 / len(pool), seed, bool(lot.integers(2)))


@transaction.atomic
def answer_question(question: Question, *, value: str) -> Answer:
    """Record what a person answers; only her latest answer counts, the same twice is one row."""
    participant = question.participant
    consultation = participant.consultation
    consultation.require_open(Act.CAST_REACTION)
    if value not in Answer.Value.values:
        raise Invalid(f"There is no answer “{value}”.")
    pair = (question.first_id, question.second_id)
    if consultation.claims.shown().filter(pk__in=pair).count() != 2:
        raise NotFound("One of these sentences is no longer shown.")
    Membership.objects.select_for_update().get(pk=participant.pk)
    latest = question.answers.filter(is_latest=True)
    current = latest.first()
    if current is not None and current.value == value:
        return current
    latest.update(is_latest=False)
    answer = Answer.objects.create(
        question=question, value=value, served=not own_claims(participant, pair)
    )
    actor = participant.user.audit_key if participant.user else ""
    content = {"question": str(question.uuid), "value": value}
    record("question.answered", subject=question, actor=actor, content=content)
    return answer


def answers_of(participant: Membership) -> list[Answer]:
    """What a person answered, newest first, with the words of both claims."""
    rows = Answer.objects.filter(question__participant=participant, is_latest=True)
    return list(
        rows.select_related(
            "question__first__statement__consultation",
            "question__second__statement__consultation",
        ).order_by("-pk")
    )


@dataclass(frozen=True)
class Tally:
    """How many people gave which of the five answers to one pair."""

    first: int = 0
    second: int = 0
    both: int = 0
    neither: int = 0
    unsure: int = 0

    @property
    def n(self) -> int:
        return self.first + self.second + self.both + self.neither + self.unsure


def tallies(consultation: Consultation) -> dict[Pair, Tally]:
    """Counts of the latest served answers by pair, in one query."""
    rows = (
        Answer.objects.filter(
            question__participant__consultation=consultation, is_latest=True, served=True
        )
        .values_list("question__first", "question__second", "value")
        .annotate(Count("pk"))
    )
    counts: dict[Pair, dict[str, int]] = {}
    for first, second, value, n in rows:
        counts.setdefault((first, second), {})[value] = n
    return {pair: Tally(**by_value) for pair, by_value in counts.items()}


def answers_by_person(consultation: Consultation) -> list[tuple[Pair, str, str]]:
    """Every latest served answer: pair, the person's key, value."""
    rows = Answer.objects.filter(
        question__participant__consultation=consultation, is_latest=True, served=True
    ).values_list("question__first", "question__second", "question__participant__key", "value")
    return [((first, second), key, value) for first, second, key, value in rows]
