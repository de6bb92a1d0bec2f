"""Turnout, activity and patterns: what the numbers of the cockpit say, and what they keep back."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import crowded
import pytest
from django.test import Client
from hypothesis import given as for_all
from hypothesis import strategies as st

from civic.accounts.models import User
from civic.consultations.models import Consultation, Membership
from civic.consultations.services import accept_invitation, invite, join
from civic.pages import overview
from civic.pages.live import activity, patterns
from civic.pages.live.patterns import Given, bursts, patterns_of, too_fast
from civic.pages.live.turnout import suppressed, turnout_of
from civic.reactions.models import Reaction
from civic.specs.erasing import erase_part
from civic.statements.models import Claim

AGE = {
    "key": "age",
    "label": "Age",
    "options": [
        {"key": "young", "label": "Under 30", "share": 0.5},
        {"key": "old", "label": "30 and over", "share": 0.5},
    ],
}
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


@for_all(st.lists(st.integers(0, 60), min_size=1, max_size=6), st.integers(5, 20))
def test_no_hidden_cell_follows_from_the_total(counts: list[int], k: int) -> None:
    """Nothing below k is shown; what is hidden is never one cell, nor below k in all."""
    hidden = suppressed(counts, k=k)
    assert all(is_hidden or count >= k for count, is_hidden in zip(counts, hidden, strict=True))
    inside = [count for count, is_hidden in zip(counts, hidden, strict=True) if is_hidden]
    if inside and len(inside) < len(counts):
        assert len(inside) > 1
        assert sum(inside) >= k


def test_nothing_is_hidden_without_need() -> None:
    """Where every cell is large all are shown; two small ones hide each other."""
    assert suppressed([10, 20, 30], k=10) == [False, False, False]
    assert suppressed([6, 7, 30], k=10) == [True, True, False]
    assert suppressed([3, 40, 30], k=10) == [True, False, True]
    assert suppressed([1, 2, 30, 40], k=10) == [True, True, True, False]


def told(consultation: Consultation, answers: dict[str, int]) -> None:
    """People who said so much about themselves ("" for nothing)."""
    start = consultation.memberships.count()
    Membership.objects.bulk_create(
        Membership(
            consultation=consultation,
            key=f"told-{start + number}",
            is_participant=True,
            strata={"age": answer} if answer else {},
        )
        for number, answer in enumerate(
            itertools.chain.from_iterable([key] * n for key, n in answers.items())
        )
    )


def test_turnout_is_told_against_the_target(consultation: Consultation) -> None:
    """Shares are of those who told; a group that is too small is called so."""
    consultation.strata, consultation.expected_people = [AGE], 400
    told(consultation, {"young": 20, "old": 60, "": 20})
    found = turnout_of(consultation)
    (breakdown,) = found.breakdowns
    young, old, none = breakdown.cells
    assert (found.people, found.share) == (100, 0.25)
    assert (young.count, young.share, young.is_short) == (20, 0.25, True)
    assert (old.count, old.share, old.is_short) == (60, 0.75, False)
    assert (none.count, none.share) == (20, None)


def test_a_small_group_takes_its_neighbour_with_it(consultation: Consultation) -> None:
    """Three young people are not shown, and not who told nothing either, so no sum gives them."""
    consultation.strata = [AGE]
    told(consultation, {"young": 3, "old": 65, "": 12})
    (breakdown,) = turnout_of(consultation).breakdowns
    young, old, none = breakdown.cells
    assert (young.count, young.share) == (None, None)
    assert none.count is None
    assert (old.count, old.share) == (65, 65 / 80)  # of all: of those who told would give it away


def test_hidden_cells_look_alike(
    consultation: Consultation, alice: User, sign_in: Callable[[User | None], Client]
) -> None:
    """Ten are hidden together: told which of the two is below ten, one knew both exactly."""
    consultation.strata = [AGE]
    consultation.save()
    told(consultation, {"young": 10, "old": 30})
    page = sign_in(alice).get(f"/o/{consultation.slug}/").content.decode()
    table = page.split('class="strata"')[1].split("</table>")[0]
    assert table.count("not shown") == 2
    assert "fewer than" not in table


def test_one_who_joins_changes_no_cell(consultation: Consultation) -> None:
    """The breakdown moves in steps of k people."""
    consultation.strata = [AGE]
    told(consultation, {"young": 20, "old": 20})
    before = turnout_of(consultation)
    told(consultation, {"young": 9})
    after = turnout_of(consultation)
    assert after.people == before.people + 9
    assert after.breakdowns == before.breakdowns
    told(consultation, {"young": 1})
    assert turnout_of(consultation).breakdowns[0].cells[0].count == 30


def test_whoever_was_invited_counts_once_she_agrees(
    consultation: Consultation, member: Membership, alice: User, charlie: User
) -> None:
    """Front page, start page, organizers' list and cockpit say the same number of people."""

    def counts() -> set[int]:
        consultation.k = 1
        all_of_them = Consultation.objects.all()
        return {
            overview.numbers_of(consultation).people,
            overview.turnout(consultation)[0],
            overview.listed(all_of_them, user=charlie).get().people,
            overview.with_counts(all_of_them).get().people,
            turnout_of(consultation).people,
            activity.people_at(consultation)[0].count or 0,
            Membership.objects.taking_part().count(),
        }

    assert counts() == {1}
    accept_invitation(invite(consultation, by=alice, role="participant")[1], user=charlie)
    assert counts() == {1}
    assert overview.listed(Consultation.objects.all(), user=charlie).get().is_mine
    join(consultation, user=charlie)
    assert counts() == {2}
    told(consultation, {"": 1})  # imported
    assert counts() == {3}


def test_whoever_leaves_without_having_agreed_never_took_part(
    consultation: Consultation, alice: User, charlie: User
) -> None:
    """Her place without an account is not taken for that of somebody imported."""
    accept_invitation(invite(consultation, by=alice, role="participant")[1], user=charlie)
    erase_part(consultation.memberships.get(user=charlie), by=charlie)
    assert turnout_of(consultation).people == 0


def test_one_who_agrees_late_changes_no_cell(
    consultation: Consultation, new_member: Callable[[str], Membership]
) -> None:
    """Batches follow the order of agreeing: nobody counted falls out for her."""
    consultation.strata = [AGE]
    invited = new_member("late")
    Membership.objects.filter(pk=invited.pk).update(consented_at=None)
    told(consultation, {"young": 10, "old": 15})
    before = turnout_of(consultation).breakdowns
    join(consultation, user=invited.user, strata={"age": "young"})
    assert turnout_of(consultation).people == 26
    assert turnout_of(consultation).breakdowns == before


def test_the_breakdown_waits_for_k_people(consultation: Consultation) -> None:
    """Before that there is nothing to show."""
    consultation.strata = [AGE]
    told(consultation, {"young": 9})
    assert turnout_of(consultation).breakdowns == ()


def test_days_are_bars_with_room_for_a_single_answer() -> None:
    """The fullest day fills the height, one answer is still seen, an empty day is none."""
    today = date(2026, 3, 30)
    chart = activity.chart_of({today: 500, date(2026, 3, 29): 1, date(2025, 1, 1): 9}, today=today)
    assert (chart.total, chart.most, len(chart.bars)) == (501, 500, activity.DAYS)
    assert [(bar.count, bar.height, bar.y + bar.height) for bar in chart.days] == [
        (500, 100, 100),
        (1, 2, 100),
    ]
    assert activity.chart_of({}, today=today).days == ()


def test_answers_are_counted_by_sentence_and_by_day(
    consultation: Consultation, new_claim: Callable[..., Claim]
) -> None:
    """Enough, some or none; skipping is an answer to the platform and none to the sentence."""
    crowded.fill(consultation, people=8, claims=2, answers=16, days=1)
    new_claim("Nobody was asked about this.")
    found = activity.tallies_of(consultation)
    skipped = Reaction.objects.filter(value="skipped").count()
    assert (found.answers, found.shown, found.answered) == (16 - skipped, 16, 16)
    assert (found.enough + found.some, found.none) == (2, 1)
    assert sum(found.by_day.values()) == 16
    assert all(isinstance(day, date) for day in found.by_day)


def test_how_far_people_come_is_told_from_k_on(
    consultation: Consultation, member: Membership
) -> None:
    """Fewer than k who wrote are not counted out."""
    crowded.fill(consultation, people=20, claims=3, answers=60)
    joined, reacted, wrote = activity.people_at(consultation)
    assert (joined.count, reacted.count, wrote.count) == (21, 20, None)
    assert reacted.share == pytest.approx(20 / 21)


def test_what_is_silent_is_counted(consultation: Consultation) -> None:
    """Statements that led to no sentence, that are not prepared, and in which languages."""
    crowded.fill(consultation, people=5, claims=2, answers=10)
    consultation.statements.create(text="Just a story.", prepared_at=MONDAY, language="de")
    consultation.statements.create(text="Not read yet.")
    found = activity.coverage_of(consultation)
    assert (found.without_claim, found.unprepared, found.waiting) == (1, 1, 2)
    assert found.languages[0] == ("en", "English", 2)
    consultation.statements.filter(language="en").update(language="und")
    assert activity.coverage_of(consultation).languages[0] == ("", "", 3)


def answers(
    person: int, values: str, *, at: datetime = MONDAY, gap: float = 10, signs: int = 60
) -> list[Given]:
    """What one person gave to sentence 0, 1, 2 …: a, d or u each."""
    names = {"a": "agree", "d": "disagree", "u": "unsure"}
    return [
        Given(person, claim, names[value], at + timedelta(seconds=gap * claim), signs)
        for claim, value in enumerate(values)
        if value in names
    ]


def various(people: range, *, at: datetime, claims: int = 16) -> list[Given]:
    """People who each answer in a way of their own."""
    rng = random.Random(people.start)
    scripts = [(person, "".join(rng.choices("aad", k=claims))) for person in people]
    return [one for person, script in scripts for one in answers(person, script, at=at)]


def test_a_burst_of_equal_answers_is_seen() -> None:
    """Twelve who begin within an hour and answer sixteen sentences alike, one of them nearly."""
    usual = various(range(100, 160), at=MONDAY - timedelta(days=2))
    script = "adadaaddaduaddaa"
    planted = [one for person in range(12) for one in answers(person, script, at=MONDAY, gap=9)]
    beside = various(range(200, 210), at=MONDAY)
    (burst,) = bursts(usual + planted + beside, k=10)
    assert (burst.hour, burst.people, burst.answers) == (MONDAY, 12, 16)


def test_fewer_than_k_are_no_burst() -> None:
    """Nothing is told about nine people."""
    usual = various(range(100, 160), at=MONDAY - timedelta(days=2))
    planted = [one for person in range(9) for one in answers(person, "adadaaddaduaddaa")]
    assert bursts(usual + planted, k=10) == []


def test_an_opinion_that_many_share_is_no_burst() -> None:
    """Where people of other hours answer alike, too, twelve who do so at once mean nothing."""
    script = "adadaaddaduaddaa"
    camp = [
        one
        for person in range(60)
        for one in answers(person, script, at=MONDAY - timedelta(hours=person))
    ]
    together = [one for person in range(100, 112) for one in answers(person, script)]
    assert bursts(camp + together, k=10) == []


def test_answers_faster_than_reading_are_counted() -> None:
    """The first answer of a person has no time before it; a changed mind is no new sentence."""
    slow, quick = answers(1, "a" * 12, gap=5), answers(2, "a" * 12, gap=0.3)
    changed = [Given(3, 0, "agree", MONDAY, 60), Given(3, 0, "disagree", MONDAY, 60)]
    assert too_fast(slow + quick + changed) == (11, 22, 1)
    assert too_fast([]) == (0, 0, 0)


def test_a_clean_crowd_shows_no_pattern(consultation: Consultation) -> None:
    """Three hundred who answer by themselves raise no alarm."""
    crowded.fill(consultation, people=300, claims=40, answers=6000, days=5)
    found = patterns_of(consultation)
    assert found.looked_at == 6000
    assert found.is_quiet
    assert found.fast == 0


def test_a_planted_crowd_shows_each_pattern(consultation: Consultation) -> None:
    """Fifteen accounts made in one hour that answer alike and at once are told by number."""
    crowded.fill(consultation, people=200, claims=30, answers=4000, days=5)
    claims = list(consultation.claims.order_by("pk")[:16])
    hour = MONDAY
    users = User.objects.bulk_create(User(email=f"u{n}@example.org") for n in range(60))
    earlier = [
        Membership(
            consultation=consultation,
            user=user,
            key=f"e{n}",
            is_participant=True,
            joined_at=hour - timedelta(hours=n + 1),
        )
        for n, user in enumerate(users[:30])
    ]
    planted = [
        Membership(
            consultation=consultation, user=user, key=f"x{n}", is_participant=True, joined_at=hour
        )
        for n, user in enumerate(users[30:])
    ]
    Membership.objects.bulk_create(earlier + planted)
    Reaction.objects.bulk_create(
        Reaction(
            claim=claim,
            participant=person,
            value=("agree", "disagree")[place % 3 == 0],
            served=True,
            given_at=moment,
            created_at=moment,
        )
        for person in planted[:15]
        for place, claim in enumerate(claims)
        for moment in [hour + timedelta(seconds=0.2 * place)]
    )
    found = patterns_of(consultation)
    assert [(one.people, one.answers) for one in found.bursts] == [(15, 16)]
    assert [(one.people, one.usual) for one in found.spikes] == [(30, 1)]
    assert (found.fast, found.fast_people) == (15 * 15, 15)
    assert not found.is_quiet


def test_few_who_hurry_are_not_counted_out(consultation: Consultation) -> None:
    """Fewer than k people are told as fewer than k."""
    (person, *_) = crowded.fill(consultation, people=20, claims=20, answers=20)
    Reaction.objects.filter(participant=person).delete()
    Reaction.objects.bulk_create(
        Reaction(
            claim=claim,
            participant=person,
            value="agree",
            served=True,
            given_at=moment,
            created_at=moment,
        )
        for place, claim in enumerate(consultation.claims.all())
        for moment in [MONDAY + timedelta(seconds=0.1 * place)]
    )
    assert patterns_of(consultation).fast_people is None


def test_imported_answers_are_not_judged(consultation: Consultation) -> None:
    """Their times come from elsewhere, if at all."""
    crowded.fill(consultation, people=20, claims=5, answers=100)
    Reaction.objects.update(created_at=MONDAY)
    assert patterns_of(consultation).looked_at == 0


def test_only_so_many_answers_are_looked_at(consultation: Consultation, monkeypatch: Any) -> None:
    """However many there are, the cost has a bound."""
    monkeypatch.setattr(patterns, "WINDOW", 50)
    crowded.fill(consultation, people=20, claims=10, answers=200)
    assert patterns_of(consultation).looked_at == 50
