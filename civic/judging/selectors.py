"""What pages and analyses ask about answers and what people made of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Count, Exists, OuterRef, QuerySet

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


@dataclass(frozen=True)
class Stack:
    """The answers that a person can judge, by row number: all, those shown to her, those judged."""

    every: tuple[int, ...]
    shown: frozenset[int]
    judged: frozenset[int]

    @cached_property
    def left(self) -> list[int]:
        """Those that she has not judged."""
        return [one for one in self.every if one not in self.judged]

    @property
    def waiting(self) -> int | None:
        """One that she was shown and has not judged: it is shown again."""
        return next((one for one in self.left if one in self.shown), None)

    @property
    def position(self) -> int:
        """The number of the one that comes next, from 1."""
        return min(len(self.every) - len(self.left) + 1, len(self.every))


def stack_of(participant: Membership) -> Stack:
    """What there is to judge for somebody, in three queries."""
    standing = MachineAnswer.objects.standing().filter(consultation=participant.consultation_id)
    return Stack(
        tuple(standing.order_by("pk").values_list("pk", flat=True)),
        frozenset(participant.showings.values_list("answer", flat=True)),
        frozenset(participant.judgements.filter(is_latest=True).values_list("answer", flat=True)),
    )


def has_answers(consultation: Consultation) -> bool:
    """Whether there is anything to judge."""
    return MachineAnswer.objects.standing().filter(consultation=consultation).exists()


def has_any_left(participant: Membership) -> bool:
    """Whether there is an answer that this person has not judged; one query."""
    mine = Judgement.objects.filter(answer=OuterRef("pk"), participant=participant, is_latest=True)
    standing = MachineAnswer.objects.standing().filter(consultation=participant.consultation_id)
    return standing.exclude(Exists(mine)).exists()


def judgements_of(participant: Membership) -> QuerySet[Judgement]:
    """A person's latest judgements, newest first."""
    rows = Judgement.objects.filter(participant=participant, is_latest=True)
    return rows.select_related("answer__claim__statement").order_by("-pk")


def judgement_by(answer: MachineAnswer, *, participant: Membership) -> Judgement | None:
    """A person's latest judgement of one answer."""
    return answer.judgements.filter(participant=participant, is_latest=True).first()
