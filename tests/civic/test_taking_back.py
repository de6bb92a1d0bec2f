"""Answers that depend, answers sent twice, importance, and answers taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from crowd import at_once

from civic.accounts.models import User
from civic.audit.models import Entry
from civic.consultations.models import Consultation, Membership
from civic.consultations.phases import Phase
from civic.consultations.services import open_phase
from civic.errors import Conflict, ConsultationClosed, Invalid
from civic.reactions.models import Reaction, Serving
from civic.reactions.pace import SECONDS, minutes_spent, pace_of
from civic.reactions.selectors import answers_to, conditions_of, progress_of
from civic.reactions.services import (
    cast_reaction,
    next_card,
    next_claim,
    undo_reaction,
    weigh_reaction,
)
from civic.statements.models import Claim

NewClaim = Callable[..., Claim]
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def latest(claim: Claim) -> list[str]:
    return list(
        Reaction.objects.filter(claim=claim, is_latest=True).values_list("value", flat=True)
    )


# --- It depends


def test_it_depends_comes_with_a_condition_and_is_told_apart(
    member: Membership, new_claim: NewClaim
) -> None:
    """The condition is kept as written, and the tally names the answer."""
    new_claim("AI should be kind.")
    claim = next_claim(member)
    given = cast_reaction(claim, participant=member, value="depends", condition="  if asked \u202e")
    assert (given.value, given.condition, given.served) == ("depends", "if asked", True)
    tally = answers_to([claim.pk])[claim.pk]
    assert (tally.depends, tally.unsure, tally.n) == (1, 0, 1)


@pytest.mark.parametrize(
    ("value", "condition", "told"),
    [
        ("agree", "only on Sundays", "Only the answer “It depends”"),
        ("depends", "x" * 281, "at most 280 characters"),
        ("depends", "\u200b\u200b", "nothing to read"),
        ("depends", "e" + "\u0301" * 40, "accents"),
        ("depends", "a\x00b", "cannot be shown safely"),
    ],
)
def test_a_condition_that_cannot_be_kept_is_refused_in_words(
    member: Membership, new_claim: NewClaim, value: str, condition: str, told: str
) -> None:
    """Too long, invisible, piled up or with another answer: nothing is stored."""
    claim = new_claim("AI should be kind.")
    with pytest.raises(Invalid, match=told):
        cast_reaction(claim, participant=member, value=value, condition=condition)
    assert not Reaction.objects.exists()


def test_a_condition_is_counted_as_people_count(member: Membership, new_claim: NewClaim) -> None:
    """280 families are 280 characters, whatever their bytes."""
    claim = new_claim("AI should be kind.")
    text = "👨‍👩‍👧‍👦" * 280
    given = cast_reaction(claim, participant=member, value="depends", condition=text)
    assert given.condition == text


def test_conditions_come_without_anything_about_people(
    new_member: Callable[[str], Membership], new_claim: NewClaim
) -> None:
    """Those who analyse read the words alone, in the order of the alphabet, latest ones only."""
    claim = new_claim("AI should be kind.")
    for name, condition in (("zoe", "at night"), ("ann", "with children"), ("bea", "")):
        cast_reaction(claim, participant=new_member(name), value="depends", condition=condition)
    changed = new_member("cid")
    cast_reaction(claim, participant=changed, value="depends", condition="never mind")
    cast_reaction(claim, participant=changed, value="agree")
    assert conditions_of(claim) == ["at night", "with children"]


# --- Sent twice


def test_one_sending_that_arrives_twice_is_one_row(member: Membership, new_claim: NewClaim) -> None:
    """Even where she answered something else meanwhile: the late copy changes nothing."""
    claim = new_claim("AI should be kind.")
    first = cast_reaction(claim, participant=member, value="agree", token="t1")
    cast_reaction(claim, participant=member, value="disagree", token="t2")
    assert cast_reaction(claim, participant=member, value="agree", token="t1").pk == first.pk
    assert Reaction.objects.count() == 2
    assert latest(claim) == ["disagree"]


def test_the_same_words_in_another_sending_are_one_row_too(
    member: Membership, new_claim: NewClaim
) -> None:
    """A second tab that says the same adds nothing."""
    claim = new_claim("AI should be kind.")
    cast_reaction(claim, participant=member, value="agree", token="t1")
    cast_reaction(claim, participant=member, value="agree", token="t2")
    assert Reaction.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_sending_that_arrives_twenty_times_at_once_is_one_row(
    member: Membership, new_claim: NewClaim
) -> None:
    """A queue flushed by several tabs in the same second."""
    claim = new_claim("AI should be kind.")

    def cast(_: int) -> object:
        mine = Membership.objects.select_related("consultation", "user").get(pk=member.pk)
        same = Claim.objects.select_related("statement__consultation").get(pk=claim.pk)
        return cast_reaction(same, participant=mine, value="agree", token="t1")

    results = at_once(cast, times=20)
    assert all(isinstance(result, Reaction) for result in results)
    assert Reaction.objects.count() == 1


# --- Importance


def test_importance_is_said_after_the_answer(member: Membership, new_claim: NewClaim) -> None:
    """Value and condition stay; the same importance twice is one row."""
    claim = new_claim("AI should be kind.")
    cast_reaction(claim, participant=member, value="depends", condition="if asked")
    for _ in range(2):
        given = weigh_reaction(claim, participant=member, importance=4)
    assert (given.value, given.condition, given.importance) == ("depends", "if asked", 4)
    assert Reaction.objects.count() == 2
    assert latest(claim) == ["depends"]


def test_importance_needs_an_answer_and_a_number(member: Membership, new_claim: NewClaim) -> None:
    """Nothing is weighed that was not answered, and nothing beyond 5."""
    claim = new_claim("AI should be kind.")
    with pytest.raises(Conflict):
        weigh_reaction(claim, participant=member, importance=3)
    with pytest.raises(Invalid):
        weigh_reaction(claim, participant=member, importance=6)


# --- Taking back


def test_an_answer_taken_back_is_asked_again(member: Membership, new_claim: NewClaim) -> None:
    """The claim is open once more, its serving counts, and the row stays on record."""
    new_claim("AI should be kind.")
    claim = next_claim(member)
    cast_reaction(claim, participant=member, value="agree")
    weigh_reaction(claim, participant=member, importance=5)
    assert undo_reaction(claim, participant=member) is None
    assert latest(claim) == []
    assert Reaction.objects.exclude(undone_at=None).count() == 2
    assert progress_of(member) == (0, 1)
    assert next_claim(member) == claim
    assert Serving.objects.count() == 1
    assert cast_reaction(claim, participant=member, value="disagree").served
    assert answers_to([claim.pk])[claim.pk].n == 1


def test_the_answer_before_counts_again(member: Membership, new_claim: NewClaim) -> None:
    """A changed mind that is taken back leaves the first answer, with its importance."""
    claim = new_claim("AI should be kind.")
    first = cast_reaction(claim, participant=member, value="agree", importance=2)
    cast_reaction(claim, participant=member, value="disagree")
    assert undo_reaction(claim, participant=member).pk == first.pk
    assert latest(claim) == ["agree"]
    assert undo_reaction(claim, participant=member) is None
    with pytest.raises(Conflict):
        undo_reaction(claim, participant=member)


def test_what_was_taken_back_never_comes_back(member: Membership, new_claim: NewClaim) -> None:
    """Agree, taken back, disagree, taken back: no answer is left, not the first one."""
    claim = new_claim("AI should be kind.")
    for value in ("agree", "disagree"):
        cast_reaction(claim, participant=member, value=value)
        assert undo_reaction(claim, participant=member) is None
    assert Reaction.objects.filter(is_latest=True).count() == 0
    assert Reaction.objects.count() == 2


def test_a_second_click_on_undo_takes_nothing_more(member: Membership, new_claim: NewClaim) -> None:
    """It names the row it was shown with."""
    claim = new_claim("AI should be kind.")
    first = cast_reaction(claim, participant=member, value="agree")
    shown = cast_reaction(claim, participant=member, value="disagree")
    for _ in range(2):
        assert undo_reaction(claim, participant=member, only=shown.pk).pk == first.pk
    assert latest(claim) == ["agree"]


@pytest.mark.django_db(transaction=True)
def test_ten_undos_at_once_take_one_answer_back(member: Membership, new_claim: NewClaim) -> None:
    """Of the answers agree and disagree, agree is left."""
    claim = new_claim("AI should be kind.")
    cast_reaction(claim, participant=member, value="agree")
    shown = cast_reaction(claim, participant=member, value="disagree")

    def undo(_: int) -> object:
        mine = Membership.objects.select_related("consultation", "user").get(pk=member.pk)
        same = Claim.objects.select_related("statement__consultation").get(pk=claim.pk)
        return undo_reaction(same, participant=mine, only=shown.pk)

    at_once(undo, times=10)
    assert latest(claim) == ["agree"]
    assert Entry.objects.filter(action="reaction.undone").count() == 1


def test_taking_back_is_over_when_reacting_is(
    member: Membership, consultation: Consultation, alice: User, new_claim: NewClaim
) -> None:
    """What is being analysed no longer moves."""
    claim = new_claim("AI should be kind.")
    cast_reaction(claim, participant=member, value="agree")
    open_phase(consultation, phase=Phase.REVIEW, by=alice)
    member.consultation.refresh_from_db()
    with pytest.raises(ConsultationClosed):
        undo_reaction(claim, participant=member)
    with pytest.raises(ConsultationClosed):
        weigh_reaction(claim, participant=member, importance=1)
    assert latest(claim) == ["agree"]


def test_acts_leave_their_trace(member: Membership, new_claim: NewClaim) -> None:
    """Answer, importance and undo each write one entry."""
    claim = new_claim("AI should be kind.")
    cast_reaction(claim, participant=member, value="agree")
    weigh_reaction(claim, participant=member, importance=1)
    undo_reaction(claim, participant=member)
    actions = Entry.objects.filter(action__startswith="reaction.").values_list("action", flat=True)
    assert list(actions) == ["reaction.cast", "reaction.cast", "reaction.undone"]


# --- The card


def test_a_card_tells_how_it_was_drawn(member: Membership, new_claim: NewClaim) -> None:
    """From how many, and with what chance; both stay what they were when it is shown again."""
    for number in range(5):
        new_claim(f"AI should do thing {number}.")
    card = next_card(member)
    assert card.serving.among == 5
    assert 0 < card.serving.probability < 1
    new_claim("AI should do one thing more.")
    again = next_card(member)
    assert (again.claim, again.serving.among) == (card.claim, 5)
    assert (again.pool.answered, again.pool.total) == (0, 6)


def test_the_claim_that_was_taken_back_is_shown_first(
    member: Membership, new_claim: NewClaim
) -> None:
    """Before the one that waits meanwhile; an id that is none of hers is ignored."""
    for number in range(3):
        new_claim(f"AI should do thing {number}.")
    first = next_claim(member)
    cast_reaction(first, participant=member, value="agree")
    waiting = next_claim(member)
    undo_reaction(first, participant=member)
    assert next_card(member, wanted=first.uuid).claim == first
    assert next_card(member, wanted=member.consultation.uuid).claim == waiting


@pytest.mark.parametrize("claims", [3, 300])
def test_a_card_costs_the_same_queries_however_many_claims_there_are(
    member: Membership,
    new_claim: NewClaim,
    django_assert_num_queries: Callable[[int], object],
    claims: int,
) -> None:
    """Pool, tallies, serving, card; shown again: pool and card."""
    first = new_claim("AI should do thing 0.")
    statement = first.statement
    Claim.objects.bulk_create(
        Claim(consultation=member.consultation, statement=statement, start=0, end=5)
        for _ in range(claims - 1)
    )
    with django_assert_num_queries(4):
        next_card(member)
    with django_assert_num_queries(2):
        next_card(member)


# --- Pace


def test_ones_own_pace_is_the_median_gap_without_pauses() -> None:
    """Eight answers ten seconds apart, then lunch: ten seconds each."""
    moments = [NOON + timedelta(seconds=10 * number) for number in range(8)]
    moments += [NOON + timedelta(hours=1)]
    pace = pace_of(moments)
    assert (pace.seconds, pace.is_own) == (10, True)
    assert (pace.minutes_for(18), pace.minutes_for(2), pace.minutes_for(1000)) == (3, 0, None)


def test_a_newcomers_pace_is_the_usual_one() -> None:
    """Until she has answered a few."""
    assert pace_of([]).seconds == pace_of([NOON, NOON + timedelta(seconds=1)]).seconds == SECONDS
    assert not pace_of([NOON]).is_own


def test_minutes_spent_leave_out_pauses(member: Membership, new_claim: NewClaim) -> None:
    """Two sittings of seven answers, thirty seconds each, a day apart: seven minutes."""
    moments = [
        NOON + timedelta(days=day, seconds=30 * number) for day in range(2) for number in range(7)
    ]
    Reaction.objects.bulk_create(
        Reaction(
            claim=new_claim(f"AI should do thing {number}."),
            participant=member,
            value="agree",
            served=True,
            given_at=moment,
        )
        for number, moment in enumerate(moments)
    )
    assert minutes_spent(member) == 7
