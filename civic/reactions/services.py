"""Acts of reacting: answer a claim, be shown the next one."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from civic.audit.services import record
from civic.consultations.models import Membership
from civic.consultations.phases import Act
from civic.curation.selectors import open_claims
from civic.errors import Invalid, NotFound
from civic.reactions.models import Reaction, Serving
from civic.reactions.routing import choose
from civic.statements.models import Claim


@transaction.atomic
def cast_reaction(
    claim: Claim, *, participant: Membership, value: str, importance: int | None = None
) -> Reaction:
    """Record what a person answers to a claim; only her latest answer counts.

    The same answer twice leaves one row. A claim that the platform did not show her, or her own,
    is recorded as not served. `importance` is 1 to 5 or None.
    """
    consultation = participant.consultation
    consultation.require_open(Act.CAST_REACTION)
    if claim.consultation_id != consultation.pk or claim.is_hidden or not claim.statement.is_shown:
        raise NotFound("This claim is no longer shown.")
    claim.consultation = consultation  # The same row; the audit entry need not fetch it again.
    if value not in Reaction.Value.values:
        raise Invalid(f"There is no answer “{value}”.")
    if importance is not None and importance not in range(1, 6):
        raise Invalid("Importance is a whole number from 1 to 5.")
    # Answers of one person come one by one, so that exactly one of them is the latest.
    Membership.objects.select_for_update().get(pk=participant.pk)
    latest = Reaction.objects.filter(claim=claim, participant=participant, is_latest=True)
    current = latest.first()
    if current is not None and (current.value, current.importance) == (value, importance):
        return current
    if current is not None:
        latest.update(is_latest=False)
    serving = Serving.objects.filter(claim=claim, participant=participant).first()
    is_own = claim.statement.author_id == participant.pk
    reaction = Reaction.objects.create(
        claim=claim,
        participant=participant,
        value=value,
        importance=importance,
        served=serving is not None and not is_own,
        probability=serving.probability if serving else None,
        given_at=timezone.now(),
    )
    actor = participant.user.audit_key if participant.user else ""
    content = {"claim": claim.key, "value": value, "importance": importance}
    record("reaction.cast", subject=claim, actor=actor, content=content)
    return reaction


@transaction.atomic
def next_claim(participant: Membership) -> Claim | None:
    """The claim to show this person next, recorded as served; None when she has seen all.

    A claim shown but not yet answered is shown again, so that reloading skips nothing.
    """
    open_serving = (
        Serving.objects.filter(
            participant=participant, claim__in=open_claims(participant.consultation)
        )
        .exclude(claim__reactions__participant=participant)
        .select_related("claim__statement")
        .order_by("-served_at", "-pk")
        .first()
    )
    if open_serving is not None:
        return open_serving.claim
    choice = choose(participant)
    if choice is None:
        return None
    serving = Serving(claim=choice.claim, participant=participant, probability=choice.probability)
    # Two pages opened at once may draw the same claim: the first serving counts.
    Serving.objects.bulk_create([serving], ignore_conflicts=True)
    return choice.claim
