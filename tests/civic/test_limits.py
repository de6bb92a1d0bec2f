"""A flood from one person is stopped, and nobody else is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.cache import caches
from django.test import Client
from django.urls import reverse

from civic.accounts.models import User
from civic.consultations import limits
from civic.consultations.models import Consultation, Membership
from civic.curation.asking import answer_question
from civic.curation.models import Question
from civic.errors import TooMany
from civic.reactions.models import Reaction
from civic.reactions.services import cast_reaction, undo_reaction, weigh_reaction
from civic.statements.models import Claim, Statement
from civic.statements.services import submit_statement


@pytest.fixture(autouse=True)
def _few(settings: LazySettings) -> None:
    """Two statements and three answers a minute."""
    settings.LIMITS = {"statements": ["2/m"], "reactions": ["3/m"]}


def browser(user: User | None) -> Client:
    client = Client()
    assert user is not None
    client.force_login(user)
    return client


def write(client: Client, number: int) -> Any:
    return client.post("/c/ai/write/", {"text": f"AI should do thing {number}."})


def test_a_flood_of_statements_is_stopped_with_its_text_kept(
    member: Membership, new_member: Callable[[str], Membership]
) -> None:
    """The third in a minute is refused: 429, seconds to wait, a sentence, the text in the box."""
    bobs = browser(member.user)
    assert [write(bobs, number).status_code for number in range(2)] == [302, 302]
    answer = write(bobs, 3)
    assert (answer.status_code, 1 <= int(answer["Retry-After"]) <= 60) == (429, True)
    page = answer.content.decode()
    assert "very many statements" in page
    assert "in 1 minute." in page
    assert "AI should do thing 3." in page
    assert Statement.objects.filter(author=member).count() == 2
    other = new_member("ann")
    assert write(browser(other.user), 3).status_code == 302


def test_programs_are_told_how_long_to_wait(member: Membership) -> None:
    """The API answers 429 with the code too_many, a sentence and Retry-After."""
    bobs, address = browser(member.user), "/api/v1/consultations/ai/statements/"
    for number in range(3):
        body = json.dumps({"text": f"AI should do thing {number}."})
        answer = bobs.post(address, body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many")
    assert "in 1 minute." in answer.json()["message"]
    assert 1 <= int(answer["Retry-After"]) <= 60


def test_every_way_of_answering_is_counted(
    consultation: Consultation, member: Membership, new_claim: Callable[..., Claim]
) -> None:
    """Answers, weights, taking back and either/or questions come out of one measure."""
    claims = [new_claim(f"AI should do thing {number}.") for number in range(3)]
    cast_reaction(claims[0], participant=member, value="agree")
    weigh_reaction(claims[0], participant=member, importance=3)
    undo_reaction(claims[0], participant=member)
    question = Question.objects.create(
        first=claims[1], second=claims[2], participant=member, seed=7, swapped=False, probability=1
    )
    for act in (
        lambda: cast_reaction(claims[1], participant=member, value="agree"),
        lambda: answer_question(question, value="first"),
    ):
        with pytest.raises(TooMany, match="very many answers"):
            act()
    page = browser(member.user).post(
        reverse("reactions:answer", args=["ai", claims[1].uuid]), {"value": "agree"}
    )
    assert (page.status_code, "very many answers" in page.content.decode()) == (429, True)
    assert page["Retry-After"]
    assert Reaction.objects.filter(participant=member, claim=claims[1]).count() == 0


def test_the_same_again_costs_nothing(member: Membership, new_claim: Callable[..., Claim]) -> None:
    """A second click, or a page sent anew, is not counted."""
    claim = new_claim("AI should be kind.")
    for _again in range(6):
        cast_reaction(claim, participant=member, value="agree")
        submit_statement(author=member, text="AI should be honest.")
    submit_statement(author=member, text="AI should be fair.")


def test_an_hour_is_counted_beside_the_minute(
    settings: LazySettings, member: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the minute she may go on, until the hour's measure is full; then she waits for that."""
    settings.LIMITS = {"statements": ["3/h", "2/m"]}
    moment = [1_000_000.0]
    monkeypatch.setattr(limits._Limit, "timer", lambda _self: moment[0])
    limits.admit(member, act=limits.STATEMENTS)
    limits.admit(member, act=limits.STATEMENTS)
    with pytest.raises(TooMany, match="in 1 minute"):
        limits.admit(member, act=limits.STATEMENTS)
    moment[0] += 61
    limits.admit(member, act=limits.STATEMENTS)
    with pytest.raises(TooMany, match="in 59 minutes") as refusal:
        limits.admit(member, act=limits.STATEMENTS)
    assert refusal.value.headers == {"Retry-After": "3539"}


def test_no_limit_is_no_limit(settings: LazySettings, member: Membership) -> None:
    """An operator may leave a list empty."""
    settings.LIMITS = {"statements": []}
    for _again in range(50):
        limits.admit(member, act=limits.STATEMENTS)


@pytest.fixture
def cache_away(settings: LazySettings) -> Iterator[None]:
    """A Redis at an address where nobody listens."""
    kept = caches.settings["default"]
    caches.settings["default"] = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": "redis://127.0.0.1:1/0",
    }
    del caches["default"]
    yield
    caches.settings["default"] = kept
    del caches["default"]


def test_without_the_cache_everybody_goes_on(
    cache_away: None, member: Membership, new_claim: Callable[..., Claim]
) -> None:
    """Words and answers are worth more than counting them."""
    for number in range(5):
        submit_statement(author=member, text=f"AI should do thing {number}.")
        cast_reaction(new_claim(f"AI may do {number}."), participant=member, value="agree")
    assert Statement.objects.filter(author=member).count() == 5
