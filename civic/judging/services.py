"""Acts of an organizer on answers: bring them in, take one out."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from aggregation.types import Answer, Vote
from aggregation.votes import VoteTable
from civic.accounts.models import User
from civic.audit.services import record
from civic.consultations.models import Consultation, Membership
from civic.consultations.phases import Act
from civic.errors import Conflict, ReasonRequired
from civic.judging.models import VALUES, Judgement, MachineAnswer
from civic.texts import fit

BATCH = 500
MOST_REASON = 500  # characters


@transaction.atomic
def add_answers(
    consultation: Consultation,
    answers: Sequence[Answer],
    *,
    judgements: VoteTable | None = None,
    by: User | None = None,
) -> list[MachineAnswer]:
    """Write answers of machines, and what people made of them elsewhere.

    answers : each tries a claim of this consultation; ids and claims were checked before
    judgements : people x answers; whoever judged becomes somebody without an account
    """
    consultation.require_open(Act.IMPORT)
    claims = dict(consultation.claims.values_list("key", "pk"))
    rows = MachineAnswer.objects.bulk_create(
        (
            MachineAnswer(
                consultation=consultation,
                claim_id=claims[one.claim],
                key=one.id,
                prompt=one.prompt,
                text=one.text,
                by=one.by,
                prompt_by=one.prompt_by,
                source=one.source,
            )
            for one in answers
        ),
        batch_size=BATCH,
    )
    if judgements is not None:
        _write_judgements(consultation, rows, judgements)
    told = [[one.key, one.prompt, one.text, one.by, one.prompt_by] for one in rows]
    actor = by.audit_key if by else ""
    record("answers.added", subject=consultation, actor=actor, content={"answers": told})
    return rows


def _write_judgements(
    consultation: Consultation, rows: Sequence[MachineAnswer], table: VoteTable
) -> None:
    known = consultation.memberships.values_list("key", flat=True)
    missing = sorted(set(table.participants) - set(known))
    Membership.objects.bulk_create(
        (Membership(consultation=consultation, key=key, is_participant=True) for key in missing),
        batch_size=BATCH,
    )
    people = dict(consultation.memberships.values_list("key", "pk"))
    places = {row.key: row.pk for row in rows}
    cells = zip(table.rows.tolist(), table.columns.tolist(), table.values.data, strict=True)
    Judgement.objects.bulk_create(
        (
            Judgement(
                answer_id=places[table.statements[answer]],
                participant_id=people[table.participants[person]],
                value=VALUES[Vote(int(value))],
                served=True,  # whoever asked people elsewhere chose what they judged
            )
            for person, answer, value in cells
        ),
        batch_size=BATCH,
    )


@transaction.atomic
def withdraw_answer(answer: MachineAnswer, *, by: User, reason: str) -> MachineAnswer:
    """Take an answer out: nobody judges it any more, and no later analysis holds it.

    What people made of it stays on record, and published versions stay as they are. Raises
    Conflict where it was withdrawn before.
    """
    answer.consultation.require_open(Act.MODERATE)
    if not reason.strip():
        raise ReasonRequired
    told = fit(reason, most=MOST_REASON)
    standing = MachineAnswer.objects.filter(pk=answer.pk, withdrawn_at=None)
    if not standing.update(withdrawn_at=timezone.now(), withdrawal_reason=told):
        raise Conflict(_("This answer was withdrawn already."))
    answer.refresh_from_db()
    record("answer.withdrawn", subject=answer, actor=by.audit_key, content={"reason": told})
    return answer
