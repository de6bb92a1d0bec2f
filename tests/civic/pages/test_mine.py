"""My part, the appeal, the file with everything, and deleting: pages of one's own."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import rfc8785
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from civic.accounts.models import User
from civic.audit import selectors
from civic.audit.models import Entry
from civic.audit.pipeline import seal
from civic.consultations.models import Consultation, Membership
from civic.consultations.phases import Phase
from civic.consultations.services import create_consultation, join, open_phase
from civic.errors import Conflict, Invalid, NotFound
from civic.reactions.models import Reaction
from civic.reactions.services import cast_reaction
from civic.specs.models import SpecVersion
from civic.statements.appeals import open_appeal
from civic.statements.models import Appeal, Claim, Flag, Segment, Statement
from civic.statements.ruling import moderate_statement
from civic.statements.services import submit_statement
from verifier.log import check_receipts
from verifier.notes import read_keys

SignIn = Callable[[User | None], Client]


@pytest.fixture
def hidden(member: Membership, alice: User) -> Statement:
    """A statement of Bob's that Alice hid."""
    statement = submit_statement(author=member, text="AI should never laugh at people.")
    moderate_statement(statement, by=alice, decision="rejected", rule="insult", reason="")
    statement.refresh_from_db()
    return statement


# --- Appeals


def test_a_hidden_statement_is_told_with_rule_reason_and_a_way_out(
    bobs: Client, hidden: Statement
) -> None:
    """My part says which rule, why, and leads to asking for another look."""
    page = bobs.get("/c/ai/mine/").text
    assert "Hidden by a moderator" in page
    assert "Insults or threatens people" in page
    assert reverse("pages:appeal", args=["ai", hidden.uuid]) in page


def test_an_appeal_is_sent_once_and_shown(bobs: Client, hidden: Statement) -> None:
    """Her words wait for a decision; a second one is told that the first is here."""
    page = reverse("pages:appeal", args=["ai", hidden.uuid])
    assert bobs.post(page, {"words": "Nobody is insulted here."}).status_code == 302
    assert Appeal.objects.get().words == "Nobody is insulted here."
    assert Appeal.objects.get().ruling == hidden.rulings.get()
    assert "You appealed on" in bobs.get("/c/ai/mine/").text
    assert bobs.post(page, {"words": "Once more."}).status_code == 409
    assert "waits to be decided" in bobs.get(page).text
    assert Entry.objects.filter(action="appeal.opened").count() == 1


@pytest.mark.parametrize("words", ["", "  ", "\u200b", "x" * 2001])
def test_an_appeal_without_words_is_explained_and_kept(
    bobs: Client, hidden: Statement, words: str
) -> None:
    """What is wrong stands at the field, and nothing is lost."""
    answer = bobs.post(reverse("pages:appeal", args=["ai", hidden.uuid]), {"words": words})
    assert answer.status_code == 400
    assert 'href="#id_words"' in answer.text
    assert words in answer.text
    assert not Appeal.objects.exists()


def test_nobody_appeals_for_somebody_else(
    hidden: Statement, alice: User, charlie: User, sign_in: SignIn
) -> None:
    """Neither a stranger nor the moderator, nor another participant."""
    for user in (alice, charlie):
        with pytest.raises(NotFound):
            open_appeal(hidden, by=user, words="Why not?")
    join(hidden.consultation, user=charlie)
    page = reverse("pages:appeal", args=["ai", hidden.uuid])
    assert sign_in(charlie).get(page).status_code == 404


def test_what_is_shown_needs_no_appeal(member: Membership, bob: User) -> None:
    """There is nothing to appeal against."""
    statement = submit_statement(author=member, text="AI should be kind.")
    with pytest.raises(Conflict, match="not hidden"):
        open_appeal(statement, by=bob, words="Why not?")
    with pytest.raises((Invalid, Conflict)):
        open_appeal(statement, by=bob, words="")


def test_a_decision_is_appealed_against_once(hidden: Statement, bob: User) -> None:
    """Once answered, the same decision is not asked about again."""
    appeal = open_appeal(hidden, by=bob, words="Why not?")
    Appeal.objects.filter(pk=appeal.pk).update(outcome="upheld", answer="It insults.")
    with pytest.raises(Conflict, match="answered already"):
        open_appeal(hidden, by=bob, words="Really?")


def test_appeals_are_open_after_the_consultation_too(
    hidden: Statement, bob: User, alice: User
) -> None:
    """A right does not end with a phase."""
    open_phase(hidden.consultation, phase=Phase.CLOSED, by=alice)
    assert open_appeal(hidden, by=bob, words="Why not?").outcome == "open"


# --- The file


@pytest.fixture
def acted(member: Membership, asked: list[Claim], charlie: User) -> Membership:
    """Bob wrote, answered twice, reported and told his age; Charlie wrote too."""
    member.strata = {"age": "old"}
    member.save()
    for value, latest in (("agree", False), ("depends", True)):
        Reaction.objects.create(
            claim=asked[1],
            participant=member,
            value=value,
            condition="Only at night." if latest else "",
            is_latest=latest,
            served=True,
        )
    Flag.objects.create(
        statement=asked[2].statement, raised_by=member, rule="spam", note="Seen twice."
    )
    submit_statement(author=member, text="AI should ask before it acts.")
    other = join(member.consultation, user=charlie)
    submit_statement(author=other, text="Charlie keeps this to himself.")
    return member


def test_the_file_holds_everything_of_hers(bobs: Client, acted: Membership) -> None:
    """Statements, sentences, every answer, reports, what she said about herself, the record."""
    answer = bobs.get(reverse("pages:my_data", args=["ai"]))
    assert answer["Content-Disposition"].startswith("attachment")
    assert "no-store" in answer["Cache-Control"]
    found = json.loads(answer.content)
    (part,) = found["consultations"]
    assert found["account"]["email"] == "bob@example.org"
    assert part["key"] == acted.key
    assert part["about_you"] == {"age": "old"}
    assert {one["text"] for one in part["statements"]} == {
        "AI should be kind to everybody.",
        "AI should ask before it acts.",
    }
    assert part["statements"][0]["sentences"][0]["text"] == "AI should be kind to everybody."
    assert [(one["value"], one["is_latest"]) for one in part["reactions"]] == [
        ("agree", False),
        ("depends", True),
    ]
    assert part["reactions"][1]["condition"] == "Only at night."
    assert part["flags"][0]["note"] == "Seen twice."
    assert {"membership.consented", "statement.submitted"} <= {
        one["action"] for one in part["record"]
    }
    assert set(part) - {"consultation", "title", "roles", "joined_at", "consented_at"} <= set(
        found["fields"]
    )


def test_the_file_holds_nothing_of_anybody_else(
    bobs: Client, acted: Membership, charlie: User
) -> None:
    """No other person's words, name, address, or even random name."""
    text = bobs.get(reverse("pages:my_data", args=["ai"])).text
    other = Membership.objects.get(user=charlie)
    for foreign in ("Charlie", charlie.email, other.key, "alice@example.org"):
        assert foreign not in text
    for person in acted.consultation.memberships.exclude(pk=acted.pk).exclude(key="z"):
        assert f'"{person.key}"' not in text


def test_the_file_proves_what_the_record_says(bobs: Client, acted: Membership) -> None:
    """Its row keys open the commitments of her own acts."""
    (part,) = json.loads(bobs.get(reverse("pages:account_data")).content)["consultations"]
    entry = next(one for one in part["record"] if one["action"] == "statement.submitted")
    content = rfc8785.dumps({"text": "AI should ask before it acts."})
    key = bytes.fromhex(entry["row_key"])
    assert hmac.new(key, content, hashlib.sha256).hexdigest() == entry["commitment"]


def test_the_file_holds_a_receipt_of_every_act(
    bobs: Client,
    acted: Membership,
    asked: list[Claim],
    settings: LazySettings,
    tmp_path: Path,
) -> None:
    """Not sealed yet; then each with its line, its proof, and what was done: her answers, too."""
    Consultation.objects.filter(pk=acted.consultation_id).update(phase=Phase.REACT)
    for value in ("agree", "depends"):
        claim = Claim.objects.select_related("statement__consultation").get(pk=asked[0].pk)
        me = Membership.objects.select_related("consultation", "user").get(pk=acted.pk)
        cast_reaction(claim, participant=me, value=value, condition="By day." * (value != "agree"))
    settings.LOG_KEY, settings.LOG_KEY_FILE, settings.MAKES_LOG_KEY = "", str(tmp_path / "k"), True

    def told() -> list[str]:
        data = json.loads(bobs.get(reverse("pages:account_data")).content)
        known = read_keys("keys", json.dumps(selectors.keys()), trusted=None) if sealed else []
        return list(check_receipts(data, known, where="data"))

    sealed = False
    (line,) = told()
    assert "were not sealed yet" in line
    sealed = bool(seal())
    lines = told()
    assert not any("not sealed" in line for line in lines)
    assert any('"text":"AI should ask before it acts."' in line for line in lines)
    answers = [line for line in lines if "reaction.cast" in line]
    assert ['"value":"agree"' in one for one in answers] == [True, False]
    assert "By day." in answers[1]


@pytest.mark.parametrize("page", ["pages:my_data", "pages:my_part", "pages:delete_part"])
def test_strangers_are_led_to_joining(
    consultation: Consultation, sign_in: SignIn, charlie: User, page: str
) -> None:
    """There is nothing of theirs to see, to take or to delete."""
    address = reverse(page, args=["ai"])
    for user in (None, charlie):
        assert "/c/ai/join/" in sign_in(user).get(address)["Location"]
        assert "/c/ai/join/" in sign_in(user).post(address, {"word": "DELETE"})["Location"]


@pytest.mark.parametrize("page", ["pages:account", "pages:account_data", "pages:delete_account"])
def test_an_account_is_its_owners(page: str, client: Client, db: None) -> None:
    """Whoever has not signed in is asked to."""
    assert client.get(reverse(page))["Location"].startswith("/accounts/login/code/")


# --- Deleting by page


def test_deleting_asks_for_a_word_and_says_what_goes(
    bobs: Client, acted: Membership, published: SpecVersion
) -> None:
    """Without the word nothing happens; with it, the part is gone and the account stays."""
    page = reverse("pages:delete_part", args=["ai"])
    asked = bobs.get(page).text
    assert "You wrote 2 statements here." in asked
    assert "1 is quoted in a published result." in asked
    answer = bobs.post(page, {"word": "yes"})
    assert answer.status_code == 400
    assert 'href="#id_word"' in answer.text
    assert acted.statements.exclude(text="").count() == 2
    answer = bobs.post(page, {"word": " delete "})
    assert answer["Location"] == "/c/ai/"
    assert '"storage"' in answer["Clear-Site-Data"]
    assert not acted.statements.exclude(text="").exists()
    assert "Your part is deleted" in bobs.get("/c/ai/").text
    assert "/c/ai/join/" in bobs.get("/c/ai/mine/")["Location"]


def test_deleting_the_account_signs_out(bobs: Client, acted: Membership, bob: User) -> None:
    """Everything goes; the next page is a stranger's."""
    answer = bobs.post(reverse("pages:delete_account"), {"word": "DELETE"}, follow=True)
    assert "Your account is deleted" in answer.text
    assert "_auth_user_id" not in bobs.session
    bob.refresh_from_db()
    assert bob.email is None
    assert not Membership.objects.filter(user=bob).exists()


def test_who_alone_organizes_is_told_what_to_do_first(alice: User, sign_in: SignIn) -> None:
    """The page names the consultation and offers no button."""
    create_consultation(title="Mine alone", slug="alone", by=alice)
    browser = sign_in(alice)
    assert "Mine alone" in browser.get(reverse("pages:delete_account")).text
    assert browser.post(reverse("pages:delete_account"), {"word": "DELETE"}).status_code == 400


# --- Whatever the number of rows


def fill(consultation: Consultation, member: Membership, *, rows: int) -> None:
    """So many statements of hers with a claim each, and as many answers to others."""
    other = Membership.objects.get_or_create(consultation=consultation, key="other")[0]
    have = member.statements.count()
    statements = Statement.objects.bulk_create(
        Statement(
            consultation=consultation,
            author=author,
            text=f"AI should do thing {number}.",
            language="en",
            moderation="accepted",
            prepared_at=consultation.created_at,
            submitted_at=consultation.created_at,
        )
        for number in range(have, rows)
        for author in (member, other)
    )
    span = [{"statement": one, "start": 0, "end": len(one.text)} for one in statements]
    claims = Claim.objects.bulk_create(Claim(consultation=consultation, **one) for one in span)
    Segment.objects.bulk_create(
        Segment(claim=claim, is_norm=True, **one) for claim, one in zip(claims, span, strict=True)
    )
    Reaction.objects.bulk_create(
        Reaction(claim=claim, participant=member, value="agree", served=True)
        for claim in claims
        if claim.statement.author_id == other.pk
    )


@pytest.mark.parametrize("page", ["/c/ai/mine/", "/c/ai/mine/reactions/", "/c/ai/"])
def test_a_thousand_rows_cost_no_more_queries_than_ten(
    bobs: Client, consultation: Consultation, member: Membership, page: str
) -> None:
    """Pages are cut, and nothing is asked for row by row."""
    counts = []
    for rows in (10, 1000):
        fill(consultation, member, rows=rows)
        bobs.get(page)
        with CaptureQueriesContext(connection) as queries:
            assert bobs.get(page).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 22


def test_a_thousand_consultations_cost_the_front_page_no_more(bobs: Client, alice: User) -> None:
    """The list is cut, too."""
    counts = []
    for rows in (10, 1000):
        have = Consultation.objects.count()
        Consultation.objects.bulk_create(
            Consultation(title=f"Number {n}", slug=f"number-{n}", phase=phase)
            for n in range(have, rows)
            for phase in [("collect", "closed")[n % 2]]
        )
        with CaptureQueriesContext(connection) as queries:
            page = bobs.get("/").text
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 9
    assert page.count('<article class="card">') == 48
