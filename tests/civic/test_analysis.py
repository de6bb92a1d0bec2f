"""Runs: what they are given, who computes them, what is kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import numpy as np
import pytest
from django.db.models.query import QuerySet
from django.utils import timezone

from aggregation.errors import AggregationInputError
from aggregation.run import aggregate
from aggregation.spec import from_bytes
from aggregation.types import Moderation
from civic.accounts.models import User
from civic.analysis import lease, pipeline, tasks
from civic.analysis.models import Run
from civic.analysis.services import cancel_run, request_run
from civic.analysis.snapshot import digest_of, freeze, gather, pack, unpack
from civic.analysis.steps import STEPS
from civic.audit.models import Entry
from civic.consultations import files
from civic.consultations.models import Consultation, Membership
from civic.consultations.phases import Phase
from civic.consultations.services import open_phase
from civic.errors import Conflict, ConsultationClosed, Invalid
from civic.reactions.models import Reaction
from civic.reactions.services import cast_reaction, next_claim
from civic.statements.models import Claim, Segment, Statement

SENTENCES = (
    "AI should be kind to everybody.",
    "AI must never lie to people.",
    "AI should explain its reasons.",
    "AI should ask before it acts.",
    "AI should refuse to help with weapons.",
    "AI should keep secrets from the police.",
    "AI should report crimes to the police.",
    "AI should speak like a friend.",
)


@pytest.fixture
def voted(consultation: Consultation, new_claim: Callable[..., Claim]) -> Consultation:
    """Eight claims and forty people: the first six unite them, two divide them in halves."""
    claims = [new_claim(text) for text in SENTENCES]
    people = Membership.objects.bulk_create(
        Membership(consultation=consultation, key=f"p{number}", is_participant=True)
        for number in range(40)
    )
    Reaction.objects.bulk_create(
        Reaction(
            claim=claim,
            participant=person,
            value=value_of(row, column),
            served=True,
            given_at=timezone.now(),
        )
        for row, person in enumerate(people)
        for column, claim in enumerate(claims)
    )
    return consultation


def value_of(person: int, claim: int) -> str:
    if claim in (5, 6):
        return "agree" if (person % 2 == 0) == (claim == 5) else "disagree"
    return "unsure" if (person * 7 + claim) % 13 == 0 else "agree"


@pytest.fixture
def run(voted: Consultation, alice: User) -> Run:
    """A queued run that needs no language model."""
    queued = request_run(voted, by=alice, seed=5)
    queued.aggregation_settings |= {"embedder": "hashing", "bootstrap": 10}
    queued.save(update_fields=["aggregation_settings"])
    return queued


def test_a_run_keeps_its_outcome_byte_for_byte(run: Run) -> None:
    """File, digest, themes and groups are stored together; every step has its time."""
    pipeline.execute(run.pk)
    run.refresh_from_db()
    assert run.status == Run.Status.DONE
    document = from_bytes(files.read(run.outcome_file))
    assert document["version"] == 1
    assert document["method"]["seed"] == 5
    assert len(document["clauses"]) == len(SENTENCES)
    assert run.groups.count() == len(document["groups"])
    assert run.themes.count() == len(document["sections"])
    assert [step.name for step in run.steps.all()] == list(STEPS)
    assert all(step.status == "done" and step.seconds is not None for step in run.steps.all())
    assert Entry.objects.filter(action="run.done").count() == 1


def test_the_same_run_delivered_twice_is_computed_once(run: Run) -> None:
    """The second message finds nothing to claim."""
    pipeline.execute(run.pk)
    first = Run.objects.values().get(pk=run.pk)
    pipeline.execute(run.pk)
    assert Run.objects.values().get(pk=run.pk) == first


def test_a_run_taken_up_again_reads_the_same_input(
    run: Run, voted: Consultation, member: Membership
) -> None:
    """Whoever votes after the freeze changes nothing in this run's answer."""
    first_corpus, first_votes, _ = freeze(run)
    claim = voted.claims.select_related("statement__consultation").first()
    cast_reaction(claim, participant=member, value="disagree")
    later_corpus, later_votes, _ = freeze(Run.objects.get(pk=run.pk))
    assert later_corpus == first_corpus
    assert later_votes.digest() == first_votes.digest()
    fresh_head, fresh_votes = gather(voted)
    assert digest_of(fresh_head, fresh_votes) != Run.objects.get(pk=run.pk).input_digest


def test_rows_in_another_order_freeze_to_the_same_digest(voted: Consultation) -> None:
    """The order in which people came in changes nothing."""
    before = digest_of(*gather(voted))
    rows = list(Reaction.objects.all())
    Reaction.objects.all().delete()
    for row in rows:
        row.pk = None
    Reaction.objects.bulk_create(reversed(rows))
    assert digest_of(*gather(voted)) == before


def test_the_frozen_file_gives_back_what_went_in(voted: Consultation) -> None:
    """Texts, spans, people and answers survive packing."""
    head, votes = gather(voted)
    corpus, table, _ = unpack(pack(head, votes))
    assert {s.text for s in corpus.statements} == set(SENTENCES)
    assert table.shape == (40, 8)
    agreed = Reaction.objects.filter(value="agree").count()
    assert int((table.values.data == 1).sum()) == agreed
    assert (
        np.count_nonzero(table.values.data == 0) == Reaction.objects.filter(value="unsure").count()
    )


def test_withdrawn_hidden_and_skipped_are_kept_out(voted: Consultation, member: Membership) -> None:
    """Withdrawn statements are gone, hidden ones are marked, a skipped claim is no vote."""
    claims = list(voted.claims.order_by("pk"))
    Statement.objects.filter(claims=claims[0]).update(withdrawn_at=timezone.now())
    Statement.objects.filter(claims=claims[1]).update(
        moderation="rejected", moderation_reason="off topic"
    )
    Reaction.objects.create(claim=claims[2], participant=member, value="skipped", served=True)
    corpus, table, _ = unpack(pack(*gather(voted)))
    assert len(corpus.statements) == len(SENTENCES) - 1
    states = [statement.moderation for statement in corpus.statements]
    assert states.count(Moderation.REJECTED) == 1
    assert member.key not in table.participants


def test_what_is_shown_before_moderation_counts_as_accepted(
    voted: Consultation, new_claim: Callable[..., Claim]
) -> None:
    """Where the organizer moderates afterwards, waiting statements take part."""
    new_claim("AI should wait.")
    Statement.objects.update(moderation="waiting")
    voted.moderation = "after"
    voted.save()
    corpus, _, _ = unpack(pack(*gather(voted)))
    assert {s.moderation for s in corpus.statements} == {Moderation.ACCEPTED}


def test_merged_passages_are_members_of_their_claim(
    voted: Consultation, member: Membership
) -> None:
    """The other author's words stay evidence for the claim."""
    claim = voted.claims.order_by("pk").first()
    text = "So: be kind to everybody, AI."
    statement = Statement.objects.create(
        consultation=voted, text=text, author=member, moderation="accepted"
    )
    Segment.objects.create(statement=statement, start=4, end=len(text), claim=claim)
    corpus, _, _ = unpack(pack(*gather(voted)))
    (merged,) = [one for one in corpus.claims if one.members]
    (span,) = merged.members
    assert merged.id == claim.key
    assert (span.statement, span.start, span.end) == (statement.key, 4, len(text))


def test_one_run_at_a_time(run: Run, alice: User) -> None:
    """A second request is refused until the first is over."""
    with pytest.raises(Conflict, match="under way"):
        request_run(run.consultation, by=alice)
    cancel_run(run, by=alice)
    assert request_run(run.consultation, by=alice).pk != run.pk


def test_a_policy_that_makes_no_sense_is_refused_at_once(voted: Consultation, alice: User) -> None:
    """The organizer hears of it when asking, not from a failed run."""
    with pytest.raises(Invalid):
        request_run(voted, by=alice, policy={"no_such_threshold": 1})


def test_a_closed_consultation_is_not_analysed(voted: Consultation, alice: User) -> None:
    """Closed means closed."""
    open_phase(voted, phase=Phase.CLOSED, by=alice)
    with pytest.raises(ConsultationClosed):
        request_run(voted, by=alice)


def test_a_cancelled_run_stops_and_stores_nothing(
    run: Run, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker notices at its next step."""

    def cancel_midway(*arguments: object, progress: Callable[..., None], **_: object) -> None:
        progress("read", 0, len(STEPS))
        cancel_run(Run.objects.get(pk=run.pk), by=alice)
        progress("read", 1, len(STEPS))

    monkeypatch.setattr(pipeline, "aggregate", cancel_midway)
    pipeline.execute(run.pk)
    run.refresh_from_db()
    assert run.status == Run.Status.CANCELLED
    assert not run.outcome_file


def test_a_run_that_cannot_succeed_says_why(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the library refuses reaches the organizer as its sentence."""

    def refuse(*_: object, **__: object) -> None:
        raise AggregationInputError("There are no votes.")

    monkeypatch.setattr(pipeline, "aggregate", refuse)
    with pytest.raises(AggregationInputError):
        tasks.execute_run(run.pk)
    run.refresh_from_db()
    assert (run.status, run.error) == (Run.Status.FAILED, "There are no votes.")


def silence(run: Run) -> QuerySet[Run]:
    """Leave the run as a worker that was shot leaves it."""
    lease.take(run.pk)
    row = Run.objects.filter(pk=run.pk)
    row.update(lease_until=timezone.now() - timedelta(seconds=1))
    return row


def test_the_reconciler_finishes_what_a_silent_worker_left(run: Run) -> None:
    """A run whose lease ran out is queued again, rung for, and done."""
    silence(run)
    run.refresh_from_db()
    assert run.is_stalled
    tasks.reconcile()
    run.refresh_from_db()
    assert (run.status, run.attempts) == (Run.Status.DONE, 2)


def test_a_living_worker_keeps_its_run(run: Run) -> None:
    """The reconciler takes nothing from a worker that was heard of lately."""
    holder = lease.take(run.pk)
    tasks.reconcile()
    run.refresh_from_db()
    assert run.lease_holder == holder
    assert run.status == Run.Status.RUNNING


def test_a_worker_that_lost_its_lease_stores_nothing(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were it slow and not dead, the other worker's answer stands alone."""

    def lose(*arguments: object, **_: object) -> object:
        silence(run)
        Run.objects.filter(pk=run.pk).update(lease_holder=None, status=Run.Status.QUEUED)
        return aggregate(*arguments)

    aggregate = pipeline.aggregate
    monkeypatch.setattr(pipeline, "aggregate", lose)
    pipeline.execute(run.pk)
    run.refresh_from_db()
    assert run.status == Run.Status.QUEUED
    assert not run.outcome_file


def test_a_worker_that_lost_its_lease_writes_no_file(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither where it finds out before it writes, nor where it does while it writes."""
    holder = lease.take(run.pk)
    assert holder is not None
    run = Run.objects.get(pk=run.pk)
    corpus, votes, _ = freeze(run)
    outcome = aggregate(corpus, votes, pipeline.settings_of(run))
    folder = files.path_of(f"runs/{run.uuid}")
    before = sorted(folder.iterdir())
    with pytest.raises(lease.LeaseLost):
        pipeline.store(run, outcome, pictures={}, holder=uuid4())
    monkeypatch.setattr(lease, "renew", lambda *_args, **_kwargs: None)
    with pytest.raises(lease.LeaseLost):
        pipeline.store(run, outcome, pictures={}, holder=uuid4())
    assert sorted(folder.iterdir()) == before
    pipeline.store(run, outcome, pictures={}, holder=holder)
    run.refresh_from_db()
    assert files.read(run.outcome_file) == outcome.content


def test_a_run_that_kills_every_worker_is_given_up(run: Run) -> None:
    """After five deaths the organizer is told, instead of a sixth worker dying."""
    silence(run).update(attempts=lease.MAX_ATTEMPTS)
    tasks.reconcile()
    run.refresh_from_db()
    assert run.status == Run.Status.FAILED
    assert "5 times" in run.error


def test_the_reconciler_rings_for_forgotten_statements(
    consultation: Consultation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message that was lost with the broker is sent again."""
    statement = Statement.objects.create(consultation=consultation, text="AI must ask.")
    tasks.reconcile()
    statement.refresh_from_db()
    assert statement.prepared_at is not None


def test_a_citizen_can_still_be_served_after_a_run(run: Run, member: Membership) -> None:
    """Analysis leaves routing untouched."""
    pipeline.execute(run.pk)
    assert next_claim(member) is not None


@pytest.mark.parametrize(
    ("languages", "question", "told"),
    [
        (["es", "en"], "What should an AI do?", "es"),
        ([], "Wie soll sich eine künstliche Intelligenz verhalten?", "de"),
        ([], "???", ""),
    ],
)
def test_a_run_is_told_the_language_in_which_the_organizer_asks(
    consultation: Consultation, languages: list[str], question: str, told: str
) -> None:
    """Labels are to be in it: the first language named, or that of the question itself."""
    Consultation.objects.filter(pk=consultation.pk).update(
        languages=languages, question=question, title="-"
    )
    consultation.refresh_from_db()
    corpus, _, _ = unpack(pack(*gather(consultation)))
    assert corpus.language == told
