"""What a person can be told when an act is refused, and how it is told over HTTP."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import has_vary_header
from django.utils.translation import gettext_lazy as _


class Refused(Exception):
    """Root of all refusals: an HTTP status, a stable code, a sentence to act on."""

    status, code = 400, "refused"
    usual = _("That did not work.")  # the sentence, where nothing more exact is said

    def __init__(self, sentence: object = "") -> None:
        self.sentence = str(sentence or self.usual)
        self.headers: dict[str, str] = {}
        super().__init__(self.sentence)


class Invalid(Refused):
    """What was sent breaks a rule."""

    status, code = 400, "invalid"
    usual = _("What was sent breaks a rule.")


class MalformedRequest(Refused):
    """The request could not be read: it is nested too deeply or is not valid UTF-8."""

    status, code = 400, "malformed_request"
    usual = _("The request could not be read: it is nested too deeply or is not valid UTF-8.")


class SignInRequired(Refused):
    """Only people who have signed in may do this."""

    status, code = 401, "sign_in_required"
    usual = _("Please sign in first.")


class Forbidden(Refused):
    """Somebody else's role would allow this."""

    status, code = 403, "forbidden"
    usual = _("Your role in this consultation does not allow this.")


class ConsentRequired(Forbidden):
    """She was invited, and has not yet agreed to take part."""

    code = "consent_required"
    usual = _("First read what taking part means, and agree to it on the page for joining.")


class NotFound(Refused):
    """There is nothing here, or nothing that the person may know of."""

    status, code = 404, "not_found"
    usual = _("There is nothing here, or nothing that you may see.")


class Conflict(Refused):
    """The state has changed meanwhile, so this act no longer applies."""

    status, code = 409, "conflict"
    usual = _("The state has changed meanwhile, so this act no longer applies.")


class ConsultationClosed(Conflict):
    """The consultation's current phase does not allow this."""

    code = "consultation_closed"
    usual = _("The consultation’s current phase does not allow this.")


class InvitationUnusable(Conflict):
    """An invitation that is unknown, has expired or was used already."""

    code = "invitation_unusable"
    usual = _("This invitation has expired or was used already; ask the organizer for a new one.")


class ReasonRequired(Invalid):
    """A decision about somebody's words without a reason."""

    code = "reason_required"
    usual = _("Please give a reason: it is shown to the author and kept in the log.")


class NotReady(Conflict):
    """Something is not finished yet."""

    code = "not_ready"
    usual = _("This is not finished yet; try again once it is.")


class Gone(Refused):
    """It was here, and was taken away for good."""

    status, code = 410, "gone"
    usual = _("This was taken away by whoever made it.")


class TooMany(Refused):
    """Too much of something from one place in a short time."""

    status, code = 429, "too_many"
    usual = _("That was too often in a short time. Wait a few minutes, then try again.")

    def __init__(self, sentence: object = "", *, wait: int = 0) -> None:
        super().__init__(sentence)
        if wait:  # in seconds
            self.headers["Retry-After"] = str(wait)


Handler = Callable[[HttpRequest], HttpResponse]


def with_headers(answer: HttpResponse, refusal: Refused) -> HttpResponse:
    """The answer, with what a refusal says to programs, such as how long to wait."""
    for name, value in refusal.headers.items():
        answer[name] = value
    return answer


class RefusalMiddleware:
    """Turns a refusal that no view caught into a page, or into JSON under /api/."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, (RecursionError, UnicodeDecodeError)):
            error = MalformedRequest()
        if not isinstance(error, Refused):
            return None
        if request.path.startswith("/api/"):
            answer = {"code": error.code, "detail": error.sentence}
            return JsonResponse(answer, status=error.status, headers=error.headers)
        page = render(request, "errors/refused.html", {"refusal": error}, status=error.status)
        return with_headers(page, error)


class HidesTokens(logging.Filter):
    """Keeps out of every line of our logs what stands in a private address: who has it gets in."""

    _PRIVATE = re.compile(r"(/(?:receipts|invitations)/)[^/\s\"'?]+")

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        told = self._PRIVATE.sub(r"\1…", said)
        if told != said:
            record.msg, record.args = told, ()
        return True


class HeadersMiddleware:
    """Adds the headers Django has no setting for.

    What depends on who asks is hers: no cache that others use keeps it, unless a page says more.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()"
        if has_vary_header(response, "Cookie"):
            response.setdefault("Cache-Control", "private, no-cache")
        return response
