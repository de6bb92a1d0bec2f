"""Citizens judge answers of machines: one at a time, changeable, counted where they were shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import judged
import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from aggregation.types import Answer
from civic.accounts.models import User
from civic.analysis import snapshot
from civic.audit.models import Entry
from civic.audit.pipeline import seal
from civic.consultations.models import Consultation, Membership
from civic.consultations.phases import Phase
from civic.consultations.services import create_consultation, join, open_phase
from civic.errors import Conflict, ConsultationClosed, Invalid, NotFound, TooMany
from civic.judging import services
from civic.judging.models import Judgement, MachineAnswer, Showing
from civic.judging.selectors import stack_of, tallies
from civic.judging.services import judge_answer, next_answer, undo_judgement, withdraw_answer
from civic.pages.data import part_data
from civic.pages.retention import sweep
from civic.specs.erasing import erase_part
from civic.statements.models import Claim

Member = Callable[[str], Membership]


@pytest.fixture
def answers(
    consultation: Consultation, new_claim: Callable[..., Claim], alice: User
) -> dict[str, MachineAnswer]:
    """Four answers to one prompt, by their keys."""
    claim = new_claim("AI should never guess about poison.")
    brought = services.add_answers(
        consultation, [Answer(*row) for row in judged.answer_rows(claim.key)], by=alice
    )
    return {one.key: one for one in brought}


def counted(consultation: Consultation) -> int:
    given = snapshot.unpack(snapshot.pack(*snapshot.gather(consultation)))
    table = given.judgements
    return 0 if table is None else int(table.served_data.sum())


def test_the_latest_word_counts_and_the_earlier_stay(
    answers: dict[str, MachineAnswer], member: Membership
) -> None:
    """The same word twice is one row; a changed mind is a new one; every act is on record."""
    one = next_answer(member)
    assert one is not None
    for value in ("good", "good", "bad"):
        judge_answer(one, participant=member, value=value)
    rows = Judgement.objects.filter(answer=one).order_by("pk")
    assert [(row.value, row.is_latest, row.served) for row in rows] == [
        ("good", False, True),
        ("bad", True, True),
    ]
    assert Entry.objects.filter(action="judgement.given", actor=member.user.audit_key).count() == 2
    assert (tallies([one.pk])[one.pk].bad, tallies([one.pk])[one.pk].n) == (1, 1)


def test_taking_back_brings_the_earlier_word_again(
    answers: dict[str, MachineAnswer], member: Membership
) -> None:
    """Twice back is nothing said; a second click on the same button changes nothing."""
    one = answers["1"]
    judge_answer(one, participant=member, value="good")
    seen = judge_answer(one, participant=member, value="bad")
    before = undo_judgement(one, participant=member, only=seen.pk)
    assert before is not None
    assert before.value == "good"
    again = undo_judgement(one, participant=member, only=seen.pk)
    assert again == before
    assert undo_judgement(one, participant=member) is None
    assert not Judgement.objects.filter(is_latest=True).exists()
    assert Judgement.objects.count() == 2
    with pytest.raises(Conflict):
        undo_judgement(one, participant=member)


def test_the_least_judged_come_first_by_a_lot_that_repeats(
    answers: dict[str, MachineAnswer], new_member: Member
) -> None:
    """After twelve people with one answer each, every answer has three; the lot is on record."""
    for number in range(12):
        person = new_member(f"person{number}")
        one = next_answer(person)
        assert one is not None
        judge_answer(one, participant=person, value="unsure")
    counts = tallies(one.pk for one in answers.values())
    assert sorted(tally.n for tally in counts.values()) == [3, 3, 3, 3]
    last = Showing.objects.order_by("pk").last()
    assert last is not None
    assert last.among == 1  # three had three already
    places = [one.pk for one in answers.values()]
    drawn = {services.draw(places, seed=seed).answer for seed in range(40)}
    assert drawn == set(places)
    assert services.draw(places, seed=7) == services.draw(places, seed=7)


def test_one_that_was_shown_is_shown_again_until_it_is_judged(
    answers: dict[str, MachineAnswer], member: Membership
) -> None:
    """Reloading skips nothing; skipping counts nowhere and is not asked again; the end is told."""
    seen = []
    for _ in answers:
        first, again = next_answer(member), next_answer(member)
        assert first == again
        assert first is not None
        seen.append(first.key)
        judge_answer(first, participant=member, value="skipped")
    assert sorted(seen) == ["1", "2", "3", "4"]
    assert next_answer(member) is None
    assert stack_of(member).left == []
    assert counted(member.consultation) == 0


def test_what_was_not_shown_is_recorded_and_not_counted(
    answers: dict[str, MachineAnswer], member: Membership
) -> None:
    """Whoever looks an answer up has chosen it herself."""
    judge_answer(answers["1"], participant=member, value="good")
    assert Judgement.objects.get().served is False
    assert counted(member.consultation) == 0
    assert tallies([answers["1"].pk]) == {}


def test_judging_closes_with_reactions_and_refuses_what_is_not_there(
    answers: dict[str, MachineAnswer], member: Membership, alice: User
) -> None:
    """No fifth value, no withdrawn answer, none of a hidden sentence, none when all is closed."""
    one = answers["1"]
    with pytest.raises(Invalid):
        judge_answer(one, participant=member, value="great")
    withdraw_answer(one, by=alice, reason="It names a person.")
    with pytest.raises(NotFound):
        judge_answer(one, participant=member, value="good")
    open_phase(member.consultation, phase=Phase.REVIEW, by=alice)
    with pytest.raises(ConsultationClosed):
        judge_answer(answers["2"], participant=member, value="good")
    open_phase(member.consultation, phase=Phase.REACT, by=alice)
    Claim.objects.update(is_hidden=True)
    with pytest.raises(NotFound):
        judge_answer(answers["2"], participant=member, value="good")
    assert next_answer(member) is None


def test_judging_is_held_to_the_same_pace_as_reacting(
    answers: dict[str, MachineAnswer], member: Membership, settings: LazySettings
) -> None:
    """Whoever sends very many is asked to wait, and keeps what she said."""
    settings.LIMITS = settings.LIMITS | {"reactions": ["3/h"]}
    for key in ("1", "2", "3"):
        judge_answer(answers[key], participant=member, value="good")
    with pytest.raises(TooMany):
        judge_answer(answers["4"], participant=member, value="good")
    assert Judgement.objects.count() == 3


def test_judgements_of_citizens_reach_the_analysis(
    answers: dict[str, MachineAnswer], new_member: Member, consultation: Consultation
) -> None:
    """Each under its answer, the latest alone."""
    for number in range(4):
        person = new_member(f"person{number}")
        one = next_answer(person)
        assert one is not None
        judge_answer(one, participant=person, value="bad")
        judge_answer(one, participant=person, value="good")
    given = snapshot.unpack(snapshot.pack(*snapshot.gather(consultation)))
    assert given.judgements is not None
    assert given.judgements.values.data.tolist() == [1, 1, 1, 1]
    assert sorted(given.judgements.statements) == ["1", "2", "3", "4"]


def test_deleting_a_part_leaves_its_judgements_to_nobody(
    answers: dict[str, MachineAnswer], member: Membership, bob: User
) -> None:
    """They count as before, under a name that leads to nobody, and prove nothing about her."""
    one = next_answer(member)
    assert one is not None
    judge_answer(one, participant=member, value="good")
    erase_part(member, by=bob)
    row = Judgement.objects.select_related("participant").get()
    assert (row.participant.user, row.is_latest) == (None, True)
    assert counted(member.consultation) == 1
    assert (
        not Entry.objects.filter(actor=bob.audit_key)
        .exclude(row_key=None)
        .filter(action="judgement.given")
    )


def test_the_file_of_ones_own_data_holds_what_one_judged(
    answers: dict[str, MachineAnswer], member: Membership
) -> None:
    """Changed words too, with the lot that chose the answer; the receipt opens its commitment."""
    one = next_answer(member)
    assert one is not None
    judge_answer(one, participant=member, value="good")
    judge_answer(one, participant=member, value="bad")
    seal()
    (part,) = part_data(member)["consultations"]
    assert [(row["value"], row["is_latest"]) for row in part["judgements"]] == [
        ("good", False),
        ("bad", True),
    ]
    assert part["judgements"][0]["answer"] == one.text
    (shown,) = part["answers_shown"]
    assert shown["seed"] == Showing.objects.get().seed
    opened = [
        row["receipt"]["opening"]["content"]
        for row in part["record"]
        if row["action"] == "judgement.given"
    ]
    assert opened == [{"answer": one.key, "value": value} for value in ("good", "bad")]


def test_what_was_shown_is_forgotten_once_a_consultation_is_closed_for_long(
    answers: dict[str, MachineAnswer], member: Membership, alice: User, settings: LazySettings
) -> None:
    """The judgement stays and still counts; that it was shown to her goes."""
    one = next_answer(member)
    assert one is not None
    judge_answer(one, participant=member, value="good")
    open_phase(member.consultation, phase=Phase.CLOSED, by=alice)
    days = settings.KEEP_SERVINGS_DAYS
    assert sweep(now=timezone.now() + timedelta(days=days - 1))["showings"] == 0
    assert sweep(now=timezone.now() + timedelta(days=days + 1))["showings"] == 1
    assert not Showing.objects.exists()
    assert counted(member.consultation) == 1


def test_a_citizen_judges_on_pages_without_a_script(
    answers: dict[str, MachineAnswer], member: Membership, client: Client
) -> None:
    """Shown, judged, told who wrote it, undone and shown again, until there is none left."""
    client.force_login(member.user)
    start = client.get(reverse("pages:consultation", args=["ai"])).content.decode()
    here = reverse("judging:judge", args=["ai"])
    assert here in start
    page = client.get(here).content.decode()
    one = MachineAnswer.objects.get(showings__participant=member)
    assert "Written by a machine, not by a person" in page
    assert "Answer 1 of 4" in page
    assert judged.PROMPT in page
    assert one.by not in page  # told afterwards
    address = reverse("judging:answer", args=["ai", one.uuid])
    page = client.post(address, {"value": "good"}, follow=True).content.decode()
    assert f"You said “Yes, a good answer”. It was written by {one.by}." in page
    assert "Answer 2 of 4" in page
    row = Judgement.objects.get()
    back = reverse("judging:undo", args=["ai", one.uuid])
    page = client.post(back, {"only": row.pk}, follow=True).content.decode()
    assert "Taken back." in page
    assert address in page
    assert client.post(address, {"value": "great"}).status_code == 400
    for answer in answers.values():
        client.post(reverse("judging:answer", args=["ai", answer.uuid]), {"value": "skipped"})
    assert "You have judged every answer" in client.get(here).content.decode()


def test_my_part_tells_what_i_judged_and_lets_me_change_it(
    answers: dict[str, MachineAnswer], member: Membership, client: Client
) -> None:
    """Counted on my part, listed with my answers, changed from there."""
    client.force_login(member.user)
    judge_answer(answers["2"], participant=member, value="good")
    assert (
        "You judged 1 answer of a machine."
        in client.get(reverse("pages:my_part", args=["ai"])).content.decode()
    )
    page = client.get(reverse("pages:my_reactions", args=["ai"])).content.decode()
    address = reverse("judging:answer", args=["ai", answers["2"].uuid])
    assert f"{address}?mine=1" in page
    assert judged.CARELESS in page
    answered = client.post(address, {"value": "bad", "mine": "1"})
    assert answered.url == reverse("pages:my_reactions", args=["ai"]) + "#answers-of-machines"
    assert Judgement.objects.get(is_latest=True).value == "bad"


def test_nobody_judges_who_does_not_take_part(
    answers: dict[str, MachineAnswer],
    alice: User,
    charlie: User,
    new_member: Member,
    client: Client,
) -> None:
    """The owner, a stranger and somebody who has not agreed are led to joining; nothing is kept."""
    invited = new_member("invited")
    Membership.objects.filter(pk=invited.pk).update(consented_at=None)
    address = reverse("judging:answer", args=["ai", answers["1"].uuid])
    for user in (alice, charlie, invited.user):
        client.force_login(user)
        assert "/join/" in client.get(reverse("judging:judge", args=["ai"])).url
        assert "/join/" in client.post(address, {"value": "good"}).url
    assert not Judgement.objects.exists()
    assert not Showing.objects.exists()


def test_answers_of_another_consultation_are_not_here(
    answers: dict[str, MachineAnswer], member: Membership, client: Client
) -> None:
    """An address that names one of them leads nowhere."""
    other = create_consultation(title="Benches", slug="benches", access="open")
    open_phase(other, phase=Phase.COLLECT)
    theirs = join(other, user=member.user)
    with pytest.raises(NotFound):
        judge_answer(answers["1"], participant=theirs, value="good")
    client.force_login(member.user)
    address = reverse("judging:answer", args=["benches", answers["1"].uuid])
    assert client.get(address).status_code == 404
    assert next_answer(theirs) is None


def test_judging_costs_the_same_for_many_answers(
    answers: dict[str, MachineAnswer],
    member: Membership,
    client: Client,
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    """A card and a judgement ask the database as often with four answers as with forty."""
    one = answers["1"]
    MachineAnswer.objects.bulk_create(
        MachineAnswer(
            consultation=one.consultation,
            claim_id=one.claim_id,
            key=f"more-{number}",
            prompt="What now?",
            text="Nothing.",
            by="model",
            prompt_by="Alice",
            source="x",
        )
        for number in range(36)
    )
    client.force_login(member.user)
    with django_assert_max_num_queries(12):
        client.get(reverse("judging:judge", args=["ai"]))
    with django_assert_max_num_queries(16):
        client.post(reverse("judging:answer", args=["ai", one.uuid]), {"value": "good"})
