"""Sealing: every entry once, in one order, whoever seals and whatever dies in between."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import rfc8785
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from naive_tree import Naive

from civic.accounts.models import User
from civic.audit import pipeline, selectors, tasks
from civic.audit.leaves import leaf_of
from civic.audit.models import Checkpoint, Entry, Log, Tile
from civic.audit.pipeline import seal
from civic.audit.services import HIDDEN, commitment, hidden_id
from civic.celery import app
from civic.consultations.models import Membership
from civic.reactions.services import cast_reaction
from civic.specs.erasing import erase_part
from civic.statements.models import Claim
from civic.statements.services import submit_statement

AddEntries = Callable[[int], None]
pytestmark = pytest.mark.django_db


def sealed_leaves() -> list[bytes]:
    """The log's leaves, with the promise that their numbers have no gap."""
    found = list(selectors.leaves(0, 10**9))
    assert [leaf.index for leaf in found] == list(range(len(found)))
    return [leaf.content for leaf in found]


def test_what_waits_is_sealed_and_the_root_is_that_of_its_leaves(add_entries: AddEntries) -> None:
    """In several turns, beyond one tile; the key's own announcement is the very first batch's."""
    for count in (1, 255, 1, 300, 0, 7):
        add_entries(count)
        seal()
    leaves = sealed_leaves()
    assert len(leaves) == 564 + 1
    for checkpoint in Checkpoint.objects.all():
        assert checkpoint.root == Naive(leaves).head(0, checkpoint.size).hex()
        _, size, _, _, _ = checkpoint.note.split("\n", 4)
        assert int(size) == checkpoint.size
    assert Log.objects.get().size == len(leaves)
    assert Checkpoint.objects.count() == 5  # nothing waited once, and nothing was said
    assert seal() == 0


def test_stored_proofs_are_those_of_the_tree(add_entries: AddEntries) -> None:
    """By one query each, whatever has been sealed since."""
    for count in (200, 200, 200):
        add_entries(count)
        seal()
    naive = Naive(sealed_leaves())
    for size in (1, 201, 256, 257, 401, 601):
        with CaptureQueriesContext(connection) as queries:
            proof = selectors.inclusion_proof(size - 1, size=size)
        assert proof == naive.path(size - 1, size)
        assert len(queries) <= 1
        assert selectors.inclusion_proof(0, size=size) == naive.path(0, size)
        assert selectors.consistency_proof(size, 601) == naive.proof(size, 601)


def test_a_leaf_is_the_canonical_json_of_five_strings(
    member: Membership, new_claim: Callable[..., Claim]
) -> None:
    """Byte for byte what RFC 8785 says, also for a name that nobody would choose."""
    cast_reaction(new_claim("AI should be kind."), participant=member, value="agree")
    entry = Entry.objects.get(action="reaction.cast")
    strange = 'a"\\\x07\x7fé😀\u2028'
    for action in (entry.action, strange):
        entry.action = action
        leaf = leaf_of(entry)
        assert leaf == rfc8785.dumps(json.loads(leaf))
        assert json.loads(leaf) == {
            "type": action,
            "consultation": str(member.consultation.uuid),
            "object": entry.public_id,
            "commit": entry.commitment,
            "day": entry.at.date().isoformat(),
        }


def test_the_log_names_what_is_public_and_hides_what_people_looked_at(
    member: Membership, new_claim: Callable[..., Claim]
) -> None:
    """A statement has its random id; an answer shows neither claim nor person, and its receipt
    proves both."""
    claim = new_claim("AI should be kind.")
    statement = submit_statement(author=member, text="Be good.")
    cast_reaction(claim, participant=member, value="agree")
    sent = Entry.objects.get(action="statement.submitted", subject_id=str(statement.uuid))
    cast = Entry.objects.get(action="reaction.cast")
    joined = Entry.objects.filter(action="membership.consented").first()
    assert sent.public_id == str(statement.uuid)
    assert cast.public_id == hidden_id(bytes(cast.row_key), "statements.claim", str(claim.uuid))
    assert joined.public_id.startswith(HIDDEN)
    seal()
    log = b"\n".join(sealed_leaves()).decode()
    assert str(claim.uuid) not in log
    assert member.user.audit_key not in log


def test_entries_of_one_batch_do_not_stand_in_the_order_of_the_acts(
    add_entries: AddEntries,
) -> None:
    """Their commitments order them: random, and the same for whoever seals."""
    add_entries(100)
    seal()
    rows = list(Entry.objects.order_by("leaf").values_list("commitment", "pk"))
    assert [pk for _, pk in rows] != sorted(pk for _, pk in rows)
    assert [c for c, _ in rows] == sorted(c for c, _ in rows)


@pytest.mark.parametrize("step", ["store", "number"])
def test_a_sealer_that_dies_leaves_nothing_half_done(
    add_entries: AddEntries, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Whichever write it dies at, the next one seals all of it, to the same root."""
    add_entries(400)
    seal()
    before = (sealed_leaves(), list(Tile.objects.order_by("pk").values_list("hashes", flat=True)))
    add_entries(400)
    real_store, real_number = pipeline.store, type(Entry.objects.all()).number

    def dies(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        if step == "store":
            patch.setattr(pipeline, "store", dies)
        else:
            patch.setattr(type(Entry.objects.all()), "number", dies)
        with pytest.raises(KeyboardInterrupt):
            seal()
    assert (real_store, real_number) == (pipeline.store, type(Entry.objects.all()).number)
    held = list(Tile.objects.order_by("pk").values_list("hashes", flat=True))
    assert (sealed_leaves(), held) == before
    assert Log.objects.get().size == 401
    assert seal() == 400
    root = Naive(sealed_leaves()).head(0, 801).hex()
    assert selectors.latest_checkpoint().root == root


def test_a_sealer_that_was_overtaken_stores_nothing(add_entries: AddEntries) -> None:
    """Both computed the same batch; the second one is told, and the log is what the first wrote."""
    seal()
    add_entries(10)
    log = Log.objects.get()
    key = pipeline.keys.signing_key()
    row = pipeline.keys.admitted(key, log=log)
    late = pipeline.compute(log, pipeline.unsealed(), key=key, row=row)
    assert seal() == 10
    after = selectors.latest_checkpoint().note
    with pytest.raises(pipeline.Overtaken):
        pipeline.store_batch(log, late)
    assert selectors.latest_checkpoint().note == after
    assert Checkpoint.objects.count() == 2


def test_erasure_leaves_the_log_as_it_was(
    member: Membership, new_claim: Callable[..., Claim], bob: User
) -> None:
    """Leaves, roots and proofs stay; what they were commitments to cannot be shown any more."""
    submit_statement(author=member, text="Be good.")
    cast_reaction(new_claim("AI should be kind."), participant=member, value="agree")
    seal()
    before, root = sealed_leaves(), selectors.latest_checkpoint().root
    erase_part(member, by=bob)
    assert sealed_leaves() == before
    assert Naive(before).head(0, len(before)).hex() == root
    entry = Entry.objects.get(action="reaction.cast")
    receipt = selectors.receipt(entry)
    assert receipt["opening"] is None
    assert receipt["proof"] == [h.hex() for h in Naive(before).path(entry.leaf, len(before))]
    seal()
    assert sealed_leaves()[: len(before)] == before


def test_an_act_costs_the_one_insert_it_always_did(
    member: Membership, new_claim: Callable[..., Claim]
) -> None:
    """The log is the sealer's work: no query of a reaction touches it but the entry's insert."""
    claim = new_claim("AI should be kind.")
    with CaptureQueriesContext(connection) as queries:
        cast_reaction(claim, participant=member, value="agree")
    of_the_log = [one["sql"] for one in queries if '"audit_' in one["sql"]]
    assert len(of_the_log) == 1
    assert of_the_log[0].startswith("INSERT")


def test_a_receipt_says_that_an_act_will_be_sealed_or_where_it_is(
    member: Membership,
) -> None:
    """Two queries for any number of entries; the opening proves what was done."""
    text = "Be good."
    submit_statement(author=member, text=text)
    entries = Entry.objects.order_by("pk")
    assert not any(one.is_sealed for one in selectors.inclusion_of(entries).values())
    seal()
    rows = list(Entry.objects.order_by("pk"))
    with CaptureQueriesContext(connection) as queries:
        found = selectors.inclusion_of(rows)
    assert len(queries) == 2
    naive = Naive(sealed_leaves())
    for entry in rows:
        one = found[entry.pk]
        assert one.is_sealed
        assert one.content == naive.leaves[one.index]
        assert list(one.proof) == [h.hex() for h in naive.path(one.index, one.size)]
    sent = Entry.objects.get(action="statement.submitted")
    receipt = selectors.receipt(sent, content={"text": text})
    opened = commitment(bytes.fromhex(receipt["opening"]["row_key"]), {"text": text})
    assert json.loads(receipt["leaf"])["commit"] == opened


def test_the_worker_seals_within_the_minute_that_is_promised(
    add_entries: AddEntries, settings: LazySettings
) -> None:
    """By beat, on the queue that no analysis holds up."""
    turn = settings.CELERY_BEAT_SCHEDULE["seal"]
    assert turn["schedule"] <= 60
    assert turn["task"] == tasks.seal.name in app.tasks
    assert settings.CELERY_TASK_ROUTES["civic.audit.tasks.*"] == {"queue": "mail"}
    add_entries(2)
    tasks.seal.delay()
    assert Entry.objects.exclude(leaf=None).count() == 3
