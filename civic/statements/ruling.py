"""Acts of moderating: decide, read for a second time, undo, answer an appeal.

Every decision is a Ruling; the statement carries what is in force. Where a consultation asks for a
second reader, hiding is only proposed until another moderator has read the statement, too.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from civic.accounts.models import User
from civic.audit.services import record
from civic.consultations.models import Consultation
from civic.consultations.phases import Act
from civic.errors import Conflict, Forbidden, Invalid, ReasonRequired
from civic.statements import rules
from civic.statements.heirs import settle_claims
from civic.statements.models import Appeal, Ruling, Statement
from civic.texts import fit

Decision = Statement.Moderation
Stage = Ruling.Stage


def in_force(statement: Statement) -> Ruling | None:
    """The decision that a statement's state follows from; None where nobody here made one."""
    return statement.rulings.filter(stage=Stage.FINAL).first()


@transaction.atomic
def moderate_statement(
    statement: Statement, *, by: User, decision: str, reason: str = "", rule: str = ""
) -> Ruling:
    """Show or hide a statement, or put it back to waiting; a reason is required and kept.

    rule : a key of `rules.BY_KEY`, or "" for a reason in words alone

    Of a consultation that asks for a second reader, hiding is proposed and changes nothing yet. A
    second moderator who decides the same confirms it, one who decides otherwise overrules it.
    Nobody lets her own words through while somebody else can read them.
    """
    statement.consultation.require_open(Act.MODERATE)
    reason = _checked(decision, rule=rule, words=reason)
    _lock(statement)
    proposal = statement.rulings.filter(stage=Stage.PROPOSED).first()
    if proposal is not None and decision == Decision.REJECTED:
        return _confirm(proposal, statement, by=by)
    if (decision == Decision.WAITING or wrote(statement, by)) and _has_open_appeal(statement):
        raise Conflict(_("Its author has appealed: answer the appeal instead."))
    if decision == Decision.ACCEPTED and wrote(statement, by):
        _require_alone(statement, by=by)
        reason = f"{rules.ALONE} {reason}"
    if proposal is not None:
        _set_aside(proposal, statement, by=by)
    ruling = _drawn_up(statement, decision=decision, rule=rule, reason=reason, by=by)
    if _needs_second_reader(statement, decision):
        ruling.stage = Stage.PROPOSED
        ruling.save()
        content = {"ruling": str(ruling.uuid), "reason": reason}
        record("statement.hiding_proposed", subject=statement, actor=by.audit_key, content=content)
        return ruling
    _enact(ruling, statement, by=by, now=ruling.created_at)
    return ruling


def _drawn_up(
    statement: Statement,
    *,
    decision: str,
    rule: str,
    reason: str,
    by: User,
    now: datetime | None = None,
) -> Ruling:
    """A decision with what it would change, not in force yet."""
    return Ruling(
        statement=statement,
        decision=decision,
        rule=rule,
        reason=reason,
        before=statement.moderation,
        before_reason=statement.moderation_reason,
        decided_by=by,
        created_at=now or timezone.now(),
    )


def _checked(decision: str, *, rule: str, words: str) -> str:
    """The whole reason, or Invalid with what is missing."""
    if decision not in Decision.values:
        raise Invalid(_("There is no decision “%(decision)s”.") % {"decision": decision})
    if rule and rule not in rules.BY_KEY:
        raise Invalid(_("There is no rule “%(rule)s”.") % {"rule": rule})
    words = fit(words) if words.strip() else ""
    reason = rules.written(rule, words)
    if not reason or (rule == rules.NEEDS_WORDS and not words):
        raise ReasonRequired
    return reason


def _lock(statement: Statement) -> None:
    """Hold the row until the act is done, and see what it says now."""
    held = Statement.objects.select_for_update().filter(pk=statement.pk)
    now = held.values("moderation", "moderation_reason", "withdrawn_at").first()
    if now is None:
        raise Conflict(_("The statement has been removed meanwhile."))
    for name, value in now.items():
        setattr(statement, name, value)
    if statement.withdrawn_at is not None:
        raise Conflict(_("Its author has withdrawn this statement: nobody is shown it."))


OWN_WORDS = gettext_lazy("You wrote this statement: somebody else must read it and decide.")


def is_alone(consultation: Consultation, *, by: User) -> bool:
    """Whether nobody else can decide about statements, so that she decides about her own, too."""
    staff = consultation.memberships.filter(Q(is_moderator=True) | Q(is_organizer=True))
    return not staff.filter(user__is_active=True).exclude(user=by).exists()


def _require_alone(statement: Statement, *, by: User) -> None:
    """Go on where nobody but the author can decide about her statement."""
    if not is_alone(statement.consultation, by=by):
        raise Forbidden(str(OWN_WORDS))


def _needs_second_reader(statement: Statement, decision: str) -> bool:
    hides = decision == Decision.REJECTED and statement.moderation != Decision.REJECTED
    return hides and statement.consultation.needs_second_reader


def _has_open_appeal(statement: Statement) -> bool:
    return statement.appeals.filter(outcome=Appeal.Outcome.OPEN).exists()


@transaction.atomic
def confirm_hiding(proposal: Ruling, *, by: User) -> Ruling:
    """Read a statement for the second time and agree that it is hidden."""
    proposal.statement.consultation.require_open(Act.MODERATE)
    _lock(proposal.statement)
    proposal.refresh_from_db()
    if proposal.stage != Stage.PROPOSED:
        raise Conflict(_("This was decided anew meanwhile, or undone before."))
    return _confirm(proposal, proposal.statement, by=by)


def _confirm(proposal: Ruling, statement: Statement, *, by: User) -> Ruling:
    """Bring what another moderator proposed into force, with the reason given first."""
    if proposal.decided_by_id == by.pk:
        raise Forbidden(_("You proposed to hide this: somebody else must read it, too."))
    proposal.second_reader = by
    _enact(proposal, statement, by=by, now=timezone.now())
    return proposal


def _set_aside(proposal: Ruling, statement: Statement, *, by: User) -> None:
    """End a proposal that is not followed: overruled by another, or taken back by oneself."""
    own = proposal.decided_by_id == by.pk
    proposal.stage = Stage.UNDONE if own else Stage.OVERRULED
    proposal.second_reader = None if own else by
    proposal.settled_at = timezone.now()
    proposal.save(update_fields=["stage", "second_reader", "settled_at"])
    action = "statement.hiding_taken_back" if own else "statement.hiding_overruled"
    content = {"ruling": str(proposal.uuid)}
    record(action, subject=statement, actor=by.audit_key, content=content)


def _enact(ruling: Ruling, statement: Statement, *, by: User, now: datetime) -> None:
    """Put a ruling into force: the statement, its claims, its flags and its appeals follow."""
    ruling.stage, ruling.settled_at = Stage.FINAL, now
    ruling.save()
    _put(statement, state=ruling.decision, reason=ruling.reason)
    if ruling.decision != Decision.WAITING:
        statement.flags.filter(settled_at=None).update(settled_at=now)
    if ruling.decision == Decision.ACCEPTED:
        statement.appeals.filter(outcome=Appeal.Outcome.OPEN).update(
            outcome=Appeal.Outcome.GRANTED, answer=ruling.reason, decided_at=now
        )
    content = {"decision": ruling.decision, "reason": ruling.reason}
    record(f"statement.{ruling.decision}", subject=statement, actor=by.audit_key, content=content)


def _put(statement: Statement, *, state: str, reason: str) -> None:
    statement.moderation, statement.moderation_reason = state, reason
    statement.save(update_fields=["moderation", "moderation_reason"])
    settle_claims(statement)


@transaction.atomic
def undo_ruling(ruling: Ruling, *, by: User) -> Ruling:
    """Take back one's own decision while it is a statement's newest: all is as it was before.

    A second reader takes back her confirmation: the proposal waits again.
    """
    statement = ruling.statement
    statement.consultation.require_open(Act.MODERATE)
    _lock(statement)
    ruling.refresh_from_db()
    if by.pk != (ruling.second_reader_id or ruling.decided_by_id):
        raise Forbidden(_("Only who decided can undo it. You can decide anew instead."))
    newest = statement.rulings.first()
    if newest != ruling or ruling.stage not in (Stage.FINAL, Stage.PROPOSED):
        raise Conflict(_("This was decided anew meanwhile, or undone before."))
    if ruling.stage == Stage.FINAL:
        if _has_open_appeal(statement):
            raise Conflict(_("Its author has appealed: answer the appeal instead."))
        _put(statement, state=ruling.before, reason=ruling.before_reason)
        statement.flags.filter(settled_at=ruling.settled_at).update(settled_at=None)
        statement.appeals.filter(decided_at=ruling.settled_at).update(
            outcome=Appeal.Outcome.OPEN, answer="", decided_at=None
        )
    if ruling.second_reader_id:
        ruling.stage, ruling.second_reader, ruling.settled_at = Stage.PROPOSED, None, None
    else:
        ruling.stage, ruling.settled_at = Stage.UNDONE, timezone.now()
    ruling.save(update_fields=["stage", "second_reader", "settled_at"])
    content = {"ruling": str(ruling.uuid), "decision": statement.moderation}
    record("statement.ruling_undone", subject=statement, actor=by.audit_key, content=content)
    return ruling


@transaction.atomic
def decide_appeal(appeal: Appeal, *, by: User, outcome: str, answer: str) -> None:
    """Let a decision stand or show the statement again; the author reads the answer.

    Whoever had a part in the decision is refused: somebody else looks at it with fresh eyes.
    """
    statement = appeal.statement
    statement.consultation.require_open(Act.MODERATE)
    if outcome not in (Appeal.Outcome.UPHELD, Appeal.Outcome.GRANTED):
        raise Invalid(_("Choose whether the decision stands or the statement is shown again."))
    if not answer.strip():
        raise ReasonRequired
    answer = fit(answer)
    _lock(statement)
    if had_a_part(appeal, by=by):
        raise Forbidden(_("You decided this before: somebody else must answer the appeal."))
    now = timezone.now()
    still_open = Appeal.objects.filter(pk=appeal.pk, outcome=Appeal.Outcome.OPEN)
    if not still_open.update(outcome=outcome, answer=answer, decided_at=now):
        raise Conflict(_("This appeal has been answered meanwhile."))
    content = {"appeal": str(appeal.uuid), "answer": answer}
    record(f"appeal.{outcome}", subject=statement, actor=by.audit_key, content=content)
    if outcome == Appeal.Outcome.GRANTED:
        shown = {"decision": Decision.ACCEPTED, "rule": "appeal"}
        reason = rules.written("appeal", answer)
        ruling = _drawn_up(statement, **shown, reason=reason, by=by, now=now)
        _enact(ruling, statement, by=by, now=now)


def had_a_part(appeal: Appeal, *, by: User, ruling: Ruling | None = None) -> bool:
    """Whether somebody wrote it, or hid it, alone or as second reader: by what is appealed against,
    or by what is in force, since it may be hidden once more while its author waits for an answer.

    ruling : what is in force, where it is known already
    """
    if wrote(appeal.statement, by):
        return True
    made = (appeal.ruling, ruling or in_force(appeal.statement))
    return any(
        one.decision == Decision.REJECTED and by.pk in (one.decided_by_id, one.second_reader_id)
        for one in made
        if one is not None
    )


def wrote(statement: Statement, user: User) -> bool:
    """Whether these are her own words."""
    return statement.author is not None and statement.author.user_id == user.pk
