"""How often citizens open the pages of the journey, day by day. Counts, never who."""

from __future__ import annotations

import logging
from collections.abc import Callable
from urllib.parse import urlsplit

from django.db import DatabaseError
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from civic.consultations.models import Consultation, Membership, PageCount

# The pages that are counted, in the order in which a citizen comes by.
PAGES = {
    "pages:consultation": _("Start"),
    "consultations:join": _("Join"),
    "statements:write": _("Write"),
    "reactions:react": _("React"),
    "pages:my_part": _("My part"),
}
logger = logging.getLogger(__name__)


class PageCountMiddleware:
    """Counts each opening of a page of the journey by somebody who is not of the team."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match, visit = request.resolver_match, getattr(request, "visit", None)
        if match is None or visit is None or match.view_name not in PAGES:
            return response
        opened = request.method == "GET" and response.status_code == 200
        if opened and not is_of_the_team(visit.membership) and not _stays(request):
            try:
                count_opening(visit.consultation, page=match.view_name)
            except DatabaseError:  # A page that can be read is worth more than its count.
                logger.warning("An opening of %s was not counted", match.view_name)
        return response


def is_of_the_team(membership: Membership | None) -> bool:
    """Whether a member has any role besides taking part."""
    return membership is not None and any(role != "participant" for role in membership.roles)


def _stays(request: HttpRequest) -> bool:
    """Whether one comes from this very page: by sending its form, or by loading it again."""
    return urlsplit(request.headers.get("Referer", "")).path == request.path


def count_opening(consultation: Consultation, *, page: str) -> None:
    """One more opening of this page today; one query, but for the first of a day."""
    today = {"consultation": consultation, "page": page, "day": timezone.now().date()}
    row = PageCount.objects.filter(**today)
    if not row.update(count=F("count") + 1):
        # Two first visitors at once: one makes the row, both are counted.
        PageCount.objects.bulk_create([PageCount(**today)], ignore_conflicts=True)
        row.update(count=F("count") + 1)
