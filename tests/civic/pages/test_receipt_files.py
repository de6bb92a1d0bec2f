"""The receipt to keep as a file: it holds when anybody checks it without the platform."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from civic.accounts.models import User
from civic.audit.models import Entry
from civic.audit.pipeline import seal
from civic.audit.selectors import receipt
from civic.consultations.models import Membership
from civic.consultations.receipt_links import make_link
from civic.errors import NotFound
from civic.pages import receipt_file
from civic.pages.receipt_file import receipt_of
from civic.specs.erasing import erase_part
from civic.specs.models import SpecVersion
from civic.specs.selectors import Place
from civic.statements.authoring import judge_sentence
from civic.statements.models import Segment
from civic.statements.ruling import moderate_statement
from civic.statements.services import submit_statement, withdraw_statement
from tests.civic.pages.receipts import Document, _log, checked, sent, spoken
from verifier.__main__ import main
from verifier.citizen import PLACES, check_citizen
from verifier.notes import Key, read_keys
from verifier.reading import Fault

__all__ = ["_log", "spoken"]


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


def test_another_act_is_no_publication(spoken: Membership, published: SpecVersion) -> None:
    """Without signatures a true line about the version, or about other bytes, would pass for it."""
    document = receipt_of(spoken) | {"signature": None}
    document["spec"]["signature"] = None
    assert checked(document)
    other = copy.deepcopy(document)
    other["spec"]["sha256"] = "0" * 64
    with pytest.raises(Fault, match="about another document"):
        checked(other)
    drafted = Entry.objects.get(action="spec.drafted", subject_id=str(published.uuid))
    document["spec"]["publication"] = receipt(drafted)
    with pytest.raises(Fault, match="receipt of another act"):
        checked(document)


def test_whoever_names_a_key_wants_a_signature(spoken: Membership, tmp_path: Path) -> None:
    """With `--key` an unsigned receipt does not hold; without, it says that it is not signed."""
    document = receipt_of(spoken)
    file, key = tmp_path / "receipt.json", document["keys"][0]["key"]
    file.write_text(json.dumps(document), encoding="utf-8")
    assert main(["receipt", str(file), "--key", key]) == 0
    file.write_text(json.dumps(document | {"signature": None}), encoding="utf-8")
    assert main(["receipt", str(file)]) == 0
    assert main(["receipt", str(file), "--key", key]) == 1


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
