"""An author's word on what was read in her text: yes, not what I meant, put differently, undo."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from civic.accounts.models import User
from civic.audit.services import record
from civic.consultations.models import Consultation, Membership
from civic.consultations.phases import Act
from civic.errors import Conflict, Invalid
from civic.statements.heirs import bring_back, settle
from civic.statements.models import Claim, Segment, Statement
from civic.statements.services import submit_statement, withdraw_statement
from civic.texts import fit

Verdict = Segment.Verdict
ACTIONS = {
    Verdict.YES.value: "sentence.confirmed",
    Verdict.NO.value: "sentence.taken_back",
    "": "sentence.reopened",
}


@transaction.atomic
def judge_sentence(segment: Segment, *, by: User, verdict: str) -> None:
    """Record whether one of her sentences was read as she meant it; "" takes the word back.

    What she did not mean is put to the vote no longer and counts in no later analysis. Somebody
    else's sentence that says the same carries the claim on; where there is none, it goes out of
    sight. What she wrote instead is withdrawn when she puts the first words back. The same word
    twice changes nothing.
    """
    statement = segment.statement
    consultation = statement.consultation
    consultation.require_open(Act.WITHDRAW_STATEMENT)
    if verdict not in ACTIONS:
        raise Invalid(_("Choose one of the answers."))
    if statement.withdrawn_at is not None:
        raise Conflict(_("You have withdrawn this statement: nobody is shown it."))
    # Claims of a consultation change one by one, here and where new sentences join them.
    Consultation.objects.select_for_update().get(pk=consultation.pk)
    before = Segment.objects.select_for_update().get(pk=segment.pk)
    if before.verdict == verdict:
        return
    before.verdict, before.judged_at = verdict, timezone.now() if verdict else None
    before.save(update_fields=["verdict", "judged_at"])
    if verdict == Verdict.NO:
        settle(Claim.objects.filter(pk=before.claim_id).select_related("statement__consultation"))
    else:
        bring_back(before)
        _withdraw_other_words(before, by=by)
    content = {"start": segment.start, "end": segment.end, "verdict": verdict}
    record(ACTIONS[verdict], subject=statement, actor=by.audit_key, content=content)
    segment.refresh_from_db()


def _withdraw_other_words(segment: Segment, *, by: User) -> None:
    """Her first words stand again, so those that she wrote instead of them go."""
    instead = segment.reworded_as
    if instead is None:
        return
    segment.reworded_as = None
    segment.save(update_fields=["reworded_as"])
    withdraw_statement(instead, by=by)


@transaction.atomic
def reword_sentence(
    segment: Segment,
    *,
    author: Membership,
    by: User,
    text: str,
    language: str = "",
    token: uuid.UUID | None = None,
) -> Statement:
    """Say it differently: a new statement that revises the old one, whose sentence is taken back.

    Raises Invalid where nothing was changed, ConsultationClosed where nobody writes any more.
    """
    statement = segment.statement
    if fit(text) == segment.text.strip():
        raise Invalid(_("These are the words that stand there already. Change them first."))
    made = submit_statement(
        author=author,
        text=text,
        language=language,
        scenario=statement.scenario,
        revises=statement,
        token=token,
    )
    if made.pk == statement.pk:
        raise Invalid(_("These are the words that stand there already. Change them first."))
    judge_sentence(segment, by=by, verdict=Verdict.NO)
    # What she had said before stays when she puts the first words back: only new words go then.
    is_new = made.revises_id == statement.pk
    Segment.objects.filter(pk=segment.pk).update(reworded_as=made if is_new else None)
    content = {"start": segment.start, "end": segment.end, "into": made.key}
    record("sentence.reworded", subject=statement, actor=by.audit_key, content=content)
    return made
