"""Who takes part, against who was expected; small cells are not shown, nor can be worked out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from civic.consultations.models import Consultation
from civic.consultations.strata import Stratum, strata_of


@dataclass(frozen=True)
class Cell:
    """The people who gave one answer about themselves; `count` is None where it is not shown.

    Which hidden cells are below k is not told: with their sum, which is known, it gives them away.
    """

    label: str
    count: int | None
    share: float | None
    target: float | None

    @property
    def gap(self) -> float | None:
        """By how much the share misses its target; None where one of them is not known."""
        if self.share is None or self.target is None:
            return None
        return self.share - self.target

    @property
    def is_short(self) -> bool:
        """Whether the group is less than four fifths of what it is in the population."""
        return self.gap is not None and bool(self.target) and self.gap < -0.2 * (self.target or 0)


@dataclass(frozen=True)
class Breakdown:
    """One question about people with the answers that were given to it."""

    label: str
    has_targets: bool
    cells: tuple[Cell, ...]

    @property
    def hides(self) -> bool:
        return any(cell.count is None for cell in self.cells)


@dataclass(frozen=True)
class Turnout:
    """How many take part. Breakdowns count the first `counted` of them."""

    people: int
    expected: int | None
    counted: int
    breakdowns: tuple[Breakdown, ...]

    @property
    def share(self) -> float | None:
        return self.people / self.expected if self.expected else None


def turnout_of(consultation: Consultation) -> Turnout:
    """Turnout, and for each question about people how they are spread.

    Only whole batches of k people are counted, in the order in which they agreed to take part:
    whoever watches the page while one person joins does not learn what she told about herself.
    """
    agreed = Coalesce("consented_at", "joined_at")  # imported people agreed elsewhere
    members = (
        consultation.memberships.taking_part().annotate(agreed=agreed).order_by("agreed", "pk")
    )
    people = members.count()
    k = consultation.k
    counted = people - people % k
    strata = strata_of(consultation)
    breakdowns: tuple[Breakdown, ...] = ()
    if strata and counted:
        at, pk = members.values_list("agreed", "pk")[counted - 1]
        first = members.filter(Q(agreed__lt=at) | Q(agreed=at, pk__lte=pk))
        told = first.order_by().values_list("strata").annotate(Count("pk"))
        given = list(told)
        breakdowns = tuple(_breakdown(one, given, counted=counted, k=k) for one in strata)
    return Turnout(people, consultation.expected_people, counted, breakdowns)


def _breakdown(
    stratum: Stratum, given: Sequence[tuple[dict[str, str], int]], *, counted: int, k: int
) -> Breakdown:
    by_option: Counter[str] = Counter()
    for answers, count in given:
        by_option[answers.get(stratum.key, "")] += count
    known = [option.key for option in stratum.options]
    counts = [by_option[key] for key in known]
    counts.append(counted - sum(counts))  # who did not say, or chose what is no option any more
    hidden = suppressed(counts, k=k)
    # Shares of those who told would give away how many did not.
    whole = counted if hidden[-1] else counted - counts[-1]
    labels = [*(option.label for option in stratum.options), _("Not told")]
    targets = [*(option.share for option in stratum.options), None]
    cells = tuple(
        Cell(
            label=labels[place],
            count=None if hidden[place] else count,
            share=None if hidden[place] or not whole or place == len(known) else count / whole,
            target=targets[place],
        )
        for place, count in enumerate(counts)
    )
    return Breakdown(stratum.label, any(one is not None for one in targets), cells)


def suppressed(counts: Sequence[int], *, k: int) -> list[bool]:
    """Which cells are hidden, so that none below k is shown or follows from the known total.

    Cells below k are hidden. While those hidden are one alone, or fewer than k people together,
    their sum would tell too much: the smallest cell still shown is hidden with them.
    """
    hidden = [count < k for count in counts]
    while any(hidden) and not all(hidden):
        inside = [count for count, is_hidden in zip(counts, hidden, strict=True) if is_hidden]
        if len(inside) > 1 and sum(inside) >= k:
            break
        shown = [place for place, is_hidden in enumerate(hidden) if not is_hidden]
        hidden[min(shown, key=lambda place: counts[place])] = True
    return hidden
