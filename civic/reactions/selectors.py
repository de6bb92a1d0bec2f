"""What pages ask about reactions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from civic.consultations.models import Consultation, Membership
from civic.curation.selectors import open_claims
from civic.reactions.models import Reaction
from civic.statements.models import Claim


def reactions_of(participant: Membership) -> QuerySet[Reaction]:
    """A person's latest answers, newest first."""
    return (
        Reaction.objects.filter(participant=participant, is_latest=True)
        .select_related("claim__statement")
        .order_by("-pk")
    )


def reaction_to(claim: Claim, *, participant: Membership) -> Reaction | None:
    """A person's latest answer to one claim."""
    return Reaction.objects.filter(claim=claim, participant=participant, is_latest=True).first()


def progress_of(participant: Membership) -> tuple[int, int]:
    """How many claims a person has answered, of how many that she can be shown."""
    claims = open_claims(participant.consultation).exclude(statement__author=participant)
    answered = Reaction.objects.filter(participant=participant, is_latest=True, claim__in=claims)
    return answered.count(), claims.count()


def current_reactions(consultation: Consultation) -> QuerySet[Reaction]:
    """Everybody's latest answers."""
    return Reaction.objects.filter(claim__consultation=consultation, is_latest=True)


@dataclass(frozen=True)
class Answers:
    """How people answered one claim so far; only answers that the platform asked for."""

    agree: int = 0
    disagree: int = 0
    unsure: int = 0

    @property
    def n(self) -> int:
        return self.agree + self.disagree + self.unsure


def answers_to(claims: Iterable[int]) -> dict[int, Answers]:
    """Counts of the latest served answers by claim (row numbers), in one query."""
    rows = (
        Reaction.objects.filter(claim__in=set(claims), is_latest=True, served=True)
        .exclude(value=Reaction.Value.SKIPPED)
        .values_list("claim", "value")
        .annotate(Count("pk"))
    )
    counts: dict[int, dict[str, int]] = {}
    for claim, value, count in rows:
        counts.setdefault(claim, {})[value] = count
    return {claim: Answers(**by_value) for claim, by_value in counts.items()}
