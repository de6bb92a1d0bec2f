"""What we have so far: for whoever stops reacting, at any moment."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from civic.consultations.entry import Visit, participants
from civic.consultations.phases import Act
from civic.curation.asking import has_question
from civic.judging.selectors import has_any_left
from civic.pages import overview
from civic.reactions.models import Reaction
from civic.reactions.pace import minutes_spent
from civic.reactions.selectors import Answers, answers_to, progress_of, reactions_of
from civic.specs.selectors import latest_public

PAGE = 20


@dataclass(frozen=True)
class Row:
    """One answer of hers, and everybody's to the same sentence; None where too few answered."""

    reaction: Reaction
    others: Answers | None

    @property
    def pieces(self) -> list[tuple[str, int, int]]:
        """The bar: name, start and width of each piece, per mille of the whole."""
        if self.others is None:
            return []
        found, start = [], 0
        for name in ("agree", "depends", "unsure", "disagree"):
            width = round(1000 * getattr(self.others, name) / self.others.n)
            found.append((name, start, width))
            start += width
        return found


@never_cache
@participants
@require_safe
def so_far(request: HttpRequest, visit: Visit) -> HttpResponse:
    """What I answered, what others said to the same, and what there is besides."""
    me, consultation = visit.participant, visit.consultation
    answered, total = progress_of(me)
    page = Paginator(reactions_of(me), PAGE).get_page(request.GET.get("page"))
    tallies = answers_to(reaction.claim_id for reaction in page)
    context = {
        "tab": "react",
        "answered": answered,
        "total": total,
        "minutes": minutes_spent(me),
        "numbers": overview.numbers_of(consultation),
        "page": page,
        "rows": [Row(one, _enough(tallies.get(one.claim_id), consultation.k)) for one in page],
        "k": consultation.k,
        "spec": latest_public(consultation),
        "has_question": has_question(me),
        "can_judge": consultation.is_open(Act.CAST_REACTION) and has_any_left(me),
        "can_react": consultation.is_open(Act.CAST_REACTION),
    }
    return render(request, "pages/so_far.html", visit.context | context)


def _enough(answers: Answers | None, k: int) -> Answers | None:
    """The tally where at least k people answered."""
    return answers if answers is not None and answers.n >= k else None
