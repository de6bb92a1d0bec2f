"""What an analysis will cost: how long, how much memory, and what leaves this machine.

From what this machine needed for inputs of similar size, where it has done any; else from figures
that were measured once (docs/benchmarks.md), with room for slower machines.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from django.conf import settings
from django.db.models import Count

from aggregation import embed
from civic.analysis.models import Run
from civic.consultations.models import Consultation
from civic.reactions.models import VOTES, Reaction
from civic.statements.meaning import endpoints, words_in_force

# Seconds of the whole job, by the tables of docs/benchmarks.md: the sample 1.6, ccai 4.0,
# bowling-green 12.8. A sentence that was not compared before costs more than one that was.
BASE, PER_CLAIM, PER_NEW_CLAIM, PER_REACTION = 0.9, 0.0006, 0.0014, 0.00005
# Megabytes: the libraries and the model; one cell of people by claims; one answer.
MB_BASE, MB_PER_CELL, MB_PER_REACTION = 320, 80e-6, 150e-6
WIDE = (0.6, 4.0)  # around the figures of another machine
NARROW = (0.7, 1.6)  # around what this machine needed
SIMILAR = 3.0  # a run is of similar size if it was to take up to so many times as long, or short
FIGURES = ("people", "statements", "claims", "reactions")
LOOKED_AT = 30  # newest finished runs


@dataclass(frozen=True)
class Size:
    """How much there is to analyse."""

    people: int
    statements: int
    claims: int
    reactions: int
    new_claims: int = 0  # whose words no model has compared yet

    @property
    def seconds(self) -> float:
        """What the measured machine would need, alone."""
        return (
            BASE
            + PER_CLAIM * self.claims
            + PER_NEW_CLAIM * self.new_claims
            + PER_REACTION * self.reactions
        )

    @property
    def figures(self) -> dict[str, int]:
        """As a run keeps it."""
        return {name: getattr(self, name) for name in FIGURES}

    @property
    def megabytes(self) -> float:
        """What a worker would need at most."""
        cells = self.people * self.claims
        return MB_BASE + MB_PER_CELL * cells + MB_PER_REACTION * self.reactions


@dataclass(frozen=True)
class Estimate:
    """From `low` to `high` seconds; `runs` is how many past runs say so, 0 where none does."""

    low: float
    high: float
    megabytes: int
    runs: int
    basis: Literal["past", "measured"]


@dataclass(frozen=True)
class Outgoing:
    """Sentences that an endpoint will be sent, by the name of the model it serves."""

    model: str
    sentences: int


def size_of(consultation: Consultation) -> Size:
    """What an analysis started now would be given; four queries."""
    answers = Reaction.objects.filter(
        claim__consultation=consultation,
        claim__is_hidden=False,
        claim__statement__withdrawn_at=None,
        is_latest=True,
        value__in=VOTES,
    )
    found = answers.aggregate(n=Count("pk"), people=Count("participant", distinct=True))
    claims = consultation.claims.filter(is_hidden=False, statement__withdrawn_at=None)
    words = words_in_force(consultation.pk)
    return Size(
        people=found["people"],
        statements=consultation.statements.filter(withdrawn_at=None).count(),
        claims=claims.count(),
        reactions=found["n"],
        new_claims=words.filter(vector=None).count(),
    )


def estimate(size: Size, *, past: Iterable[Run] | None = None) -> Estimate:
    """How long an analysis of this size will take here; `past` are finished runs, newest first."""
    ratios, memories = [], []
    for run in finished_runs() if past is None else past:
        before = size_then(run)
        if before is None or run.started_at is None or run.finished_at is None:
            continue
        if not 1 / SIMILAR <= before.seconds / size.seconds <= SIMILAR:
            continue
        ratios.append((run.finished_at - run.started_at).total_seconds() / before.seconds)
        memories.append(run.figures.get("memory", 0))
    low, high = NARROW if ratios else WIDE
    return Estimate(
        low=_rounded(size.seconds * low * min(ratios, default=1.0)),
        high=_rounded(max(2.0, size.seconds * high * max(ratios, default=1.0))),
        megabytes=round(max([size.megabytes, *memories]), -1),
        runs=len(ratios),
        basis="past" if ratios else "measured",
    )


def _rounded(seconds: float) -> float:
    """No more precise than an estimate is."""
    for limit, step in ((10, 1), (60, 5), (600, 30)):
        if seconds < limit:
            return float(max(1, round(seconds / step)) * step)
    return float(round(seconds / 60) * 60)


def finished_runs() -> list[Run]:
    """The newest runs of this installation that were computed whole at the first attempt."""
    done = Run.objects.filter(status=Run.Status.DONE, attempts=1).exclude(figures={})
    columns = ("figures", "started_at", "finished_at")
    return list(done.only(*columns).order_by("-pk")[:LOOKED_AT])


def size_then(run: Run) -> Size | None:
    """How large a run's input was; None of runs before figures were kept."""
    known: dict[str, Any] = run.figures
    if not all(name in known for name in FIGURES):
        return None
    return Size(*(known[name] for name in FIGURES))


def outgoing(consultation: Consultation) -> list[Outgoing]:
    """What leaves this machine: sentences that a model behind an endpoint has not compared yet."""
    used = {settings.EMBEDDER, *settings.EMBED_ROUTES.values()}
    spaces = {name: embed.load(name).spec().space for name in sorted(used & endpoints().keys())}
    if not spaces:
        return []
    counts = dict.fromkeys(spaces, 0)
    words = words_in_force(consultation.pk).order_by()
    rows = words.values_list("statement__language", "vector_spec").annotate(Count("pk"))
    for language, space, n in rows:
        model = _model_for(language)
        if model in spaces and space != spaces[model]:
            counts[model] += n
    return [Outgoing(model, n) for model, n in counts.items()]


def _model_for(language: str) -> str:
    """The name of the model that a language is routed to."""
    code = language or "und"
    routes: dict[str, str] = settings.EMBED_ROUTES
    return routes.get(code) or routes.get(code.partition("-")[0]) or str(settings.EMBEDDER)
