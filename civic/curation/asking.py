"""Either/or questions to citizens: which pair comes next, and what somebody answered.

An answer says which of two wishes comes nearer to a person's own. It is no vote on either claim.
"""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from aggregation.stance import Answers, Evidence, read_answers, to_ask
from civic.audit.services import record
from civic.consultations import limits
from civic.consultations.models import Consultation, Membership
from civic.consultations.phases import Act
from civic.curation.models import Answer, Question, Suggestion
from civic.curation.selectors import Pair, suggestions
from civic.errors import Invalid, NotFound
from civic.statements.models import Claim

EVERY = 5  # reactions between two questions
POOL = 20  # pairs from which one is drawn: those whose next answer tells most


@transaction.atomic
def next_question(participant: Membership) -> Question | None:
    """The question to put to this person next, recorded as asked; None where there is none.

    A question that she has not answered yet is put again, so that reloading skips nothing. Nobody
    is asked about her own words.
    """
    tallied = tallies(participant.consultation)
    pairs = _pairs(participant, tallied)
    asked = {(one.first_id, one.second_id): one for one in _questions(participant)}
    waiting = [asked[pair] for pair in pairs if pair in asked and not asked[pair].n_answers]
    if waiting:
        return waiting[0]
    fresh = {pair: one for pair, one in pairs.items() if pair not in asked}
    if not fresh:
        return None
    choice = draw(fresh, tallied, seed=secrets.randbits(63))
    question, _is_new = Question.objects.select_related(
        "first__statement__consultation", "second__statement__consultation"
    ).get_or_create(
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
    pairs = _pairs(participant, tallies(participant.consultation))
    answered = Answer.objects.filter(question__participant=participant)
    done = set(answered.values_list("question__first", "question__second"))
    return bool(pairs.keys() - done)


def _questions(participant: Membership) -> Iterable[Any]:
    rows = participant.questions.select_related(
        "first__statement__consultation", "second__statement__consultation"
    )
    return rows.annotate(n_answers=Count("answers")).order_by("pk")


def _pairs(participant: Membership, tallied: dict[Pair, Answers]) -> dict[Pair, Evidence]:
    """Pairs that neither a person nor citizens' answers settled, none in her own words."""
    if not participant.consultation.is_open(Act.CAST_REACTION):
        return {}
    found = suggestions(participant.consultation, Suggestion.Kind.CONTRADICTION)
    claims = {pk for one in found for pk in (one.first_id, one.second_id)}
    own = own_claims(participant, claims) if claims else set()
    pairs = {
        (one.first_id, one.second_id): evidence_of(one)
        for one in found
        if one.first_id not in own and one.second_id not in own
    }
    return {
        pair: one
        for pair, one in pairs.items()
        if read_answers(tallied.get(pair, Answers())).word == "open"
    }


def evidence_of(suggestion: Suggestion) -> Evidence:
    """What the analysis said about a pair, under the pair's row numbers."""
    names = {"first": str(suggestion.first_id), "second": str(suggestion.second_id)}
    fields = {one.name for one in dataclasses.fields(Evidence)}
    kept = {key: value for key, value in suggestion.evidence.items() if key in fields}
    return Evidence(**kept | names)


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


def draw(pairs: dict[Pair, Evidence], tallied: dict[Pair, Answers], *, seed: int) -> Choice:
    """One of the POOL pairs whose answers tell most by lot, and its order by lot, from the seed."""
    asked = {(str(first), str(second)): tally for (first, second), tally in tallied.items()}
    pool = to_ask(tuple(pairs.values()), asked, most=POOL, seed=seed)
    lot = np.random.default_rng(seed)
    first, second = pool[int(lot.integers(len(pool)))]
    return Choice((int(first), int(second)), 1 / len(pool), seed, bool(lot.integers(2)))


@transaction.atomic
def answer_question(question: Question, *, value: str) -> Answer:
    """Record what a person answers; only her latest answer counts, the same twice is one row."""
    participant = question.participant
    consultation = participant.consultation
    consultation.require_open(Act.CAST_REACTION)
    if value not in Answer.Value.values:
        raise Invalid(_("There is no answer “%(value)s”.") % {"value": value})
    pair = (question.first_id, question.second_id)
    if consultation.claims.shown().filter(pk__in=pair).count() != 2:
        raise NotFound(_("One of these sentences is no longer shown."))
    participant.hold()
    latest = question.answers.filter(is_latest=True)
    current = latest.first()
    if current is not None and current.value == value:
        return current
    limits.admit(participant, act=limits.REACTIONS)
    latest.update(is_latest=False)
    answer = Answer.objects.create(
        question=question, value=value, served=not own_claims(participant, pair)
    )
    actor = participant.audit_key
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


def tallies(consultation: Consultation) -> dict[Pair, Answers]:
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
    return {pair: Answers(**by_value) for pair, by_value in counts.items()}


def answers_by_person(consultation: Consultation) -> list[tuple[Pair, str, str]]:
    """Every latest served answer: pair, the person's key, value."""
    rows = Answer.objects.filter(
        question__participant__consultation=consultation, is_latest=True, served=True
    ).values_list("question__first", "question__second", "question__participant__key", "value")
    return [((first, second), key, value) for first, second, key, value in rows]
