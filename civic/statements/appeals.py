"""Appeals against the hiding of a statement: what its author may do about it."""

from __future__ import annotations

from collections.abc import Collection

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from civic.accounts.models import User
from civic.audit.services import record
from civic.errors import Conflict, Invalid, NotFound
from civic.statements.models import Appeal, Ruling, Statement
from civic.texts import fit

MOST_WORDS = 2000  # characters of an appeal


@transaction.atomic
def open_appeal(statement: Statement, *, by: User, words: str) -> Appeal:
    """Ask for a hidden statement to be looked at once more, by somebody who did not hide it.

    Only its author can, in any phase, once against each decision. Raises Conflict where the
    statement is not hidden or an appeal waits already, Invalid where she gave no reason.
    """
    author = statement.author
    if author is None or author.user_id != by.pk or statement.is_erased:
        raise NotFound
    statement = Statement.objects.select_for_update().get(pk=statement.pk)
    if statement.moderation != Statement.Moderation.REJECTED or statement.withdrawn_at is not None:
        raise Conflict(_("This statement is not hidden, so there is nothing to appeal against."))
    words = fit(words)
    if len(words) > MOST_WORDS:
        raise Invalid(
            _("Shorten your appeal to %(limit)s characters; it has %(length)s.")
            % {"limit": MOST_WORDS, "length": len(words)}
        )
    ruling = statement.rulings.filter(stage=Ruling.Stage.FINAL).first()
    if not can_appeal(statement, list(statement.appeals.all()), ruling=ruling):
        raise Conflict(_("Your appeal against this decision was answered already."))
    try:
        with transaction.atomic():
            appeal = Appeal.objects.create(statement=statement, ruling=ruling, words=words)
    except IntegrityError as error:
        raise Conflict(_("Your appeal is here already and waits to be decided.")) from error
    record("appeal.opened", subject=statement, actor=by.audit_key, content={"words": words})
    return appeal


def can_appeal(statement: Statement, appeals: Collection[Appeal], *, ruling: Ruling | None) -> bool:
    """Whether its author may still appeal: nobody answered her on the decision in force."""
    answered = {
        one.ruling_id for one in appeals if one.outcome != Appeal.Outcome.OPEN and one.words
    }
    is_hidden = statement.moderation == Statement.Moderation.REJECTED
    is_there = statement.withdrawn_at is None and not statement.is_erased
    return is_hidden and is_there and (ruling.pk if ruling else None) not in answered
