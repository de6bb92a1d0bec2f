"""What is said and answered: day by day, page by page, sentence by sentence."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from time import monotonic
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext as _

from aggregation.text.language import UNKNOWN
from aggregation.tiers import Policy
from civic.consultations.counting import PAGES
from civic.consultations.models import Consultation, PageCount
from civic.reactions.models import Reaction, Serving
from civic.statements.languages import own_name
from civic.statements.models import Segment, Statement

DAYS = 30
FRESH = 60  # seconds for which counts of all answers are kept, at least
SPARING = 600  # times as long as counting took: it shall never take more of the machine than this
TOP, HEIGHT = 12, 100  # of the drawing of bars, in its own units


@dataclass(frozen=True)
class Tallies:
    """All answers of a consultation, counted once."""

    answers: int  # that count now: the latest of each person to each sentence
    by_day: dict[date, int]
    enough: int  # sentences by how many were asked and answered
    some: int
    none: int
    shown: int  # times that a sentence was put before somebody
    answered: int  # of those, how often somebody answered, if only by skipping
    made_at: datetime


def tallies_of(consultation: Consultation) -> Tallies:
    """The counts, a minute old at most, or older where counting is slow."""
    key = f"live-tallies-{consultation.pk}"
    found: Tallies | None = cache.get(key)
    if found is None:
        began = monotonic()
        found = _count(consultation)
        cache.set(key, found, max(FRESH, SPARING * (monotonic() - began)))
    return found


def _count(consultation: Consultation) -> Tallies:
    reactions = Reaction.objects.filter(claim__consultation=consultation).order_by()
    said = ~Q(value=Reaction.Value.SKIPPED)
    by_claim = (
        reactions.filter(is_latest=True)
        .values_list("claim")
        .annotate(
            said=Count("pk", filter=said),
            asked=Count("pk", filter=said & Q(served=True)),
            met=Count("pk", filter=Q(served=True)),
        )
    )
    counted = {claim: (said, asked, met) for claim, said, asked, met in by_claim}
    open_claims = set(consultation.claims.shown().values_list("pk", flat=True))
    asked = [counted.get(claim, (0, 0, 0))[1] for claim in open_claims]
    least = Policy().min_reactions
    shown = Serving.objects.filter(claim__consultation=consultation).count()
    return Tallies(
        answers=sum(one[0] for one in counted.values()),
        by_day=_by_day(reactions.exclude(given_at=None), "given_at"),
        enough=sum(count >= least for count in asked),
        some=sum(0 < count < least for count in asked),
        none=asked.count(0),
        shown=shown,
        answered=min(shown, sum(one[2] for one in counted.values())),
        made_at=timezone.now(),
    )


class Day(TruncDate):
    """The day of a moment (UTC)."""

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Any]:
        """The first ten signs of what is stored: SQLite would call Python for every row else."""
        moment, parameters = compiler.compile(self.lhs)
        return f"substr({moment}, 1, 10)", parameters


def _by_day(rows: QuerySet[Any], name: str) -> dict[date, int]:
    """How many rows fall on each day."""
    return dict(rows.annotate(day=Day(name)).order_by().values_list("day").annotate(Count("pk")))


@dataclass(frozen=True)
class Bar:
    """One day of a chart; x, y and height are in the units of the drawing."""

    day: date
    count: int
    x: int
    y: int
    height: int


@dataclass(frozen=True)
class Chart:
    """Counts day by day, the last DAYS of them."""

    bars: tuple[Bar, ...]
    most: int
    total: int

    @property
    def width(self) -> int:
        return TOP * len(self.bars)

    @property
    def days(self) -> tuple[Bar, ...]:
        """Those with anything in them, the newest first, for the table."""
        return tuple(bar for bar in reversed(self.bars) if bar.count)


def chart_of(by_day: dict[date, int], *, today: date) -> Chart:
    """The last days as bars."""
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    counts = [by_day.get(day, 0) for day in days]
    most = max(counts)
    heights = [round(HEIGHT * count / most) if most else 0 for count in counts]
    bars = tuple(
        Bar(
            day,
            count,
            TOP * place,
            HEIGHT - max(height, bool(count) * 2),
            max(height, bool(count) * 2),
        )
        for place, (day, count, height) in enumerate(zip(days, counts, heights, strict=True))
    )
    return Chart(bars, most, sum(counts))


def statements_by_day(consultation: Consultation) -> dict[date, int]:
    """How many statements came in on each of the last days."""
    since = timezone.now() - timedelta(days=DAYS)
    return _by_day(consultation.statements.filter(submitted_at__gt=since), "submitted_at")


@dataclass(frozen=True)
class Opening:
    """How often one page was opened in the last days; `share` is of the page opened most."""

    label: str
    count: int
    share: float
    of_previous: float | None


def openings_of(consultation: Consultation) -> list[Opening]:
    """The pages of the journey in their order, with how many openings remain at each."""
    since = timezone.now().date() - timedelta(days=DAYS)
    rows = (
        PageCount.objects.filter(consultation=consultation, day__gt=since)
        .order_by()
        .values_list("page")
        .annotate(Sum("count"))
    )
    counts = dict(rows)
    most = max(counts.values(), default=0)
    found: list[Opening] = []
    for page, label in PAGES.items():
        count = counts.get(page, 0)
        before = found[-1].count if found else 0
        found.append(
            Opening(
                str(label), count, count / most if most else 0, count / before if before else None
            )
        )
    return found if most else []


@dataclass(frozen=True)
class Coverage:
    """What was read and what fell silent."""

    tallies: Tallies
    least: int
    waiting: int
    hidden: int
    without_claim: int
    unprepared: int
    languages: list[tuple[str, str, int]] = field(default_factory=list)  # code, name, statements

    @property
    def unanswered(self) -> int:
        return self.tallies.shown - self.tallies.answered

    @property
    def answered_share(self) -> float | None:
        return self.tallies.answered / self.tallies.shown if self.tallies.shown else None

    @property
    def sentences(self) -> int:
        return self.tallies.enough + self.tallies.some + self.tallies.none

    @property
    def pieces(self) -> list[tuple[str, int, int]]:
        """How the sentences divide: name, beginning and width of each piece, in per mille."""
        counts = (self.tallies.enough, self.tallies.some, self.tallies.none)
        edges = [round(1000 * sum(counts[:end]) / max(1, self.sentences)) for end in range(4)]
        names = ("filled", "some", "none")
        return [
            (name, start, stop - start)
            for name, (start, stop) in zip(names, pairwise(edges), strict=True)
        ]


def coverage_of(consultation: Consultation) -> Coverage:
    """Where answers are missing and which statements led to nothing that can be answered."""
    statements = consultation.statements.filter(withdrawn_at=None)
    states = statements.aggregate(
        waiting=Count("pk", filter=Q(moderation=Statement.Moderation.WAITING)),
        hidden=Count("pk", filter=Q(moderation=Statement.Moderation.REJECTED)),
        unprepared=Count("pk", filter=Q(prepared_at=None)),
    )
    claimed = Segment.objects.filter(statement=OuterRef("pk")).exclude(claim=None)
    silent = statements.exclude(prepared_at=None).filter(~Exists(claimed))
    return Coverage(
        tallies=tallies_of(consultation),
        least=Policy().min_reactions,
        without_claim=silent.count(),
        languages=_languages(statements),
        **states,
    )


def _languages(statements: QuerySet[Statement]) -> list[tuple[str, str, int]]:
    """Code, name and number of statements; no code where the language is not known."""
    counts: Counter[str] = Counter()
    for code, n in statements.order_by().values_list("language").annotate(n=Count("pk")):
        counts["" if code == UNKNOWN else code] += n
    return [(code, own_name(code) if code else "", n) for code, n in counts.most_common()]


@dataclass(frozen=True)
class Stage:
    """How many people came so far; `count` is None where they are fewer than k."""

    label: str
    count: int | None
    share: float | None


def people_at(consultation: Consultation) -> list[Stage]:
    """Those who joined, of them those who reacted, and those who wrote."""
    members = consultation.memberships.taking_part()
    reacted = Reaction.objects.filter(participant=OuterRef("pk"), is_latest=True)
    authors = consultation.statements.filter(withdrawn_at=None, author__is_participant=True)
    counts = [
        members.count(),
        members.filter(Exists(reacted)).count(),
        authors.order_by().values("author").distinct().count(),
    ]
    labels = (_("Joined"), _("Reacted"), _("Wrote"))
    k = consultation.k
    return [
        Stage(
            label,
            count if count >= k else None,
            count / counts[0] if counts[0] and count >= k else None,
        )
        for label, count in zip(labels, counts, strict=True)
    ]
