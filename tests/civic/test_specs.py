"""Specs: drafted from a run, published once, exported as stored, withdrawn with a reason."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from aggregation import exports
from civic.accounts.models import User
from civic.accounts.permissions import can
from civic.analysis import pipeline
from civic.analysis.models import Run
from civic.audit.models import Entry
from civic.consultations import files
from civic.consultations.models import Consultation, Membership
from civic.errors import Conflict, NotFound, NotReady, ReasonRequired
from civic.reactions.models import Reaction
from civic.specs.exports import export
from civic.specs.models import Clause, Evidence, SpecVersion
from civic.specs.selectors import Place, clauses_of, latest_public, my_part
from civic.specs.services import draft_spec, publish_spec, start_run, withdraw_spec
from civic.statements.models import Claim


@pytest.fixture
def asked(
    consultation: Consultation, member: Membership, new_claim: Callable[..., Claim]
) -> Consultation:
    """Bob's sentence, which everybody shares, and two that nearly nobody does."""
    claims = [
        new_claim("AI should be kind to everybody.", author=member),
        new_claim("AI should sell my data."),
        new_claim("AI should rule the world."),
    ]
    people = Membership.objects.bulk_create(
        Membership(consultation=consultation, key=f"p{number}", is_participant=True)
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


def analyse(consultation: Consultation, *, by: User) -> Run:
    run = start_run(consultation, by=by)
    run.aggregation_settings |= {"embedder": "hashing", "bootstrap": 10}
    run.save(update_fields=["aggregation_settings"])
    pipeline.execute(run.pk)
    run.refresh_from_db()
    return run


@pytest.fixture
def draft(asked: Consultation, alice: User) -> SpecVersion:
    """What the first run found."""
    return draft_spec(analyse(asked, by=alice), by=alice)


def test_a_draft_holds_the_outcome_and_a_row_per_clause(draft: SpecVersion) -> None:
    """The bytes are the run's; each clause leads to its statement and its very words."""
    document = draft.load()
    assert hashlib.sha256(bytes(draft.document)).hexdigest() == draft.run.outcome_digest
    assert [clause.key for clause in clauses_of(draft)] == [c["id"] for c in document["clauses"]]
    for passage in Evidence.objects.select_related("statement", "clause__claim"):
        assert passage.statement.text[passage.start : passage.end] == passage.quote
    assert not Clause.objects.filter(claim=None).exists()


def test_a_run_that_is_not_done_gives_no_draft(asked: Consultation, alice: User) -> None:
    """The organizer is asked to wait."""
    with pytest.raises(NotReady):
        draft_spec(start_run(asked, by=alice), by=alice)


def test_drafting_a_run_twice_gives_the_same_draft(draft: SpecVersion, alice: User) -> None:
    """A second click makes no second version."""
    assert draft_spec(draft.run, by=alice).pk == draft.pk


def test_a_newer_draft_takes_the_place_of_an_unpublished_one(
    draft: SpecVersion, asked: Consultation, alice: User
) -> None:
    """Only what was published keeps its number for good."""
    newer = draft_spec(analyse(asked, by=alice), by=alice)
    assert newer.number == draft.number == 1
    assert list(asked.specs.all()) == [newer]


def test_only_what_was_verified_is_published(draft: SpecVersion, alice: User) -> None:
    """Redacted between the check and the act, a draft stays one, and no check of it is kept."""
    SpecVersion.objects.filter(pk=draft.pk).update(sha256="another", verification={})
    with pytest.raises(Conflict):
        publish_spec(draft, by=alice)
    draft.refresh_from_db()
    assert (draft.status, draft.verification) == ("draft", {})


def test_a_draft_that_gave_way_leaves_no_print(
    draft: SpecVersion,
    asked: Consultation,
    alice: User,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    """Its report holds people's words: nobody would find it when they have them erased."""
    printed = files.write(f"specs/{draft.uuid}/report-en-0.pdf", [b"words"])
    with django_capture_on_commit_callbacks(execute=True):
        draft_spec(analyse(asked, by=alice), by=alice)
    assert not files.path_of(printed).exists()


def test_a_draft_is_public_once_published(draft: SpecVersion, alice: User) -> None:
    """Publishing is recorded with the digest, and a second click changes nothing."""
    nobody = AnonymousUser()
    assert not can(nobody, "specs.view", draft)
    first = publish_spec(draft, by=alice).published_at
    assert can(nobody, "specs.view", draft)
    assert publish_spec(draft, by=alice).published_at == first
    assert Entry.objects.filter(action="spec.published").count() == 1
    assert latest_public(draft.consultation) == draft


def test_a_draft_that_quotes_a_withdrawn_statement_is_not_published(
    draft: SpecVersion, alice: User
) -> None:
    """What its author took back since the analysis stays out of the public spec."""
    quoted = draft.clauses.filter(evidence__isnull=False).first()
    assert quoted is not None
    statement = quoted.evidence.first().statement
    statement.withdrawn_at = timezone.now()
    statement.save(update_fields=["withdrawn_at"])
    with pytest.raises(Conflict, match=statement.key):
        publish_spec(draft, by=alice)
    draft.refresh_from_db()
    assert draft.status == SpecVersion.Status.DRAFT


def test_the_next_version_keeps_clause_ids_and_tells_changes(
    draft: SpecVersion, asked: Consultation, alice: User
) -> None:
    """What is the same claim stays the same clause; the published version stays as it was."""
    publish_spec(draft, by=alice)
    before = bytes(draft.document)
    Reaction.objects.filter(claim__statement__text__contains="rule").update(value="disagree")
    second = draft_spec(analyse(asked, by=alice), by=alice)
    assert second.number == 2
    assert {c.key for c in second.clauses.all()} == {c.key for c in draft.clauses.all()}
    assert second.load()["changes"]
    draft.refresh_from_db()
    assert bytes(draft.document) == before
    with pytest.raises(Conflict, match="published already"):
        draft_spec(replace_run(draft.run), by=alice)


def replace_run(run: Run) -> Run:
    """Another finished run with the outcome of this one."""
    run.pk = None
    run.uuid = "00000000-0000-4000-8000-000000000001"
    run.save(force_insert=True)
    return run


@pytest.mark.parametrize("name", exports.NAMES)
def test_every_export_is_a_function_of_the_stored_bytes(
    draft: SpecVersion, alice: User, name: str
) -> None:
    """The same version exports the same bytes at any time, and spec.json is what is stored."""
    publish_spec(draft, by=alice)
    content, kind = export(draft, name=name)
    assert content == exports.render(name, json.loads(bytes(draft.document)))
    assert kind == exports.CONTENT_TYPES[name]


def test_a_withdrawn_version_leaves_a_tombstone(draft: SpecVersion, alice: User) -> None:
    """Number, digest and reason stay public; nothing is exported; the reason is required."""
    publish_spec(draft, by=alice)
    with pytest.raises(ReasonRequired):
        withdraw_spec(draft, by=alice, reason=" ")
    withdraw_spec(draft, by=alice, reason="An import was incomplete.")
    assert latest_public(draft.consultation) is None
    assert can(AnonymousUser(), "specs.view", draft)
    with pytest.raises(NotFound):
        export(draft, name="spec.json")
    with pytest.raises(Conflict):
        publish_spec(draft, by=alice)


def test_an_export_that_does_not_exist_is_not_found(draft: SpecVersion) -> None:
    """No name leads out of the list."""
    with pytest.raises(NotFound):
        export(draft, name="../secret-key")


def test_my_part_leads_from_a_sentence_to_its_clause(
    draft: SpecVersion, member: Membership, alice: User
) -> None:
    """Once published, an author sees whether her words are in, and why not otherwise."""
    assert my_part(member)[0].sentences[0].place is Place.SHOWN
    publish_spec(draft, by=alice)
    (sentence,) = my_part(member)[0].sentences
    assert sentence.place in (Place.QUOTED, Place.NOT_ADOPTED)
    assert sentence.clause.text == "AI should be kind to everybody."
    assert sentence.clause.reason
