"""Looking around in what an analysis found: themes, sentences, groups, the map, other rules."""

from __future__ import annotations

import uuid as uuids
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from civic.accounts.permissions import can
from civic.analysis import exploring
from civic.analysis.exploring import Found, Sentence
from civic.analysis.pictures import album
from civic.consultations import sheets
from civic.consultations.entry import Visit, behind
from civic.errors import NotFound
from civic.pages.looking import Look, context_of, look_at, page_of
from civic.reactions.selectors import conditions_of
from civic.statements.models import Segment, Statement

PAGE = 15
TABLE_PAGE = 50
FIRST = 5  # sentences of a theme that stand on the first page
ORDERS = (
    ("", gettext_lazy("As in the spec")),
    ("agreed", gettext_lazy("Most agreed")),
    ("shared", gettext_lazy("Most agreed in every group")),
    ("divisive", gettext_lazy("Most divisive")),
    ("unsure", gettext_lazy("Most unsure")),
    ("least", gettext_lazy("Least answered")),
)
STATUSES = (
    ("adopted", gettext_lazy("Common ground")),
    ("provisional", gettext_lazy("Provisional")),
    ("contested", gettext_lazy("Contested")),
    ("not_adopted", gettext_lazy("Not adopted")),
)
APART = (10, 20, 30, 50)  # points between two groups
ASKED = ("q", "theme", "topic", "status", "language", "apart", "order")  # parts of the address


@page_of("themes")
def themes(look: Look) -> dict[str, Any]:
    """The themes, each with its figures and its first sentences."""
    return {
        "themes": [
            (theme, look.addressed(look.readable(theme.sentences)[:FIRST]))
            for theme in look.found.themes
        ],
        "verdicts": _verdicts(look.visit),
        "population": look.found.document["population"],
    }


@page_of("sentences")
def sentences(look: Look) -> dict[str, Any]:
    """Sentences found by their words, theme, status, language or difference between groups."""
    asked = _asked(look.request, look.found)
    fitting = look.readable(exploring.search(look.found.sentences, **asked))
    page = look.page(fitting, size=PAGE)
    return {
        "asked": asked,
        "orders": ORDERS,
        "statuses": STATUSES,
        "apart": APART,
        "is_asked": any(asked[name] for name in ("words", "status", "language", "apart"))
        or (asked["theme"], asked["topic"]) != (None, None),
        "topic": _topic(look) if asked["topic"] is not None else None,
        "page": page,
        "rows": [(one, uuid, _quotes(one)) for one, uuid in look.addressed(page)],
        "sources": _sources(look.visit, page),
        "keep": _keep(look.request, "run", *ASKED),
    }


def _topic(look: Look) -> tuple[Any, str] | None:
    """The part of a theme that is asked for, with its theme."""
    wanted = look.request.GET["topic"]
    topics = ((theme, *topic) for theme in look.found.themes for topic in theme.topics)
    return next(((theme, title) for theme, key, title, _count in topics if key == wanted), None)


@behind("analysis.view")
@require_safe
def sentence(request: HttpRequest, visit: Visit, uuid: uuids.UUID) -> HttpResponse:
    """One sentence: who agrees, whose words it holds, when it depends, what authors say of it."""
    context = context_of(request, visit, looking="sentences")
    look = look_at(request, visit, context)
    claim = visit.consultation.claims.shown().select_related("statement").filter(uuid=uuid).first()
    one = look.found.of(claim.key) if look is not None and claim is not None else None
    if claim is None or look is None or one is None or one.key not in look.shown:
        raise NotFound(_("This analysis has no such sentence, or it is no longer shown."))
    section = one.clause["section"] or ""
    reads_conditions = can(request.user, "reactions.read_conditions", visit.membership)
    context |= {
        "claim": claim,
        "one": one,
        "theme": next((theme for theme in look.found.themes if theme.key == section), None),
        "quotes": _quotes(one),
        "sources": _sources(visit, [one]),
        "conditions": conditions_of(claim) if reads_conditions else (),
        "similar": look.clauses(one.clause["similar_to"]),
        "dissent": [
            (item, *told)
            for item in one.clause["dissent"]
            for told in look.clauses([item["clause"]])
        ],
        "verdicts": _verdicts(visit, claim=claim.pk),
        "spec": look.run.specs.defer("document").order_by("-number").first(),
        "may_curate": can(request.user, "curation.view", visit.membership),
    }
    return render(request, "explore/sentence.html", context)


@page_of("groups")
def groups(look: Look) -> dict[str, Any]:
    """Every sentence by every opinion group, sorted by the column asked for."""
    column, falling, rows = _table(look)
    page = look.page(rows, size=TABLE_PAGE)
    return {
        "columns": [
            ("all", _("Everybody"), False),
            *((name, name, True) for name in look.found.groups),
            ("apart", _("Apart"), False),
            ("n", _("Answers"), False),
        ],
        "column": column,
        "falling": falling,
        "page": page,
        "rows": look.addressed(page),
        "keep": _keep(look.request, "run", "sort"),
    }


@behind("analysis.view")
@require_safe
def table(request: HttpRequest, visit: Visit) -> StreamingHttpResponse:
    """The same table as a file, all rows, harmless in a spreadsheet."""
    look = look_at(request, visit, context_of(request, visit, looking="groups"))
    if look is None:
        raise NotFound(_("There is no finished analysis."))
    _column, _falling, rows = _table(look)
    figures = ("people", "agree", "unsure", "disagree", "share", "low", "high")
    who = ("everybody", *(f"group {name}" for name in look.found.groups))
    head = ("sentence", "claim", "status", "theme", "apart")
    response = sheets.download(
        f"{visit.consultation.slug}-groups.csv",
        head=(*head, *(f"{name} {figure}" for name in who for figure in figures)),
        rows=_lines(rows, titles={theme.key: theme.title for theme in look.found.themes}),
    )
    response["Cache-Control"] = "private, no-store"
    return response


def _lines(rows: Iterable[Sentence], *, titles: Mapping[str, str]) -> Iterator[list[object]]:
    """A row for each sentence: its words, where it stands, and the figures of every cell."""
    for one in rows:
        cells = [one.support["overall"], *one.support["by_group"]]
        yield [
            *(one.clause["text"], one.key, one.status),
            titles.get(one.clause["section"] or "", ""),
            None if one.apart is None else round(one.apart, 4),
            *(value for cell in cells for value in _figures(cell)),
        ]


@page_of("rules")
def rules(look: Look) -> dict[str, Any]:
    """What other rules of choosing would have taken, sentence by sentence."""
    return {"shown": look.shown, "compared": exploring.rules_compared(look.found)}


@page_of("map")
def opinion_map(look: Look) -> dict[str, Any]:
    """Where people stand who react alike, with the same as a table."""
    document, k = look.found.document, look.visit.consultation.k
    picture = album.pictures_of(look.run, document, k=k).get("map")
    return {
        "picture": picture,
        "cells": _cells(picture) if picture is not None else (),
        "typical": [(group, _typical(look, group)) for group in document["groups"]],
    }


def _typical(look: Look, group: Mapping[str, Any]) -> list[tuple[Sentence, Any, str]]:
    """What tells a group apart, as far as it may be read."""
    return [
        (*told, answer["response"])
        for answer in group["representative"]
        for told in look.clauses([answer["clause"]])
    ]


def _cells(picture: album.Picture) -> list[dict[str, Any]]:
    """The squares of the map in the order in which one reads, counted from one."""
    cells = sorted(picture.numbers["cells"], key=lambda one: (one["row"], one["column"]))
    return [one | {"row": one["row"] + 1, "column": one["column"] + 1} for one in cells]


def _figures(cell: dict[str, Any]) -> list[object]:
    """The figures of one cell; empty where too few people answered."""
    if not cell["n"]:
        return [0 if cell["n"] == 0 else "", *[""] * 6]
    shares = (round(cell[name], 4) for name in ("estimate", "lo", "hi"))
    return [*(cell[name] for name in ("n", "agree", "unsure", "disagree")), *shares]


def _asked(request: HttpRequest, found: Found) -> dict[str, Any]:
    """The search as asked for; what is not known counts as not asked."""
    given = {name: request.GET.get(name, "") for name in ("status", "language", "apart", "order")}
    theme = request.GET.get("theme")
    known = {
        "status": {value for value, _label in STATUSES},
        "language": set(found.languages),
        "apart": {str(points) for points in APART},
        "order": set(exploring.ORDERS),
    }
    asked: dict[str, Any] = {n: v if v in known[n] else "" for n, v in given.items()}
    asked["apart"] = int(asked["apart"] or 0)
    asked["words"] = request.GET.get("q", "").replace("\0", "").strip()[:200]
    # "-" stands for the sentences of no theme: an empty field asks for all.
    key = "" if theme == "-" else theme or None
    asked["topic"] = found.topics.get(request.GET.get("topic", ""))
    asked["theme"] = key if key in {one.key for one in found.themes} else None
    return asked


def _table(look: Look) -> tuple[str, bool, list[Sentence]]:
    """The column to sort by ("-": falling), and the sentences in that order."""
    asked = look.request.GET.get("sort", "-apart")
    falling, column = asked.startswith("-"), asked.removeprefix("-")
    if column not in ("all", "n", "apart", *look.found.groups):
        falling, column = True, "apart"
    rows = exploring.by_column(look.found.sentences, column=column, falling=falling)
    return column, falling, look.readable(rows)


def _quotes(one: Sentence) -> list[dict[str, Any]]:
    """The passages that it rests on, its own words first."""
    return list(one.clause["evidence"])


def _sources(visit: Visit, rows: Iterable[Sentence]) -> dict[str, uuids.UUID]:
    """Key -> uuid of the statements quoted that may still be read; one query."""
    wanted = {passage["statement"] for one in rows for passage in _quotes(one)}
    statements = Statement.objects.shown().filter(consultation=visit.consultation, key__in=wanted)
    return dict(statements.values_list("key", "uuid"))


def _verdicts(visit: Visit, *, claim: int | None = None) -> dict[str, int] | None:
    """What authors said of the sentences found in their texts; None for too few of them."""
    judged = Segment.objects.filter(statement__consultation=visit.consultation)
    judged = judged.exclude(verdict="").order_by()
    if claim is not None:
        judged = judged.filter(claim=claim)
    counts = dict(judged.values_list("verdict").annotate(Count("pk")))
    total = sum(counts.values())
    if total < visit.consultation.k:
        return None
    return {"yes": counts.get("yes", 0), "no": counts.get("no", 0), "all": total}


def _keep(request: HttpRequest, *names: str) -> str:
    """These parts of the address, for links that change the page alone."""
    return urlencode([(name, request.GET[name]) for name in names if request.GET.get(name)])
