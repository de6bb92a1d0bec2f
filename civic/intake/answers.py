"""An import of machines' answers: read with every defect named by its row, then written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_noop

from aggregation import intake
from aggregation.intake import cells
from aggregation.text import personal_data_hints
from aggregation.types import Answer
from aggregation.votes import VoteTable
from civic.audit.services import record
from civic.consultations import files
from civic.consultations.models import Consultation
from civic.errors import Conflict
from civic.intake.models import ImportJob
from civic.judging.services import add_answers
from civic.statements.models import Claim

ANSWERS, JUDGEMENTS = "answers.csv", "judgements.csv"
MOST_IN_KEY = 80  # characters of a person's id
NOTED = 20  # cells with personal data that are named
SHOWN = 5  # answers that the dry run shows


@dataclass(frozen=True)
class Taken:
    """What the files hold; `judgements` is None where they were not given."""

    answers: tuple[Answer, ...]
    judgements: VoteTable | None

    @property
    def counts(self) -> dict[str, int]:
        """How many of what, for the report and the record."""
        table = self.judgements
        counted = {
            "answers": len(self.answers),
            "prompts": len({(one.prompt, one.prompt_by) for one in self.answers}),
            "claims tried": len({one.claim for one in self.answers}),
        }
        if table is not None:
            counted |= {"judges": len(table.participants), "judgements": table.count}
        return counted

    @property
    def notes(self) -> list[str]:
        """What whoever confirms should look at first: all of it will be public."""
        found = [
            f"{field} of answer '{one.id}' seems to hold personal data, and will be public."
            for one in self.answers
            for field, words in (
                *(("prompt", one.prompt), ("text", one.text), ("by", one.by)),
                *(("prompt-by", one.prompt_by), ("source", one.source)),
            )
            if personal_data_hints(words)
        ]
        more = len(found) - NOTED
        return found[:NOTED] + ([f"{more} more such cells."] if more > 0 else [])

    @property
    def report(self) -> dict[str, Any]:
        """What the dry run shows, as JSON."""
        first = self.answers[:SHOWN]
        return {
            "counts": self.counts,
            "notes": self.notes,
            "answers": [
                {"prompt": one.prompt[:200], "text": one.text[:200], "by": one.by} for one in first
            ],
        }


def read_job(job: ImportJob) -> Taken:
    """Read the stored files of a job against its consultation as it is now.

    Raises IntakeError with every defect.
    """
    consultation = job.consultation
    folder = files.path_of(f"imports/{job.uuid}")
    shown = Claim.objects.shown().filter(consultation=consultation)
    claims = set(shown.values_list("key", flat=True))
    there = set(consultation.machine_answers.values_list("key", flat=True))
    # Somebody with an account judges for herself: a file must not speak in her name.
    own = set(consultation.memberships.of_their_own().values_list("key", flat=True))

    def fresh(cell: str) -> str:
        key = cells.identifier(cell)
        if key in there:
            rule = f"Answer '{key}' is in this consultation already."
            raise cells.BadCell(rule, "Give it another id, or leave the row out.")
        return key

    def tried(cell: str) -> str:
        key = cells.identifier(cell)
        if key not in claims:
            rule = f"'{key}' is no sentence that this consultation shows."
            remedy = "Give the id in the column claim of the table under Explore."
            raise cells.BadCell(rule, remedy)
        return key

    def judge(cell: str) -> str:
        key = cells.identifier(cell)
        if len(key) > MOST_IN_KEY:
            rule = f"The id has {len(key)} characters; people's ids have at most {MOST_IN_KEY}."
            raise cells.BadCell(rule, "Give the person a shorter id.")
        if key in own:
            rule = f"Participant '{key}' has an account here and judges for herself."
            raise cells.BadCell(rule, "Leave her rows out, or give the ids of the other study.")
        return key

    answers = intake.read_answers(folder / ANSWERS, name=fresh, claim=tried)
    judgements = None
    if (folder / JUDGEMENTS).exists():
        judgements = intake.read_judgements(folder / JUDGEMENTS, among=answers, participant=judge)
    return Taken(answers, judgements)


def store(job: ImportJob, taken: Taken) -> None:
    """Write answers and judgements of an import into its consultation, in its transaction."""
    consultation = Consultation.objects.select_for_update().get(pk=job.consultation_id)
    keys = [one.id for one in taken.answers]
    if consultation.machine_answers.filter(key__in=keys).exists():
        raise Conflict(
            gettext_noop(  # kept in the job as it stands, and told in the reader's language
                "Answers with these ids were brought in meanwhile. Check the file again."
            )
        )
    by = job.created_by
    add_answers(consultation, taken.answers, judgements=taken.judgements, by=by)
    actor = by.audit_key if by else ""
    record("import.done", subject=job, actor=actor, content={"counts": taken.counts})
