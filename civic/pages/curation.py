"""The organizer's desk for claims and themes: what an analysis suggests, and what was decided."""

from __future__ import annotations

import uuid as uuids
from collections.abc import Sequence

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from civic.accounts.permissions import can
from civic.analysis.findings import newest_run, theme_titles, themes_of
from civic.consultations.entry import Visit, behind, visitors
from civic.consultations.models import Consultation
from civic.consultations.phases import Act
from civic.curation import selectors, wording
from civic.curation.forms import USUAL
from civic.curation.models import Kind, Suggestion
from civic.errors import NotFound
from civic.pages.evidence import answered_pairs
from civic.reactions.selectors import answers_to
from civic.statements.models import Claim, Segment

PAGE = 10
LONG = 40


@behind("curation.view")
@require_safe
def overview(request: HttpRequest, visit: Visit) -> HttpResponse:
    """What waits for a decision, and everything decided so far with a way back."""
    consultation = visit.consultation
    run = newest_run(consultation)
    page = Paginator(selectors.with_words(selectors.standing(consultation)), 20)
    context = _context(request, visit) | {
        "run": run,
        "same": len(selectors.suggestions(consultation, Suggestion.Kind.DUPLICATE)),
        "opposed": len(selectors.suggestions(consultation, Suggestion.Kind.CONTRADICTION)),
        "themes": theme_titles(run),
        "pending": selectors.since(consultation, run.created_at if run else None),
        "page": page.get_page(request.GET.get("page")),
    }
    return render(request, "organizer/curation.html", context)


@behind("curation.view")
@require_safe
def same(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Pairs that may say the same."""
    return _pairs(request, visit, Suggestion.Kind.DUPLICATE, "organizer/same.html")


@behind("curation.view")
@require_safe
def opposed(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Pairs that may contradict each other, with what citizens answered about them."""
    return _pairs(request, visit, Suggestion.Kind.CONTRADICTION, "organizer/opposed.html")


def _pairs(request: HttpRequest, visit: Visit, kind: str, template: str) -> HttpResponse:
    consultation = visit.consultation
    found = selectors.suggestions(consultation, kind)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    pairs = [(one.first_id, one.second_id) for one in page]
    verdicts = selectors.verdicts(consultation)
    answers = answers_to(claim for pair in pairs for claim in pair)
    asked = answered_pairs(consultation, pairs) if kind == Suggestion.Kind.CONTRADICTION else {}
    rows = [
        {
            "pair": one,
            "sides": [
                (one.first, answers.get(one.first_id)),
                (one.second, answers.get(one.second_id)),
            ],
            "left_open": verdicts.get((one.first_id, one.second_id)),
            "asked": asked.get((one.first_id, one.second_id)),
            "why": wording.why_same(one.evidence)
            if kind == Suggestion.Kind.DUPLICATE
            else wording.why_opposed(one.evidence, k=consultation.k),
        }
        for one in page
    ]
    context = _context(request, visit) | {"page": page, "rows": rows}
    return render(request, template, context)


@behind("curation.view")
@require_safe
def claims(request: HttpRequest, visit: Visit) -> HttpResponse:
    """All claims that people may read, found by their words."""
    query = _query(request)
    rows = _found(visit.consultation, query)
    context = _context(request, visit) | {
        "query": query,
        "keep": urlencode({"q": query}) if query else "",
        "page": Paginator(rows, 20).get_page(request.GET.get("page")),
    }
    context["joined"] = selectors.joined_with(
        visit.consultation, [one.pk for one in context["page"]]
    )
    return render(request, "organizer/claims.html", context)


def _query(request: HttpRequest) -> str:
    """The words to look for; PostgreSQL refuses NUL, which no claim holds."""
    return request.GET.get("q", "").replace("\0", "").strip()[:200]


def _found(consultation: Consultation, query: str) -> Sequence[Claim]:
    """Readable claims whose own words hold the query, oldest first."""
    rows = consultation.claims.shown().select_related("statement__consultation").order_by("pk")
    if not query:
        return rows
    rows = rows.filter(statement__text__icontains=query)
    wanted = query.casefold()
    return [one for one in rows if wanted in one.text.casefold()]


@behind("curation.view")
@require_safe
def claim(request: HttpRequest, visit: Visit, uuid: uuids.UUID) -> HttpResponse:
    """One claim: the passages that it holds, and what can be decided about it."""
    found = claim_at(visit, uuid)
    consultation = visit.consultation
    run = newest_run(consultation)
    shown = themes_of(run)
    decided = selectors.about(consultation, found)
    query = _query(request)
    others = [one for one in _found(consultation, query)[:LONG] if one.pk != found.pk]
    context = _context(request, visit) | {
        "claim": found,
        "is_analysed": found.key in shown.of_claim,
        "passages": [one for one in passages_of(found) if one.is_merged],
        "answer": answers_to([found.pk]).get(found.pk),
        "theme": shown.titles.get(shown.of_claim.get(found.key, "")),
        "themes": shown.titles,
        "decisions": decided,
        "is_folded": any(d.kind == Kind.TOGETHER and d.second_id == found.pk for d in decided),
        "query": query,
        "others": others if query else (),
    }
    return render(request, "organizer/claim.html", context)


def passages_of(claim: Claim) -> list[Segment]:
    rows = claim.segments.meant().filter(statement__withdrawn_at=None)
    rows = rows.select_related("statement__consultation", "claim")
    return list(rows.order_by("statement__created_at", "pk"))


@behind("curation.view")
@require_safe
def theme_list(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The themes of the newest analysis; `?theme=` opens one with its claims."""
    run = newest_run(visit.consultation)
    wanted = request.GET.get("theme", "")
    if wanted:
        return _theme(request, visit, wanted)
    context = _context(request, visit) | {
        "run": run,
        "rows": run.themes.order_by("pk") if run else (),
        "themes": theme_titles(run),
        "decided": selectors.about_themes(visit.consultation),
    }
    return render(request, "organizer/themes.html", context)


def _theme(request: HttpRequest, visit: Visit, wanted: str) -> HttpResponse:
    shown = themes_of(newest_run(visit.consultation))
    if wanted not in shown.titles:
        raise NotFound(_("The newest analysis has no such theme."))
    keys = Paginator(shown.claims(wanted), 20).get_page(request.GET.get("page"))
    rows = visit.consultation.claims.shown().filter(key__in=list(keys))
    by_key = {one.key: one for one in rows.select_related("statement__consultation")}
    found = [by_key[key] for key in keys if key in by_key]
    moved = selectors.placed(visit.consultation, found)
    context = _context(request, visit) | {
        "theme": wanted,
        "title": shown.titles[wanted],
        "themes": shown.titles,
        "others": [(key, title) for key, title in shown.titles.items() if key != wanted],
        "decided": selectors.about_themes(visit.consultation).get(wanted, {}),
        "rows": [(one, moved.get(one.pk)) for one in found],
        "page": keys,
        "keep": urlencode({"theme": wanted}),
    }
    return render(request, "organizer/theme.html", context)


@visitors
@require_safe
def record(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The public record: what was joined, parted, judged and renamed, with every reason."""
    decisions = selectors.with_words(visit.consultation.decisions.all())
    page = Paginator(decisions, 20).get_page(request.GET.get("page"))
    themes = theme_titles(newest_run(visit.consultation))
    context = {"page": page, "themes": themes, "tab": "decisions"}
    return render(request, "curation/record.html", visit.context | context)


def _context(request: HttpRequest, visit: Visit) -> dict[str, object]:
    """What every page here asks for."""
    may = can(request.user, "curation.decide", visit.consultation)
    return visit.context | {
        "tab": "curation",
        "may_run": can(request.user, "analysis.run", visit.membership),
        "may_decide": may and visit.consultation.is_open(Act.CURATE),
        "usual": {kind.value: wording.reason(reason) for kind, reason in USUAL.items()},
        "k": visit.consultation.k,
    }


def claim_at(visit: Visit, uuid: uuids.UUID) -> Claim:
    """A claim of this consultation that everybody may read."""
    rows = visit.consultation.claims.shown().select_related("statement__consultation")
    found = rows.select_related("consultation").filter(uuid=uuid).first()
    if found is None:
        raise NotFound(_("This claim is no longer shown, or belongs elsewhere."))
    return found
