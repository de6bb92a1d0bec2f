"""Acts on statements: write, withdraw, undo a merge."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from civic.accounts.models import User
from civic.audit.services import record
from civic.consultations import limits
from civic.consultations.models import Consultation, Membership
from civic.consultations.phases import Act
from civic.errors import Conflict
from civic.statements import preparing, tasks
from civic.statements.fitting import check_situation
from civic.statements.heirs import around, settle_claims
from civic.statements.models import Claim, Preparation, Segment, Statement
from civic.texts import fit


class SentAlready(Conflict):
    """This page was sent before, with other words; write the new ones on a new page."""

    code = "sent_already"

    def __init__(self, statement: Statement) -> None:
        super().__init__(_("This page was sent before, with other words."))
        self.statement = statement


@transaction.atomic
def submit_statement(
    *,
    author: Membership,
    text: str,
    language: str = "",
    scenario: str = "",
    revises: Statement | None = None,
    token: uuid.UUID | None = None,
) -> Statement:
    """Record a citizen's statement and queue its preparation.

    The same words sent twice by the same person about the same situation are one statement, and
    so is whatever was sent from one page (`token`). Raises Invalid with the rule that the text
    breaks, SentAlready where the page sent other words before, ConsultationClosed outside the
    phases that take statements, TooMany where she floods it.
    """
    consultation = author.consultation
    consultation.require_open(Act.SUBMIT_STATEMENT)
    text = fit(text)
    check_situation(consultation, scenario)
    author.hold()
    earlier = _sent_before(author, text=text, scenario=scenario, token=token)
    if earlier is not None:
        return earlier
    limits.admit(author, act=limits.STATEMENTS)
    statement = Statement.objects.create(
        consultation=consultation,
        author=author,
        text=text,
        language=language,
        scenario=scenario,
        revises=revises,
        sent_with=token,
        submitted_at=timezone.now(),
    )
    actor = author.audit_key
    record("statement.submitted", subject=statement, actor=actor, content={"text": text})
    tasks.prepare_statement.delay_on_commit(statement.pk)
    return statement


def _sent_before(
    author: Membership, *, text: str, scenario: str, token: uuid.UUID | None
) -> Statement | None:
    """What this page sent already, or the same words sent from another one."""
    sent = author.statements.filter(sent_with=token).first() if token else None
    if sent is None:
        return author.statements.filter(text=text, scenario=scenario, withdrawn_at=None).first()
    if sent.text != text:
        raise SentAlready(sent)
    return sent


@transaction.atomic
def start_preparation(
    consultation: Consultation, *, reason: str, by: User | None = None
) -> Preparation | None:
    """Have everything that waits prepared in shards; None where nothing waits.

    reason : in words, for whoever watches
    """
    actor = by.audit_key if by else ""
    preparation = preparing.begin(consultation, reason=reason, actor=actor)
    if preparation is not None:
        transaction.on_commit(lambda: tasks.ring(preparation.shards.all()))
    return preparation


@transaction.atomic
def withdraw_statement(statement: Statement, *, by: User) -> None:
    """Take a statement back: it is shown to nobody and counts in no later analysis."""
    statement.consultation.require_open(Act.WITHDRAW_STATEMENT)
    still_there = Statement.objects.filter(pk=statement.pk, withdrawn_at=None)
    if not still_there.update(withdrawn_at=timezone.now()):
        return
    statement.refresh_from_db()
    settle_claims(statement)
    record("statement.withdrawn", subject=statement, actor=by.audit_key)


@transaction.atomic
def undo_merge(segment: Segment, *, by: User) -> Claim:
    """Give a sentence that was merged into somebody else's words a claim of its own."""
    if not segment.is_merged:
        raise Conflict(_("This sentence stands for itself already."))
    claim = claim_of_its_own(segment)
    segment.claim = claim
    segment.save(update_fields=["claim"])
    content = {"claim": claim.key}
    record("segment.unmerged", subject=segment.statement, actor=by.audit_key, content=content)
    return claim


def claim_of_its_own(segment: Segment) -> Claim:
    """A new claim in this sentence's words; who calls it says which sentences it holds."""
    statement = segment.statement
    context_start, context_end = around(segment)
    return Claim.objects.create(
        consultation=statement.consultation,
        statement=statement,
        start=segment.start,
        end=segment.end,
        context_start=context_start,
        context_end=context_end,
        language=statement.language,
        polarity=segment.polarity,
    )
