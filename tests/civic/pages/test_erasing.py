"""Deleting oneself: no word is left anywhere, what others did stays, and the record still holds."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.apps import apps
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from aggregation.spec import from_bytes
from civic.accounts.models import Session, User
from civic.analysis.models import Run
from civic.analysis.snapshot import gather
from civic.audit.models import Entry
from civic.consultations.files import path_of, write
from civic.consultations.models import Consultation, Membership
from civic.consultations.services import accept_invitation, grant_role, invite, join
from civic.errors import Conflict, NotFound
from civic.pages.data import account_data
from civic.reactions.models import Reaction
from civic.specs.erasing import erase_account, erase_part
from civic.specs.exports import export
from civic.specs.models import SpecVersion
from civic.specs.redaction import GONE
from civic.specs.services import draft_spec, publish_spec
from civic.specs.verifying import verification_of
from civic.statements import preparing
from civic.statements.appeals import open_appeal
from civic.statements.models import Claim, Flag, Segment, Statement
from civic.statements.ruling import moderate_statement
from civic.statements.services import submit_statement
from civic.statements.stages import folder_of
from tests.civic.pages.conftest import analysed

MARKER = "Zanzibar"
HERS = f"AI should be kind in {MARKER} to everybody."
Commit = Callable[..., Any]


@pytest.fixture
def commit(django_capture_on_commit_callbacks: Commit) -> Callable[[Callable[[], object]], None]:
    """Does an act and everything that waits for its end."""

    def make(act: Callable[[], object]) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            act()

    return make


def everything(folder: Path) -> Iterator[tuple[str, str]]:
    """Every column of every row and every stored file, as text with its place."""
    for model in apps.get_models():
        for row in model._default_manager.values():
            for column, value in row.items():
                if isinstance(value, memoryview | bytes):
                    value = bytes(value).decode("utf-8", "replace")
                yield f"{model._meta.label}.{column}", str(value)
    for session in Session.objects.all():
        yield "session", str(session.get_decoded())
    for file in folder.rglob("*"):
        if file.suffix == ".npz":
            with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as arrays:
                for name in arrays.files:
                    yield f"{file}:{name}", arrays[name].tobytes().decode("utf-8", "replace")
        elif file.is_file():
            yield str(file), file.read_bytes().decode("utf-8", "replace")


def places_of(text: str, folder: Path) -> set[str]:
    """Where a text stands, whatever its case."""
    return {place for place, held in everything(folder) if text.casefold() in held.casefold()}


@pytest.fixture
def hers(asked: list[Claim]) -> Statement:
    """Bob's sentence, in words that nobody else uses."""
    claim = asked[0]
    Statement.objects.filter(pk=claim.statement_id).update(text=HERS)
    Claim.objects.filter(pk=claim.pk).update(end=len(HERS))
    Segment.objects.filter(claim=claim).update(end=len(HERS))
    return Statement.objects.get(pk=claim.statement_id)


@pytest.fixture
def spoken(
    hers: Statement, published: SpecVersion, member: Membership, asked: list[Claim]
) -> Membership:
    """Bob, quoted in a published spec, having said that it depends, flagged and appealed."""
    Reaction.objects.create(
        claim=asked[1],
        participant=member,
        value="depends",
        condition=f"Only in {MARKER}.",
        served=True,
    )
    Flag.objects.create(
        statement=asked[2].statement, raised_by=member, rule="other", note=f"{MARKER} again"
    )
    hidden = Statement.objects.create(
        consultation=member.consultation,
        author=member,
        text=f"{MARKER} is a bad place.",
        moderation="rejected",
        moderation_reason="Insults people.",
    )
    open_appeal(hidden, by=member.user, words=f"It is true of {MARKER}.")
    member.strata = {"place": MARKER}
    member.save()
    member.user.display_name = f"Bob of {MARKER}"
    member.user.save()
    return member


def test_no_word_of_hers_is_left_anywhere(
    spoken: Membership,
    settings: LazySettings,
    sign_in: Callable[..., Client],
    commit: Commit,
) -> None:
    """Rows, documents, drafts, analyses, sessions, files: the word that only she used is gone."""
    folder = Path(settings.MEDIA_ROOT)
    browser = sign_in(spoken.user)
    session = browser.session
    session[f"draft-{spoken.consultation.uuid}"] = f"More about {MARKER}"
    session.save()
    expired = sign_in(spoken.user).session
    expired["draft"] = f"Old words on {MARKER}"
    expired.save()
    Session.objects.filter(session_key=expired.session_key).update(
        expire_date=timezone.now() - timedelta(days=1)
    )
    before = places_of(MARKER, folder)
    assert {"specs.SpecVersion.document", "specs.Clause.key", "specs.Evidence.quote"} <= before
    assert any(place.endswith(".npz:head") for place in before)
    assert "session" in before
    commit(lambda: erase_account(spoken.user))
    assert places_of(MARKER, folder) == set()
    assert places_of("bob@example.org", folder) == set()


def test_leaving_one_consultation_takes_its_words_alone(
    spoken: Membership, settings: LazySettings, commit: Commit
) -> None:
    """The account stays, with its name; nothing else with that word in it does."""
    commit(lambda: erase_part(spoken, by=spoken.user))
    assert places_of(MARKER, Path(settings.MEDIA_ROOT)) == {"accounts.User.display_name"}


def test_the_published_version_says_what_was_removed(
    spoken: Membership, published: SpecVersion
) -> None:
    """Its numbers stay, its schema holds; how much went, what changed and both digests are told."""
    first = published.sha256
    before = from_bytes(bytes(published.document))
    erase_part(spoken, by=spoken.user)
    published.refresh_from_db()
    after = from_bytes(bytes(published.document))
    assert published.sha256 == hashlib.sha256(bytes(published.document)).hexdigest() != first
    assert published.passages_removed == 1
    changed = sum(a != b for a, b in zip(after["clauses"], before["clauses"], strict=True))
    assert published.clauses_changed == changed >= 1
    page = Client().get(reverse("specs:version", args=["ai", 1])).text
    assert "1 passage was removed from this version" in page
    assert f"{changed} clause{'s' * (changed > 1)} changed with that." in page
    assert published.redactions[0]["before"] == first
    assert published.redactions[0]["after"] == published.sha256
    assert [c["support"] for c in after["clauses"]] == [c["support"] for c in before["clauses"]]
    assert GONE in {c["text"] for c in after["clauses"]}
    assert {c["id"] for c in after["clauses"]} == set(
        published.clauses.values_list("key", flat=True)
    )


def test_printed_reports_go_and_numbers_hold(
    spoken: Membership, published: SpecVersion, commit: Commit
) -> None:
    """A PDF quotes as well; what was redacted still follows from its votes."""
    write(
        f"specs/{published.uuid}/report-en-{published.sha256[:8]}.pdf", [b"%PDF " + HERS.encode()]
    )
    before = verification_of(published)
    commit(lambda: erase_part(spoken, by=spoken.user))
    assert not list(path_of(f"specs/{published.uuid}").glob("*.pdf"))
    published.refresh_from_db()
    after = verification_of(published)
    assert (after["checks"], after["failures"]) == (before["checks"], before["failures"])


def test_an_empty_norm_is_given_to_no_model(spoken: Membership, published: SpecVersion) -> None:
    """The files for models leave the clause out; those for people show the tombstone."""
    erase_part(spoken, by=spoken.user)
    published.refresh_from_db()
    for name in ("system_prompt.txt", "principles.json"):
        assert "removed at" not in export(published, name=name)[0].decode()
    assert "removed at" in export(published, name="spec.md")[0].decode()


def test_others_words_carry_a_clause_on(
    hers: Statement,
    asked: list[Claim],
    member: Membership,
    alice: User,
    new_member: Callable[[str], Membership],
) -> None:
    """Where somebody else had said nearly the same, her sentence stands in the clause."""
    other = "AI should be kind to all."
    statement = Statement.objects.create(
        consultation=member.consultation,
        author=new_member("dora"),
        text=other,
        language="en",
        moderation="accepted",
    )
    Segment.objects.create(
        statement=statement, start=0, end=len(other), is_norm=True, claim=asked[0]
    )
    spec = publish_spec(draft_spec(analysed(member.consultation, by=alice), by=alice), by=alice)
    reactions = Reaction.objects.filter(claim=asked[0]).count()
    erase_part(member, by=member.user)
    spec.refresh_from_db()
    clause = next(c for c in spec.load()["clauses"] if c["claim"] == asked[0].key)
    assert clause["text"] == other
    assert [e["quote"] for e in clause["evidence"]] == [GONE, other]
    asked[0].refresh_from_db()
    assert Claim.objects.get(pk=asked[0].pk).text == other
    assert Reaction.objects.filter(claim=asked[0]).count() == reactions


def test_pages_show_a_tombstone_at_once(
    spoken: Membership, published: SpecVersion, hers: Statement, sign_in: Callable[..., Client]
) -> None:
    """Statement, spec, clause, search and API: the next look shows that something was removed."""
    slug = spoken.consultation.slug
    erase_part(spoken, by=spoken.user)
    browser = sign_in(None)
    clause = SpecVersion.objects.get(pk=published.pk).clauses.get(text=GONE)
    tombstones = [
        reverse("pages:statement", args=[slug, hers.uuid]),
        reverse("specs:version", args=[slug, published.number]),
        reverse("specs:clause", args=[slug, published.number, clause.key]),
    ]
    for page in tombstones:
        answer = browser.get(page)
        assert answer.status_code == 200, page
        assert "at the author" in answer.text, page
    pages = [
        *tombstones,
        reverse("pages:consultation", args=[slug]),
        reverse("specs:version", args=[slug, published.number]) + f"?q={MARKER}",
        f"/api/v1/consultations/{slug}/statements/",
        f"/api/v1/consultations/{slug}/claims/",
    ]
    for page in pages:
        answer = browser.get(page)
        assert answer.status_code == 200, page
        assert f"kind in {MARKER}" not in answer.text, page


def test_the_next_analysis_does_not_hold_her_words(spoken: Membership) -> None:
    """What is analysed from now on was never told."""
    erase_part(spoken, by=spoken.user)
    head, _ = gather(spoken.consultation)
    assert MARKER not in json.dumps(head)


def test_an_analysis_under_way_begins_again(spoken: Membership, published: SpecVersion) -> None:
    """It was given words that are gone; its worker loses it."""
    Run.objects.filter(pk=published.run_id).update(
        status="running", lease_holder=spoken.consultation.uuid
    )
    erase_part(spoken, by=spoken.user)
    run = Run.objects.get(pk=published.run_id)
    assert (run.status, run.lease_holder, run.snapshot_file) == ("queued", None, "")


def test_what_is_being_prepared_begins_anew_without_her(
    spoken: Membership, alice: User, settings: LazySettings, commit: Commit
) -> None:
    """Shards hold copies of words: they are removed, and what others wrote is prepared again."""
    consultation = spoken.consultation
    waiting = [
        Statement.objects.create(consultation=consultation, author=author, text=text)
        for author, text in ((spoken, f"{MARKER} should be left alone."), (None, "AI should rest."))
    ]
    preparation = preparing.begin(consultation, reason="A test.")
    for shard in preparation.shards.all():
        preparing.execute(shard.pk)
    commit(lambda: erase_part(spoken, by=spoken.user))
    preparation.refresh_from_db()
    assert preparation.status == "failed"
    assert not path_of(folder_of(preparation)).exists()
    waiting[1].refresh_from_db()
    assert waiting[1].prepared_at is not None or waiting[1].preparation.status == "running"
    assert not Segment.objects.filter(statement=waiting[0]).exists()


def test_the_record_of_acts_stays_valid(spoken: Membership) -> None:
    """No entry is lost or changed; what it committed to can no longer be proved."""
    key = spoken.user.audit_key
    before = list(Entry.objects.values_list("pk", "action", "commitment"))
    erase_account(spoken.user)
    after = list(Entry.objects.values_list("pk", "action", "commitment"))
    assert after[: len(before)] == before
    assert not Entry.objects.filter(actor=key).exclude(row_key=None).exists()
    assert Entry.objects.filter(action="spec.redacted").exists()


def test_nothing_in_the_record_ties_a_deleted_part_to_her(
    spoken: Membership, consultation: Consultation, alice: User, bob: User
) -> None:
    """No entry of hers names the account that remains; a later part begins a record of its own."""
    submit_statement(author=spoken, text="AI should be patient.")
    assert Entry.objects.filter(actor=bob.audit_key, consultation=consultation.uuid).exists()
    erase_part(spoken, by=bob)
    assert not Entry.objects.filter(actor=bob.audit_key, consultation=consultation.uuid).exists()
    assert all(not part["record"] for part in account_data(bob)["consultations"])


def test_acts_of_office_can_still_be_proved(
    spoken: Membership, consultation: Consultation, alice: User, bob: User
) -> None:
    """An organizer who took part as a citizen does not undo her record by deleting that part."""
    grant_role(consultation, user=bob, role="organizer", by=alice)
    grant_role(consultation, user=bob, role="moderator", by=alice)
    judged = Statement.objects.exclude(author=spoken).filter(text__gt="").first()
    assert judged is not None
    moderate_statement(judged, by=bob, decision="rejected", rule="other", reason="Not nice.")
    spoken.refresh_from_db()
    erase_part(spoken, by=bob)
    (entry,) = Entry.objects.filter(actor=bob.audit_key, consultation=consultation.uuid)
    assert entry.action == "statement.rejected"
    assert entry.row_key is not None


def test_no_draft_is_made_of_what_was_there_before(
    spoken: Membership, consultation: Consultation, alice: User, bob: User
) -> None:
    """Somebody asks for a draft, waits for the deletion to end, and gets one without her words."""
    run = analysed(consultation, by=alice)
    assert MARKER in json.dumps(draft_spec(run, by=alice).load())
    consultation.specs.filter(run=run).delete()
    asked_before = Run.objects.select_related("consultation").get(pk=run.pk)
    erase_part(spoken, by=bob)
    spec = draft_spec(asked_before, by=alice)
    assert MARKER.casefold() not in json.dumps(spec.load()).casefold()


def test_only_she_herself_deletes_her_part(spoken: Membership, alice: User) -> None:
    """Not even an organizer can."""
    with pytest.raises(NotFound):
        erase_part(spoken, by=alice)
    assert spoken.statements.exclude(text="").exists()


def test_she_can_take_part_anew(member: Membership, consultation: Consultation, bob: User) -> None:
    """Whoever had answered nothing may come back; nothing leads to what she was."""
    submit_statement(author=member, text="AI should be patient.")
    erase_part(member, by=bob)
    again = join(consultation, user=bob)
    assert again.pk != member.pk
    assert not again.statements.exists()


def test_nobody_counts_twice_by_deleting_her_part(
    spoken: Membership, consultation: Consultation, alice: User, bob: User
) -> None:
    """Bob's answers stay in the counts, so he is not let in again, by himself or by invitation."""
    erase_part(spoken, by=bob)
    with pytest.raises(Conflict, match="nobody counts twice"):
        join(consultation, user=bob)
    invitation, token = invite(consultation, by=alice, role="participant")
    with pytest.raises(Conflict, match="nobody counts twice"):
        accept_invitation(token, user=bob)
    invitation.refresh_from_db()
    assert invitation.is_usable  # by somebody else
    assert account_data(bob)["left"] == [consultation.slug]
    people = gather(consultation)[0]["participants"]
    assert people.count(spoken.key) == 1
    grant_role(consultation, user=bob, role="auditor", by=alice)  # an office counts nothing
    erase_account(bob)
    assert not bob.departures.exists()


def test_two_clicks_delete_once(spoken: Membership, alice: User, bob: User) -> None:
    """The second finds nothing, whatever the page knew that sent it."""
    grant_role(spoken.consultation, user=bob, role="moderator", by=alice)
    again = Membership.objects.get(pk=spoken.pk)
    erase_part(Membership.objects.get(pk=spoken.pk), by=bob)
    with pytest.raises(NotFound):
        erase_part(again, by=bob)


def test_a_role_behind_the_scenes_is_another_matter(
    member: Membership, consultation: Consultation, bob: User
) -> None:
    """A moderator who deletes what she said stays a moderator."""
    grant_role(consultation, user=bob, role="moderator")
    member.refresh_from_db()
    erase_part(member, by=bob)
    left = consultation.memberships.get(user=bob)
    assert left.roles == (Membership.Role.MODERATOR,)


def test_nobody_leaves_a_consultation_without_anybody_to_answer_for_it(
    consultation: Consultation, alice: User, bob: User
) -> None:
    """The last owner has to name another one first."""
    with pytest.raises(Conflict, match="How should AI behave"):
        erase_account(alice)
    grant_role(consultation, user=bob, role="organizer")
    grant_role(consultation, user=bob, role="owner")
    erase_account(alice)
    alice.refresh_from_db()
    assert not alice.is_active


def test_every_browser_is_signed_out(
    member: Membership, bob: User, charlie: User, sign_in: Callable[..., Client], commit: Commit
) -> None:
    """Her sessions and the drafts in them are gone; nobody else's is."""
    sign_in(bob), sign_in(bob)
    other = sign_in(charlie)
    commit(lambda: erase_account(bob))
    assert [one.get_decoded()["_auth_user_id"] for one in Session.objects.all()] == [
        str(charlie.pk)
    ]
    assert other.session["_auth_user_id"] == str(charlie.pk)
