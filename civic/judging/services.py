"""Acts on answers of machines: bring in, withdraw; be shown one, judge it, take that back."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from aggregation.types import Answer, Vote
from aggregation.votes import VoteTable
from civic.accounts.models import User
from civic.audit.services import record
from civic.consultations import limits
from civic.consultations.models import Consultation, Membership
from civic.consultations.phases import Act
from civic.errors import Conflict, Invalid, NotFound, ReasonRequired
from civic.judging.models import VALUES, Judgement, MachineAnswer, Showing
from civic.judging.selectors import Stack, stack_of, tallies
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


@dataclass(frozen=True)
class Choice:
    """An answer's row number, the lot that it was drawn with, and from how many."""

    answer: int
    seed: int
    among: int


def draw(answers: Sequence[int], *, seed: int) -> Choice | None:
    """One of those that the fewest people judged, by lot from the seed; None where there is none.

    answers : row numbers, in their order
    """
    if not answers:
        return None
    counted = tallies(answers)
    heard = [counted[one].n if one in counted else 0 for one in answers]
    rarest = [one for one, n in zip(answers, heard, strict=True) if n == min(heard)]
    place = int(np.random.default_rng(seed).integers(len(rarest)))
    return Choice(rarest[place], seed, len(rarest))


def next_answer(
    participant: Membership, *, stack: Stack | None = None, wanted: uuid.UUID | None = None
) -> MachineAnswer | None:
    """The answer to show this person next, recorded as shown; None when she has judged all.

    One that she was shown and has not judged is shown again, so that reloading skips nothing.
    `wanted` is one that she took her judgement back from.
    """
    stack = stack_of(participant) if stack is None else stack
    place = None
    if wanted is not None:
        found = MachineAnswer.objects.filter(uuid=wanted).values_list("pk", flat=True).first()
        place = found if found in stack.left else None
    place = stack.waiting if place is None else place
    if place is None:
        choice = draw(stack.left, seed=secrets.randbits(63))
        if choice is None:
            return None
        place = choice.answer
        row = Showing(
            answer_id=place, participant=participant, seed=choice.seed, among=choice.among
        )
        # Two pages opened at once may draw the same answer: the first showing counts.
        Showing.objects.bulk_create([row], ignore_conflicts=True)
    return MachineAnswer.objects.get(pk=place)


@transaction.atomic
def judge_answer(answer: MachineAnswer, *, participant: Membership, value: str) -> Judgement:
    """Record what a person makes of an answer; only her latest word counts.

    The same word twice leaves one row. An answer that the platform did not show her is recorded as
    not served, and stays out of every count that is published.
    """
    _require_judging(answer, participant)
    if value not in Judgement.Value.values:
        raise Invalid(_("There is no answer “%(value)s”.") % {"value": value})
    current = next((one for one in _judged_in_turn(answer, participant) if one.is_latest), None)
    if current is not None and current.value == value:
        return current
    limits.admit(participant, act=limits.REACTIONS)
    if current is not None:
        Judgement.objects.filter(pk=current.pk).update(is_latest=False)
    showing = Showing.objects.filter(answer=answer, participant=participant).first()
    judgement = Judgement.objects.create(
        answer=answer,
        participant=participant,
        value=value,
        served=showing is not None,
        probability=1 / showing.among if showing is not None else None,
        given_at=timezone.now(),
    )
    content = {"answer": answer.key, "value": value}
    record("judgement.given", subject=answer, actor=participant.audit_key, content=content)
    return judgement


@transaction.atomic
def undo_judgement(
    answer: MachineAnswer, *, participant: Membership, only: int | None = None
) -> Judgement | None:
    """Take back what a person last made of an answer; what she said before counts again.

    Returns that, None where she had said nothing. The rows stay on record. `only` is the row she
    saw: where another one counts by now (a second click), nothing is taken back.
    """
    _require_judging(answer, participant)
    earlier = [one for one in _judged_in_turn(answer, participant) if one.undone_at is None]
    current = next((one for one in earlier if one.is_latest), None)
    if only is not None and (current is None or current.pk != only):
        return current
    if current is None:
        raise Conflict(_("There is no answer to take back."))
    limits.admit(participant, act=limits.REACTIONS)
    before = next((one for one in earlier if one.pk < current.pk), None)
    Judgement.objects.filter(pk=current.pk).update(is_latest=False, undone_at=timezone.now())
    if before is not None:
        Judgement.objects.filter(pk=before.pk).update(is_latest=True)
        before.is_latest = True
    content = {
        "answer": answer.key,
        "value": current.value,
        "back_to": before.value if before else "",
    }
    record("judgement.undone", subject=answer, actor=participant.audit_key, content=content)
    return before


def _require_judging(answer: MachineAnswer, participant: Membership) -> None:
    """Go on where this answer can be judged now, by somebody of its consultation."""
    consultation = participant.consultation
    consultation.require_open(Act.CAST_REACTION)
    standing = MachineAnswer.objects.standing().filter(consultation=consultation)
    if not standing.filter(pk=answer.pk).exists():
        raise NotFound(_("This answer is no longer shown."))
    answer.consultation = consultation  # The same row; the audit entry need not fetch it again.


def _judged_in_turn(answer: MachineAnswer, participant: Membership) -> list[Judgement]:
    """What a person said of an answer, newest first, while nothing else of hers can come in."""
    participant.hold()
    return list(Judgement.objects.filter(answer=answer, participant=participant).order_by("-pk"))
