"""A bundle with its ties to the log: the program checks both, and names what was changed."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aggregation.exports.archive import to_zip
from civic.accounts.models import User
from civic.analysis import pipeline as analysis
from civic.audit import selectors
from civic.audit.models import Entry
from civic.audit.pipeline import seal
from civic.consultations.models import Consultation, Membership
from civic.reactions.models import Reaction
from civic.specs import sealing
from civic.specs.bundles import bundle_of
from civic.specs.models import SpecVersion
from civic.specs.services import draft_spec, publish_spec, start_run
from civic.statements.models import Claim
from verifier.bundle import check_bundle, check_evidence
from verifier.reading import Fault

pytestmark = pytest.mark.django_db
TEXTS = ("AI should be kind to everybody.", "AI should sell my data.", "AI should say no.")


@pytest.fixture
def published(
    consultation: Consultation,
    alice: User,
    new_claim: Callable[..., Claim],
    new_member: Callable[[str], Membership],
) -> SpecVersion:
    """A version drafted when the log had lines, published, sealed and signed."""
    claims = [new_claim(text) for text in TEXTS]
    for number in range(24):
        person = new_member(f"person-{number}")
        for place, claim in enumerate(claims):
            value = "agree" if (number + place) % 3 else "disagree"
            Reaction.objects.create(claim=claim, participant=person, value=value, served=True)
    run = start_run(consultation, by=alice)
    run.aggregation_settings |= {"embedder": "hashing", "bootstrap": 10}
    run.save(update_fields=["aggregation_settings"])
    analysis.execute(run.pk)
    run.refresh_from_db()
    seal()
    spec = publish_spec(draft_spec(run, by=alice), by=alice, signed_as="Alice, office")
    seal()
    sealing.sign_waiting()
    spec.refresh_from_db()
    return spec


def rewritten(content: bytes, *, without: str = "-", **changes: Any) -> bytes:
    """The bundle with files changed by functions of their bytes, and a list that fits them.

    without : how the names of files begin that are left out
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = [name for name in archive.namelist() if not name.startswith(without)]
        files = {name: archive.read(name) for name in names}
    for name, change in changes.items():
        files[name] = change(files[name])
    held = json.loads(files["MANIFEST.json"])
    held["files"] = [row for row in held["files"] if row["path"] in files]
    for row in held["files"]:
        row["sha256"] = hashlib.sha256(files[row["path"]]).hexdigest()
        row["bytes"] = len(files[row["path"]])
    files["MANIFEST.json"] = (json.dumps(held, ensure_ascii=False, indent=2) + "\n").encode()
    return to_zip(files)


def test_a_bundle_is_checked_whole(published: SpecVersion, tmp_path: Path) -> None:
    """Files, signature, checkpoint of the draft, line of the publication, numbers, the run."""
    content = bundle_of(published)
    file = tmp_path / "bundle.zip"
    file.write_bytes(content)
    told = list(check_bundle(file, trusted=selectors.keys()[0]["key"]))
    assert "spec.json is signed" in told
    drafted = published.load()["provenance"]["audit_root"].split(" ")[1]
    assert f"it was drafted when the log had {drafted} lines" in told
    assert any(line.endswith("spec.published on " + line[-10:]) for line in told)
    assert any(f'"sha256":"{published.sha256}"' in line for line in told)
    assert told[-1].endswith("checks of its numbers hold")
    changes: dict[str, tuple[Callable[[bytes], bytes], str]] = {
        "log/spec.sig": (lambda b: b.replace(b"sha256:", b"sha256:0", 1), "does not fit"),
        "log/checkpoint.txt": (lambda b: b.replace(b"/log\n", b"/log\n1", 1), "does not fit"),
        "log/consistency.json": (lambda b: b'{"proof": []}', "does not follow"),
        "log/receipt.json": (lambda b: b.replace(b"Alice", b"Bob"), "is not what the leaf"),
        "log/keys.json": (lambda b: b.replace(b"/log+", b"/logs+"), "its id does not"),
        "spec.json": (lambda b: b.replace(b"kind to", b"hard on"), "over another document"),
    }
    for name, (change, fault) in changes.items():
        file.write_bytes(rewritten(content, **{name: change}))
        with pytest.raises(Fault, match=fault):
            list(check_bundle(file, trusted=None))
    file.write_bytes(rewritten(content)[:-30])
    with pytest.raises(Fault, match=r"bundle\.zip: it cannot be unpacked"):
        list(check_bundle(file, trusted=None))


def test_a_bundle_whose_list_does_not_fit_names_the_file(
    published: SpecVersion, tmp_path: Path
) -> None:
    """Changed, missing, added."""
    with zipfile.ZipFile(io.BytesIO(bundle_of(published))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    file = tmp_path / "bundle.zip"
    for change, fault in (
        ({"spec.md": files["spec.md"] + b" "}, "spec.md: its SHA-256 is not"),
        ({"more.txt": b"x"}, "more.txt: it is not listed"),
        ({"spec.md": None}, "spec.md: it is missing"),
    ):
        held = {name: text for name, text in (files | change).items() if text is not None}
        file.write_bytes(to_zip(held))
        with pytest.raises(Fault, match=fault):
            list(check_bundle(file, trusted=None))


def test_whoever_names_a_key_is_told_where_nobody_signed(
    published: SpecVersion, tmp_path: Path
) -> None:
    """A spec of somebody's own beside a true checkpoint, or beside none, holds for no key."""
    content, key = bundle_of(published), selectors.keys()[0]["key"]
    file = tmp_path / "bundle.zip"
    for without, fault in (("log/spec.sig", "nobody with the key"), ("log/", "nothing ties")):
        file.write_bytes(rewritten(content, without=without))
        with pytest.raises(Fault, match=fault):
            list(check_bundle(file, trusted=key))
    file.write_bytes(rewritten(content, without="log/spec.sig"))
    assert any(line.startswith("NOT SIGNED") for line in check_bundle(file, trusted=None))


def test_a_true_receipt_of_something_else_is_no_receipt_of_the_spec(
    published: SpecVersion, tmp_path: Path
) -> None:
    """That an act is in the log says nothing about a spec whose publication it is not."""
    file, content = tmp_path / "bundle.zip", bundle_of(published)
    point = selectors.latest_checkpoint()
    assert point is not None
    drafted = Entry.objects.filter(action="spec.drafted").get()
    other = json.dumps(selectors.receipt(drafted)).encode()
    file.write_bytes(rewritten(content, **{"log/receipt.json": lambda _: other}))
    with pytest.raises(Fault, match="it is the receipt of another act"):
        list(check_bundle(file, trusted=None))
    forged = {"spec.json": lambda b: b.replace(b"kind to", b"hard on")}
    file.write_bytes(rewritten(content, without="log/spec.sig", **forged))
    with pytest.raises(Fault, match="about another document, and this one is not signed"):
        list(check_bundle(file, trusted=None))


def test_a_redacted_version_tells_the_digest_of_its_publication(
    published: SpecVersion, tmp_path: Path
) -> None:
    """Its bytes are others than those in the log, and signed anew."""
    first = published.sha256
    content = bytes(published.document).replace(b"kind to", b"hard on")
    note = {"day": "2026-01-01", "passages": 1, "before": first, "after": digest(content)}
    SpecVersion.objects.filter(pk=published.pk).update(
        document=content, sha256=digest(content), redactions=[note], signature=""
    )
    sealing.sign_waiting()
    published.refresh_from_db()
    files = {"spec.json": content} | sealing.evidence_files(published)
    told = list(check_evidence(files, trusted=selectors.keys()[0]["key"]))
    assert f"its bytes changed since they were published with SHA-256 {first}" in told[-1]


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("name", ["MANIFEST.json", "spec.json", "log/consistency.json"])
def test_a_file_of_another_shape_is_named(
    name: str, published: SpecVersion, tmp_path: Path
) -> None:
    """JSON that is no object is a fault with a name and no crash."""
    with zipfile.ZipFile(io.BytesIO(bundle_of(published))) as archive:
        files = {one: archive.read(one) for one in archive.namelist()}
    files[name] = b"[]"
    held = json.loads(files["MANIFEST.json"])
    if name != "MANIFEST.json":
        for row in held["files"]:
            row["sha256"] = hashlib.sha256(files[row["path"]]).hexdigest()
        files["MANIFEST.json"] = json.dumps(held).encode()
    file = tmp_path / "bundle.zip"
    file.write_bytes(to_zip(files))
    with pytest.raises(Fault, match=name):
        list(check_bundle(file, trusted=None))


def test_every_byte_of_the_ties_to_the_log_counts(
    published: SpecVersion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each byte of each file in `log/` turned in one bit, and the list made to fit."""
    monkeypatch.setattr("verifier.bundle.check_numbers", lambda _: iter(()))
    content, file = bundle_of(published), tmp_path / "bundle.zip"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        held = {name: archive.read(name) for name in archive.namelist() if name.startswith("log/")}
    assert len(held) == 5
    unseen = []
    for name, whole in held.items():
        for place in range(len(whole)):
            turned = bytearray(whole)
            turned[place] ^= 1 << place % 8
            file.write_bytes(rewritten(content, **{name: lambda _, b=turned: bytes(b)}))
            try:
                list(check_bundle(file, trusted=None))
            except Fault:
                continue
            unseen.append((name, place))
    assert unseen == []


def test_without_the_library_the_archive_and_what_its_list_says_are_checked(
    published: SpecVersion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes between the files, and a list that speaks of another spec."""
    monkeypatch.setattr("verifier.bundle.check_numbers", lambda _: iter(()))
    content, file = bundle_of(published), tmp_path / "bundle.zip"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
        around = [
            place
            for one in archive.infolist()
            for place in range(one.header_offset, one.header_offset + 30)
        ]
        around += range(archive.start_dir, len(content))
    for place in around[:: len(around) // 300]:
        turned = bytearray(content)
        turned[place] ^= 1 << place % 8
        file.write_bytes(turned)
        with pytest.raises(Fault):
            list(check_bundle(file, trusted=None))
    held = json.loads(files["MANIFEST.json"])
    for name in ("spec", "version", "document_digest", "audit_root", "signature", "licence"):
        changed = json.dumps(held | {name: "another"}).encode()
        file.write_bytes(to_zip(files | {"MANIFEST.json": changed}))
        with pytest.raises(Fault, match=f"MANIFEST.json, {name}: spec.json says"):
            list(check_bundle(file, trusted=None))
