"""Writing, preparing, moderating and withdrawing statements."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from civic.accounts.models import User
from civic.accounts.permissions import can
from civic.audit.models import Entry
from civic.audit.services import commitment
from civic.consultations.models import Consultation, Membership
from civic.errors import Conflict, Invalid, ReasonRequired
from civic.specs.selectors import Place, my_part
from civic.statements import pipeline
from civic.statements.models import Claim, Segment, Statement
from civic.statements.ruling import moderate_statement
from civic.statements.selectors import moderation_queue
from civic.statements.services import (
    submit_statement,
    undo_merge,
    withdraw_statement,
)


def accept(statement: Statement, *, by: User) -> None:
    moderate_statement(statement, by=by, decision="accepted", reason="on topic")


def test_a_statement_is_kept_to_the_letter_and_recorded(member: Membership, bob: User) -> None:
    """What is stored is what was sent, and the record proves it."""
    text = "KI soll „ehrlich“ sein – immer. 😀"
    statement = submit_statement(author=member, text=text)
    statement.refresh_from_db()
    assert statement.text == text
    entry = Entry.objects.get(action="statement.submitted")
    assert entry.actor == bob.audit_key
    assert entry.commitment == commitment(bytes(entry.row_key), {"text": text})


@pytest.mark.parametrize("text", ["", "  \n", "\u200b\u200b", "bad\x00byte", "half \ud800 char"])
def test_text_that_cannot_be_shown_is_refused(member: Membership, text: str) -> None:
    """Nothing empty and nothing unstorable comes in, and nothing is half written."""
    with pytest.raises(Invalid):
        submit_statement(author=member, text=text)
    assert not Statement.objects.exists()


def test_the_same_words_sent_twice_are_one_statement(member: Membership) -> None:
    """A second click on the button changes nothing."""
    first = submit_statement(author=member, text="AI should be kind.")
    assert submit_statement(author=member, text="AI should be kind.").pk == first.pk


def test_preparation_finds_norms_and_leaves_context_alone(member: Membership) -> None:
    """Only sentences that ask for something become claims; offsets cut out the very words."""
    text = "I work in a hospital.\nThe AI should never lie to patients. It must ask a doctor."
    statement = submit_statement(author=member, text=text)
    pipeline.prepare_statement(statement.pk)
    found = [(s.text, s.claim is not None, s.polarity) for s in statement.segments.all()]
    assert found == [
        ("I work in a hospital.", False, 1),
        ("The AI should never lie to patients.", True, -1),
        ("It must ask a doctor.", True, 1),
    ]


def test_preparing_twice_changes_nothing(member: Membership) -> None:
    """A message delivered twice leaves the same rows."""
    statement = submit_statement(author=member, text="The AI should never lie to patients.")
    pipeline.prepare_statement(statement.pk)
    before = list(Segment.objects.values())
    pipeline.prepare_statement(statement.pk)
    assert list(Segment.objects.values()) == before
    assert Claim.objects.count() == 1


def test_near_words_of_equal_polarity_share_a_claim(
    member: Membership, new_member: Callable[[str], Membership]
) -> None:
    """Two people who say the same are voted on once; the opposite is another claim."""
    texts = (
        "The AI should lie to patients.",
        "The AI should lie to patients!",
        "The AI should never lie to patients.",
    )
    for name, text in zip(("ann", "ben", "cleo"), texts, strict=True):
        pipeline.prepare_statement(submit_statement(author=new_member(name), text=text).pk)
    first, second, opposite = Segment.objects.order_by("pk").select_related("claim")
    assert first.claim == second.claim
    assert second.is_merged
    assert not first.is_merged
    assert opposite.claim != first.claim


def test_an_author_can_undo_a_merge(
    member: Membership, bob: User, new_member: Callable[[str], Membership]
) -> None:
    """Her sentence gets a claim in her own words; undoing twice is refused."""
    pipeline.prepare_statement(
        submit_statement(author=new_member("ann"), text="The AI should be kind to us.").pk
    )
    mine = submit_statement(author=member, text="The AI should be kind to us!")
    pipeline.prepare_statement(mine.pk)
    segment = mine.segments.select_related("claim", "statement").get()
    claim = undo_merge(segment, by=bob)
    assert claim.text == "The AI should be kind to us!"
    with pytest.raises(Conflict):
        undo_merge(segment, by=bob)


def test_moderation_needs_a_reason(member: Membership, alice: User) -> None:
    """Nothing is hidden, or accepted, without a word to its author."""
    statement = submit_statement(author=member, text="AI should be kind.")
    with pytest.raises(ReasonRequired):
        moderate_statement(statement, by=alice, decision="rejected", reason="  ")
    with pytest.raises(Invalid):
        moderate_statement(statement, by=alice, decision="deleted", reason="spam")
    statement.refresh_from_db()
    assert statement.moderation == Statement.Moderation.WAITING


def test_a_statement_is_shown_once_it_is_accepted(
    consultation: Consultation, member: Membership, alice: User, charlie: User
) -> None:
    """Before that only its author and the team read it."""
    statement = submit_statement(author=member, text="AI should be kind.")
    assert list(moderation_queue(consultation)) == [statement]
    assert not can(charlie, "statements.view", statement)
    accept(statement, by=alice)
    assert can(charlie, "statements.view", statement)
    assert list(moderation_queue(consultation)) == []


def test_a_claim_outlives_the_withdrawal_of_its_words(
    member: Membership, bob: User, alice: User, new_member: Callable[[str], Membership]
) -> None:
    """Whoever said nearly the same carries it on; without such a person it goes out of sight."""
    mine = submit_statement(author=member, text="The AI should be kind to us.")
    other = submit_statement(author=new_member("ann"), text="The AI should be kind to us!")
    for statement in (mine, other):
        pipeline.prepare_statement(statement.pk)
        accept(statement, by=alice)
    withdraw_statement(mine, by=bob)
    claim = Claim.objects.select_related("statement").get()
    assert claim.statement == other
    assert claim.text == "The AI should be kind to us!"
    withdraw_statement(other, by=other.author.user)
    assert not Claim.objects.shown().exists()


def test_my_part_says_where_each_sentence_is(
    member: Membership, bob: User, alice: User, new_member: Callable[[str], Membership]
) -> None:
    """Waiting, then context, shown or merged; hidden with the whole statement."""
    earlier = submit_statement(author=new_member("ann"), text="The AI should be kind to us.")
    pipeline.prepare_statement(earlier.pk)
    accept(earlier, by=alice)
    text = "I work in a hospital. The AI should be kind to us! It must ask a doctor."
    mine = submit_statement(author=member, text=text)
    assert my_part(member)[0].place is Place.WAITING
    pipeline.prepare_statement(mine.pk)
    accept(mine, by=alice)
    (part,) = my_part(member)
    assert [s.place for s in part.sentences] == [Place.CONTEXT, Place.MERGED, Place.SHOWN]
    moderate_statement(mine, by=alice, decision="rejected", reason="names a person")
    assert my_part(member)[0].place is Place.HIDDEN


def test_my_part_costs_the_same_for_one_statement_and_for_many(
    member: Membership,
    new_claim: Callable[..., Claim],
    django_assert_max_num_queries: Callable[[int], object],
) -> None:
    """The number of queries does not grow with what a person wrote."""
    for number in range(12):
        new_claim(f"AI should do thing {number}.", author=member)
    with django_assert_max_num_queries(7):
        assert len(my_part(member)) == 12
