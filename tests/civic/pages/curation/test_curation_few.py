"""Claims and themes: what few people answered is told to nobody, and long lists cost no more."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from aggregation.stance import Answers, read_answers
from civic.accounts.models import User
from civic.consultations.models import Consultation, Membership
from civic.curation import wording
from civic.curation.forms import USUAL
from civic.curation.models import Decision, Kind, Suggestion
from civic.reactions.models import Reaction
from civic.statements.models import Claim, Statement

NewClaim = Callable[..., Claim]
FIGURES = {
    "similarity": 0.7,
    "both": 9,
    "association": -2.0,
    "lo": -3.0,
    "hi": -1.0,
    "agree_both": 1,
    "source": "both",
    "score": 0.5,
}


@pytest.fixture
def desk(alice: User, consultation: Consultation) -> Client:
    """The organizer's browser."""
    client = Client()
    client.force_login(alice)
    return client


@pytest.fixture
def pair(consultation: Consultation, new_claim: NewClaim) -> tuple[Claim, Claim]:
    """Two claims that an analysis suggests to look at, of both kinds."""
    pair = new_claim("AI should speak."), new_claim("AI should be silent.")
    for kind in Suggestion.Kind:
        Suggestion.objects.create(
            consultation=consultation,
            kind=kind,
            first=pair[0],
            second=pair[1],
            position=0,
            evidence=FIGURES,
            run=uuid.uuid4(),
        )
    return pair


def crowd(consultation: Consultation, number: int) -> list[Membership]:
    return Membership.objects.bulk_create(
        Membership(consultation=consultation, key=uuid.uuid4().hex[:12], is_participant=True)
        for _ in range(number)
    )


def page(client: Client, name: str, *args: object) -> str:
    return " ".join(client.get(reverse(f"pages:{name}", args=args)).content.decode().split())


def test_answers_of_few_are_told_on_no_card(
    consultation: Consultation, pair: tuple[Claim, Claim], desk: Client
) -> None:
    """Nine people answered, ten is the number from which on counts are told."""
    slug = consultation.slug
    people = crowd(consultation, 10)
    for person in people[:9]:
        Reaction.objects.create(claim=pair[0], participant=person, value="agree", served=True)
    pages = ("same", slug), ("opposed", slug), ("claim", slug, pair[0].uuid)
    for one in pages:
        shown = page(desk, *one)
        assert "9 people answered" not in shown, one
        assert "Fewer than 10 people have answered so far" in shown, one
    Reaction.objects.create(claim=pair[0], participant=people[9], value="depends", served=True)
    for one in pages:
        shown = page(desk, *one)
        assert "10 people answered: 9 agree, 0 disagree, 0 unsure" in shown, one
        assert "1 say it depends" in shown, one


def test_what_speaks_for_a_contradiction_tells_no_few_either(
    consultation: Consultation, pair: tuple[Claim, Claim], desk: Client
) -> None:
    """Nine people took a side on both: that they did is told, how many is not."""
    shown = page(desk, "opposed", consultation.slug)
    assert "Fewer than 10 people took a side on both." in shown
    assert "9 people took a side" not in shown
    assert "Who agrees with one tends to disagree with the other." in shown
    Suggestion.objects.update(evidence=FIGURES | {"both": 1200, "agree_both": 30})
    shown = page(desk, "opposed", consultation.slug)
    assert "1,200 people took a side on both; 30 agreed to both." in shown


def test_the_sentences_are_those_of_the_library() -> None:
    """In English the page says of answers to a pair what the library says, figure by figure."""
    for given in (Answers(), Answers(first=3, both=2), Answers(first=40), Answers(both=40)):
        found = read_answers(given)
        told = wording.verdict(found)
        for number in ("%", str(given.chose)) if given.telling else ():
            assert number in told
        assert ("A person still decides." in told) == (found.word != "open")


def test_usual_reasons_are_told_in_the_readers_language(
    consultation: Consultation, pair: tuple[Claim, Claim]
) -> None:
    """The reasons that go with buttons are known here; somebody's own words stay as they are."""
    assert set(USUAL.values()) <= set(wording.USUAL_REASONS)
    assert wording.reason("Because I say so.") == "Because I say so."
    with translation.override("en"):
        assert all(wording.reason(one) == one for one in wording.USUAL_REASONS)


def test_the_public_record_tells_every_decision_with_its_reason(
    consultation: Consultation, pair: tuple[Claim, Claim]
) -> None:
    """Strangers read what was decided and why, and what was undone and why; markup is text."""
    Decision.objects.create(
        consultation=consultation,
        kind=Kind.APART,
        first=pair[0],
        second=pair[1],
        reason="<b>They differ.</b>",
    )
    shown = page(Client(), "joined", consultation.slug)
    assert "Kept apart" in shown
    assert "&lt;b&gt;They differ.&lt;/b&gt;" in shown
    assert "AI should be silent." in shown


def test_long_lists_ask_as_little(
    consultation: Consultation, alice: User, desk: Client, new_claim: NewClaim
) -> None:
    """As many queries with ten claims, suggestions and decisions as with a thousand."""
    _fill(consultation, 10)
    names = "claims", "same", "opposed", "curation", "joined", "themes"
    few = {name: _queries(desk, name, consultation) for name in names}
    _fill(consultation, 990)
    many = {name: _queries(desk, name, consultation) for name in names}
    assert many == few
    assert max(many.values()) <= 16


def _queries(client: Client, name: str, consultation: Consultation) -> int:
    path = reverse(f"pages:{name}", args=[consultation.slug])
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def _fill(consultation: Consultation, number: int) -> None:
    statements = Statement.objects.bulk_create(
        Statement(consultation=consultation, text="AI should be kind.", moderation="accepted")
        for _ in range(number)
    )
    claims = Claim.objects.bulk_create(
        Claim(consultation=consultation, statement=one, start=0, end=18) for one in statements
    )
    pairs = list(zip(claims[::2], claims[1::2], strict=False))
    Suggestion.objects.bulk_create(
        Suggestion(
            consultation=consultation,
            kind=kind,
            first=first,
            second=second,
            position=position,
            evidence=FIGURES,
            run=uuid.uuid4(),
        )
        for kind in Suggestion.Kind
        for position, (first, second) in enumerate(pairs)
    )
    Decision.objects.bulk_create(
        Decision(consultation=consultation, kind=Kind.LEFT_OPEN, first=a, second=b, reason="No.")
        for a, b in pairs
    )
