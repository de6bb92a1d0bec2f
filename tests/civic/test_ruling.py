"""Moderators decide: one or two readers, undo, reports and appeals."""

from __future__ import annotations

from importlib import import_module

import pytest
from crowd import at_once
from django.apps import apps
from django.utils.translation import override

from civic.accounts.models import User
from civic.accounts.permissions import can
from civic.accounts.services import ensure_user
from civic.audit.models import Entry
from civic.audit.services import record
from civic.consultations.models import Consultation, Membership
from civic.consultations.phases import Phase
from civic.consultations.services import grant_role, join, open_phase
from civic.errors import Conflict, ConsultationClosed, Forbidden, Invalid, ReasonRequired
from civic.statements import rules
from civic.statements.models import Appeal, Flag, Ruling, Statement
from civic.statements.ruling import (
    confirm_hiding,
    decide_appeal,
    in_force,
    moderate_statement,
    undo_ruling,
)
from civic.statements.services import withdraw_statement


@pytest.fixture
def mona(consultation: Consultation) -> User:
    """A second moderator."""
    user = ensure_user("mona@example.org", display_name="Mona")
    grant_role(consultation, user=user, role=Membership.Role.MODERATOR)
    return user


@pytest.fixture
def statement(consultation: Consultation, member: Membership) -> Statement:
    """What Bob wrote and nobody has read."""
    return Statement.objects.create(consultation=consultation, author=member, text="Buy watches.")


@pytest.fixture
def doubly_read(statement: Statement) -> Statement:
    """The same in a consultation in which two moderators hide."""
    statement.consultation.needs_second_reader = True
    statement.consultation.save()
    return statement


def hide(statement: Statement, *, by: User, rule: str = "advert") -> Ruling:
    return moderate_statement(statement, by=by, decision="rejected", rule=rule)


def state(statement: Statement) -> tuple[str, str]:
    statement.refresh_from_db()
    return statement.moderation, statement.moderation_reason


def test_a_decision_is_kept_with_its_rule(statement: Statement, alice: User) -> None:
    """The row names the rule; the statement carries the sentence that its author reads."""
    made = moderate_statement(
        statement, by=alice, decision="rejected", rule="advert", reason=" Of watches. "
    )
    assert (made.rule, made.reason) == ("advert", "Advertising or spam. Of watches.")
    assert state(statement) == ("rejected", "Advertising or spam. Of watches.")
    assert in_force(statement) == made
    assert Entry.objects.filter(action="statement.rejected", actor=alice.audit_key).count() == 1


@pytest.mark.parametrize(
    ("sent", "refusal"),
    [
        ({"rule": "no such rule"}, Invalid),
        ({"rule": "other"}, ReasonRequired),
        ({"reason": " "}, ReasonRequired),
    ],
)
def test_a_reason_is_a_known_rule_or_words(
    statement: Statement, alice: User, sent: dict[str, str], refusal: type[Invalid]
) -> None:
    """“Another reason” without saying which is none."""
    with pytest.raises(refusal):
        moderate_statement(statement, by=alice, decision="rejected", **sent)
    assert not Ruling.objects.exists()


def test_nothing_is_decided_once_all_is_closed(
    consultation: Consultation, statement: Statement, alice: User
) -> None:
    """A closed consultation keeps its decisions as they are."""
    made = hide(statement, by=alice)
    open_phase(consultation, phase=Phase.CLOSED, by=alice)
    statement.refresh_from_db()
    made.refresh_from_db()
    with pytest.raises(ConsultationClosed):
        hide(statement, by=alice)
    with pytest.raises(ConsultationClosed):
        undo_ruling(made, by=alice)


def test_what_was_withdrawn_is_not_moderated(statement: Statement, alice: User, bob: User) -> None:
    """Nobody reads it any more, so there is nothing to decide."""
    withdraw_statement(statement, by=bob)
    with pytest.raises(Conflict):
        hide(statement, by=alice)


def test_undoing_brings_everything_back(
    statement: Statement, alice: User, mona: User, member: Membership
) -> None:
    """State, reason and reports are as before the decision; the row says that it was undone."""
    moderate_statement(statement, by=mona, decision="accepted", rule="follows")
    before = state(statement)
    flag = Flag.objects.create(statement=statement, raised_by=member, rule="advert")
    made = hide(statement, by=alice)
    flag.refresh_from_db()
    assert flag.settled_at is not None
    with pytest.raises(Forbidden):
        undo_ruling(made, by=mona)
    undo_ruling(made, by=alice)
    flag.refresh_from_db()
    assert state(statement) == before
    assert (flag.settled_at, made.stage) == (None, "undone")
    with pytest.raises(Conflict):
        undo_ruling(made, by=alice)


def test_only_the_newest_decision_is_undone(statement: Statement, alice: User, mona: User) -> None:
    """What somebody decided since stands."""
    first = hide(statement, by=alice)
    moderate_statement(statement, by=mona, decision="accepted", rule="follows")
    with pytest.raises(Conflict):
        undo_ruling(first, by=alice)
    assert state(statement)[0] == "accepted"


def test_two_readers_hide(doubly_read: Statement, alice: User, mona: User) -> None:
    """Until somebody else agrees the statement stays as it was; the proposer cannot be both."""
    made = hide(doubly_read, by=alice)
    assert (made.stage, state(doubly_read)[0]) == ("proposed", "waiting")
    for again in (confirm_hiding, undo_by_hiding):
        with pytest.raises(Forbidden):
            again(made, by=alice)
    confirm_hiding(made, by=mona)
    assert state(doubly_read) == ("rejected", "Advertising or spam.")
    made.refresh_from_db()
    assert (made.stage, made.decided_by, made.second_reader) == ("final", alice, mona)
    undo_ruling(made, by=mona)
    assert (made.stage, state(doubly_read)[0]) == ("proposed", "waiting")


def undo_by_hiding(ruling: Ruling, *, by: User) -> None:
    """What the API offers a moderator who presses twice."""
    hide(ruling.statement, by=by)


def test_a_second_reader_who_sees_it_otherwise_shows_it(
    doubly_read: Statement, alice: User, mona: User
) -> None:
    """The proposal is kept as overruled, and the statement is shown."""
    made = hide(doubly_read, by=alice)
    moderate_statement(doubly_read, by=mona, decision="accepted", rule="follows")
    made.refresh_from_db()
    assert (made.stage, made.second_reader) == ("overruled", mona)
    assert state(doubly_read)[0] == "accepted"


def test_a_proposal_can_be_taken_back(doubly_read: Statement, alice: User) -> None:
    """By undoing it, or by deciding otherwise oneself: nobody else had a part in it."""
    undo_ruling(hide(doubly_read, by=alice), by=alice)
    made = hide(doubly_read, by=alice)
    moderate_statement(doubly_read, by=alice, decision="accepted", rule="follows")
    made.refresh_from_db()
    assert (made.stage, made.second_reader) == ("undone", None)
    stages = Ruling.objects.order_by("pk").values_list("stage", flat=True)
    assert list(stages) == ["undone", "undone", "final"]


def test_shown_statements_stay_shown_until_two_agree(
    doubly_read: Statement, alice: User, mona: User
) -> None:
    """Where moderation comes after, a proposal takes nothing from anybody's sight."""
    doubly_read.consultation.moderation = Consultation.Moderation.AFTER
    doubly_read.consultation.save()
    made = hide(doubly_read, by=alice)
    assert Statement.objects.shown().exists()
    confirm_hiding(made, by=mona)
    assert not Statement.objects.shown().exists()


def appeal(statement: Statement) -> Appeal:
    return Appeal.objects.create(
        statement=statement, ruling=in_force(statement), words="These are not adverts."
    )


def test_somebody_else_answers_an_appeal(statement: Statement, alice: User, mona: User) -> None:
    """Who hid it may not; who shows it again says why, and the author reads it."""
    hide(statement, by=alice)
    opened = appeal(statement)
    with pytest.raises(Forbidden):
        decide_appeal(opened, by=alice, outcome="upheld", answer="No.")
    with pytest.raises(ReasonRequired):
        decide_appeal(opened, by=mona, outcome="granted", answer=" ")
    with pytest.raises(Invalid):
        decide_appeal(opened, by=mona, outcome="open", answer="Later.")
    decide_appeal(opened, by=mona, outcome="granted", answer="You are right.")
    opened.refresh_from_db()
    assert (opened.outcome, opened.answer) == ("granted", "You are right.")
    assert state(statement)[0] == "accepted"
    with pytest.raises(Conflict):
        decide_appeal(opened, by=mona, outcome="upheld", answer="No.")


def test_who_hides_it_once_more_has_a_part_in_it(
    statement: Statement, alice: User, mona: User
) -> None:
    """While an appeal waits a second decision hides it, too: neither of the two answers it."""
    hide(statement, by=alice)
    opened = appeal(statement)
    hide(statement, by=mona, rule="insult")
    for reader in (alice, mona):
        with pytest.raises(Forbidden):
            decide_appeal(opened, by=reader, outcome="upheld", answer="No.")


def test_nobody_answers_her_own_appeal(
    consultation: Consultation, statement: Statement, member: Membership, alice: User
) -> None:
    """A moderator who takes part as a citizen is an author like any other."""
    grant_role(consultation, user=member.user, role=Membership.Role.MODERATOR)
    hide(statement, by=alice)
    opened = appeal(statement)
    with pytest.raises(Forbidden):
        decide_appeal(opened, by=member.user, outcome="granted", answer="I like it.")
    with pytest.raises(Conflict):
        moderate_statement(statement, by=member.user, decision="accepted", reason="I like it.")
    assert state(statement)[0] == "rejected"


def test_nobody_lets_her_own_words_through(
    consultation: Consultation, statement: Statement, member: Membership, alice: User, charlie: User
) -> None:
    """Bob, who moderates, too, may hide his waiting statement; the organizer lets it through."""
    grant_role(consultation, user=member.user, role=Membership.Role.MODERATOR)
    with pytest.raises(Forbidden, match="somebody else must read it"):
        moderate_statement(statement, by=member.user, decision="accepted", rule="follows")
    assert state(statement)[0] == "waiting"
    undo_ruling(hide(statement, by=member.user), by=member.user)
    assert not can(charlie, "statements.moderate", statement)
    moderate_statement(statement, by=alice, decision="accepted", rule="follows")
    assert state(statement) == ("accepted", "It follows the rules for statements.")


def test_whoever_alone_may_moderate_decides_and_the_record_says_so(
    consultation: Consultation, alice: User
) -> None:
    """The owner takes part, too, and nobody else could read what she wrote."""
    own = Statement.objects.create(
        consultation=consultation, author=join(consultation, user=alice), text="AI should be kind."
    )
    made = moderate_statement(own, by=alice, decision="accepted", rule="follows", reason="Kind.")
    told = "Decided by its author, who alone may moderate here."
    assert made.reason == f"{told} It follows the rules for statements. Kind."
    with override("de"):
        german = rules.told(made.reason)
    assert not any(one in german for one in ("Decided", "follows"))
    assert german.endswith(" Kind.")


def test_a_decision_that_stands_stays(statement: Statement, alice: User, mona: User) -> None:
    """The statement stays hidden under its first reason; the record has the outcome."""
    hide(statement, by=alice)
    decide_appeal(appeal(statement), by=mona, outcome="upheld", answer="It sells watches.")
    assert state(statement) == ("rejected", "Advertising or spam.")
    assert Entry.objects.filter(action="appeal.upheld").count() == 1


def test_both_readers_had_a_part_in_it(doubly_read: Statement, alice: User, mona: User) -> None:
    """The appeal needs a third person."""
    confirm_hiding(hide(doubly_read, by=alice), by=mona)
    opened = appeal(doubly_read)
    for reader in (alice, mona):
        with pytest.raises(Forbidden):
            decide_appeal(opened, by=reader, outcome="upheld", answer="No.")


def test_showing_it_again_answers_the_appeal(statement: Statement, alice: User) -> None:
    """Who hid it may still change her mind; put back or undone behind an appeal it is not."""
    made = hide(statement, by=alice)
    opened = appeal(statement)
    with pytest.raises(Conflict):
        undo_ruling(made, by=alice)
    with pytest.raises(Conflict):
        moderate_statement(statement, by=alice, decision="waiting", rule="again")
    moderate_statement(statement, by=alice, decision="accepted", reason="My mistake.")
    opened.refresh_from_db()
    assert (opened.outcome, opened.answer) == ("granted", "My mistake.")


@pytest.mark.django_db(transaction=True)
def test_of_many_second_readers_one_confirms(doubly_read: Statement, alice: User) -> None:
    """Six press at once, the proposer among them: one second reader, one entry."""
    readers = [alice]
    for number in range(5):
        readers.append(ensure_user(f"reader{number}@example.org"))
        grant_role(doubly_read.consultation, user=readers[-1], role="moderator")
    made = hide(doubly_read, by=alice)
    results = at_once(
        lambda number: confirm_hiding(Ruling.objects.get(pk=made.pk), by=readers[number]), times=6
    )
    made.refresh_from_db()
    assert made.second_reader in readers[1:]
    assert sum(isinstance(one, Ruling) for one in results) == 1
    assert Entry.objects.filter(action="statement.rejected").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_proposals_one_is_kept(doubly_read: Statement, alice: User) -> None:
    """One person who presses eight times proposes once and confirms never."""
    results = at_once(lambda _: hide(Statement.objects.get(pk=doubly_read.pk), by=alice), times=8)
    assert Ruling.objects.get().stage == "proposed"
    assert sum(isinstance(one, Forbidden) for one in results) == 7
    assert state(doubly_read)[0] == "waiting"


@pytest.mark.django_db(transaction=True)
def test_an_appeal_is_answered_once(statement: Statement, alice: User, mona: User) -> None:
    """Of contrary answers at the same moment one counts, and the statement agrees with it."""
    hide(statement, by=alice)
    opened = appeal(statement)
    outcomes = ("upheld", "granted")
    at_once(
        lambda number: decide_appeal(
            Appeal.objects.get(pk=opened.pk), by=mona, outcome=outcomes[number % 2], answer="So."
        ),
        times=6,
    )
    opened.refresh_from_db()
    expected = {"upheld": "rejected", "granted": "accepted"}
    assert state(statement)[0] == expected[opened.outcome]
    assert Entry.objects.filter(action__startswith="appeal.").count() == 1


def test_a_reason_is_told_in_the_readers_language() -> None:
    """The rule is translated, a moderator's own words are not."""
    assert rules.told("Breaks the law. See § 5.") == "Breaks the law. See § 5."
    assert rules.told("Something else.") == "Something else."
    assert rules.named("advert") == "Advertising or spam"
    assert rules.named("") == ""


def test_earlier_decisions_get_a_ruling_for_what_they_led_to(
    consultation: Consultation, alice: User
) -> None:
    """What was decided before rulings were kept stands in the record; imports do not."""
    migration = import_module("civic.statements.migrations.0006_rulings_of_earlier_decisions")
    for number, reason in enumerate(("No.", "", "Hidden in the imported consultation.")):
        state = "rejected" if reason else "accepted"
        Statement.objects.create(
            consultation=consultation, text=f"{number}", moderation=state, moderation_reason=reason
        )
    decided = Statement.objects.get(moderation_reason="No.")
    entry = record("statement.rejected", subject=decided, actor=alice.audit_key)
    for _ in range(2):  # Run again it writes nothing again.
        migration.keep_present_decisions(apps, None)
    ruling = Ruling.objects.get()
    assert (ruling.statement, ruling.decision, ruling.reason) == (decided, "rejected", "No.")
    assert (ruling.created_at, ruling.decided_by, ruling.stage) == (entry.at, None, "final")
