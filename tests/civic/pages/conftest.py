"""A consultation with a published spec and a draft, and somebody signed in for every role."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from aggregation.spec import to_bytes
from civic.accounts.models import User
from civic.accounts.services import ensure_user
from civic.analysis import pipeline
from civic.analysis.models import Run
from civic.consultations.models import Consultation, Membership
from civic.consultations.services import grant_role
from civic.reactions.models import Reaction
from civic.specs.models import SpecVersion
from civic.specs.services import draft_spec, publish_spec, start_run, write_clauses
from civic.statements.models import Claim

SENTENCES = (
    "AI should be kind to everybody.",
    "AI should sell my data.",
    "AI should decide who gets a loan.",
)


@pytest.fixture
def sign_in() -> Callable[[User | None], Client]:
    """Makes a browser in which somebody has signed in (None: nobody has)."""

    def make(user: User | None) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user)
        return client

    return make


@pytest.fixture
def bobs(sign_in: Callable[[User | None], Client], bob: User, member: Membership) -> Client:
    """Bob's browser; he takes part."""
    return sign_in(bob)


@pytest.fixture
def desk(sign_in: Callable[[User | None], Client], alice: User) -> Client:
    """The organizer's browser."""
    return sign_in(alice)


@pytest.fixture
def people(
    consultation: Consultation, alice: User, bob: User, charlie: User, member: Membership
) -> dict[str, User | None]:
    """Who stands for which role in the consultation."""
    staff = {}
    for role in ("moderator", "auditor"):
        staff[role] = ensure_user(f"{role}@example.org", display_name=role)
        grant_role(consultation, user=staff[role], role=role)
    return {"nobody": None, "stranger": charlie, "participant": bob, "organizer": alice} | staff


@pytest.fixture
def asked(
    consultation: Consultation, member: Membership, new_claim: Callable[..., Claim]
) -> list[Claim]:
    """Bob's sentence, which nearly everybody shares, one that nobody does and one that divides."""
    author = Membership.objects.create(consultation=consultation, key="z", is_participant=True)
    claims = [new_claim(SENTENCES[0], author=member)]
    claims += [new_claim(text, author=author) for text in SENTENCES[1:]]
    crowd = Membership.objects.bulk_create(
        Membership(consultation=consultation, key=f"p{number}", is_participant=True)
        for number in range(40)
    )
    answers = (
        lambda row: "agree" if row % 20 else "unsure",
        lambda row: "disagree" if row % 10 else "agree",
        lambda row: "agree" if row % 2 else "disagree",
    )
    Reaction.objects.bulk_create(
        Reaction(claim=claim, participant=person, value=answer(row), served=True)
        for row, person in enumerate(crowd)
        for claim, answer in zip(claims, answers, strict=True)
    )
    return claims


def analysed(consultation: Consultation, *, by: User) -> Run:
    """A finished run, with neither the language model nor many resamples."""
    run = start_run(consultation, by=by)
    run.aggregation_settings |= {"embedder": "hashing", "bootstrap": 10}
    run.save(update_fields=["aggregation_settings"])
    pipeline.execute(run.pk)
    run.refresh_from_db()
    return run


@pytest.fixture
def run(consultation: Consultation, alice: User, asked: list[Claim], settings: Any) -> Run:
    """What an analysis found."""
    return analysed(consultation, by=alice)


@pytest.fixture
def published(run: Run, alice: User) -> SpecVersion:
    """Version 1, public."""
    return publish_spec(draft_spec(run, by=alice), by=alice)


@pytest.fixture
def draft(published: SpecVersion, consultation: Consultation, alice: User) -> SpecVersion:
    """Version 2, not public."""
    return draft_spec(analysed(consultation, by=alice), by=alice)


@pytest.fixture
def enlarge() -> Callable[..., SpecVersion]:
    """Turns a version into one with this many clauses, by repeating those it has."""

    def make(spec: SpecVersion, *, to: int) -> SpecVersion:
        document = json.loads(bytes(spec.document))
        originals = document["clauses"]
        for number in range(to - len(originals)):
            clause = copy.deepcopy(originals[number % len(originals)])
            clause["id"] += f"_copy_{number}"
            document["clauses"].append(clause)
        spec.document = to_bytes(document)
        spec.sha256 = hashlib.sha256(spec.document).hexdigest()
        spec.save()
        spec.clauses.all().delete()
        write_clauses(spec, document["clauses"])
        return spec

    return make


@pytest.fixture
def rewrite() -> Callable[[SpecVersion, dict[str, Any]], None]:
    """Puts another document in the place of a version's."""

    def change(spec: SpecVersion, document: dict[str, Any]) -> None:
        spec.document = to_bytes(document)
        spec.sha256 = hashlib.sha256(spec.document).hexdigest()
        spec.save()

    return change
