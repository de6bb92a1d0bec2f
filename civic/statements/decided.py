"""The public record of what moderators decided: why, when, and never who."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from civic.consultations import sheets
from civic.consultations.entry import Visit, visitors
from civic.consultations.models import Consultation
from civic.statements import rules
from civic.statements.models import Appeal, Ruling, Statement

PAGE = 20
HEAD = (
    *("reference", "decided_on", "decision", "rule", "reason", "stage", "settled_on"),
    *("appealed_on", "appeal", "appeal_answered_on", "appeal_answer"),
)


@dataclass(frozen=True)
class Tally:
    """What was decided under one rule."""

    rule: str
    label: str
    hidden: int
    proposed: int
    not_followed: int


def rulings_of(consultation: Consultation) -> QuerySet[Ruling]:
    """Every decision, the newest first, with the statement and what came of an appeal."""
    return (
        Ruling.objects.filter(statement__consultation=consultation)
        .select_related("statement__consultation")
        .prefetch_related(Prefetch("appeals", queryset=Appeal.objects.order_by("pk")))
    )


def tallies_of(consultation: Consultation) -> list[Tally]:
    """The decisions to hide, counted by rule."""
    hidden = Ruling.objects.filter(
        statement__consultation=consultation, decision=Statement.Moderation.REJECTED
    )
    counts: dict[str, dict[str, int]] = {}
    for rule, stage, count in hidden.order_by().values_list("rule", "stage").annotate(Count("pk")):
        counts.setdefault(rule, {})[stage] = count
    order = [*rules.BY_KEY, *(rule for rule in counts if rule not in rules.BY_KEY)]
    return [
        Tally(
            rule=rule,
            label=rules.named(rule),
            hidden=counts[rule].get(Ruling.Stage.FINAL, 0),
            proposed=counts[rule].get(Ruling.Stage.PROPOSED, 0),
            not_followed=counts[rule].get(Ruling.Stage.OVERRULED, 0)
            + counts[rule].get(Ruling.Stage.UNDONE, 0),
        )
        for rule in order
        if rule in counts
    ]


def hidden_elsewhere(consultation: Consultation) -> int:
    """How many statements are hidden without a decision made here: they came so by import."""
    return consultation.statements.filter(
        moderation=Statement.Moderation.REJECTED, rulings=None, withdrawn_at=None
    ).count()


@visitors
@require_safe
def decisions(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Every decision with its rule, its reason, its day and its outcome."""
    consultation = visit.consultation
    rulings = rulings_of(consultation)
    rule = request.GET.get("rule", "")
    if rule in rules.BY_KEY:
        rulings = rulings.filter(rule=rule)
    page = Paginator(rulings, PAGE).get_page(request.GET.get("page"))
    appeals = dict(
        Appeal.objects.filter(statement__consultation=consultation)
        .order_by()
        .values_list("outcome")
        .annotate(Count("pk"))
    )
    context: dict[str, Any] = {
        "page": page,
        "tallies": tallies_of(consultation),
        "rule": rule if rule in rules.BY_KEY else "",
        "rule_label": rules.named(rule),
        "rule_query": f"rule={rule}" if rule in rules.BY_KEY else "",
        "appeals": appeals,
        "appeal_count": sum(appeals.values()),
        "hidden_elsewhere": hidden_elsewhere(consultation),
        "tab": "decisions",
    }
    return render(request, "statements/decisions.html", visit.context | context)


@visitors
@require_safe
def decisions_file(request: HttpRequest, visit: Visit) -> StreamingHttpResponse:
    """The same as CSV, without a text of anybody but the moderators' reasons."""
    name = f"{visit.consultation.slug}-decisions.csv"
    return sheets.download(name, head=HEAD, rows=_lines(rulings_of(visit.consultation)))


def _lines(rulings: QuerySet[Ruling]) -> Iterator[list[object]]:
    for ruling in rulings.iterator(chunk_size=500):
        appeal = next(iter(ruling.appeals.all()), None)
        yield [
            ruling.statement.key,
            ruling.created_at.date(),
            ruling.decision,
            ruling.rule,
            ruling.reason,
            ruling.stage,
            ruling.settled_at and ruling.settled_at.date(),
            appeal and appeal.created_at.date(),
            appeal and appeal.outcome,
            appeal and appeal.decided_at and appeal.decided_at.date(),
            appeal and appeal.answer,
        ]
