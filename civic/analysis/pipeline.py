"""The worker's side of an analysis: claim the run, compute outside any transaction, store."""

from __future__ import annotations

import contextlib
import hashlib
import json
import resource
import sys
import uuid
from typing import Any

import numpy as np
from django.db import DatabaseError, transaction
from django.utils import timezone

from aggregation import opinion
from aggregation.errors import AggregationError
from aggregation.run import Outcome, Progress, aggregate
from aggregation.spec import from_bytes
from aggregation.types import Corpus, Settings
from aggregation.votes import VoteTable
from aggregation.whatif import to_bytes
from civic.analysis import journal, lease
from civic.analysis.findings import pairs_to_look_at, themes_before
from civic.analysis.models import Group, Run, RunStep, Theme
from civic.analysis.pictures import album
from civic.analysis.snapshot import freeze
from civic.analysis.steps import PICTURES, STEPS
from civic.audit.services import record
from civic.consultations import files
from civic.curation.suggesting import replace_suggestions
from civic.intake.models import ImportJob
from civic.intake.pipeline import MAX_ATTEMPTS
from civic.statements.meaning import StoredVectors
from civic.statements.models import Statement


def execute(run_id: int) -> None:
    """Compute one run, unless another worker has it. Safe to repeat at any moment."""
    holder = lease.take(run_id)
    if holder is None:
        return
    run = Run.objects.select_related("consultation", "previous_run").get(pk=run_id)
    begin(run)
    with contextlib.suppress(lease.LeaseLost), lease.heartbeat(run_id, holder=holder):
        try:
            compute(run, holder=holder)
        except AggregationError as error:
            fail(run, reason=str(error), holder=holder)
            raise
        except lease.LeaseLost:
            raise
        except Exception as error:
            with contextlib.suppress(DatabaseError):  # It may be the database that fails.
                journal.note(run, journal.STUMBLED, error=type(error).__name__)
            raise


@transaction.atomic
def begin(run: Run) -> None:
    """Say in the log who works, with no trace of an attempt before in the steps."""
    run.steps.update(status=RunStep.Status.WAITING, done=0, seconds=None)
    if run.attempts > 1:
        attempts = {"attempt": run.attempts, "most": lease.MAX_ATTEMPTS}
        journal.note(run, journal.TAKEN_AGAIN, **attempts)
    else:
        journal.note(run, journal.TAKEN)


def compute(run: Run, *, holder: uuid.UUID) -> None:
    """Freeze the input, aggregate it, store what came out."""
    corpus, votes, judgements = freeze(run)
    measure(run, corpus, votes)
    previous = from_bytes(bytes(run.previous_document)) if run.previous_document else None
    progress = reporter(run, holder=holder)
    outcome = aggregate(
        corpus,
        votes,
        settings_of(run),
        previous=previous,
        previous_groups=groups_of(run.previous_run),
        previous_themes=themes_before(run),
        judgements=judgements,
        cache=StoredVectors(run.consultation_id),
        progress=progress,
    )
    place = STEPS.index(PICTURES)
    progress(PICTURES, place, len(STEPS))
    pictures = album.keep(run, outcome)
    progress(PICTURES, place + 1, len(STEPS))
    store(run, outcome, pictures=pictures, holder=holder)


def measure(run: Run, corpus: Corpus, votes: VoteTable) -> None:
    """Write down how large the input is: pages tell it, and estimate later runs by it."""
    size = {
        "people": len(votes.participants),
        "statements": len(corpus.statements),
        "claims": len(corpus.claims),
        "reactions": votes.count,
    }
    run.figures |= size
    Run.objects.filter(pk=run.pk).update(figures=run.figures)
    journal.note(run, journal.FROZEN, **size)


def settings_of(run: Run) -> Settings:
    """How this run is to be computed, as recorded when it was asked for."""
    return Settings(seed=run.seed, code_version=run.code_version, **run.aggregation_settings)


def groups_of(run: Run | None) -> opinion.Groups | None:
    """Who was in which opinion group in an earlier run."""
    if run is None or not run.groups_file:
        return None
    found = json.loads(files.read(run.groups_file))
    labels = np.array(found["labels"], dtype=np.int64)
    sizes = np.bincount(labels[labels >= 0], minlength=found["k"])
    return opinion.Groups(tuple(found["participants"]), labels, found["k"], sizes, 0.0)


def reporter(run: Run, *, holder: uuid.UUID) -> Progress:
    """A callback that keeps the lease and writes down which step is at work."""
    watch = lease.Stopwatch()

    def report(stage: str, done: int, _total: int) -> None:
        lease.renew(run.pk, holder=holder)
        finished = done > STEPS.index(stage)
        RunStep.objects.filter(run=run, name=stage).update(
            status=RunStep.Status.DONE if finished else RunStep.Status.RUNNING,
            done=int(finished),
            seconds=(seconds := watch.seconds(stage)),
        )
        if finished:
            journal.note(run, journal.ENDED, step=stage, seconds=round(seconds, 1))
        else:
            journal.note(run, journal.BEGUN, step=stage)

    return report


def store(run: Run, outcome: Outcome, *, pictures: dict[str, str], holder: uuid.UUID) -> None:
    """Keep the outcome as files and the run as done, if it is still this worker's.

    A worker that has lost the run leaves no file behind: somebody may have had words erased since
    it was given them.
    """
    lease.renew(run.pk, holder=holder)
    kept = write_files(run, outcome, holder=holder)
    try:
        finish(run, outcome, columns=pictures | kept, holder=holder)
    except lease.LeaseLost:
        for name in kept.values():
            files.remove(name)
        raise


def write_files(run: Run, outcome: Outcome, *, holder: uuid.UUID) -> dict[str, str]:
    """What was found, as files under names of this worker's own: column of the run -> name."""
    groups = {
        "participants": outcome.participants,
        "labels": outcome.labels.tolist(),
        "k": len(outcome.document["groups"]),
    }
    contents = {
        "outcome_file": ("outcome", "json", outcome.content),
        "groups_file": ("groups", "json", json.dumps(groups).encode()),
        "basis_file": ("basis", "npz", to_bytes(outcome.basis)),
    }
    own = f"{run.attempts}-{holder.hex[:8]}"
    return {
        column: files.write(f"runs/{run.uuid}/{name}-{own}.{ending}", [content])
        for column, (name, ending, content) in contents.items()
    }


@transaction.atomic
def finish(run: Run, outcome: Outcome, *, columns: dict[str, str], holder: uuid.UUID) -> None:
    """Point the run to its files, and write what pages ask for as rows. Raises LeaseLost."""
    memory, digest = peak_memory(), hashlib.sha256(outcome.content).hexdigest()
    mine = Run.objects.filter(pk=run.pk, lease_holder=holder, status=Run.Status.RUNNING)
    if not mine.update(
        status=Run.Status.DONE,
        finished_at=timezone.now(),
        lease_until=None,
        outcome_digest=digest,
        figures=run.figures | {"memory": memory},
        **columns,
    ):
        raise lease.LeaseLost
    journal.note(run, journal.DONE, memory=memory)
    write_rows(run, outcome.document)
    replace_suggestions(run.consultation, run=run.uuid, found=pairs_to_look_at(outcome))
    record("run.done", subject=run, content={"outcome": digest, "input": run.input_digest})


def write_rows(run: Run, document: dict[str, Any]) -> None:
    """The themes and the groups of an outcome, as rows to ask for."""
    Theme.objects.bulk_create(
        Theme(
            run=run,
            key=section["id"],
            title=section["title"],
            keywords=section["keywords"],
            claims=len(section["clauses"]),
        )
        for section in document["sections"]
    )
    Group.objects.bulk_create(
        Group(
            run=run,
            key=group["id"],
            label=group["label"],
            size=group["size"],
            share=group["share"],
        )
        for group in document["groups"]
    )


@transaction.atomic
def fail(run: Run, *, reason: str, holder: uuid.UUID) -> None:
    """End a run that cannot succeed, with a sentence for whoever asked for it."""
    mine = Run.objects.filter(pk=run.pk, lease_holder=holder, status=Run.Status.RUNNING)
    if mine.update(
        status=Run.Status.FAILED, finished_at=timezone.now(), lease_until=None, error=reason
    ):
        journal.note(run, journal.FAILED, reason=reason)
        record("run.failed", subject=run, content={"reason": reason})


def peak_memory() -> int:
    """The most memory that this process has had, in MB; with other work in it, an upper bound."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1e6 if sys.platform == "darwin" else 1e3))


def waiting_work() -> tuple[list[int], list[int], list[int]]:
    """Runs, imports and statements that a doorbell should ring for, silent ones put back first."""
    lease.put_back()
    now = timezone.now()
    silent = ImportJob.objects.filter(status=ImportJob.Status.RUNNING, lease_until__lt=now)
    silent.filter(attempts__gte=MAX_ATTEMPTS).update(
        status=ImportJob.Status.FAILED,
        lease_until=None,
        error="Its worker stopped every time before it was done; nothing was written. The worker's "
        "log tells why.",
    )
    silent.filter(attempts__lt=MAX_ATTEMPTS).update(
        status=ImportJob.Status.QUEUED, lease_until=None
    )
    runs = Run.objects.filter(status=Run.Status.QUEUED).order_by("pk")
    imports = ImportJob.objects.filter(status=ImportJob.Status.QUEUED).order_by("pk")
    waiting = Statement.objects.filter(prepared_at=None, withdrawn_at=None, preparation=None)
    statements = waiting.order_by("pk")
    return (
        list(runs.values_list("pk", flat=True)),
        list(imports.values_list("pk", flat=True)),
        list(statements.values_list("pk", flat=True)[:100]),
    )
