"""Acts of reacting: be shown a claim, answer it, say how much it matters, take an answer back."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from aggregation.text import TextRefused, clean_text
from civic.audit.services import record
from civic.consultations import limits
from civic.consultations.models import Membership
from civic.consultations.phases import Act
from civic.errors import Conflict, Invalid, NotFound
from civic.reactions.models import Reaction, Serving
from civic.reactions.routing import draw
from civic.reactions.selectors import Pool, pool_of
from civic.statements.models import Claim
from civic.statements.translated import with_translation

MAX_CONDITION = 280  # characters as people count them: one thought, no second statement


@transaction.atomic
def cast_reaction(
    claim: Claim,
    *,
    participant: Membership,
    value: str,
    importance: int | None = None,
    condition: str = "",
    token: str = "",
) -> Reaction:
    """Record what a person answers to a claim; only her latest answer counts.

    The same answer twice leaves one row, and so does one sending (`token`) that arrives twice. A
    claim that the platform did not show her, or her own, is recorded as not served. `importance`
    is 1 to 5 or None; `condition` says when she would agree, with "depends" alone.
    """
    consultation = participant.consultation
    consultation.require_open(Act.CAST_REACTION)
    if claim.consultation_id != consultation.pk or claim.is_hidden or not claim.statement.is_shown:
        raise NotFound(_("This sentence is no longer shown."))
    claim.consultation = consultation  # The same row; the audit entry need not fetch it again.
    if value not in Reaction.Value.values:
        raise Invalid(_("There is no answer “%(value)s”.") % {"value": value})
    if importance is not None and importance not in range(1, 6):
        raise Invalid(_("Importance is a whole number from 1 to 5."))
    said = (value, importance, cleaned_condition(condition, value=value))
    earlier = _answers_in_turn(claim, participant)
    sent = next((one for one in earlier if token and one.token == token), None)
    if sent is not None:
        return sent
    current = next((one for one in earlier if one.is_latest), None)
    if current is not None and said == (current.value, current.importance, current.condition):
        return current
    return _write(claim, participant, said, current=current, token=token)


def cleaned_condition(condition: str, *, value: str) -> str:
    """The words as they will be kept, or Invalid with the rule they break."""
    if not condition.strip():
        return ""
    if value != Reaction.Value.DEPENDS:
        raise Invalid(_("Only the answer “It depends” comes with a condition."))
    try:
        return clean_text(condition, max_graphemes=MAX_CONDITION)
    except TextRefused as error:
        raise Invalid(_refusal(error)) from error


def _refusal(error: TextRefused) -> str:
    if error.rule == "too_long":
        limit = {"limit": MAX_CONDITION}
        return (
            _("Say it in at most %(limit)s characters; a longer text can be a statement.") % limit
        )
    if error.rule == "empty":
        return _("There is nothing to read in this text. Write when you would agree.")
    if error.rule == "too_many_marks":
        return _("Too many accents are piled up on one letter. Remove some of them.")
    return _("The text holds a sign that cannot be shown safely. Remove it.")


def _answers_in_turn(claim: Claim, participant: Membership) -> list[Reaction]:
    """A person's answers to a claim, newest first, while no other answer of hers can come in."""
    participant.hold()
    return list(Reaction.objects.filter(claim=claim, participant=participant).order_by("-pk"))


def _write(
    claim: Claim,
    participant: Membership,
    said: tuple[str, int | None, str],
    *,
    current: Reaction | None,
    token: str = "",
) -> Reaction:
    limits.admit(participant, act=limits.REACTIONS)
    if current is not None:
        Reaction.objects.filter(pk=current.pk).update(is_latest=False)
    serving = Serving.objects.filter(claim=claim, participant=participant).first()
    is_own = claim.statement.author_id == participant.pk
    value, importance, condition = said
    reaction = Reaction.objects.create(
        claim=claim,
        participant=participant,
        value=value,
        importance=importance,
        condition=condition,
        token=token,
        served=serving is not None and not is_own,
        probability=serving.probability if serving else None,
        given_at=timezone.now(),
    )
    content = {"claim": claim.key, "value": value, "importance": importance}
    if condition:
        content["condition"] = condition
    record("reaction.cast", subject=claim, actor=participant.audit_key, content=content)
    return reaction


@transaction.atomic
def weigh_reaction(claim: Claim, *, participant: Membership, importance: int) -> Reaction:
    """Record how much a claim matters to somebody who has answered it."""
    consultation = participant.consultation
    consultation.require_open(Act.CAST_REACTION)
    if importance not in range(1, 6):
        raise Invalid(_("Importance is a whole number from 1 to 5."))
    claim.consultation = consultation
    earlier = _answers_in_turn(claim, participant)
    current = next((one for one in earlier if one.is_latest), None)
    if current is None:
        raise Conflict(_("Answer this sentence first; then say how much it matters."))
    if current.importance == importance:
        return current
    said = (current.value, importance, current.condition)
    return _write(claim, participant, said, current=current)


@transaction.atomic
def undo_reaction(
    claim: Claim, *, participant: Membership, only: int | None = None
) -> Reaction | None:
    """Take back what a person last answered to a claim, with the importance she gave it.

    What she answered before that counts again: it is returned, None where she had not answered.
    The rows stay on record. `only` is the row she saw: where another one counts by now (a second
    click), nothing is taken back.
    """
    consultation = participant.consultation
    consultation.require_open(Act.CAST_REACTION)
    claim.consultation = consultation
    earlier = [one for one in _answers_in_turn(claim, participant) if one.undone_at is None]
    current = next((one for one in earlier if one.is_latest), None)
    if only is not None and (current is None or current.pk != only):
        return current
    if current is None:
        raise Conflict(_("There is no answer to take back."))
    limits.admit(participant, act=limits.REACTIONS)
    # Rows of one value in a row are one answer: she only added how much it matters, or when.
    before = next((one for one in earlier if one.value != current.value), None)
    taken = [one.pk for one in earlier if before is None or one.pk > before.pk]
    Reaction.objects.filter(pk__in=taken).update(is_latest=False, undone_at=timezone.now())
    if before is not None:
        Reaction.objects.filter(pk=before.pk).update(is_latest=True)
        before.is_latest = True
    content = {
        "claim": claim.key,
        "value": current.value,
        "back_to": before.value if before else "",
    }
    record("reaction.undone", subject=claim, actor=participant.audit_key, content=content)
    return before


@dataclass(frozen=True)
class Card:
    """A claim to answer, how it was chosen, and what else there is.

    serving : None where she asked for this very claim; pool : as it was before an answer
    """

    claim: Claim
    serving: Serving | None
    pool: Pool


def next_card(
    participant: Membership, *, pool: Pool | None = None, wanted: uuid.UUID | None = None
) -> Card | None:
    """The claim to show this person next, recorded as served; None when she has seen all.

    A claim shown but not yet answered is shown again, so that reloading skips nothing. `wanted` is
    one that she took her answer back from. Nothing else is written, so no transaction is needed.
    """
    pool = pool_of(participant) if pool is None else pool
    place = _place_of(wanted, pool) if wanted is not None else None
    place = pool.waiting if place is None else place
    if place is None:
        choice = draw(participant.consultation, pool.left)
        if choice is None:
            return None
        place = choice.claim
        serving = Serving(
            claim_id=place,
            participant=participant,
            probability=choice.probability,
            among=choice.among,
        )
        # Two pages opened at once may draw the same claim: the first serving counts.
        Serving.objects.bulk_create([serving], ignore_conflicts=True)
    return _card(place, participant, pool)


def _place_of(wanted: uuid.UUID, pool: Pool) -> int | None:
    found = Claim.objects.filter(uuid=wanted).values_list("pk", flat=True).first()
    return found if found in pool.left else None


def _card(place: int, participant: Membership, pool: Pool) -> Card:
    servings = Serving.objects.filter(claim=place, participant=participant)
    rows = with_translation(servings.select_related("claim__statement"), claim="claim__")
    serving = rows.first()
    if serving is None:
        claims = with_translation(Claim.objects.select_related("statement"))
        return Card(claims.get(pk=place), None, pool)
    serving.claim.translation = getattr(serving, "translation", "")
    return Card(serving.claim, serving, pool)


def next_claim(participant: Membership) -> Claim | None:
    """The claim of the next card."""
    card = next_card(participant)
    return None if card is None else card.claim
