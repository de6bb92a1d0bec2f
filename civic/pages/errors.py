"""What people see when nothing else can be shown."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

SENTENCES = {
    400: _("The request could not be read. Go back and try it once more."),
    403: _("You may not do this. If the page was open for a long time, reload it and try again."),
    404: _("There is nothing here, or nothing that you may see."),
    429: _("That was too often in a short time. Wait a few minutes, then try again."),
    500: _("Something broke on our side. Nothing you sent was half-saved; please try again later."),
}


def _page(request: HttpRequest, status: int) -> HttpResponse:
    refusal = {"status": status, "code": "", "sentence": SENTENCES[status]}
    return render(request, "errors/refused.html", {"refusal": refusal}, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """As plain as possible: neither database nor session may be needed to say this."""
    return render(None, "errors/500.html", {"sentence": SENTENCES[500]}, status=500)
