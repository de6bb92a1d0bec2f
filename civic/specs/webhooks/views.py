"""The organizer's pages of webhooks: who is told, what was sent, what came of it."""

from __future__ import annotations

import uuid as uuids
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from civic.consultations.entry import Visit, behind
from civic.errors import Conflict, Invalid, NotFound
from civic.specs.webhooks import services
from civic.specs.webhooks.forms import WebhookForm
from civic.specs.webhooks.models import Delivery, Webhook

PAGE = 20


@never_cache
@behind("specs.publish")
@require_http_methods(["GET", "HEAD", "POST"])
def webhooks(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Every address that is told, and the form for another one; its secret is shown once."""
    form = WebhookForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.register(
                visit.consultation, url=form.cleaned_data["url"], by=request.user
            )
        except (Conflict, Invalid) as refusal:
            form.add_error("url", refusal.sentence)
        else:
            return _show_secret(request, visit, made)
    context = {"tab": "specs", "form": form, "webhooks": visit.consultation.webhooks.all()}
    status = 400 if form.errors else 200
    return render(request, "organizer/webhooks.html", visit.context | context, status=status)


@never_cache
@behind("specs.publish")
@require_safe
def webhook(request: HttpRequest, visit: Visit, uuid: uuids.UUID) -> HttpResponse:
    """One address with the log of its messages, the newest first."""
    found = _webhook(visit, uuid)
    page = Paginator(found.deliveries.all(), PAGE).get_page(request.GET.get("page"))
    rows = [(delivery, [_told(one) for one in delivery.attempts]) for delivery in page]
    context = {"tab": "specs", "webhook": found, "page": page, "rows": rows}
    return render(request, "organizer/webhook.html", visit.context | context)


def _told(attempt: Mapping[str, Any]) -> dict[str, Any]:
    """One try as the page shows it: its moment, what came of it, and how long that took."""
    told = attempt["status"] or services.wording(attempt["told"])
    return {"at": datetime.fromisoformat(attempt["at"]), "told": told, "ms": attempt["ms"]}


@require_POST
@behind("specs.publish")
def act(request: HttpRequest, visit: Visit, uuid: uuids.UUID) -> HttpResponse:
    """Test it, send a message again, turn it on, give it another secret, or remove it."""
    found, name = _webhook(visit, uuid), request.POST.get("act", "")
    if name == "renew":
        services.renew_secret(found, by=request.user)
        return _show_secret(request, visit, found)
    if name not in _ACTS:
        raise Invalid(_("Choose what to do with the webhook."))
    try:
        messages.success(request, _ACTS[name](found, request))
    except Conflict as refusal:
        messages.error(request, refusal.sentence)
    if name == "remove":
        return redirect("specs:webhooks", slug=visit.consultation.slug)
    return redirect("specs:webhook", slug=visit.consultation.slug, uuid=uuid)


def _webhook(visit: Visit, uuid: uuids.UUID) -> Webhook:
    found = visit.consultation.webhooks.filter(uuid=uuid).first()
    if found is None:
        raise NotFound
    return found


def _show_secret(request: HttpRequest, visit: Visit, found: Webhook) -> HttpResponse:
    context = visit.context | {"tab": "specs", "webhook": found}
    answer = render(request, "organizer/webhook_secret.html", context)
    answer["Cache-Control"] = "private, no-store"
    return answer


def _test(found: Webhook, request: HttpRequest) -> str:
    services.send_test(found, by=request.user)
    return _("A test message is on its way; what came of it stands below in a moment.")


def _again(found: Webhook, request: HttpRequest) -> str:
    delivery = _delivery(found, request.POST.get("delivery", ""))
    services.send_again(delivery, by=request.user)
    return _("The message is on its way again.")


def _delivery(found: Webhook, text: str) -> Delivery:
    try:
        delivery = found.deliveries.filter(uuid=uuids.UUID(text)).first()
    except ValueError:
        delivery = None
    if delivery is None:
        raise NotFound
    return delivery


def _turn_on(found: Webhook, request: HttpRequest) -> str:
    services.turn_on(found, by=request.user)
    return _("The webhook is on again.")


def _remove(found: Webhook, request: HttpRequest) -> str:
    services.remove(found, by=request.user)
    return _("The webhook is removed; nothing is sent there any more.")


_ACTS: Mapping[str, Callable[[Webhook, HttpRequest], str]] = {
    "test": _test,
    "again": _again,
    "on": _turn_on,
    "remove": _remove,
}
