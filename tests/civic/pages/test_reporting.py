"""Telling a moderator that a statement breaks a rule."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from crowd import at_once
from django.test import Client
from django.urls import reverse

from civic.accounts.models import User
from civic.audit.models import Entry
from civic.consultations.models import Consultation, Membership
from civic.consultations.services import open_phase
from civic.errors import ConsultationClosed, Invalid
from civic.statements import flags
from civic.statements.flags import flag_statement
from civic.statements.models import Claim, Flag, Statement

SignIn = Callable[[User | None], Client]


def path_of(statement: Statement) -> str:
    return reverse("reactions:report", args=["ai", statement.uuid])


def test_a_report_is_kept_once_and_thanked_for(bobs: Client, asked: list[Claim]) -> None:
    """Rule and note are kept, the act is on record; a second report leaves the first as it is."""
    statement = asked[1].statement
    path = path_of(statement)
    assert statement.text in bobs.get(path).content.decode()
    answer = bobs.post(path, {"rule": "advert", "note": " They sell watches. "}, follow=True)
    assert "Thank you. A moderator will read it." in answer.content.decode()
    bobs.post(path, {"rule": "insult"})
    flag = Flag.objects.get()
    assert (flag.rule, flag.note, flag.settled_at) == ("advert", "They sell watches.", None)
    assert Entry.objects.filter(action="statement.flagged").count() == 1
    statement.refresh_from_db()
    assert statement.is_shown


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({}, "Choose the rule that it breaks."),
        ({"rule": "\x00"}, "Choose the rule that it breaks."),
        ({"rule": "other"}, "Say in a few words what is wrong."),
        ({"rule": "insult", "note": "x" * 501}, "Shorten the note to 500 characters"),
        ({"rule": "insult", "note": "a\x07b"}, "signs that cannot be shown"),
    ],
)
def test_a_report_without_its_parts_comes_back(
    bobs: Client, asked: list[Claim], data: dict[str, str], told: str
) -> None:
    """The form says what is missing and keeps the text; nothing is stored."""
    answer = bobs.post(path_of(asked[1].statement), data)
    text = answer.content.decode()
    assert answer.status_code == 400
    assert told in text
    assert data.get("note", "") in text
    assert not Flag.objects.exists()


def test_who_may_report(
    asked: list[Claim], bobs: Client, sign_in: SignIn, charlie: User, alice: User
) -> None:
    """Participants; not the author, not a stranger, and nothing that is not shown."""
    data = {"rule": "insult"}
    own, other = asked[0].statement, asked[1].statement
    assert bobs.post(path_of(own), data).status_code == 403
    assert "/join/" in sign_in(charlie).post(path_of(other), data)["Location"]
    assert sign_in(None).post(path_of(other), data).status_code == 302
    Statement.objects.filter(pk=other.pk).update(moderation="waiting")
    assert bobs.get(path_of(other)).status_code == 404
    assert not Flag.objects.exists()


def test_one_person_reports_so_much_a_day(
    member: Membership,
    bobs: Client,
    new_claim: Callable[..., Claim],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The limit is told with the form still filled in."""
    monkeypatch.setattr(flags, "A_DAY", 2)
    statements = [new_claim(f"Buy watch {number}.").statement for number in range(3)]
    for statement in statements[:2]:
        flag_statement(statement, by=member, rule="advert")
    answer = bobs.post(path_of(statements[2]), {"rule": "advert", "note": "Again."})
    assert "You have reported 2 statements within a day." in answer.content.decode()
    assert "Again." in answer.content.decode()
    assert Flag.objects.count() == 2


def test_reports_end_with_the_consultation(
    member: Membership, consultation: Consultation, asked: list[Claim]
) -> None:
    """Nobody would read them any more; and a rule that does not exist is none."""
    statement = Statement.objects.select_related("consultation").get(pk=asked[1].statement_id)
    with pytest.raises(Invalid):
        flag_statement(statement, by=member, rule="ugly")
    open_phase(consultation, phase="closed")
    statement.consultation.refresh_from_db()
    with pytest.raises(ConsultationClosed):
        flag_statement(statement, by=member, rule="insult")


@pytest.mark.django_db(transaction=True)
def test_ten_clicks_at_once_are_one_report(
    member: Membership, new_claim: Callable[..., Claim]
) -> None:
    """None of them fails."""
    statement = new_claim("Buy watches.").statement

    def flag(_: int) -> object:
        mine = Membership.objects.select_related("consultation", "user").get(pk=member.pk)
        same = Statement.objects.select_related("consultation").get(pk=statement.pk)
        return flag_statement(same, by=mine, rule="advert")

    assert all(isinstance(one, Flag) for one in at_once(flag, times=10))
    assert Flag.objects.count() == 1
