"""The private link to a receipt: who makes it, who reads it, how long."""

from __future__ import annotations

import logging
import re

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from civic.accounts.models import User
from civic.accounts.services import ensure_user
from civic.audit.models import Entry
from civic.audit.pipeline import seal
from civic.consultations.models import Consultation, Membership, ReceiptLink
from civic.consultations.phases import Phase
from civic.consultations.receipt_links import end_link, link_of, make_link
from civic.consultations.services import join, open_phase
from civic.errors import HidesTokens
from civic.pages.receipt_file import receipt_of
from civic.specs.erasing import erase_part
from civic.specs.models import SpecVersion
from civic.statements.models import Claim
from civic.statements.ruling import moderate_statement
from tests.civic.pages.receipts import SignIn, _log, checked, sent, spoken

__all__ = ["_log", "spoken"]


@pytest.fixture
def link(member: Membership) -> str:
    """The path of Bob's private link."""
    return reverse("pages:private_receipt", args=[make_link(member).token])


def test_a_link_is_made_replaced_and_ended(bobs: Client, member: Membership) -> None:
    """What it leads to is read without signing in; another in its place, and the first is gone."""
    act = reverse("pages:receipt_link", args=["ai"])
    assert bobs.post(act, {"act": "make"}).status_code == 302
    shown = re.search(
        r'value="http://localhost:8000(/receipts/[^"]+/)"', bobs.get("/c/ai/mine/").text
    )
    assert shown is not None
    first = shown[1]
    assert Client().get(first).status_code == 200
    bobs.post(act, {"act": "make"})
    second = reverse("pages:private_receipt", args=[link_of(member).token])
    assert Client().get(first).status_code == 410
    assert Client().get(second).status_code == 200
    bobs.post(act, {"act": "end"})
    for path in (first, second, f"{second}receipt.json"):
        answer = Client().get(path)
        assert answer.status_code == 410
        assert "has ended it" in answer.text
    assert "Make a private link" in bobs.get("/c/ai/mine/").text
    actions = Entry.objects.filter(action__startswith="receipt.").values_list("action", flat=True)
    assert list(actions) == ["receipt.linked", "receipt.linked", "receipt.unlinked"]


def test_ending_what_is_not_there_changes_nothing(member: Membership) -> None:
    """No link, no act."""
    end_link(member)
    assert not Entry.objects.filter(action="receipt.unlinked").exists()


def test_a_forged_token_leads_nowhere(link: str) -> None:
    """One letter more, less or other is a 404 that tells nothing."""
    token = link.split("/")[2]
    other = ("B" if token[0] == "A" else "A") + token[1:]
    for forged in (other, token[:-1], token + "A", "x", "0" * 43):
        assert Client().get(f"/receipts/{forged}/").status_code == 404
        assert Client().get(f"/receipts/{forged}/receipt.json").status_code == 404


def test_her_data_tells_of_her_links(bobs: Client, member: Membership) -> None:
    """Everything kept about her includes when she made a link, and when it ended."""
    make_link(member)
    make_link(member)
    (part,) = bobs.get(reverse("pages:my_data", args=["ai"])).json()["consultations"]
    assert [one["ended_at"] is None for one in part["links"]] == [False, True]


def test_no_row_holds_what_opens_it(member: Membership, settings: LazySettings) -> None:
    """Whoever reads the database has no link; under another secret none is shown, and none lost."""
    link = make_link(member)
    token = link.token
    assert token
    row = ReceiptLink.objects.values().get()
    assert token not in str(row)
    settings.SECRET_KEY = "another-secret"
    assert link_of(member).token == ""
    assert Client().get(f"/receipts/{token}/").status_code == 200


@pytest.mark.parametrize("phase", Phase.values)
def test_it_works_in_every_phase(
    link: str, consultation: Consultation, alice: User, bobs: Client, phase: str
) -> None:
    """Reading and making do not end with the consultation."""
    open_phase(consultation, phase=phase, by=alice)
    if phase != Phase.DRAFT:
        assert bobs.post(reverse("pages:receipt_link", args=["ai"])).status_code == 302
        assert Client().get(link).status_code == 410
    now = reverse(
        "pages:private_receipt",
        args=[link_of(consultation.memberships.get(user__email="bob@example.org")).token],
    )
    assert Client().get(now).status_code == 200
    assert Client().get(f"{now}receipt.json").status_code == 200


def test_whoever_leaves_ends_her_link(link: str, member: Membership) -> None:
    """Erasure: 410, not a word, and the key to the address is forgotten."""
    erase_part(member, by=member.user)
    answer = Client().get(link)
    assert answer.status_code == 410
    assert "had her part deleted" in answer.text
    assert ReceiptLink.objects.get().nonce == ""


def test_her_link_shows_nothing_of_a_part_she_begins_anew(
    link: str, member: Membership, consultation: Consultation, bob: User
) -> None:
    """Who erased herself and joined again has a new receipt, and no old link."""
    erase_part(member, by=bob)
    again = join(consultation, user=bob)
    assert Client().get(link).status_code == 410
    new = reverse("pages:private_receipt", args=[make_link(again).token])
    assert Client().get(new).status_code == 200
    seal()
    assert checked(receipt_of(again))


def test_links_are_made_now_and_then(bobs: Client, settings: LazySettings) -> None:
    """A flood of them is stopped, and the link that works stays."""
    settings.LIMITS = settings.LIMITS | {"links": ["2/m"]}
    act = reverse("pages:receipt_link", args=["ai"])
    assert [bobs.post(act).status_code for _ in range(3)] == [302, 302, 429]
    assert ReceiptLink.objects.filter(ended_at=None).count() == 1


def test_nobody_makes_or_ends_a_link_of_somebody_else(
    link: str, alice: User, charlie: User, sign_in: SignIn, consultation: Consultation
) -> None:
    """A stranger, another participant and the organizer change nothing about Bob's."""
    act = reverse("pages:receipt_link", args=["ai"])
    for user in (None, charlie, alice):
        for wanted in ("make", "end"):
            sign_in(user).post(act, {"act": wanted})
    join(consultation, user=charlie)
    sign_in(charlie).post(act, {"act": "end"})
    assert Client().get(link).status_code == 200
    assert (
        sign_in(charlie).get(reverse("pages:receipt_file", args=["ai"])).json()["statements"] == []
    )


def test_caches_search_engines_and_other_sites_are_not_told(link: str) -> None:
    """Not stored, not indexed, not sent along; the way to signing in does not name it either."""
    for path in (link, f"{link}receipt.json"):
        answer = Client().get(path)
        assert answer["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer["X-Robots-Tag"]
        assert {"no-store", "private"} <= set(answer["Cache-Control"].split(", "))
    page = Client().get(link).text
    assert '<meta name="robots" content="noindex, nofollow">' in page
    assert f"next={link}" not in page


def test_our_logs_do_not_hold_it(
    link: str, member: Membership, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A page that fails or is gone is logged without its token."""
    caplog.handler.addFilter(HidesTokens())
    token = link.split("/")[2]
    end_link(member)
    Client().get(link)
    now = reverse("pages:private_receipt", args=[make_link(member).token])
    monkeypatch.setattr("civic.pages.receipt.items_of", lambda *_args: 1 / 0)
    assert Client(raise_request_exception=False).get(now).status_code == 500
    assert "/receipts/…/" in caplog.text
    assert token not in caplog.text
    assert now.split("/")[2] not in caplog.text
    line = logging.makeLogRecord({"msg": "GET %s", "args": ("/invitations/abc/",)})
    HidesTokens().filter(line)
    assert line.getMessage() == "GET /invitations/…/"


# --- The page


def test_the_page_says_where_each_sentence_is_and_proves_it(spoken: Membership) -> None:
    """Sentences, places, reasons, the clause, lines of the log; neither her name nor address."""
    page = Client().get(reverse("pages:private_receipt", args=[make_link(spoken).token])).text
    for words in (
        "AI should be kind to everybody.",
        "Quoted in version 1 of the spec.",
        "Insults or threatens people",
        "Withdrawn by its author.",
        "Waiting for a moderator to read it.",
        "Shown to others, who react to it.",
        "in the public log",
    ):
        assert words in page
    entry = Entry.objects.get(action="statement.withdrawn")
    assert f"&quot;commit&quot;:&quot;{entry.commitment}&quot;" in page
    assert spoken.user.email not in page
    assert "Bob" not in page


def test_of_a_consultation_by_invitation_it_leads_nowhere_closed(
    link: str, asked: list[Claim], published: SpecVersion, consultation: Consultation
) -> None:
    """Who may only read the receipt is shown no way to pages that would refuse her."""
    assert 'href="/c/ai/spec/' in Client().get(link).text
    Consultation.objects.filter(pk=consultation.pk).update(access="invite")
    page = Client().get(link).text
    assert "Quoted in version 1 of the spec." in page
    assert 'href="/c/ai/' not in page


def test_queries_do_not_grow_with_what_she_did(spoken: Membership, asked: list[Claim]) -> None:
    """The same number for a few statements and for many, on page and file."""
    link = reverse("pages:private_receipt", args=[make_link(spoken).token])

    def queries() -> list[int]:
        seal()
        found = []
        for path in (link, f"{link}receipt.json"):
            with CaptureQueriesContext(
                connection,
            ) as captured:
                assert Client().get(path).status_code == 200
            found.append(len(captured))
        return found

    before = queries()
    for number in range(12):
        written = sent(spoken, f"AI should do thing {number} well.")
        moderate_statement(
            written, by=ensure_user("alice@example.org"), decision="accepted", reason="Fine."
        )
    assert queries() == before
    assert max(before) <= 34
