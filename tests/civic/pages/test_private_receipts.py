"""The private link to a receipt and the file to keep: who reads them, how long, and that they hold
when anybody checks them without the platform."""

from __future__ import annotations

import copy
import json
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

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
from civic.errors import HidesTokens, NotFound
from civic.pages import receipt_file
from civic.pages.receipt_file import receipt_of
from civic.reactions.services import cast_reaction, undo_reaction
from civic.specs.erasing import erase_part
from civic.specs.models import SpecVersion
from civic.specs.sealing import sign_waiting
from civic.specs.selectors import Place
from civic.statements.authoring import judge_sentence
from civic.statements.models import Claim, Segment, Statement
from civic.statements.pipeline import prepare_statement
from civic.statements.ruling import moderate_statement
from civic.statements.services import submit_statement, withdraw_statement
from verifier.__main__ import main
from verifier.citizen import PLACES, check_citizen
from verifier.notes import Key, read_keys
from verifier.reading import Fault

SignIn = Callable[[User | None], Client]
Document = dict[str, Any]


@pytest.fixture(autouse=True)
def _log(settings: LazySettings, tmp_path: Path) -> None:
    """A log with a key of the test's own."""
    settings.LOG_KEY, settings.LOG_KEY_FILE = "", str(tmp_path / "log-key")
    settings.MAKES_LOG_KEY, settings.LOG_ORIGIN = True, "example.org/log"


@pytest.fixture
def link(member: Membership) -> str:
    """The path of Bob's private link."""
    return reverse("pages:private_receipt", args=[make_link(member).token])


def sent(author: Membership, text: str) -> Statement:
    """A statement that was sent and read."""
    statement = submit_statement(author=author, text=text)
    prepare_statement(statement.pk)
    statement.refresh_from_db()
    return statement


@pytest.fixture
def spoken(
    member: Membership, alice: User, asked: list[Claim], published: SpecVersion
) -> Membership:
    """Bob wrote what is in every state, answered, changed and took back; all of it is sealed."""
    words = (
        "AI should say where its numbers come from. I count money for a living.",
        "AI should never laugh at people.",
        "AI should ask before it acts.",
        "AI should wait.",
    )
    shown, hidden, gone, _waits = (sent(member, text) for text in words)
    moderate_statement(shown, by=alice, decision="accepted", reason="Fine.")
    moderate_statement(hidden, by=alice, decision="rejected", reason="", rule="insult")
    withdraw_statement(gone, by=member.user)
    cast_reaction(asked[1], participant=member, value="agree")
    cast_reaction(asked[1], participant=member, value="disagree", importance=4)
    cast_reaction(asked[2], participant=member, value="depends", condition="If I may say no.")
    cast_reaction(asked[0], participant=member, value="agree")
    undo_reaction(asked[0], participant=member)
    Statement.objects.filter(pk=asked[0].statement_id).update(is_imported=True)
    seal()
    sign_waiting()
    return member


def checked(document: Document, *, spec: str | None = None) -> list[str]:
    """What the auditor's program says of a file; raises Fault."""
    keys = read_keys("keys", json.dumps(document["keys"]), trusted=None)
    return list(check_citizen(document, keys, spec=spec, where="receipt.json"))


# --- The link: who makes it, who reads it, how long


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


# --- The file


def test_the_file_holds_and_every_place_is_told(
    spoken: Membership, published: SpecVersion, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Downloaded with a link, checked by the command with and without the spec beside it."""
    link = reverse("pages:private_receipt", args=[make_link(spoken).token])
    seal()
    file, spec = tmp_path / "receipt.json", tmp_path / "spec.json"
    file.write_bytes(Client().get(f"{link}receipt.json").content)
    published.refresh_from_db()
    spec.write_bytes(bytes(published.document))
    assert main(["receipt", str(file), "--spec", str(spec)]) == 0
    told = capsys.readouterr().out
    for words in (
        "it is signed by",
        "version 1 is signed",
        "spec.published",
        "3 answers",
        "1 sentences led",
    ):
        assert words.replace("3 answers", "2 answers") in told
    document = json.loads(file.read_text())
    assert [one["where"] for one in document["statements"]] == [
        *("waiting", "withdrawn", "hidden", "shown", "shown")
    ]
    assert [s["where"] for s in document["statements"][3]["sentences"]] == ["shown", "context"]
    quoted = document["statements"][4]["sentences"][0]
    assert quoted["where"] == "quoted"
    assert quoted["clause"]["text"] == "AI should be kind to everybody."
    assert main(["receipt", str(file), "--key", "another+key"]) == 1
    assert "not the one you gave" in capsys.readouterr().err


def test_her_own_browser_gives_the_same_file(spoken: Membership, bobs: Client) -> None:
    """Signed in or by the link: one file, the same bytes while nothing happens."""
    link = reverse("pages:private_receipt", args=[make_link(spoken).token])
    mine = bobs.get(reverse("pages:receipt_file", args=["ai"]))
    assert mine["Content-Disposition"] == 'attachment; filename="receipt.json"'
    assert mine.content == Client().get(f"{link}receipt.json").content


def test_what_is_done_while_it_is_gathered_breaks_nothing(
    spoken: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Withdrawn after her acts were read: told as withdrawn, with the line to come next time."""
    shown = spoken.statements.get(text__startswith="AI should say")
    read = receipt_file._decisions

    def meanwhile(membership: Membership) -> Any:
        withdraw_statement(shown, by=spoken.user)
        return read(membership)

    monkeypatch.setattr(receipt_file, "_decisions", meanwhile)
    document = receipt_of(spoken)
    assert checked(document)
    told = {one["reference"]: one["where"] for one in document["statements"]}
    assert told[shown.key] == "withdrawn"


def test_nothing_is_gathered_of_whoever_left_meanwhile(member: Membership) -> None:
    """A request that was on its way when she had her part deleted finds nothing."""
    on_its_way = Membership.objects.get(pk=member.pk)
    erase_part(member, by=member.user)
    with pytest.raises(NotFound):
        receipt_of(on_its_way)


def test_it_holds_before_anything_is_sealed(member: Membership) -> None:
    """A receipt may be taken at once; it says that its lines are to come."""
    submit_statement(author=member, text="AI should be kind.")
    document = receipt_of(member)
    assert document["signature"] is None
    with pytest.raises(Fault, match="lists no keys"):
        checked(document)
    seal()
    submit_statement(author=member, text="AI should be calm.")
    told = checked(receipt_of(member))
    assert any("were not sealed yet" in one for one in told)


def test_the_places_of_page_and_program_are_the_same() -> None:
    """The auditor's program shares no code, so this holds the two together."""
    assert {place.value for place in Place} == PLACES


def test_whatever_is_changed_in_it_is_named(spoken: Membership) -> None:
    """Every value and every list of the file, each changed by itself."""
    document = receipt_of(spoken)
    keys = read_keys("keys", json.dumps(document["keys"]), trusted=None)
    assert checked(document)
    count = 0
    for changed in changes(document):
        count += 1
        with pytest.raises(Fault):
            list(check_citizen(changed, keys, spec=None, where="r"))
    assert count > 300


def changes(document: Document) -> Iterator[Document]:
    """Copies of it that differ in one place; without the keys, which are given apart."""
    for path in list(places({k: v for k, v in document.items() if k != "keys"}, ())):
        changed = copy.deepcopy(document)
        node: Any = changed
        for step in path[:-1]:
            node = node[step]
        held = node[path[-1]]
        if isinstance(held, list | dict) and held:
            node[path[-1]] = held[:-1] if isinstance(held, list) else dict(list(held.items())[1:])
        elif isinstance(held, str):
            node[path[-1]] = held + "x"
        elif isinstance(held, bool) or held is None:
            node[path[-1]] = not held
        elif isinstance(held, int):
            node[path[-1]] = held + 1
        else:
            node[path[-1]] = "x"
        if path != ("signature",) or held is not None:
            yield changed


def places(node: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    rows = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    for key, value in rows:
        yield from places(value, (*path, key))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda d: d["statements"].pop(), "other counts"),
        (lambda d: d["statements"].pop(0), "was sent, and is missing"),
        (lambda d: d["statements"][3].update(text="Other words."), "are not those"),
        (lambda d: d["statements"][0].update(id="x"), "no act of the log says that it was sent"),
        (lambda d: d["statements"][1].update(where="shown"), "the log says that it was withdrawn"),
        (lambda d: d["statements"][2].update(reason=""), "is hidden, and no reason is given"),
        (lambda d: d["statements"][3]["sentences"][0].update(text="x"), "do not stand there"),
        (lambda d: d["statements"][3]["sentences"][0].update(where=""), "does not say where"),
        (lambda d: d["statements"][3]["sentences"].clear(), "none of its sentences says"),
        (lambda d: d["statements"][4]["sentences"][0].update(clause=None), "clause is missing"),
        (lambda d: d["answers"][0].update(value="agree"), "no act of the log says so"),
        (lambda d: d["answers"].append(d["answers"][0]), "answered twice"),
        (lambda d: d["acts"].pop(), "other counts"),
        (lambda d: d["acts"][0].update(day="2020-01-01"), "another consultation or day"),
        (lambda d: d["spec"].update(sha256="0" * 64), "over another document"),
        (lambda d: d.update(spec=None), "no version is named"),
        (lambda d: d.update(format="other/1"), "its format is"),
    ],
)
def test_without_a_signature_the_log_still_names_what_was_changed(
    spoken: Membership, change: Callable[[Document], None], named: str
) -> None:
    """Whoever takes the signature away as well is found out wherever the log knows better."""
    document = receipt_of(spoken) | {"signature": None}
    assert "not signed" in checked(document)[0]
    change(document)
    with pytest.raises(Fault, match=named):
        checked(document)


def test_another_spec_beside_it_is_named(spoken: Membership, published: SpecVersion) -> None:
    """The document given is the one that the receipt names, and its clauses are as told."""
    spec = bytes(published.document).decode()
    document = receipt_of(spoken) | {"signature": None}
    assert "which stand so in spec.json" in checked(document, spec=spec)[-1]
    with pytest.raises(Fault, match="not the one that it names"):
        checked(document, spec=spec + " ")
    document["statements"][4]["sentences"][0]["clause"]["text"] = "AI may do as it likes."
    with pytest.raises(Fault, match="has no such clause"):
        checked(document, spec=spec)


def test_what_was_taken_back_or_has_no_sentence_has_a_place_too(
    member: Membership, alice: User
) -> None:
    """Not what she meant; nothing in it but signs: both say where they are."""
    written, odd = sent(member, "AI should ask before it acts."), sent(member, "AI should wait.")
    for one in (written, odd):
        moderate_statement(one, by=alice, decision="accepted", reason="Fine.")
    judge_sentence(written.segments.get(), by=member.user, verdict="no")
    Segment.objects.filter(statement=odd).delete()
    seal()
    document = receipt_of(member)
    assert checked(document)
    assert document["statements"][0]["where"] == "context"
    assert document["statements"][1]["sentences"][0]["where"] == "taken_back"
    assert document["statements"][1]["sentences"][0]["claim"] is None


def test_known_keys_check_it_as_well(spoken: Membership) -> None:
    """Keys kept from elsewhere: a receipt of another log is refused."""
    document = receipt_of(spoken)
    line = document["keys"][0]["key"]
    known = [Key.read(line)]
    assert list(check_citizen(document, known, spec=None, where="r"))
    with pytest.raises(Fault, match="no known key"):
        list(
            check_citizen(
                document, [Key("other.org/log", known[0].id, known[0].public)], spec=None, where="r"
            )
        )
