"""A consultation as full as a big one: people, sentences and answers made up in bulk."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from django.utils import timezone

from civic.consultations.models import Consultation, Membership
from civic.reactions.models import Reaction, Serving
from civic.statements.models import Claim, Segment, Statement

VALUES = ("agree", "disagree", "unsure", "depends", "skipped")
BATCH = 5000


def fill(
    consultation: Consultation,
    *,
    people: int,
    claims: int,
    answers: int,
    days: int = 20,
    seed: int = 0,
) -> list[Membership]:
    """Write that many people, sentences and answers, over the last days; returns the people.

    Everybody answers by herself, one sentence after another with time to read, in sessions that
    begin at any minute. Nothing here is coordinated.
    """
    rng = random.Random(seed)
    now = timezone.now()
    members = _people(consultation, people, rng=rng, now=now, days=days)
    listed = _claims(consultation, claims, now=now)
    each, rest = divmod(answers, people)
    lean = [rng.uniform(0.25, 0.75) for _ in listed]
    reactions, servings = [], []
    for number, person in enumerate(members):
        moment = person.joined_at + timedelta(minutes=1)
        count = min(len(listed), each + (number < rest))
        for place in rng.sample(range(len(listed)), count):
            moment += timedelta(seconds=rng.uniform(6, 40))
            value = _value(rng, lean[place])
            about = {"claim": listed[place], "participant": person}
            reactions.append(
                Reaction(**about, value=value, served=True, given_at=moment, created_at=moment)
            )
            servings.append(Serving(**about, probability=0.1, served_at=moment))
    Reaction.objects.bulk_create(reactions, batch_size=BATCH)
    Serving.objects.bulk_create(servings, batch_size=BATCH)
    return members


def _value(rng: random.Random, lean: float) -> str:
    if rng.random() < 0.2:
        return rng.choice(VALUES[2:])
    return VALUES[0] if rng.random() < lean else VALUES[1]


def _people(
    consultation: Consultation, count: int, *, rng: random.Random, now: datetime, days: int
) -> list[Membership]:
    strata = consultation.strata
    rows = [
        Membership(
            consultation=consultation,
            key=f"crowd-{number}",
            is_participant=True,
            joined_at=now - timedelta(minutes=rng.uniform(60, days * 24 * 60)),
            strata={
                one["key"]: rng.choice(one["options"])["key"]
                for one in strata
                if rng.random() < 0.8
            },
        )
        for number in range(count)
    ]
    return Membership.objects.bulk_create(rows, batch_size=BATCH)


def _claims(consultation: Consultation, count: int, *, now: datetime) -> list[Claim]:
    text = "AI should do what number {} says, and nothing else."
    texts = [text.format(number) for number in range(count)]
    statements = Statement.objects.bulk_create(
        (
            Statement(
                consultation=consultation,
                text=each,
                language="en",
                moderation="accepted",
                submitted_at=now - timedelta(days=number % 20),
                prepared_at=now,
            )
            for number, each in enumerate(texts)
        ),
        batch_size=BATCH,
    )
    spans = [{"statement": one, "start": 0, "end": len(one.text)} for one in statements]
    claims = Claim.objects.bulk_create(
        (Claim(consultation=consultation, language="en", **span) for span in spans),
        batch_size=BATCH,
    )
    Segment.objects.bulk_create(
        (
            Segment(claim=claim, is_norm=True, **span)
            for claim, span in zip(claims, spans, strict=True)
        ),
        batch_size=BATCH,
    )
    return claims
