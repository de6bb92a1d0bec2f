"""The cockpit and the record of acts, as each role finds them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import crowded
import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import civic
from civic.accounts.models import User
from civic.accounts.services import ensure_user
from civic.audit.models import OF_CITIZENS, Entry
from civic.consultations.models import Consultation, Membership
from civic.consultations.services import grant_role
from civic.pages.acts import ACTS, CITIZENS
from civic.specs.services import REPLIED
from civic.statements.models import Appeal, Flag, Statement

SignIn = Callable[[User | None], Client]
COCKPIT = "/o/ai/"
PARTS = ("Who takes part", "Day by day", "How far people come", "What is heard", "Unusual patterns")


@pytest.fixture
def alices(sign_in: SignIn, alice: User, consultation: Consultation) -> Client:
    """The organizer's browser."""
    return sign_in(alice)


def role(consultation: Consultation, name: str) -> User:
    user = ensure_user(f"{name}@example.org", display_name=name)
    grant_role(consultation, user=user, role=name)
    return user


@pytest.mark.parametrize(
    ("name", "reads"), [("auditor", True), ("analyst", True), ("moderator", False)]
)
def test_each_role_sees_what_it_may(
    sign_in: SignIn, consultation: Consultation, name: str, reads: bool
) -> None:
    """Who reads analyses sees every part; a moderator sees what waits for her."""
    client = sign_in(role(consultation, name))
    page = client.get(COCKPIT).content.decode()
    assert [part in page for part in PARTS] == [reads] * len(PARTS)
    assert "What to do next" in page
    assert "Move to another phase" not in page
    for path in ("live/", "patterns/"):
        assert (client.get(COCKPIT + path).status_code == 200) is reads


@pytest.mark.parametrize("path", ["", "live/", "patterns/", "log/", "record.csv"])
def test_nobody_else_gets_in(
    sign_in: SignIn, people: dict[str, User | None], consultation: Consultation, path: str
) -> None:
    """Neither citizens nor strangers nor whoever has not signed in."""
    for name in ("nobody", "stranger", "participant"):
        assert sign_in(people[name]).get(COCKPIT + path).status_code in (401, 403, 404)


def test_what_is_urgent_comes_first(
    alices: Client, consultation: Consultation, member: Membership
) -> None:
    """Appeals, reports and old statements before the rest, each with its number and its address."""
    old = timezone.now() - timedelta(days=5)
    Statement.objects.create(consultation=consultation, text="Old.", created_at=old)
    shown = Statement.objects.create(consultation=consultation, text="S.", moderation="accepted")
    Flag.objects.create(statement=shown, raised_by=member, rule="insult")
    hidden = Statement.objects.create(
        consultation=consultation, text="H.", moderation="rejected", moderation_reason="No."
    )
    Appeal.objects.create(statement=hidden, words="Why?")
    Consultation.objects.update(closes_on=timezone.now().date())
    steps = alices.get(COCKPIT).context["steps"]
    assert [(step.text.split(";")[0], step.urgent) for step in steps][:3] == [
        ("Answer 1 appeal", True),
        ("Read 1 statement that was reported", True),
        ("Read 1 new statement", True),
    ]
    assert steps[0].address == "/o/ai/moderation/?state=appeals"
    assert "It closes on" in steps[3].text
    assert all(alices.get(step.address).status_code == 200 for step in steps)


def test_a_quiet_consultation_says_so(sign_in: SignIn, consultation: Consultation) -> None:
    """An auditor has nothing to do, and an empty consultation shows no empty pictures."""
    page = sign_in(role(consultation, "auditor")).get(COCKPIT).content.decode()
    assert "Nothing waits for you." in page
    assert "day-bars" not in page
    assert "No page has been opened by a citizen yet." in page


def test_a_draft_tells_what_is_missing(alices: Client, consultation: Consultation) -> None:
    """The points of the checklist are counted, with the way to them."""
    Consultation.objects.update(phase="draft")
    (step,) = alices.get(COCKPIT).context["steps"]
    assert "of the checklist" in step.text
    assert step.address == "/o/ai/setup/"


def test_small_numbers_are_kept_from_organizers_too(
    alices: Client, consultation: Consultation
) -> None:
    """A group of three is “fewer than 10”, and the page says why another one is missing."""
    options = [{"key": key, "label": key.title(), "share": 0.5} for key in ("young", "old")]
    Consultation.objects.update(strata=[{"key": "age", "label": "Age", "options": options}])
    Membership.objects.bulk_create(
        Membership(
            consultation=consultation,
            key=f"p{number}",
            is_participant=True,
            strata={"age": "young" if number < 3 else "old"} if number < 65 else {},
        )
        for number in range(80)
    )
    page = alices.get(COCKPIT).content.decode()
    assert "fewer than 10" in page
    assert "not shown" in page
    assert "Numbers below 10 are not shown to anybody." in page
    assert ">3<" not in page


def test_the_numbers_come_anew_and_can_stand_still(
    alices: Client, consultation: Consultation
) -> None:
    """Every half minute without being announced; one link stops it, and refreshing stays."""
    page = alices.get(COCKPIT).content.decode()
    assert 'hx-trigger="every 30s"' in page
    assert 'aria-live="off"' in page
    still = alices.get(COCKPIT + "?still=1").content.decode()
    assert "every 30s" not in still
    assert ">Refresh</a>" in still
    part = alices.get(COCKPIT + "live/").content.decode()
    assert part.strip().startswith('<div id="figures"')


def test_patterns_are_a_page_and_a_part(alices: Client, consultation: Consultation) -> None:
    """Without scripts the link leads to a page; with them the part comes alone."""
    crowded.fill(consultation, people=30, claims=20, answers=300)
    page = alices.get(COCKPIT + "patterns/").content.decode()
    assert "<h1>Unusual patterns</h1>" in page
    assert "Nothing stands out." in page
    assert "Nobody is named, and nothing is removed because of this" in page
    part = alices.get(COCKPIT + "patterns/", headers={"hx-request": "true"}).content.decode()
    assert part.strip().startswith('<div id="patterns">')
    for person in Membership.objects.filter(key__startswith="crowd-"):
        assert person.key not in page


def test_bars_have_a_table_with_the_same_numbers(
    alices: Client, consultation: Consultation
) -> None:
    """Each bar is a row; the picture is for the eye alone."""
    crowded.fill(consultation, people=30, claims=20, answers=600, days=10)
    answer = alices.get(COCKPIT)
    chart, page = answer.context["reactions"], answer.content.decode()
    drawn = sum(bar.count > 0 for bar in chart.bars)
    assert page.count('width="9"') == drawn + len(answer.context["statements"].days)
    for bar in chart.days:
        assert f'<td class="amount">{bar.count}</td>' in page


@pytest.mark.parametrize("path", ["", "live/", "patterns/", "log/"])
def test_pages_cost_the_same_with_many_rows(
    alices: Client, consultation: Consultation, alice: User, path: str
) -> None:
    """A hundred times as many rows cost no query more."""
    counts = []
    for times in (1, 100):
        if times == 1:
            crowded.fill(consultation, people=10, claims=10, answers=60)
            more(consultation, 10)
        else:
            more(consultation, 990)
        Entry.objects.bulk_create(
            Entry(
                action="run.done",
                subject_type="t",
                subject_id=str(number),
                consultation=consultation.uuid,
                commitment="c",
            )
            for number in range(10 * times)
        )
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            assert alices.get(COCKPIT + path).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 30


def more(consultation: Consultation, count: int) -> None:
    """Further statements, of which some were sent today."""
    Statement.objects.bulk_create(
        Statement(consultation=consultation, text=f"More {number}.", submitted_at=timezone.now())
        for number in range(count)
    )
    Membership.objects.bulk_create(
        Membership(consultation=consultation, key=f"more-{count}-{number}", is_participant=True)
        for number in range(count)
    )


def test_the_record_is_filtered_by_act_and_day(alices: Client, consultation: Consultation) -> None:
    """Acts have names; a day that is none is explained, and nothing is hidden by it."""
    page = alices.get("/o/ai/log/").content.decode()
    assert "Consultation made" in page
    assert "Phase opened" in page
    rows = alices.get("/o/ai/log/", {"act": "consultation.created"}).context["rows"]
    assert [label for _, label, _ in rows] == ["Consultation made"]
    today = timezone.now().date()
    assert len(alices.get("/o/ai/log/", {"day": today}).context["rows"]) >= 2
    tomorrow = alices.get("/o/ai/log/", {"day": today + timedelta(days=1)})
    assert "No such act on that day." in tomorrow.content.decode()
    odd = alices.get("/o/ai/log/", {"day": "soon", "act": "nothing"})
    assert "Write the day as year, month, day" in odd.content.decode()


def test_every_act_of_a_consultation_has_a_name() -> None:
    """Whatever a service writes down under a fixed name is told in words."""
    found: set[str] = set()
    for file in Path(civic.__path__[0]).rglob("*.py"):
        words = re.findall(r'(?:record\(|action=)\s*"([a-z_]+\.[a-z_]+)"', file.read_text())
        found |= set(words)
    outside = {one for one in found if one.startswith("account.")}
    outside |= {"consultation.deleted", "retention.swept"}  # of no consultation that stands
    assert len(found) > 30
    assert (found | {REPLIED}) - outside <= set(ACTS)
    assert set(CITIZENS) == OF_CITIZENS


def test_the_record_does_not_follow_citizens(
    alices: Client, sign_in: SignIn, consultation: Consultation, member: Membership
) -> None:
    """What somebody did as a citizen is by “a participant”, on the page and in the file."""
    code = member.user.audit_key[:8]
    assert Entry.objects.filter(actor__startswith=code).exists()
    for action in ("reaction.cast", "statement.flagged", "membership.described"):
        Entry.objects.create(
            action=action,
            subject_type="t",
            subject_id="1",
            consultation=consultation.uuid,
            actor=member.user.audit_key,
            commitment="c",
        )
    page = alices.get("/o/ai/log/", {"act": "statement.flagged"}).content.decode()
    assert "a participant" in page
    assert code not in page
    file = b"".join(alices.get("/o/ai/record.csv").streaming_content).decode()
    rows = list(csv.DictReader(io.StringIO(file)))
    assert {row["by"] for row in rows if row["act"] == "reaction.cast"} == {"participant"}
    assert code not in file  # also not where she came in
    assert len(rows) == Entry.objects.filter(consultation=consultation.uuid).count()


def test_no_cache_of_others_keeps_what_a_team_reads(alices: Client, db: None) -> None:
    """Each page and file behind the scenes says that it is private."""
    for address in ("/o/", COCKPIT, "/o/ai/log/", "/o/ai/record.csv", "/o/ai/runs/"):
        answer = alices.get(address)
        assert answer.status_code == 200
        assert "private" in answer["Cache-Control"]


def test_the_file_keeps_to_the_filter(alices: Client, consultation: Consultation) -> None:
    """What is on the page is in the file."""
    answer = alices.get("/o/ai/record.csv", {"act": "consultation.created"})
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert [row["act"] for row in rows] == ["consultation.created"]


def test_the_cockpit_survives_hostile_words(alices: Client, consultation: Consultation) -> None:
    """Markup in labels and policies is text."""
    label = "<script>alert(1)</script>"
    options = [{"key": "a", "label": label, "share": 0.5}, {"key": "b", "label": "B", "share": 0.5}]
    Consultation.objects.update(
        strata=[{"key": "x", "label": label, "options": options}], moderation_policy=label
    )
    crowd: list[Any] = [
        Membership(consultation=consultation, key=f"h{n}", is_participant=True, strata={"x": "a"})
        for n in range(20)
    ]
    Membership.objects.bulk_create(crowd)
    for path in (COCKPIT, "/o/ai/moderation/"):
        page = alices.get(path).content.decode()
        assert label not in page
        assert "&lt;script&gt;" in page
