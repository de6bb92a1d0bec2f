"""Delete somebody's part of one consultation, or her whole account: at once and everywhere.

One transaction empties the rows and redacts every stored document, so that no page, search, API
answer or export shows a word of hers once it is done. Files are written anew under new names
within it, and the old ones removed right after it.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from civic.accounts import tasks as account_tasks
from civic.accounts.models import User
from civic.accounts.services import erase_user
from civic.audit.models import OF_CITIZENS, Entry
from civic.audit.services import record
from civic.consultations.models import Consultation, Departure, Membership
from civic.consultations.receipt_links import end_links
from civic.curation.models import Answer, Suggestion
from civic.errors import Conflict, NotFound
from civic.judging.models import Judgement
from civic.reactions.models import Reaction
from civic.specs import redacting
from civic.statements import preparing
from civic.statements.erasing import forget_words
from civic.statements.models import Preparation
from civic.statements.services import start_preparation

AGAIN = "Somebody had her part deleted: what waits is prepared anew."
STAFF = ("is_moderator", "is_organizer", "is_auditor", "is_analyst", "is_owner")


@transaction.atomic
def erase_part(membership: Membership, *, by: User) -> None:
    """Delete what a person gave to one consultation; only she herself can.

    Her statements stay as empty places, her answers stay in the counts under a name that leads to
    nobody. Roles behind the scenes are another matter: they stay with her.
    """
    # She first, as in every act of hers: of two clicks the second finds nothing, and what she sends
    # at the same moment is there before and goes, or is refused.
    held = Membership.objects.select_for_update(no_key=True)
    membership.refresh_from_db(from_queryset=held)
    if membership.user_id != by.pk or not membership.is_participant:
        raise NotFound
    consultations = Consultation.objects.select_for_update(no_key=True)
    consultation = consultations.get(pk=membership.consultation_id)
    _stop_preparing(consultation)
    words = forget_words(membership)
    Reaction.objects.filter(participant=membership).exclude(condition="").update(condition="")
    of_hers = Q(first__in=words.claims) | Q(second__in=words.claims)
    Suggestion.objects.filter(of_hers).delete()
    redacting.redact_all(consultation, words=words)
    redacting.begin_again(consultation)
    start_preparation(consultation, reason=AGAIN)
    record("membership.erased", subject=membership, actor=by.audit_key)
    # What she did in an office stays hers to answer for.
    hers = Entry.objects.filter(actor=by.audit_key, consultation=consultation.uuid)
    hers.filter(action__in=OF_CITIZENS).forget_whose()
    end_links(membership)
    if _has_answered(membership):
        Departure.objects.get_or_create(consultation=consultation, user=by)
    _leave(membership, by=by)
    account_tasks.forget_in_sessions.delay_on_commit(by.pk, f"draft-{consultation.uuid}")


@transaction.atomic
def erase_account(user: User) -> None:
    """Delete a person's part of every consultation, and her account.

    Raises Conflict while she alone answers for a consultation.
    """
    left = owned_alone(user)
    if left:
        raise Conflict(
            _("Nobody else owns “%(title)s”. Give it another owner, or delete it first.")
            % {"title": left[0].title}
        )
    for membership in user.memberships.filter(is_participant=True):
        erase_part(membership, by=user)
    erase_user(user)


def owned_alone(user: User) -> list[Consultation]:
    """Consultations that nobody would own without this person."""
    found = []
    for one in user.memberships.filter(is_owner=True).select_related("consultation"):
        others = one.consultation.memberships.filter(is_owner=True, user__isnull=False)
        if not others.exclude(pk=one.pk).exists():
            found.append(one.consultation)
    return found


def _stop_preparing(consultation: Consultation) -> None:
    """What is being prepared holds copies of words; they go with the shards that hold them."""
    for preparation in consultation.preparations.filter(status=Preparation.Status.RUNNING):
        preparing.fail(preparation, reason=AGAIN)


def _has_answered(membership: Membership) -> bool:
    """Whether anything stays in the counts that she said."""
    answers = Answer.objects.filter(question__participant=membership)
    judgements = Judgement.objects.filter(participant=membership)
    return any(rows.exists() for rows in (membership.reactions.all(), answers, judgements))


def _leave(membership: Membership, *, by: User) -> None:
    """Her part is nobody's from now on; a role behind the scenes gets a membership of its own."""
    roles = {name: True for name in STAFF if getattr(membership, name)}
    Membership.objects.filter(pk=membership.pk).update(
        user=None,
        strata={},
        is_participant=membership.takes_part,  # without a user she would count as imported
        **dict.fromkeys(STAFF, False),
    )
    if roles:
        Membership.objects.create(consultation_id=membership.consultation_id, user=by, **roles)
