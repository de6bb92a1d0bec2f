"""What pages and analyses ask about answers and what people made of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from civic.consultations.models import Consultation, Membership
from civic.judging.models import VOTES, Judgement, MachineAnswer


@dataclass(frozen=True)
class Tally:
    """How many people judged an answer: their latest word, where the platform had shown it."""

    good: int = 0
    bad: int = 0
    unsure: int = 0

    @property
    def n(self) -> int:
        return self.good + self.bad + self.unsure


def answers_of(consultation: Consultation) -> QuerySet[MachineAnswer]:
    """Every answer that was brought in, withdrawn ones too, with the words that it tries."""
    return consultation.machine_answers.select_related("claim__statement").order_by("pk")


def counted(consultation: Consultation) -> QuerySet[Judgement]:
    """The judgements that count: everybody's latest, of answers that stand; no skips."""
    standing = MachineAnswer.objects.standing().filter(consultation=consultation)
    return Judgement.objects.filter(answer__in=standing, is_latest=True, value__in=VOTES)


def tallies(answers: Iterable[int]) -> dict[int, Tally]:
    """Row number of an answer -> its tally, in one query; none for those nobody judged."""
    rows = (
        Judgement.objects.filter(
            answer__in=list(answers), is_latest=True, served=True, value__in=VOTES
        )
        .order_by()
        .values_list("answer", "value")
        .annotate(Count("pk"))
    )
    counts: dict[int, dict[str, int]] = {}
    for answer, value, n in rows:
        counts.setdefault(answer, {})[value] = n
    return {answer: Tally(**by_value) for answer, by_value in counts.items()}


def judgements_of(participant: Membership) -> QuerySet[Judgement]:
    """A person's latest judgements, newest first."""
    rows = Judgement.objects.filter(participant=participant, is_latest=True)
    return rows.select_related("answer__claim__statement").order_by("-pk")


def judgement_by(answer: MachineAnswer, *, participant: Membership) -> Judgement | None:
    """A person's latest judgement of one answer."""
    return answer.judgements.filter(participant=participant, is_latest=True).first()
