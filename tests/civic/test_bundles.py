"""Bundles of a version: who may have one, what is in it, and that it repeats its own analysis."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import reverse

from aggregation.audit import verify_bundle
from civic.accounts.models import User
from civic.accounts.services import ensure_user
from civic.analysis import pipeline, snapshot
from civic.consultations.models import Consultation, Membership
from civic.consultations.services import grant_role
from civic.errors import Forbidden, NotFound, SignInRequired
from civic.reactions.models import Reaction
from civic.specs import redaction
from civic.specs.bundles import bundle_of
from civic.specs.erasing import erase_part
from civic.specs.exports import BUNDLE, export, export_for
from civic.specs.models import SpecVersion
from civic.specs.services import draft_spec, publish_spec, start_run, withdraw_spec
from civic.statements.models import Claim

NIGHT = {"key": "night", "title": "At night", "text": "A father writes to an AI at two o’clock."}


@pytest.fixture
def asked(
    consultation: Consultation, member: Membership, new_claim: Callable[..., Claim]
) -> Consultation:
    """Bob speaks to a situation; what he says holds under a condition, and everybody agrees."""
    consultation.scenarios = [NIGHT]
    consultation.save(update_fields=["scenarios"])
    claims = [
        new_claim("AI should tell where to find help when a child is in danger.", author=member),
        new_claim("AI should sell my data."),
    ]
    claims[0].statement.scenario = "night"
    claims[0].statement.save(update_fields=["scenario"])
    people = Membership.objects.bulk_create(
        Membership(consultation=consultation, key=f"person-{number}", is_participant=True)
        for number in range(30)
    )
    Reaction.objects.bulk_create(
        Reaction(
            claim=claim,
            participant=person,
            value="agree" if (place == 0 or (row + place) % 5 == 0) else "unsure",
            served=True,
        )
        for row, person in enumerate(people)
        for place, claim in enumerate(claims)
    )
    return consultation


def drafted(consultation: Consultation, *, by: User) -> SpecVersion:
    run = start_run(consultation, by=by)
    run.aggregation_settings |= {"embedder": "hashing", "bootstrap": 10}
    run.save(update_fields=["aggregation_settings"])
    pipeline.execute(run.pk)
    run.refresh_from_db()
    return draft_spec(run, by=by)


@pytest.fixture
def draft(asked: Consultation, alice: User) -> SpecVersion:
    return drafted(asked, by=alice)


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def failed(content: bytes) -> list[str]:
    return [check.name for check in verify_bundle(content) if not check.ok]


def test_a_situation_reaches_the_spec_as_a_test(draft: SpecVersion) -> None:
    """The organizer's words with her key, and the citizen's condition with his statement."""
    clause = next(c for c in draft.load()["clauses"] if "where to find help" in c["text"])
    told = [(t["kind"], t["situation"], t["written_by"]) for t in clause["tests"]]
    assert told == [
        ("scenario", NIGHT["text"], "organizer"),
        ("condition", "when a child is in danger", "citizen"),
    ]
    lines = export(draft, name="evals.jsonl")[0].decode().splitlines()
    asked_of = [json.loads(line)["input"][0]["content"] for line in lines]
    assert any(NIGHT["text"] in one for one in asked_of)


def test_an_earlier_snapshot_without_situations_is_read(draft: SpecVersion) -> None:
    """Files that were written before situations went along are still what they were."""
    head, votes = snapshot.gather(draft.consultation)
    del head["scenarios"]
    for one in head["statements"]:
        del one["scenario"]
    corpus, _, _ = snapshot.unpack(snapshot.pack(head, votes))
    assert corpus.scenarios == ()
    assert {one.scenario for one in corpus.statements} == {""}


def test_a_bundle_repeats_the_analysis_to_the_byte(draft: SpecVersion) -> None:
    """With the stored bytes of the version in it, and no key of a person."""
    content = bundle_of(draft)
    assert failed(content) == []
    files = unpacked(content)
    assert files["spec.json"] == bytes(draft.document)
    keys = [one.key for one in draft.consultation.memberships.all()]
    assert keys
    for name, held in files.items():
        for key in keys:
            assert f'"{key}"'.encode() not in held, name
            assert f"\n{key},".encode() not in held, name


def test_a_second_version_repeats_with_its_history(
    draft: SpecVersion, asked: Consultation, alice: User, new_claim: Callable[..., Claim]
) -> None:
    """The version before, its groups and its themes go with it."""
    publish_spec(draft, by=alice)
    new_claim("AI should explain itself.")
    later = drafted(asked, by=alice)
    assert later.number == 2
    assert failed(bundle_of(later)) == []


def test_erased_words_are_in_no_bundle(draft: SpecVersion, member: Membership, bob: User) -> None:
    """It says that the run cannot be repeated; the numbers hold; conditions in her words go too."""
    erase_part(member, by=bob)
    draft.refresh_from_db()
    files = unpacked(bundle_of(draft))
    assert all("child is in danger" not in held.decode() for held in files.values())
    assert json.loads(files["MANIFEST.json"])["repeats"] is False
    assert failed(bundle_of(draft)) == []
    (test,) = [test for clause in draft.load()["clauses"] for test in clause["tests"]]
    assert test["written_by"] == "organizer"
    assert redaction.GONE not in export(draft, name="evals.jsonl")[0].decode()


def test_words_that_were_only_given_are_missed_all_the_same(
    draft: SpecVersion, asked: Consultation, member: Membership, alice: User, bob: User
) -> None:
    """Hers are in the version before, or wait for a moderator, and in no clause of this one."""
    publish_spec(draft, by=alice)
    hers = asked.statements.filter(author=member)
    assert hers.exists()
    hers.update(moderation="rejected", moderation_reason="off topic")
    later = drafted(asked, by=alice)
    assert "child is in danger" not in bytes(later.document).decode()
    assert failed(bundle_of(later)) == []
    erase_part(member, by=bob)
    later.refresh_from_db()
    assert later.redactions == []
    assert json.loads(unpacked(bundle_of(later))["MANIFEST.json"])["repeats"] is False
    assert failed(bundle_of(later)) == []


def test_organizers_and_auditors_alone_get_a_bundle(
    draft: SpecVersion, alice: User, bob: User, charlie: User
) -> None:
    """Votes are in it: nobody else, even of a published version."""
    publish_spec(draft, by=alice)
    auditor = ensure_user("auditor@example.org")
    grant_role(draft.consultation, user=auditor, role="auditor")
    for user in (alice, auditor):
        assert export_for(user, draft, name=BUNDLE)[1] == "application/zip"
    for user in (bob, charlie):
        with pytest.raises(Forbidden):
            export_for(user, draft, name=BUNDLE)
    with pytest.raises(SignInRequired):
        export_for(AnonymousUser(), draft, name=BUNDLE)
    withdraw_spec(draft, by=alice, reason="A mistake.")
    with pytest.raises(NotFound):
        export_for(alice, draft, name=BUNDLE)


def test_a_bundle_is_offered_and_kept_by_no_cache(
    draft: SpecVersion, alice: User, client: Client
) -> None:
    """On the page of files to whoever may have it; as a page and through the API."""
    publish_spec(draft, by=alice)
    page = reverse("specs:files", args=["ai", 1])
    assert BUNDLE not in client.get(page).content.decode()
    client.force_login(alice)
    assert BUNDLE in client.get(page).content.decode()
    for path in (f"{page}{BUNDLE}", f"/api/v1/specs/{draft.uuid}/exports/{BUNDLE}/"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "private" in answer["Cache-Control"]
        assert failed(answer.content) == []
    client.logout()
    for path in (f"{page}{BUNDLE}", f"/api/v1/specs/{draft.uuid}/exports/{BUNDLE}/"):
        assert client.get(path).status_code in (302, 401, 403)


def test_what_is_not_kept_any_more_cannot_be_bundled(draft: SpecVersion, alice: User) -> None:
    """Without the snapshot there is nothing to repeat."""
    draft.run.snapshot_file = ""
    with pytest.raises(NotFound):
        bundle_of(draft)
