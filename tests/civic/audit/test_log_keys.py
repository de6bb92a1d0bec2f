"""The keys of the log: made or given, replaced in public, never slipped in."""

from __future__ import annotations

import base64
import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from civic.audit import keys, notes, selectors
from civic.audit.models import Entry, Key
from civic.audit.pipeline import seal
from verifier.notes import Checkpoint, Note, read_keys
from verifier.notes import Key as ReadKey
from verifier.reading import Fault

AddEntries = Callable[[int], None]


def test_a_note_is_the_one_of_the_standard() -> None:
    """The key and the example of C2SP's signed-note documents, made by Go's own library."""
    line = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    key = ReadKey.read(line)
    assert notes.verifier_key(key.name, key.public) == line
    example = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdng"
        "otpRZb6KE6RyyBwJnAM=\n"
    )
    assert Note.read("example", example).signer([key]) == key
    seed = base64.b64decode("gQoUAtUUbI2E8kQzMPVAgOv5juF9nHT2JS/F1ccoMXM=")  # its published half
    private = Ed25519PrivateKey.from_private_bytes(seed)
    text = example.split("\n\n")[0] + "\n"
    assert notes.sign(text, name="PeterNeumann", key=private) == example
    with pytest.raises(Fault, match="does not fit"):
        Note.read("example", example.replace("problem is", "problem i5")).signer([key])


def test_a_key_of_ones_own_is_made_once_and_private(key_file: Path) -> None:
    """A second process finds the same one."""
    first = keys.signing_key()
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert notes.public_bytes(keys.signing_key()) == notes.public_bytes(first)
    assert [one.name for one in key_file.parent.glob("log-key*")] == ["log-key"]


def test_a_key_is_read_as_pem_or_as_base64(settings: LazySettings, key_file: Path) -> None:
    """From the variable or from the file that another variable names."""
    made = keys.signing_key()
    settings.LOG_KEY = base64.b64encode(made.private_bytes_raw()).decode()
    key_file.unlink()
    assert notes.public_bytes(keys.signing_key()) == notes.public_bytes(made)


@pytest.mark.parametrize("bad", ["", "x", "-----BEGIN NOTHING-----", "QUJD"])
def test_a_wrong_key_names_its_variable(settings: LazySettings, key_file: Path, bad: str) -> None:
    """Neither a stack of errors nor a guess."""
    settings.MAKES_LOG_KEY = False
    with pytest.raises(ImproperlyConfigured, match="CONCORDANCE_LOG_KEY_FILE cannot be read"):
        keys.signing_key()
    key_file.write_text(bad)
    with pytest.raises(ImproperlyConfigured, match="CONCORDANCE_LOG_KEY_FILE must hold"):
        keys.signing_key()
    settings.LOG_KEY = bad or "?"
    with pytest.raises(ImproperlyConfigured, match="CONCORDANCE_LOG_KEY must hold"):
        keys.signing_key()


@pytest.mark.django_db
def test_a_key_slipped_in_signs_nothing(add_entries: AddEntries, key_file: Path) -> None:
    """The log knows its keys; entries wait for one of them."""
    add_entries(3)
    seal()
    before = selectors.latest_checkpoint().note
    key_file.unlink()
    add_entries(3)
    with pytest.raises(keys.KeyNotAnnounced, match="never announced"):
        seal()
    assert selectors.latest_checkpoint().note == before
    assert Entry.objects.filter(leaf=None).count() == 3


@pytest.mark.django_db
def test_one_key_follows_another_in_public(add_entries: AddEntries, key_file: Path) -> None:
    """Old checkpoints hold; the log names the new key under the old one; the old signs no more."""
    add_entries(3)
    seal()
    old_note = selectors.latest_checkpoint().note
    old_key = key_file.read_text()
    call_command("rotate_log_key")
    between = selectors.latest_checkpoint()
    add_entries(3)
    seal()
    latest = selectors.latest_checkpoint()
    assert [one.fingerprint for one in Key.objects.all()] == [between.key_id, latest.key_id]
    announced = Entry.objects.get(action=keys.ANNOUNCED, subject_id=latest.key_id)
    assert announced.leaf < between.size
    known = read_keys("keys", _json(selectors.keys()), trusted=None)
    points = [Checkpoint.read("c", note, known) for note in (old_note, between.note, latest.note)]
    assert [point.key for point in points] == [known[0], known[0], known[1]]
    assert next(key_file.parent.glob("log-key.*")).read_text() == old_key
    key_file.write_text(old_key)
    add_entries(1)
    with pytest.raises(keys.KeyNotAnnounced, match="was replaced"):
        seal()


@pytest.mark.django_db
def test_where_the_operator_keeps_the_key_he_is_told_what_to_set(
    settings: LazySettings, key_file: Path, tmp_path: Path, add_entries: AddEntries
) -> None:
    """The present key goes on signing until the settings name the new one; repeating is safe."""
    keys.make(key_file)
    settings.MAKES_LOG_KEY = False
    with pytest.raises(CommandError, match="--to FILE"):
        call_command("rotate_log_key")
    for _ in range(2):
        call_command("rotate_log_key", to=str(tmp_path / "next"))
    assert Key.objects.count() == 2
    add_entries(1)
    assert seal() == 1
    settings.LOG_KEY_FILE = str(tmp_path / "next")
    add_entries(1)
    assert seal() == 1
    with pytest.raises(CommandError, match="signs already"):
        call_command("rotate_log_key", to=str(tmp_path / "next"))


@pytest.mark.django_db
def test_a_key_that_nobody_vouched_for_is_refused_by_the_verifier(
    add_entries: AddEntries,
) -> None:
    """An announcement by a stranger, or about another key, names the key at fault."""
    add_entries(1)
    seal()
    call_command("rotate_log_key")
    listed = selectors.keys()
    stranger = Ed25519PrivateKey.generate()
    origin = "example.org/log"
    for text in (listed[1]["announcement"].split("\n\n")[0] + "\n", f"{origin}/key\nother\n"):
        forged = notes.sign(text, name=origin, key=stranger)
        with pytest.raises(Fault, match="key 2, announcement: no known key"):
            read_keys("k", _json([listed[0], listed[1] | {"announcement": forged}]), trusted=None)
    swapped = listed[1] | {"key": notes.verifier_key(origin, notes.public_bytes(stranger))}
    with pytest.raises(Fault, match="key 2: its announcement is about something else"):
        read_keys("k", _json([listed[0], swapped]), trusted=None)
    with pytest.raises(Fault, match="first key is not the one you gave"):
        read_keys("k", _json(listed), trusted=swapped["key"])


def _json(value: object) -> str:
    return json.dumps(value)
