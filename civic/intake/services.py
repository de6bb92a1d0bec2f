"""Acts of importing: try the files, then take them in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from aggregation.errors import IntakeError
from aggregation.intake import Intake
from aggregation.text import TextRefused, clean_text, identify
from civic.accounts.models import User
from civic.audit.services import record
from civic.consultations import files
from civic.consultations.models import Consultation
from civic.consultations.phases import Act
from civic.errors import Conflict, Invalid
from civic.intake import answers, pipeline, tasks
from civic.intake.models import ImportJob
from civic.statements.models import Statement
from civic.statements.services import start_preparation

MOST_SEEDS = 200
TYPED = gettext_noop("Typed by an organizer")


def check_import(
    consultation: Consultation, *, by: User | None, kind: str, uploads: Mapping[str, File]
) -> ImportJob:
    """Dry run: keep the files, read them whole, report what would be written; write nothing else.

    uploads : files by the part they play: `comments`, `votes`, `participants_votes`, `exclude`
        for a Polis export, `statements` for a table of statements, `answers` and `judgements` for
        answers of machines
    """
    consultation.require_open(Act.IMPORT)
    require_uploads(kind, uploads)
    job = ImportJob(consultation=consultation, kind=kind, created_by=by)
    for part, upload in uploads.items():
        files.write(f"imports/{job.uuid}/{pipeline.NAMES[part]}", upload.chunks())
    try:
        job.report = _checked(job)
        job.status = ImportJob.Status.CHECKED
    except IntakeError as error:
        job.problems = [asdict(problem) for problem in error.problems]
        job.status = ImportJob.Status.REJECTED
    with transaction.atomic():
        job.save()
        actor = by.audit_key if by else ""
        record("import.checked", subject=job, actor=actor, content={"status": job.status})
    return job


def _checked(job: ImportJob) -> dict[str, object]:
    """The report of a job whose files can be taken in; raises IntakeError with every defect."""
    if job.kind == ImportJob.Kind.ANSWERS:
        return answers.read_job(job).report
    taken = pipeline.read_job(job)
    if clashes := pipeline.clashes(job, taken):
        raise IntakeError(clashes)
    return report_of(taken)


def require_uploads(kind: str, uploads: Mapping[str, File]) -> None:
    """Go on, or raise Invalid naming the file that is missing, unknown or too large."""
    if kind not in ImportJob.Kind.values:
        raise Invalid(_("There is no import of the kind “%(kind)s”.") % {"kind": kind})
    wanted = pipeline.PARTS[kind]
    unknown = sorted(uploads.keys() - wanted)
    if unknown:
        raise Invalid(
            _("The file “%(name)s” is not part of such an import.") % {"name": unknown[0]}
        )
    if kind == ImportJob.Kind.STATEMENTS and "statements" not in uploads:
        raise Invalid(_("Give the table of statements."))
    if kind == ImportJob.Kind.ANSWERS and "answers" not in uploads:
        raise Invalid(_("Give the table of answers."))
    for part, upload in uploads.items():
        if upload.size > settings.UPLOAD_LIMIT:
            limit = settings.UPLOAD_LIMIT // 1024**2
            raise Invalid(
                _("%(name)s is larger than %(limit)s MB; split it.")
                % {"name": pipeline.NAMES[part], "limit": limit}
            )


@transaction.atomic
def confirm_import(job: ImportJob, *, by: User | None) -> ImportJob:
    """Let the worker write a checked import. Confirming twice imports once."""
    job.consultation.require_open(Act.IMPORT)
    checked = ImportJob.objects.filter(pk=job.pk, status=ImportJob.Status.CHECKED)
    changed = checked.update(status=ImportJob.Status.QUEUED)
    job.refresh_from_db()
    if not changed:
        if job.status == ImportJob.Status.REJECTED:
            raise Conflict(_("These files have defects; mend them and check them again."))
        return job
    record("import.confirmed", subject=job, actor=by.audit_key if by else "")
    tasks.write_import.delay_on_commit(job.pk)
    return job


@transaction.atomic
def import_at_once(
    consultation: Consultation, *, kind: str, taken: Intake, by: User | None = None
) -> ImportJob:
    """Write what was read already, in the caller's transaction: the door of the command line."""
    consultation.require_open(Act.IMPORT)
    job = ImportJob.objects.create(
        consultation=consultation,
        kind=kind,
        created_by=by,
        status=ImportJob.Status.DONE,
        report=report_of(taken),
    )
    pipeline.store(job, taken)
    return job


@transaction.atomic
def add_seeds(consultation: Consultation, *, texts: Sequence[str], by: User) -> list[Statement]:
    """Take in statements that an organizer typed; nobody is their author. Those there stay one.

    Raises Invalid naming the line at fault.
    """
    consultation.require_open(Act.IMPORT)
    if len(texts) > MOST_SEEDS:
        raise Invalid(
            _("These are %(n)s statements; type at most %(most)s, or import a table.")
            % {"n": len(texts), "most": MOST_SEEDS}
        )
    cleaned: dict[str, None] = {}
    for number, text in enumerate(texts, start=1):
        try:
            cleaned[clean_text(text)] = None
        except TextRefused as error:
            told = {"number": number, "reason": str(error)}
            raise Invalid(_("Statement %(number)s: %(reason)s") % told) from error
    there = set(consultation.statements.filter(author=None).values_list("text", flat=True))
    made = Statement.objects.bulk_create(
        Statement(
            consultation=consultation,
            text=text,
            language=identify(text),
            moderation=Statement.Moderation.ACCEPTED,
            is_imported=True,
        )
        for text in cleaned
        if text not in there
    )
    if made:
        content = {"texts": [one.text for one in made]}
        record("statements.seeded", subject=consultation, actor=by.audit_key, content=content)
        start_preparation(consultation, reason=TYPED, by=by)
    return made


def report_of(taken: Intake) -> dict[str, object]:
    """What the dry run shows, as JSON: counts, the reader's choices, the newest moment."""
    return {
        "counts": dict(taken.counts),
        "notes": list(taken.notes),
        "as_of": taken.corpus.as_of,
        "first": [
            {"id": one.id, "text": one.text[:200], "moderation": one.moderation.value}
            for one in taken.corpus.statements[:5]
        ],
    }


def polis_paths(folder: Path) -> dict[str, Path]:
    """The files of a Polis export in a folder, by the part they play."""
    parts = ("comments", "votes", "participants_votes")
    found = {part: folder / pipeline.NAMES[part] for part in parts}
    older = folder / "participant-votes.csv"
    if older.is_file():
        found["participants_votes"] = older
    return {part: path for part, path in found.items() if path.is_file()}
