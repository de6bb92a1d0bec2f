"""The receipt outside one's own pages: a private link to it, and the file that anybody can check.

The link is read without signing in and works in every phase, until its owner ends it. No cache, no
search engine and no other site is told its address.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from civic.audit import selectors
from civic.audit.models import Entry
from civic.consultations.entry import Visit, participants
from civic.consultations.models import Membership, ReceiptLink
from civic.consultations.receipt_links import end_link, make_link, owner_of
from civic.curation.selectors import joined_with
from civic.pages import receipt
from civic.pages.acts import ACTS
from civic.pages.receipt_file import acts_of, receipt_of
from civic.specs.selectors import latest_public
from civic.statements.selectors import statements_of

PER_PAGE = 20  # statements
LATEST = 50  # acts that the page lists; the file has all

Reading = Callable[[HttpRequest, Membership], HttpResponse]


@participants
@never_cache
@require_safe
def my_receipt(request: HttpRequest, visit: Visit) -> HttpResponse:
    """My whole receipt, as a file."""
    return _file(visit.participant)


@participants
@require_POST
def change_link(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Make a private link to my receipt, another in its place, or end it."""
    me = visit.participant
    if request.POST.get("act") == "end":
        end_link(me)
        messages.success(request, _("The private link is ended. It leads nowhere any more."))
    else:
        make_link(me)
        messages.success(request, _("Your private link is ready. An earlier one leads nowhere."))
    there = reverse("pages:my_part", args=[visit.consultation.slug])
    return redirect(f"{there}#receipt")


def address_of(link: ReceiptLink | None) -> str:
    """What a private link reads in full; "" where there is none to show."""
    token = link.token if link else ""
    return settings.SITE_URL + reverse("pages:private_receipt", args=[token]) if token else ""


def private(view: Reading) -> Callable[[HttpRequest, str], HttpResponse]:
    """A page behind a private link: `view(request, owner)`."""

    @functools.wraps(view)
    @never_cache
    @require_safe
    def opened(request: HttpRequest, token: str) -> HttpResponse:
        response = view(request, owner_of(token))
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return opened


@private
def private_file(request: HttpRequest, owner: Membership) -> HttpResponse:
    """The whole receipt of whoever made the link, as a file."""
    return _file(owner)


@private
def private_receipt(request: HttpRequest, owner: Membership) -> HttpResponse:
    """Everything that the owner wrote and where it is now, with its lines in the public log."""
    page = Paginator(statements_of(owner), PER_PAGE).get_page(request.GET.get("page"))
    items = receipt.items_of(owner, page.object_list)
    claims = {s.segment.claim_id for item in items for s in item.sentences} - {None}
    acts = acts_of(owner)
    context = {
        "consultation": owner.consultation,
        "spec": latest_public(owner.consultation),
        "may_follow": owner.consultation.is_public,
        "page": page,
        "joined": joined_with(owner.consultation, claims),
        **_lines(acts, items),
    }
    return render(request, "pages/private_receipt.html", context)


def _lines(acts: list[Entry], items: list[receipt.Item]) -> dict[str, Any]:
    """Where the newest acts and the sending of each statement shown here stand in the log."""
    shown = {str(item.statement.uuid) for item in items}
    sending = [
        one for one in acts if one.action == "statement.submitted" and one.subject_id in shown
    ]
    latest = acts[: -LATEST - 1 : -1]
    found = selectors.inclusion_of({one.pk: one for one in [*sending, *latest]}.values())
    sent = {one.subject_id: found[one.pk] for one in sending}
    return {
        "items": [(item, sent.get(str(item.statement.uuid))) for item in items],
        "acts": [(ACTS.get(one.action, one.action), one.at, found[one.pk]) for one in latest],
        "act_count": len(acts),
        "sealed_count": sum(one.leaf is not None for one in acts),
    }


def _file(owner: Membership) -> HttpResponse:
    text = json.dumps(receipt_of(owner), ensure_ascii=False, indent=1)
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="receipt.json"'
    return response
