"""The page of the public log, the program's doors to it, and a version's tie to it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from civic.accounts.models import User
from civic.audit import selectors
from civic.audit.models import Entry
from civic.audit.pipeline import seal
from civic.audit.services import record
from civic.audit.tree import leaf_hash
from civic.specs import sealing
from civic.specs.models import SpecVersion
from civic.specs.services import withdraw_spec

API = "/api/v1/log/"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_key(settings: LazySettings, tmp_path: Path) -> None:
    settings.LOG_KEY, settings.LOG_KEY_FILE, settings.MAKES_LOG_KEY = "", str(tmp_path / "k"), True
    settings.LOG_ORIGIN = "example.org/log"


def test_before_anything_is_sealed_everybody_is_told_so() -> None:
    """A page that says it, and a refusal that a program understands."""
    assert b"Nothing has been sealed yet" in Client().get("/log/").content
    answer = Client().get(f"{API}checkpoint/")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_ready")
    assert Client().get(f"{API}entries/").json()["results"] == []


def test_anybody_reads_checkpoint_entries_proofs_and_keys(alice: User) -> None:
    """Page and API say the same, from the same tree."""
    for _ in range(4):
        record("account.kept", subject=alice)
    seal()
    note = Client().get(f"{API}checkpoint/").content.decode()
    origin, size, _ = note.split("\n")[:3]
    assert origin == "example.org/log"
    assert int(size) == Entry.objects.count()
    page = Client().get("/log/").content.decode()
    assert all(line in page for line in note.splitlines() if "=" not in line)
    listed = Client().get(f"{API}entries/?offset=2&limit=2").json()
    assert listed["count"] == int(size)
    assert [one["index"] for one in listed["results"]] == [2, 3]
    file = b"".join(Client().get(f"{API}file/?part=0").streaming_content).splitlines()
    assert len(file) == int(size)
    for one in listed["results"]:
        assert file[one["index"]].decode() == one["content"]
        assert leaf_hash(file[one["index"]]).hex() == one["hash"]
    proof = Client().get(f"{API}inclusion/?index=2&size={size}")
    found = [h.hex() for h in selectors.inclusion_proof(2, size=int(size))]
    assert proof.json()["proof"] == found
    assert "immutable" in proof["Cache-Control"]
    assert Client().get(f"{API}consistency/?first=1&second={size}").status_code == 200
    keys = Client().get(f"{API}keys/").json()["results"]
    assert [one["announcement"] for one in keys] == [None]
    assert keys[0]["key"] in page


@pytest.mark.parametrize(
    "query",
    [
        *("inclusion/", "inclusion/?index=0&size=99", "inclusion/?index=5&size=2", "file/?part=1"),
        *("consistency/?first=0&second=1", "consistency/?first=2&second=1", "checkpoint/?size=x"),
    ],
)
def test_a_wrong_number_is_named(alice: User, query: str) -> None:
    """Out of range, or no number at all."""
    record("account.kept", subject=alice)
    seal()
    answer = Client().get(API + query)
    assert answer.status_code == 400
    assert "whole number" in json.dumps(answer.json())


def test_a_published_version_is_signed_and_its_bytes_stay(published: SpecVersion) -> None:
    """The note names the digest of exactly what is exported; a second turn signs nothing."""
    assert published.signature == ""
    before = bytes(published.document)
    assert sealing.sign_waiting() == 1
    assert sealing.sign_waiting() == 0
    published.refresh_from_db()
    assert bytes(published.document) == before
    digest = hashlib.sha256(before).hexdigest()
    text = f"example.org/log/spec\n{published.uuid}\n{published.number}\nsha256:{digest}\n\n— "
    assert published.signature.startswith(text)
    shown = Client().get(f"/api/v1/specs/{published.uuid}/").json()
    assert shown["signature"] == published.signature


def test_what_belongs_beside_a_version_grows_with_the_log(published: SpecVersion) -> None:
    """Nothing before sealing; then checkpoint, keys, receipt and signature."""
    assert sealing.evidence_files(published) == {}
    seal()
    sealing.sign_waiting()
    published.refresh_from_db()
    files = sealing.evidence_files(published)
    assert sorted(files) == [
        *("log/checkpoint.txt", "log/keys.json", "log/receipt.json", "log/spec.sig"),
    ]
    receipt = json.loads(files["log/receipt.json"])
    assert receipt["opening"]["content"]["sha256"] == published.sha256
    assert json.loads(receipt["leaf"])["object"] == str(published.uuid)


def test_a_draft_names_the_checkpoint_of_its_moment(draft: SpecVersion) -> None:
    """The document's own digest holds with it and without it."""
    outcome = bytes(draft.document)
    assert sealing.rooted(outcome) == outcome  # nothing was sealed yet
    seal()
    document = json.loads(sealing.rooted(outcome))
    checkpoint = selectors.latest_checkpoint()
    assert document["provenance"]["audit_root"] == sealing.root_line(checkpoint)
    before = json.loads(outcome)["provenance"]
    assert document["provenance"]["document_digest"] == before["document_digest"]


def test_a_withdrawn_version_has_no_receipt_but_keeps_its_line(
    published: SpecVersion, alice: User
) -> None:
    """The act stays in the log, and so does the withdrawal."""
    seal()
    withdraw_spec(published, by=alice, reason="Wrong.")
    assert sealing.receipt_of(published) is None
    seal()
    log = b"".join(leaf.content for leaf in selectors.leaves(0, 10**6)).decode()
    assert log.count(f'"object":"{published.uuid}","type":"spec.published"') == 1
    assert log.count(f'"object":"{published.uuid}","type":"spec.withdrawn"') == 1
