"""The worker's side of an import: read the files again, write everything in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from aggregation import intake
from aggregation.errors import IntakeError, Problem
from aggregation.text import identify
from aggregation.text import read as read_modality
from aggregation.types import Claim as CorpusClaim
from aggregation.types import Vote
from civic.audit.services import record
from civic.consultations import files
from civic.consultations.models import Consultation, Membership
from civic.errors import Conflict
from civic.intake import answers
from civic.intake.models import ImportJob
from civic.reactions.models import VALUES, Reaction
from civic.statements.models import Claim, Segment, Statement
from civic.statements.services import start_preparation

BATCH = 500
MAX_ATTEMPTS = 3  # an import that stops its worker this often is given up
# The names under which the files of an import are kept, by the part they play.
NAMES = {
    "comments": "comments.csv",
    "votes": "votes.csv",
    "participants_votes": "participants-votes.csv",
    "exclude": "exclude.csv",
    "statements": "statements.csv",
    "answers": answers.ANSWERS,
    "judgements": answers.JUDGEMENTS,
}
# The parts that may come with an import of each kind.
PARTS = {
    ImportJob.Kind.POLIS: {"comments", "votes", "participants_votes", "exclude"},
    ImportJob.Kind.STATEMENTS: {"statements"},
    ImportJob.Kind.ANSWERS: {"answers", "judgements"},
}


def read(kind: str, *, paths: Mapping[str, Path], title: str, slug: str) -> intake.Intake:
    """Read files by the part they play (keys of NAMES); raises IntakeError with every defect."""
    if kind == ImportJob.Kind.STATEMENTS:
        return intake.read_statements_csv(paths["statements"], title=title, id=slug)
    return intake.read_polis(
        paths.get("comments"),
        paths.get("votes"),
        paths.get("participants_votes"),
        title=title,
        id=slug,
        exclude=paths.get("exclude"),
    )


def read_job(job: ImportJob) -> intake.Intake:
    """Read the stored files of a job."""
    folder = files.path_of(f"imports/{job.uuid}")
    paths = {part: folder / name for part, name in NAMES.items() if (folder / name).exists()}
    consultation = job.consultation
    return read(job.kind, paths=paths, title=consultation.title, slug=consultation.slug)


def clashes(job: ImportJob, taken: intake.Intake) -> tuple[Problem, ...]:
    """What keeps these files out of this consultation as it is now; told in the dry run."""
    statements = job.consultation.statements
    taken_names = names_of_others(job.consultation, taken)
    if taken_names:
        part = "comments" if job.kind == ImportJob.Kind.POLIS else "statements"
        rule = f"'{taken_names[0]}' is the name of somebody here, who speaks for herself."
        remedy = "Leave these rows out, or give their authors the ids of the other source."
        return (Problem(NAMES[part], None, "author", rule, remedy),)
    if job.kind == ImportJob.Kind.POLIS and statements.exists():
        rule = "This consultation has statements already, and people's numbers would be mixed up."
        remedy = "Import into a new consultation."
        return (Problem(NAMES["comments"], None, "whole file", rule, remedy),)
    present = set(statements.values_list("key", flat=True))
    repeated = [one.id for one in taken.corpus.statements if one.id in present]
    if not repeated:
        return ()
    rule = f"Statement {repeated[0]} is in this consultation already ({len(repeated)} such ids)."
    remedy = "Give these rows other ids in a column named id, or remove them."
    return (Problem(NAMES["statements"], None, "id", rule, remedy),)


def write(job_id: int) -> None:
    """Write a confirmed import whole or not at all; a second worker finds nothing to do."""
    queued = ImportJob.objects.filter(pk=job_id, status=ImportJob.Status.QUEUED)
    lease = timezone.now() + timedelta(seconds=10 * settings.LEASE_SECONDS)
    running = ImportJob.Status.RUNNING
    if not queued.update(status=running, lease_until=lease, attempts=F("attempts") + 1):
        return
    job = ImportJob.objects.select_related("consultation", "created_by").get(pk=job_id)
    try:
        taken = answers.read_job(job) if job.kind == ImportJob.Kind.ANSWERS else read_job(job)
        with transaction.atomic():
            mine = ImportJob.objects.select_for_update().filter(
                pk=job_id, status=ImportJob.Status.RUNNING
            )
            if not mine.update(status=ImportJob.Status.DONE, lease_until=None):
                return
            if isinstance(taken, answers.Taken):
                answers.store(job, taken)
            else:
                store(job, taken)
    except (IntakeError, Conflict) as error:
        ImportJob.objects.filter(pk=job_id).update(
            status=ImportJob.Status.FAILED, error=str(error), lease_until=None
        )


@transaction.atomic
def store(job: ImportJob, taken: intake.Intake) -> None:
    """Write people, statements, claims and reactions of an import into its consultation."""
    consultation = Consultation.objects.select_for_update().get(pk=job.consultation_id)
    if job.kind == ImportJob.Kind.POLIS and consultation.statements.exists():
        raise Conflict(
            gettext_noop(  # kept in the job as it stands, and told in the reader's language
                "This consultation has statements already, and their authors’ numbers could not "
                "be told apart from those in the files. Import into a new consultation."
            )
        )
    if names_of_others(consultation, taken):  # Somebody may have come in since the dry run.
        raise Conflict(
            gettext_noop(
                "These files use the name of somebody who takes part here; nobody else speaks for "
                "her. Give the people in the files other ids."
            )
        )
    people = write_people(consultation, taken)
    statements = write_statements(consultation, taken, people=people)
    claims = write_claims(consultation, taken, statements=statements)
    write_reactions(taken, people=people, claims=claims)
    actor = job.created_by.audit_key if job.created_by else ""
    record("import.done", subject=job, actor=actor, content={"counts": dict(taken.counts)})
    job.preparation = start_preparation(
        consultation, reason=gettext_noop("Import"), by=job.created_by
    )
    job.save(update_fields=["preparation"])


def names_in(taken: intake.Intake) -> set[str]:
    """The ids of everybody who wrote or voted in an import."""
    authors = {one.author for one in taken.corpus.statements if one.author is not None}
    return {person.id for person in taken.participants} | authors | set(taken.votes.participant)


def names_of_others(consultation: Consultation, taken: intake.Intake) -> list[str]:
    """Ids in an import that are names of people here: no file may speak for them."""
    own = consultation.memberships.of_their_own().values_list("key", flat=True)
    return sorted(names_in(taken) & set(own))


def write_people(consultation: Consultation, taken: intake.Intake) -> dict[str, int]:
    """A membership without a user for everybody who wrote or voted; row number by her id."""
    keys = names_in(taken)
    known = set(consultation.memberships.filter(key__in=keys).values_list("key", flat=True))
    Membership.objects.bulk_create(
        (
            Membership(consultation=consultation, key=key, is_participant=True)
            for key in sorted(keys - known)
        ),
        batch_size=BATCH,
    )
    return dict(consultation.memberships.values_list("key", "pk"))


def write_statements(
    consultation: Consultation, taken: intake.Intake, *, people: Mapping[str, int]
) -> dict[str, Statement]:
    """Every statement as it was read; those that come with claims need no preparation."""
    present = set(consultation.statements.values_list("key", flat=True))
    repeated = sorted(one.id for one in taken.corpus.statements if one.id in present)
    if repeated:
        raise Conflict(
            gettext(
                "Statement %(id)s is in this consultation already (%(count)s such ids). "
                "Remove these rows, or give them other ids."
            )
            % {"id": repeated[0], "count": len(repeated)}
        )
    prepared = timezone.now() if taken.corpus.claims else None
    rows = [
        Statement(
            consultation=consultation,
            key=one.id,
            text=one.text,
            language=one.language or identify(one.text),
            author_id=people[one.author] if one.author is not None else None,
            moderation=one.moderation.value,
            moderation_reason="Hidden in the imported consultation."
            if one.moderation.value == Statement.Moderation.REJECTED
            else "",
            is_imported=True,
            prepared_at=prepared,
        )
        for one in taken.corpus.statements
    ]
    Statement.objects.bulk_create(rows, batch_size=BATCH)
    return {row.key: row for row in rows}


def write_claims(
    consultation: Consultation, taken: intake.Intake, *, statements: Mapping[str, Statement]
) -> dict[str, int]:
    """Every claim, with the passage it stands for as a segment; row number by its id."""
    rows = [
        Claim(
            consultation=consultation,
            key=claim.id,
            statement=statements[claim.span.statement],
            start=claim.span.start,
            end=claim.span.end,
            language=statements[claim.span.statement].language,
            polarity=polarity_of(claim, statements=statements),
        )
        for claim in taken.corpus.claims
    ]
    Claim.objects.bulk_create(rows, batch_size=BATCH)
    Segment.objects.bulk_create(
        (
            Segment(
                statement=row.statement,
                start=row.start,
                end=row.end,
                polarity=row.polarity,
                claim=row,
            )
            for row in rows
        ),
        batch_size=BATCH,
    )
    return {row.key: row.pk for row in rows}


def polarity_of(claim: CorpusClaim, *, statements: Mapping[str, Statement]) -> int:
    """Whether the claim's own words forbid (-1) or ask (+1)."""
    statement = statements[claim.span.statement]
    text = statement.text[claim.span.start : claim.span.end]
    return read_modality(text, statement.language).polarity


def write_reactions(
    taken: intake.Intake, *, people: Mapping[str, int], claims: Mapping[str, int]
) -> None:
    """One latest reaction per person and claim, with its time where the source has one."""
    votes = taken.votes
    times = [None] * len(votes) if votes.timestamp is None else votes.timestamp.tolist()
    columns = (votes.participant, votes.claim, votes.value.tolist(), votes.served.tolist(), times)
    Reaction.objects.bulk_create(
        (
            Reaction(
                participant_id=people[person],
                claim_id=claims[claim],
                value=VALUES[Vote(value)],
                served=served,
                given_at=moment(time),
            )
            for person, claim, value, served, time in zip(*columns, strict=True)
        ),
        batch_size=BATCH,
    )


def moment(milliseconds: int | None) -> datetime | None:
    """Milliseconds since 1970 as a moment in UTC; None and 0 are unknown."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC) if milliseconds else None
