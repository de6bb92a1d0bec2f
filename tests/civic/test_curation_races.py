"""Organizers who decide at once, and citizens with two tabs: the database decides, once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from crowd import at_once

from civic.accounts.models import User
from civic.audit.models import Entry
from civic.consultations.models import Consultation, Membership
from civic.curation import asking, services
from civic.curation.models import Answer, Decision, Kind, Question
from civic.errors import Conflict
from civic.statements.models import Claim, Segment, Statement

pytestmark = pytest.mark.django_db(transaction=True)
NewClaim = Callable[..., Claim]


def test_two_organizers_join_the_same_pair(
    consultation: Consultation, alice: User, new_claim: NewClaim
) -> None:
    """Eight presses of the button: one decision, one entry, nobody is told of an error."""
    kept, folded = new_claim("AI should be kind."), new_claim("AI should be friendly.")
    results = at_once(
        lambda _: services.merge_claims(
            consultation, kept=kept, folded=folded, by=alice, reason="Same."
        ),
        times=8,
    )
    assert {one.pk for one in results} == {Decision.objects.get().pk}
    assert Entry.objects.filter(action="claims.joined").count() == 1


def test_a_pair_is_never_joined_both_ways(
    consultation: Consultation, alice: User, new_claim: NewClaim
) -> None:
    """Half of them keep the one, half the other: whoever comes first decides."""
    pair = new_claim("AI should be kind."), new_claim("AI should be friendly.")
    results = at_once(
        lambda number: services.merge_claims(
            consultation,
            kept=pair[number % 2],
            folded=pair[1 - number % 2],
            by=alice,
            reason="Same.",
        ),
        times=8,
    )
    assert Decision.objects.count() == 1
    assert sum(isinstance(one, Conflict) for one in results) == 4


def test_a_passage_leaves_a_claim_once(
    consultation: Consultation, alice: User, new_claim: NewClaim
) -> None:
    """Of six organizers who part it, one makes a claim; the others hear that it has moved."""
    claim = new_claim("AI should be kind.")
    statement = Statement.objects.create(
        consultation=consultation, text="Be nice.", language="en", moderation="accepted"
    )
    passage = Segment.objects.create(statement=statement, start=0, end=8, is_norm=True, claim=claim)
    results = at_once(
        lambda _: services.split_claim(claim, passages=[passage], by=alice, reason="More."),
        times=6,
    )
    assert sum(isinstance(one, Decision) for one in results) == 1
    assert Claim.objects.count() == 2


def test_the_last_of_many_verdicts_stands(
    consultation: Consultation, alice: User, new_claim: NewClaim
) -> None:
    """Three verdicts from six organizers: exactly one stands, and none of them fails."""
    first, second = new_claim("AI should talk."), new_claim("AI should not talk.")
    verdicts = (Kind.OPPOSED, Kind.COMPATIBLE, Kind.LEFT_OPEN)
    results = at_once(
        lambda number: services.judge_contradiction(
            consultation,
            first=first,
            second=second,
            verdict=verdicts[number % 3],
            by=alice,
            reason="Read.",
        ),
        times=6,
    )
    assert all(isinstance(one, Decision) for one in results)
    assert Decision.objects.filter(undone_at=None).count() == 1


def test_twenty_answers_at_once_leave_one_latest(member: Membership, new_claim: NewClaim) -> None:
    """A double click, twenty times over, in three tabs."""
    question = Question.objects.create(
        first=new_claim("AI should talk."),
        second=new_claim("AI should not talk."),
        participant=member,
        seed=1,
        swapped=False,
        probability=1,
    )

    def answer(number: int) -> object:
        mine = Question.objects.select_related("participant__consultation").get(pk=question.pk)
        return asking.answer_question(mine, value=("first", "second", "both")[number % 3])

    results = at_once(answer, times=20)
    assert all(isinstance(one, Answer) for one in results)
    assert Answer.objects.filter(is_latest=True).count() == 1
