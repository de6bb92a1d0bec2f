"""What the page of reacting shows: the sentence, why it came up, the last answer, what is left."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from aggregation.routing import EXPLORATION
from civic.consultations.entry import Visit
from civic.consultations.models import Membership
from civic.consultations.phases import Act
from civic.curation.asking import has_question
from civic.judging.selectors import has_any_left
from civic.reactions.models import Reaction, Serving
from civic.reactions.pace import RECENT, Pace, pace_of
from civic.reactions.routing import TAU
from civic.reactions.selectors import Pool, pool_of
from civic.reactions.services import MAX_CONDITION, next_card
from civic.statements.models import Claim

ANSWERS = (
    (Reaction.Value.AGREE, _("Agree"), "1"),
    (Reaction.Value.DISAGREE, _("Disagree"), "2"),
    (Reaction.Value.UNSURE, _("Unsure"), "3"),
)


@dataclass(frozen=True)
class Given:
    """One answer of hers, as far as the next page needs it."""

    pk: int
    value: str
    importance: int | None
    claim: uuid.UUID
    is_latest: bool
    given_at: Any

    @property
    def label(self) -> str:
        return str(Reaction.Value(self.value).label)

    @property
    def is_skipped(self) -> bool:
        return self.value == Reaction.Value.SKIPPED


@dataclass(frozen=True)
class Why:
    """How a sentence came up: drawn from `among`, with a chance of 1 in `one_in`.

    Of 100 draws `even` favour nothing; the others favour what is least settled about `line` %.
    """

    among: int
    one_in: int
    even: int = round(100 * EXPLORATION)
    line: int = round(100 * TAU)


def card_context(
    visit: Visit,
    *,
    pool: Pool | None = None,
    after: uuid.UUID | None = None,
    again: uuid.UUID | None = None,
    is_undone: bool = False,
) -> dict[str, Any]:
    """Everything on the page of reacting.

    after : the claim whose answer is read back. again : the claim that is shown because she took
    her answer back. pool : if it was asked for already.
    """
    me, consultation = visit.participant, visit.consultation
    context: dict[str, Any] = {
        "tab": "react",
        "is_open": consultation.is_open(Act.CAST_REACTION),
        "queue": queue_of(me),
        "is_undone": is_undone,
        "query": f"?after={after}" if after else f"?again={again}" if again else "",
        "can_write": consultation.is_open(Act.SUBMIT_STATEMENT),
    }
    given = recent_answers(me)
    latest = (one for one in given if one.is_latest and one.claim == after)
    context["last"] = next(latest, None) if after is not None else None
    if not context["is_open"]:
        return context | {"closed_because": consultation.closed_because(Act.CAST_REACTION)}
    pool = pool_of(me) if pool is None else pool
    card = next_card(me, pool=pool, wanted=again)
    context |= progress(pool, pace_of([one.given_at for one in given if one.given_at]))
    if card is None:
        return context | {
            "claim": None,
            "has_question": has_question(me),
            "can_judge": has_any_left(me),
        }
    return context | claim_context(card.claim, visit) | {"why": why(card.serving)}


def progress(pool: Pool, pace: Pace) -> dict[str, Any]:
    """Where she is, and how long the rest takes."""
    return {
        "answered": pool.answered,
        "total": pool.total,
        "position": min(pool.answered + 1, pool.total),
        "minutes": pace.minutes_for(len(pool.left)),
        "pace": pace,
    }


def claim_context(claim: Claim, visit: Visit) -> dict[str, Any]:
    """One sentence with its answers and the situation it speaks to."""
    scenarios = {one.get("key"): one for one in visit.consultation.scenarios}
    return {
        "claim": claim,
        "answers": ANSWERS,
        "scenario": scenarios.get(claim.statement.scenario) if claim.statement.scenario else None,
        "max_condition": MAX_CONDITION,
    }


def why(serving: Serving | None) -> Why | None:
    """How it came up; None where it was not drawn, or nobody noted from how many."""
    if serving is None or not serving.among or not serving.probability:
        return None
    return Why(serving.among, max(1, round(1 / serving.probability)))


def recent_answers(participant: Membership) -> list[Given]:
    """Her latest answers, undone and changed ones too, newest first."""
    rows = Reaction.objects.filter(participant=participant).order_by("-pk")
    fields = ("pk", "value", "importance", "claim__uuid", "is_latest", "given_at")
    return [Given(*row) for row in rows.values_list(*fields)[:RECENT]]


def queue_of(participant: Membership) -> str:
    """The name under which her browser keeps answers that were not sent yet; says nothing else."""
    return salted_hmac("reactions.queue", str(participant.pk)).hexdigest()[:16]
