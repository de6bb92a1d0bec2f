"""Many at once: the database decides, not the order in which requests arrive."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from crowd import at_once
from django.conf import LazySettings
from django.db import connection

from aggregation.types import Answer
from civic.accounts.models import User
from civic.analysis import lease
from civic.analysis.models import Run
from civic.audit.models import Entry
from civic.consultations.models import Consultation, Membership
from civic.consultations.services import accept_invitation, create_consultation, invite
from civic.consultations.setting_up import open_first, save_step
from civic.errors import NotFound
from civic.judging.models import Judgement, MachineAnswer, Showing
from civic.judging.services import add_answers, judge_answer, next_answer
from civic.reactions.models import Reaction, Serving
from civic.reactions.services import cast_reaction, next_claim
from civic.specs.erasing import erase_part
from civic.statements import preparing
from civic.statements.models import Claim, Segment, Statement
from civic.statements.services import submit_statement

pytestmark = pytest.mark.django_db(transaction=True)


def test_fifty_answers_at_once_leave_one_latest(
    member: Membership, new_claim: Callable[..., Claim]
) -> None:
    """Whatever the order, exactly one row counts, and none of the fifty fails."""
    claim = new_claim("AI should be kind.")
    values = ("agree", "disagree", "unsure")

    def cast(number: int) -> object:
        mine = Membership.objects.select_related("consultation", "user").get(pk=member.pk)
        same = Claim.objects.select_related("statement__consultation").get(pk=claim.pk)
        return cast_reaction(same, participant=mine, value=values[number % 3])

    results = at_once(cast, times=50)
    assert all(isinstance(result, Reaction) for result in results)
    assert Reaction.objects.filter(is_latest=True).count() == 1


def test_the_same_answer_from_twenty_tabs_is_one_row(
    member: Membership, new_claim: Callable[..., Claim]
) -> None:
    """A double click, twenty times over."""
    claim = new_claim("AI should be kind.")

    def cast(_: int) -> object:
        mine = Membership.objects.select_related("consultation", "user").get(pk=member.pk)
        same = Claim.objects.select_related("statement__consultation").get(pk=claim.pk)
        return cast_reaction(same, participant=mine, value="agree")

    at_once(cast, times=20)
    assert Reaction.objects.count() == 1


def test_two_tabs_are_served_without_an_error(
    member: Membership, new_claim: Callable[..., Claim]
) -> None:
    """Both may draw the same claim; it is recorded as served once."""
    new_claim("AI should be kind.")
    results = at_once(
        lambda _: next_claim(Membership.objects.select_related("consultation").get(pk=member.pk)),
        times=8,
    )
    assert all(isinstance(result, Claim) for result in results)
    assert Serving.objects.count() == 1


def test_fifty_judgements_at_once_leave_one_latest(
    member: Membership, new_claim: Callable[..., Claim]
) -> None:
    """Tabs that are shown an answer and judge it: it is shown once, and one word counts."""
    claim = new_claim("AI should be kind.")
    told = ("1", claim.key, "Who are you?", "A friend.", "a machine", "Alice", "")
    add_answers(member.consultation, [Answer(*told)])
    values = ("good", "bad", "unsure")

    def judge(number: int) -> object:
        mine = Membership.objects.select_related("consultation", "user").get(pk=member.pk)
        answer = next_answer(mine) or MachineAnswer.objects.get()
        return judge_answer(answer, participant=mine, value=values[number % 3])

    results = at_once(judge, times=50)
    assert all(isinstance(result, Judgement) for result in results)
    assert Judgement.objects.filter(is_latest=True).count() == 1
    assert Showing.objects.count() == 1


def test_nothing_slips_in_beside_a_deletion(member: Membership) -> None:
    """What is sent at the very moment is there before and goes, or is refused; nothing fails."""

    def act(number: int) -> object:
        mine = Membership.objects.select_related("consultation", "user").get(pk=member.pk)
        gate.wait()  # everybody has read her part as it was
        if number == 3:
            return erase_part(mine, by=mine.user)
        return submit_statement(author=mine, text=f"AI should keep promise number {number}.")

    gate = threading.Barrier(8)
    results = at_once(act, times=8)
    assert all(isinstance(one, Statement | NotFound | None) for one in results)
    assert not Statement.objects.exclude(text="").exists()


def test_one_invitation_lets_one_of_ten_in(
    consultation: Consultation, alice: User, bob: User
) -> None:
    """A forwarded link is worth one membership."""
    _, token = invite(consultation, by=alice, role="auditor")
    results = at_once(lambda _: accept_invitation(token, user=bob), times=10)
    assert sum(isinstance(result, Membership) for result in results) == 1


def test_steps_saved_at_once_are_all_kept(alice: User) -> None:
    """Five tabs, a step each, opened before any of them was saved."""
    draft = create_consultation(title="Robots", slug="robots", by=alice)
    fields: dict[str, dict[str, object]] = {
        "question": {"question": "What may robots do?"},
        "access": {"access": "invite"},
        "people": {"expected_people": 300},
        "moderation": {"moderation": "after"},
        "dates": {"languages": ["de"]},
    }
    steps = list(fields)
    tabs = [Consultation.objects.get(pk=draft.pk) for _ in steps]

    def save(number: int) -> object:
        step = steps[number]
        return save_step(tabs[number], step=step, fields=fields[step], by=alice)

    results = at_once(save, times=len(steps))
    assert results == [sorted(one) for one in fields.values()]
    draft.refresh_from_db()
    assert sorted(draft.steps_saved) == sorted(steps)
    assert all(getattr(draft, n) == v for one in fields.values() for n, v in one.items())


def test_a_consultation_opens_once(alice: User) -> None:
    """Eight clicks on the button that opens it: one phase, one entry, no error."""
    about = {"question": "What may robots do?", "asked_by": "The council", "examples": ["Help me."]}
    more = {"use_of_result": "We answer.", "moderation": "after", "moderation_policy": "Be kind."}
    draft = create_consultation(title="Robots", slug="robots", by=alice, **about, **more)
    results = at_once(
        lambda _: open_first(Consultation.objects.get(pk=draft.pk), by=alice), times=8
    )
    assert sorted(map(bool, results)) == [*[False] * 7, True]
    assert all(isinstance(one, bool) for one in results)
    assert Entry.objects.filter(action="consultation.phase_opened").count() == 1


def test_ten_workers_take_one_run_once(consultation: Consultation) -> None:
    """Of all workers that hear the bell, one gets the lease."""
    run = Run.objects.create(consultation=consultation)
    holders = at_once(lambda _: lease.take(run.pk), times=10)
    assert sum(holder is not None for holder in holders) == 1
    run.refresh_from_db()
    assert run.attempts == 1


def test_ten_workers_at_the_last_shards_open_the_next_stage_once(
    consultation: Consultation, settings: LazySettings
) -> None:
    """Each shard is taken by one worker, however many hear of it; of those who finish at the same
    moment, one opens the next stage."""
    settings.SHARD_SIZE = 5
    Statement.objects.bulk_create(
        Statement(consultation=consultation, text=f"AI should be {n} times kind.", language="en")
        for n in range(20)
    )
    preparation = preparing.begin(consultation, reason="Test")
    assert preparation is not None
    shards = list(preparation.shards.values_list("pk", flat=True))
    opened = at_once(lambda number: preparing.execute(shards[number % len(shards)]), times=10)
    assert sum(bool(one) for one in opened) == 1
    assert set(preparation.shards.values_list("stage", "status", "attempts")) == {
        ("read", "done", 1),
        ("fold", "queued", 0),
    }


def test_equal_sentences_prepared_at_once_meet_in_one_claim(
    consultation: Consultation,
    new_member: Callable[[str], Membership],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Six people write the same in the same second: one claim, six passages."""
    members = [new_member(f"person{number}") for number in range(6)]

    def submit(number: int) -> object:
        mine = Membership.objects.select_related("consultation", "user").get(pk=members[number].pk)
        return submit_statement(author=mine, text="The AI should never lie to patients.")

    at_once(submit, times=6)
    assert Statement.objects.count() == 6
    assert Segment.objects.count() == 6
    assert Claim.objects.count() == 1


def test_the_tests_above_ran_on_the_database_that_was_asked_for(
    settings: object,
) -> None:
    """A run that was meant for PostgreSQL did not quietly use SQLite."""
    assert connection.vendor == ("sqlite" if settings.IS_EMBEDDED else "postgresql")
