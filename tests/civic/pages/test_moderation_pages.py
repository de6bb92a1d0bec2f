"""The moderators' queue and the public record of what they decided."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from civic.accounts.models import User
from civic.consultations.models import Consultation, Membership
from civic.consultations.services import join
from civic.statements.models import Appeal, Claim, Flag, Ruling, Segment, Statement
from civic.statements.ruling import moderate_statement

SignIn = Callable[[User | None], Client]
QUEUE = "/o/ai/moderation/"
RECORD = "/c/ai/decisions/"


@pytest.fixture
def alices(sign_in: SignIn, alice: User, consultation: Consultation) -> Client:
    """The organizer's browser."""
    return sign_in(alice)


@pytest.fixture
def monas(sign_in: SignIn, people: dict[str, User]) -> Client:
    """A moderator's browser."""
    return sign_in(people["moderator"])


def write(consultation: Consultation, text: str, **fields: Any) -> Statement:
    return Statement.objects.create(consultation=consultation, text=text, **fields)


def texts(answer: Any) -> list[str]:
    return [row.statement.text for row in answer.context["rows"]]


def decide(client: Client, statement: Statement, **data: str) -> Any:
    return client.post(reverse("statements:decide", args=["ai", statement.uuid]), data)


def test_what_was_reported_comes_first_then_the_oldest(
    alices: Client, consultation: Consultation, member: Membership
) -> None:
    """A shown statement with a report stands above those that wait, with the reporter's words."""
    for number, age in enumerate((1, 3, 2)):
        write(consultation, f"Number {number}.", created_at=timezone.now() - timedelta(days=age))
    shown = write(consultation, "Shown.", moderation="accepted")
    Flag.objects.create(statement=shown, raised_by=member, rule="insult", note="Look at it.")
    answer = alices.get(QUEUE)
    page = answer.content.decode()
    assert texts(answer) == ["Shown.", "Number 1.", "Number 2.", "Number 0."]
    assert "The oldest has waited 3\xa0days." in page
    assert "Look at it." in page
    assert "Insults or threatens people" in page
    assert member.key not in page


def test_the_queue_is_searched_by_words_and_language(
    alices: Client, consultation: Consultation
) -> None:
    """Both narrow it; a language that nobody wrote in is passed over."""
    write(consultation, "KI soll nett sein.", language="de")
    write(consultation, "AI should be nett.", language="en")
    assert texts(alices.get(QUEUE, {"words": "nett", "language": "de"})) == ["KI soll nett sein."]
    assert len(texts(alices.get(QUEUE, {"words": "nett", "language": "xx"}))) == 2
    assert texts(alices.get(QUEUE, {"words": "<b>"})) == []
    assert alices.get(QUEUE, {"words": "\0"}).status_code == 200


@pytest.mark.parametrize("missing", [{}, {"rule": ""}, {"rule": "other"}, {"rule": "odd"}])
def test_hiding_without_a_reason_says_what_is_missing(
    alices: Client, consultation: Consultation, missing: dict[str, str]
) -> None:
    """The summary leads to the field, the form is open, and nothing happened."""
    statement = write(consultation, "Buy my watches.")
    answer = decide(alices, statement, decision="rejected", **missing)
    page = answer.content.decode()
    assert answer.status_code == 400
    field = re.search(r'class="error-summary".*?href="#([^"]+)"', page, re.DOTALL).group(1)
    assert f'id="{field}"' in page
    assert '<details class="hide" open>' in page
    assert not Ruling.objects.exists()


def test_nobody_is_offered_to_show_her_own_words(
    monas: Client, alices: Client, people: dict[str, User], consultation: Consultation, alice: User
) -> None:
    """Somebody else is; whoever is alone decides, since nobody else could read it."""
    author = join(consultation, user=people["moderator"])
    write(consultation, "AI should be kind.", author=author)
    told = "You wrote this statement: somebody else must read it and decide."
    page = monas.get(QUEUE).content.decode()
    assert told in page
    assert 'data-act="show"' not in page
    assert 'data-act="show"' in alices.get(QUEUE).content.decode()
    Membership.objects.filter(consultation=consultation).exclude(pk=author.pk).delete()
    page = monas.get(QUEUE).content.decode()
    assert told not in page
    assert 'data-act="show"' in page


def test_a_decision_leads_back_to_where_one_was(alices: Client, consultation: Consultation) -> None:
    """Filter and page are kept; nothing else of what was sent is."""
    statement = write(consultation, "Buy my watches.")
    answer = decide(
        alices,
        statement,
        decision="rejected",
        rule="advert",
        back="state=waiting&page=2&evil=//example.org",
    )
    made = Ruling.objects.get()
    assert answer["Location"] == f"{QUEUE}?state=waiting&page=2&decided={made.uuid}"
    page = alices.get(answer["Location"]).content.decode()
    assert "You decided to hide:" in page
    alices.post(reverse("statements:undo_ruling", args=["ai", made.uuid]))
    statement.refresh_from_db()
    assert statement.moderation == "waiting"
    assert "You decided to hide:" not in alices.get(answer["Location"]).content.decode()


def test_nobody_else_is_offered_the_undoing(
    alices: Client, monas: Client, consultation: Consultation
) -> None:
    """The address of the offer is no key, and a reference that is none is passed over."""
    statement = write(consultation, "Buy my watches.")
    address = decide(alices, statement, decision="rejected", rule="advert")["Location"]
    assert "You decided" not in monas.get(address).content.decode()
    undo = reverse("statements:undo_ruling", args=["ai", Ruling.objects.get().uuid])
    assert monas.post(undo).status_code == 403
    assert monas.get(f"{QUEUE}?decided=' OR 1").status_code == 200


def test_two_moderators_hide_through_the_pages(
    alices: Client, monas: Client, consultation: Consultation, client: Client
) -> None:
    """The proposer is offered to take it back, the other one to agree or to show it."""
    Consultation.objects.update(needs_second_reader=True)
    statement = write(consultation, "Buy my watches.")
    decide(alices, statement, decision="rejected", rule="advert")
    second = {"state": "second"}
    assert "Take the proposal back" in alices.get(QUEUE, second).content.decode()
    assert "Agree to hide it" not in alices.get(QUEUE, second).content.decode()
    page = monas.get(QUEUE, second).content.decode()
    assert "Agree to hide it" in page
    assert "Show it" in page
    assert "Waits for a second reader" in client.get(RECORD).content.decode()
    path = reverse("statements:confirm", args=["ai", Ruling.objects.get().uuid])
    assert alices.post(path).status_code == 403
    monas.post(path)
    statement.refresh_from_db()
    assert statement.moderation == "rejected"
    assert "Read by two" in client.get(RECORD).content.decode()


def test_an_appeal_is_answered_through_the_pages(
    alices: Client, monas: Client, consultation: Consultation, member: Membership, client: Client
) -> None:
    """Who hid it reads why she does not answer; the other's answer stands on public record."""
    statement = write(consultation, "Buy my watches.", author=member)
    decide(alices, statement, decision="rejected", rule="advert")
    opened = Appeal.objects.create(
        statement=statement, ruling=Ruling.objects.get(), words="These are not adverts."
    )
    assert "somebody else answers the appeal" in alices.get(QUEUE).content.decode()
    page = monas.get(QUEUE, {"state": "appeals"}).content.decode()
    assert "These are not adverts." in page
    path = reverse("statements:answer_appeal", args=["ai", opened.uuid])
    refused = monas.post(path, {"outcome": "upheld", "answer": ""})
    assert refused.status_code == 400
    assert "Please write an answer" in refused.content.decode()
    monas.post(path, {"outcome": "upheld", "answer": "It sells watches."})
    record = client.get(RECORD).content.decode()
    assert "The decision stands" in record
    assert "It sells watches." in record
    assert "These are not adverts." not in record
    assert "Buy my watches" not in record


def test_statements_that_say_the_same_are_named(
    alices: Client, consultation: Consultation, new_claim: Callable[..., Claim], alice: User
) -> None:
    """Whoever decides sees that a statement of the same claim was hidden before."""
    claim = new_claim("Buy my watches.")
    moderate_statement(claim.statement, by=alice, decision="rejected", rule="advert")
    twin = write(consultation, "Buy my watches!")
    Segment.objects.create(statement=twin, claim=claim, start=0, end=15)
    page = alices.get(QUEUE).content.decode()
    assert "1 statement says nearly the same" in page
    assert "Hidden. Advertising or spam." in re.sub(r"\s+", " ", page)


@pytest.mark.parametrize("role", ["nobody", "stranger", "participant", "auditor"])
def test_only_moderators_decide(
    sign_in: SignIn, people: dict[str, User | None], consultation: Consultation, role: str
) -> None:
    """Neither the queue nor any of its acts lets others in."""
    statement = write(consultation, "Buy my watches.")
    made = Ruling.objects.create(statement=statement, decision="rejected", stage="proposed")
    opened = Appeal.objects.create(statement=statement, words="No.")
    client = sign_in(people[role])
    answers = [
        client.get(QUEUE),
        decide(client, statement, decision="accepted", rule="follows"),
        client.post(reverse("statements:confirm", args=["ai", made.uuid])),
        client.post(reverse("statements:undo_ruling", args=["ai", made.uuid])),
        client.post(reverse("statements:answer_appeal", args=["ai", opened.uuid])),
    ]
    assert {one.status_code for one in answers} <= {401, 403, 404}


def test_rulings_of_another_consultation_are_not_there(
    alices: Client, alice: User, consultation: Consultation
) -> None:
    """A moderator's key opens her own consultation only."""
    other = Consultation.objects.create(title="Another", slug="another")
    statement = write(other, "Elsewhere.")
    made = Ruling.objects.create(
        statement=statement, decision="rejected", stage="proposed", decided_by=None
    )
    assert decide(alices, statement, decision="accepted", rule="follows").status_code == 404
    for name in ("statements:confirm", "statements:undo_ruling"):
        assert alices.post(reverse(name, args=["ai", made.uuid])).status_code == 404


def test_the_record_counts_by_rule_and_tells_what_was_hidden_elsewhere(
    alices: Client, consultation: Consultation, client: Client
) -> None:
    """Decisions made here are counted by rule; an import's are told by their number."""
    for number in range(3):
        decide(alices, write(consultation, f"Watch {number}."), decision="rejected", rule="advert")
    write(consultation, "Imported.", moderation="rejected", moderation_reason="Hidden elsewhere.")
    answer = client.get(RECORD)
    (tally,) = answer.context["tallies"]
    assert (tally.rule, tally.hidden, tally.proposed, tally.not_followed) == ("advert", 3, 0, 0)
    assert "1 more statement was hidden already" in answer.content.decode()
    assert len(client.get(RECORD, {"rule": "insult"}).context["page"]) == 0
    assert len(client.get(RECORD, {"rule": "odd"}).context["page"]) == 3


def test_the_record_as_a_file_runs_no_formula(
    alices: Client, consultation: Consultation, client: Client
) -> None:
    """A reason that begins like a formula is text; nobody's name and no hidden text is in it."""
    statement = write(consultation, "Buy my watches.")
    decide(alices, statement, decision="rejected", details="=HYPERLINK(1)")
    content = b"".join(client.get("/c/ai/decisions.csv").streaming_content).decode()
    (row,) = csv.DictReader(io.StringIO(content))
    assert row["reason"] == "'=HYPERLINK(1)"
    assert (row["reference"], row["decision"], row["stage"]) == (
        statement.key,
        "rejected",
        "final",
    )
    assert "watches" not in content
    assert "alice" not in content.lower()


@pytest.mark.parametrize("path", [QUEUE, f"{QUEUE}?state=accepted", RECORD])
def test_pages_cost_the_same_with_many_rows(
    alices: Client,
    consultation: Consultation,
    alice: User,
    member: Membership,
    path: str,
) -> None:
    """A thousand statements, each with a decision and a report, cost as many queries as ten."""

    def fill(count: int) -> None:
        rows = Statement.objects.bulk_create(
            Statement(consultation=consultation, text=f"No {number}.", moderation=state)
            for number in range(count // 2)
            for state in ("accepted", "waiting")
        )
        Ruling.objects.bulk_create(
            Ruling(statement=row, decision="accepted", rule="follows", reason="Fine.")
            for row in rows
        )
        Flag.objects.bulk_create(
            Flag(statement=row, raised_by=member, rule="insult") for row in rows
        )

    counts = []
    for rows in (10, 990):
        fill(rows)
        with CaptureQueriesContext(connection) as queries:
            assert alices.get(path).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 22
