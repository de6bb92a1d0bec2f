"""Take erased words out of everything that was made of them: spec versions, drafts, analyses.

A published version keeps its number, its numbers and its place. Its bytes change, so its digest
does too: both stand in the version's `redactions`, which every reader can see.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from django.db import transaction
from django.utils import timezone

from aggregation.spec import to_bytes
from civic.analysis import snapshot
from civic.analysis import tasks as analysis_tasks
from civic.analysis.models import Run, RunStep
from civic.audit.services import record
from civic.consultations import files
from civic.consultations.models import Consultation
from civic.specs import announcing, redaction, report_files, tasks
from civic.specs.models import Clause, Evidence, SpecVersion
from civic.specs.redaction import Redacted, Redaction
from civic.statements.erasing import Words

BATCH = 500
RedactionOf = Callable[[dict[str, Any]], Redacted | None]
UNFINISHED = (Run.Status.QUEUED, Run.Status.RUNNING)


def redact_all(consultation: Consultation, *, words: Words) -> None:
    """Take these words out of every version and every analysis."""
    if not words.statements:
        return
    redaction_of = Redaction(words.statements).of
    for spec in consultation.specs.select_for_update().order_by("pk"):
        found = redaction_of(spec.load())
        if found is not None:
            _redact(spec, found, statements=words.statements)
    for run in consultation.runs.select_for_update().order_by("pk"):
        _redact_run(run, words=words, redaction_of=redaction_of)


def _redact(spec: SpecVersion, found: Redacted, *, statements: Collection[str]) -> None:
    content = to_bytes(found.document)
    digest = hashlib.sha256(content).hexdigest()
    pairs = zip(spec.load()["clauses"], found.document["clauses"], strict=True)
    note = {
        "day": timezone.now().date().isoformat(),
        "passages": found.passages,
        "clauses": sum(before != after for before, after in pairs),
        "before": spec.sha256,
        "after": digest,
    }
    spec.document, spec.sha256 = content, digest
    spec.redactions = [*spec.redactions, note]
    spec.verification = {}  # it names clauses, and clauses are named after words
    spec.signature = ""  # it is over other bytes
    spec.save(update_fields=["document", "sha256", "redactions", "verification", "signature"])
    tasks.sign_specs.delay_on_commit()
    tasks.verify_draft.delay_on_commit(spec.pk)
    transaction.on_commit(partial(report_files.forget, spec))
    _redact_rows(spec, found)
    Evidence.objects.filter(clause__spec=spec, statement__key__in=statements).update(
        quote=redaction.GONE, start=0, end=len(redaction.GONE), language="en"
    )
    record("spec.redacted", subject=spec, content=note)
    if spec.status == SpecVersion.Status.PUBLISHED:
        announcing.tell(spec, announcing.REDACTED, sha256_before=note["before"])


def _redact_rows(spec: SpecVersion, found: Redacted) -> None:
    written = found.document["clauses"]
    changed = []
    for row, clause in zip(spec.clauses.order_by("position"), written, strict=True):
        if row.data != clause:
            row.key, row.text, row.data = clause["id"], clause["text"], clause
            changed.append(row)
    Clause.objects.bulk_update(changed, ["key", "text", "data"], batch_size=BATCH)


def _redact_run(run: Run, *, words: Words, redaction_of: RedactionOf) -> None:
    """Take these words out of what an analysis was given, found and drew."""
    changed = _redact_outcome(run, words=words, redaction_of=redaction_of)
    changed |= _redact_input(run, words=words)
    if run.previous_document:
        found = redaction_of(json.loads(bytes(run.previous_document)))
        if found is not None:
            changed["previous_document"] = to_bytes(found.document)
    if changed:
        Run.objects.filter(pk=run.pk).update(**changed)
        content = {k: v for k, v in changed.items() if k.endswith("_digest")}
        record("run.redacted", subject=run, content=content)


def _redact_outcome(run: Run, *, words: Words, redaction_of: RedactionOf) -> dict[str, Any]:
    """The columns of a run that change with its document and its pictures."""
    if not run.outcome_file or not files.path_of(run.outcome_file).exists():
        return {}
    found = redaction_of(json.loads(files.read(run.outcome_file)))
    renamed: Mapping[str, str] = {}
    changed = {}
    if found is not None:
        content, renamed = to_bytes(found.document), found.renamed
        changed["outcome_file"] = _write_anew(run.outcome_file, content)
        changed["outcome_digest"] = hashlib.sha256(content).hexdigest()
    if run.pictures_file and files.path_of(run.pictures_file).exists():
        drawn = json.loads(files.read(run.pictures_file))
        kept = redaction.redact_pictures(drawn, passages=words.passages, renamed=renamed)
        if kept != drawn:
            content = json.dumps(kept, ensure_ascii=False).encode()
            changed["pictures_file"] = _write_anew(run.pictures_file, content)
    return changed


def _redact_input(run: Run, *, words: Words) -> dict[str, Any]:
    """The columns of a run that change with what it was given; its reactions stay as they are."""
    if not run.snapshot_file or not files.path_of(run.snapshot_file).exists():
        return {}
    if run.status in UNFINISHED:
        return {}  # It is begun anew.
    head, columns = snapshot.opened(files.read(run.snapshot_file))
    if not {one["id"] for one in head["statements"] if one["text"].strip("█")} & words.statements:
        return {}
    blanked = redaction.blank_statements(head, statements=words.statements)
    return {
        "snapshot_file": _write_anew(run.snapshot_file, snapshot.pack(blanked, columns)),
        "input_digest": snapshot.digest_of(blanked, columns),
    }


def begin_again(consultation: Consultation) -> None:
    """Let analyses under way start from what is there now: they were given words that are gone."""
    for run in consultation.runs.filter(status__in=UNFINISHED):
        if run.snapshot_file:
            transaction.on_commit(partial(_remove, run.snapshot_file))
        Run.objects.filter(pk=run.pk, status__in=UNFINISHED).update(
            status=Run.Status.QUEUED,
            lease_holder=None,
            lease_until=None,
            attempts=0,
            snapshot_file="",
            input_digest="",
        )
        run.steps.update(status=RunStep.Status.WAITING, done=0, seconds=None)
        analysis_tasks.execute_run.delay_on_commit(run.pk)


def _write_anew(name: str, content: bytes) -> str:
    """Store the content under a new name, and remove the old file once the rows point to it."""
    old = PurePosixPath(name)
    stem = re.sub(r"-redacted-\w+$", "", old.stem)
    fresh = str(old.with_name(f"{stem}-redacted-{secrets.token_hex(4)}{old.suffix}"))
    files.write(fresh, [content])
    transaction.on_commit(partial(_remove, name))
    return fresh


def _remove(name: str) -> None:
    files.path_of(name).unlink(missing_ok=True)
