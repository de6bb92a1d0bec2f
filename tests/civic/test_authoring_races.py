"""Send pressed twenty times, and an author in many tabs: one statement, one word that counts."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from crowd import at_once

from civic.accounts.models import User
from civic.audit.models import Entry
from civic.consultations.models import Membership
from civic.errors import Refused
from civic.statements.authoring import judge_sentence, reword_sentence
from civic.statements.models import Claim, Segment, Statement
from civic.statements.services import SentAlready, submit_statement

pytestmark = pytest.mark.django_db(transaction=True)
NewClaim = Callable[..., Claim]


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody prepares what is sent here."""
    monkeypatch.setattr("civic.statements.pipeline.prepare_statement", lambda statement_id: None)


def again(member: Membership) -> Membership:
    """The member as another request reads her."""
    return Membership.objects.select_related("consultation", "user").get(pk=member.pk)


def the_sentence(segment: Segment) -> Segment:
    return Segment.objects.select_related("statement__consultation", "claim").get(pk=segment.pk)


def test_send_pressed_twenty_times_is_one_statement(member: Membership) -> None:
    """Everybody who pressed gets the same receipt."""
    page = uuid.uuid4()
    results = at_once(
        lambda _: submit_statement(author=again(member), text="AI should be kind.", token=page),
        times=20,
    )
    assert {one.pk for one in results} == {Statement.objects.get().pk}
    assert Entry.objects.filter(action="statement.submitted").count() == 1


def test_one_page_with_ten_texts_sends_the_first(member: Membership) -> None:
    """Whoever comes later hears that the page was sent, and with which statement."""
    page = uuid.uuid4()
    results = at_once(
        lambda number: submit_statement(
            author=again(member), text=f"AI should be kind to {number} people.", token=page
        ),
        times=10,
    )
    first = Statement.objects.get()
    refused = [one for one in results if isinstance(one, SentAlready)]
    assert len(refused) == 9
    assert {one.statement.pk for one in refused} == {first.pk}


def test_the_page_of_one_person_is_not_that_of_another(
    member: Membership, new_member: Callable[[str], Membership]
) -> None:
    """The same token from two people makes two statements."""
    page = uuid.uuid4()
    for author in (member, new_member("ann")):
        submit_statement(author=author, text="AI should be kind.", token=page)
    assert Statement.objects.count() == 2


def test_two_who_take_back_one_claim_leave_it_out_of_sight(
    member: Membership, bob: User, new_member: Callable[[str], Membership], new_claim: NewClaim
) -> None:
    """Both said nearly the same and neither meant it: no order leaves the claim to one of them."""
    claim = new_claim("AI should be kind.", author=member)
    ann = new_member("ann")
    statement = Statement.objects.create(
        consultation=claim.consultation,
        author=ann,
        text="AI should be kind!",
        language="en",
        moderation="accepted",
    )
    hers = Segment.objects.create(statement=statement, start=0, end=18, is_norm=True, claim=claim)
    both = [(claim.segments.get(statement__author=member), bob), (hers, ann.user)]

    def take_back(number: int) -> None:
        segment, by = both[number % 2]
        judge_sentence(the_sentence(segment), by=by, verdict="no")

    results = at_once(take_back, times=8)
    assert not any(isinstance(one, Refused) for one in results)
    claim.refresh_from_db()
    assert claim.is_hidden
    assert Entry.objects.filter(action="sentence.taken_back").count() == 2


def test_new_words_sent_ten_times_are_one_statement(
    member: Membership, bob: User, new_claim: NewClaim
) -> None:
    """The sentence knows the one that replaced it, and no other was made."""
    segment = new_claim("AI should be kind.", author=member).segments.get()
    page = uuid.uuid4()
    results = at_once(
        lambda _: reword_sentence(
            the_sentence(segment),
            author=again(member),
            by=bob,
            text="AI should be polite.",
            token=page,
        ),
        times=10,
    )
    made = Statement.objects.get(revises__isnull=False)
    assert {one.pk for one in results} == {made.pk}
    segment.refresh_from_db()
    assert segment.reworded_as == made
