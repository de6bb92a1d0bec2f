"""Looking around in what an analysis found: themes, sentences, groups, the map, other rules."""

from __future__ import annotations

import uuid as uuids
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.core.paginator import Paginator
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
from civic.analysis.findings import newest_run
from civic.analysis.models import Run
from civic.analysis.pictures import album
from civic.consultations import sheets
from civic.consultations.entry import Visit, behind
from civic.errors import NotFound
from civic.reactions.selectors import conditions_of
from civic.statements.models import Segment, Statement

PAGE = 15
TABLE_PAGE = 50
FIRST = 5  # sentences of a theme that stand on the first page
RUNS = 20  # finished analyses to choose from
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


@behind("analysis.view")
@require_safe
def themes(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The themes, each with its figures and its first sentences."""
    context = context_of(request, visit, looking="themes")
    found: Found | None = context["found"]
    if found is not None:
        shown = exploring.readable(visit.consultation, found)
        context["themes"] = [
            (theme, [(one, shown[one.key]) for one in _readable(theme.sentences, shown)[:FIRST]])
            for theme in found.themes
        ]
        context["verdicts"] = _verdicts(visit)
        context["population"] = found.document["population"]
    return render(request, "explore/themes.html", context)


@behind("analysis.view")
@require_safe
def sentences(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Sentences found by their words, theme, status, language or difference between groups."""
    context = context_of(request, visit, looking="sentences")
    found: Found | None = context["found"]
    if found is None:
        return render(request, "explore/sentences.html", context)
    shown = exploring.readable(visit.consultation, found)
    asked = _asked(request, found)
    fitting = _readable(exploring.search(found.sentences, **asked), shown)
    page = Paginator(fitting, PAGE).get_page(request.GET.get("page"))
    context |= {
        "asked": asked,
        "orders": ORDERS,
        "statuses": STATUSES,
        "apart": APART,
        "is_asked": any(asked[name] for name in ("words", "status", "language", "apart"))
        or (asked["theme"], asked["topic"]) != (None, None),
        "topic": next(
            (
                (theme, title)
                for theme in found.themes
                for key, title, _count in theme.topics
                if asked["topic"] is not None and key == request.GET["topic"]
            ),
            None,
        ),
        "page": page,
        "rows": [(one, shown[one.key], _quotes(one)) for one in page],
        "sources": _sources(visit, page),
        "keep": _keep(
            request, "run", "q", "theme", "topic", "status", "language", "apart", "order"
        ),
    }
    return render(request, "explore/sentences.html", context)


@behind("analysis.view")
@require_safe
def sentence(request: HttpRequest, visit: Visit, uuid: uuids.UUID) -> HttpResponse:
    """One sentence: who agrees, whose words it holds, when it depends, what authors say of it."""
    context = context_of(request, visit, looking="sentences")
    claim = visit.consultation.claims.shown().select_related("statement").filter(uuid=uuid).first()
    found: Found | None = context["found"]
    one = found.of(claim.key) if found is not None and claim is not None else None
    shown = exploring.readable(visit.consultation, found) if found is not None else {}
    if claim is None or found is None or one is None or one.key not in shown:
        raise NotFound(_("This analysis has no such sentence, or it is no longer shown."))
    reads_conditions = can(request.user, "reactions.read_conditions", visit.membership)
    context |= {
        "claim": claim,
        "one": one,
        "theme": next((t for t in found.themes if t.key == (one.clause["section"] or "")), None),
        "quotes": _quotes(one),
        "sources": _sources(visit, [one]),
        "conditions": conditions_of(claim) if reads_conditions else (),
        "similar": _others(one.clause["similar_to"], found, shown),
        "dissent": _dissent(one, found, shown),
        "verdicts": _verdicts(visit, claim=claim.pk),
        "spec": context["run"].specs.defer("document").order_by("-number").first(),
        "may_curate": can(request.user, "curation.view", visit.membership),
    }
    return render(request, "explore/sentence.html", context)


@behind("analysis.view")
@require_safe
def groups(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Every sentence by every opinion group, sorted by the column asked for."""
    context = context_of(request, visit, looking="groups")
    found: Found | None = context["found"]
    if found is None:
        return render(request, "explore/groups.html", context)
    shown = exploring.readable(visit.consultation, found)
    column, falling, rows = _table(request, found, shown)
    page = Paginator(rows, TABLE_PAGE).get_page(request.GET.get("page"))
    names = [("all", _("Everybody")), *((name, name) for name in found.groups)]
    context |= {
        "columns": [
            *((name, label, name not in ("all",)) for name, label in names),
            ("apart", _("Apart"), False),
            ("n", _("Answers"), False),
        ],
        "column": column,
        "falling": falling,
        "page": page,
        "rows": [(one, shown[one.key]) for one in page],
        "keep": _keep(request, "run", "sort"),
    }
    return render(request, "explore/groups.html", context)


@behind("analysis.view")
@require_safe
def table(request: HttpRequest, visit: Visit) -> StreamingHttpResponse:
    """The same table as a file, all rows, harmless in a spreadsheet."""
    found: Found | None = context_of(request, visit, looking="groups")["found"]
    if found is None:
        raise NotFound(_("There is no finished analysis."))
    shown = exploring.readable(visit.consultation, found)
    _column, _falling, rows = _table(request, found, shown)
    figures = ("people", "agree", "unsure", "disagree", "share", "low", "high")
    who = ("everybody", *(f"group {name}" for name in found.groups))
    head = ("sentence", "claim", "status", "theme", "apart")
    response = sheets.download(
        f"{visit.consultation.slug}-groups.csv",
        head=(*head, *(f"{name} {figure}" for name in who for figure in figures)),
        rows=_lines(rows, titles={theme.key: theme.title for theme in found.themes}),
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


@behind("analysis.view")
@require_safe
def rules(request: HttpRequest, visit: Visit) -> HttpResponse:
    """What other rules of choosing would have taken, sentence by sentence."""
    context = context_of(request, visit, looking="rules")
    found: Found | None = context["found"]
    if found is not None:
        context["shown"] = exploring.readable(visit.consultation, found)
        context["compared"] = exploring.rules_compared(found)
    return render(request, "explore/rules.html", context)


@behind("analysis.view")
@require_safe
def opinion_map(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Where people stand who react alike, with the same as a table."""
    context = context_of(request, visit, looking="map")
    found: Found | None = context["found"]
    if found is not None:
        pictures = album.pictures_of(context["run"], found.document, k=visit.consultation.k)
        picture = pictures.get("map")
        shown = exploring.readable(visit.consultation, found)
        context |= {
            "picture": picture,
            "cells": _cells(picture) if picture is not None else (),
            "typical": [
                (
                    group,
                    [
                        (one, shown[one.key], answer["response"])
                        for answer in group["representative"]
                        if (one := found.clause(answer["clause"])) and one.key in shown
                    ],
                )
                for group in found.document["groups"]
            ],
        }
    return render(request, "explore/map.html", context)


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


def context_of(request: HttpRequest, visit: Visit, *, looking: str) -> dict[str, Any]:
    """What every page here asks for: the run that is looked at, and which others there are."""
    runs = visit.consultation.runs.filter(status=Run.Status.DONE).defer("previous_document")
    wanted = request.GET.get("run", "")
    run = newest_run(visit.consultation)
    if wanted:
        run = runs.filter(uuid=_uuid(wanted)).first()
        if run is None:
            raise NotFound(_("There is no finished analysis with this number."))
    return visit.context | {
        "tab": "explore",
        "looking": looking,
        "run": run,
        "runs": list(runs.order_by("-pk")[:RUNS]),
        "found": exploring.found_in(run) if run is not None else None,
        "of_run": urlencode({"run": wanted}) if wanted else "",
    }


def _uuid(text: str) -> uuids.UUID:
    try:
        return uuids.UUID(text)
    except ValueError as error:
        raise NotFound(_("There is no finished analysis with this number.")) from error


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


def _table(
    request: HttpRequest, found: Found, shown: dict[str, Any]
) -> tuple[str, bool, list[Sentence]]:
    """The column to sort by ("-": falling), and the sentences in that order."""
    asked = request.GET.get("sort", "-apart")
    falling, column = asked.startswith("-"), asked.removeprefix("-")
    if column not in ("all", "n", "apart", *found.groups):
        falling, column = True, "apart"
    rows = exploring.by_column(found.sentences, column=column, falling=falling)
    return column, falling, _readable(rows, shown)


def _readable(rows: Iterable[Sentence], shown: dict[str, Any]) -> list[Sentence]:
    return [one for one in rows if one.key in shown]


def _dissent(
    one: Sentence, found: Found, shown: dict[str, Any]
) -> list[tuple[dict[str, Any], Sentence, Any]]:
    """What speaks against it and may be read."""
    rows = ((item, found.clause(item["clause"])) for item in one.clause["dissent"])
    return [(item, other, shown[other.key]) for item, other in rows if other and other.key in shown]


def _others(clauses: Iterable[str], found: Found, shown: dict[str, Any]) -> list[tuple[Any, Any]]:
    """The sentences of these clauses that may be read, with their addresses."""
    others = (found.clause(key) for key in clauses)
    return [(one, shown[one.key]) for one in others if one is not None and one.key in shown]


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
