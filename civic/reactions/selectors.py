"""What pages ask about reactions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery

from civic.consultations.models import Consultation, Membership
from civic.curation.selectors import open_claims
from civic.reactions.models import Reaction, Serving
from civic.statements.models import Claim, Segment


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


def has_changed(claim: Claim, participant: Membership) -> bool:
    """Whether a person answered a claim more than once, undone answers included."""
    return Reaction.objects.filter(claim=claim, participant=participant).count() > 1


@dataclass(frozen=True)
class Pool:
    """The claims that a person can be shown, by row number.

    left : those she has not answered -> the row number of their serving, None where not yet shown
    """

    answered: int
    left: dict[int, int | None]

    @property
    def total(self) -> int:
        return self.answered + len(self.left)

    @property
    def waiting(self) -> int | None:
        """The claim that was shown to her last and still waits for an answer."""
        shown = {claim: serving for claim, serving in self.left.items() if serving is not None}
        return max(shown, key=lambda claim: shown[claim], default=None)


def pool_of(participant: Membership) -> Pool:
    """What a person can be shown: never her own words, nor those that hers were merged into."""
    claims = open_claims(participant.consultation).exclude(statement__author=participant)
    own = Segment.objects.filter(claim=OuterRef("pk"), statement__author=participant)
    mine = {"claim": OuterRef("pk"), "participant": participant}
    rows = (
        claims.exclude(Exists(own))
        .annotate(
            is_answered=Exists(Reaction.objects.filter(is_latest=True, **mine)),
            serving=Subquery(Serving.objects.filter(**mine).values("pk")[:1]),
        )
        .order_by("pk")
        .values_list("pk", "is_answered", "serving")
    )
    left, answered = {}, 0
    for claim, is_answered, serving in rows:
        answered += is_answered
        if not is_answered:
            left[claim] = serving
    return Pool(answered, left)


def progress_of(participant: Membership) -> tuple[int, int]:
    """How many claims a person has answered, of how many that she can be shown."""
    pool = pool_of(participant)
    return pool.answered, pool.total


def current_reactions(consultation: Consultation) -> QuerySet[Reaction]:
    """Everybody's latest answers."""
    return Reaction.objects.filter(claim__consultation=consultation, is_latest=True)


@dataclass(frozen=True)
class Answers:
    """How people answered one claim so far; only answers that the platform asked for."""

    agree: int = 0
    disagree: int = 0
    unsure: int = 0
    depends: int = 0

    @property
    def n(self) -> int:
        return self.agree + self.disagree + self.unsure + self.depends


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


def conditions_of(claim: Claim) -> list[str]:
    """When people would agree, in their own words; for `reactions.read_conditions` alone.

    Nobody moderated these words, and none comes with who wrote it, when, or what else she said:
    they are in the order of the alphabet.
    """
    rows = Reaction.objects.filter(claim=claim, is_latest=True, value=Reaction.Value.DEPENDS)
    return list(
        rows.exclude(condition="").order_by("condition").values_list("condition", flat=True)
    )
