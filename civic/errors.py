"""What a person can be told when an act is refused, and how it is told over HTTP."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render


class Refused(Exception):
    """Root of all refusals: an HTTP status, a stable code, a sentence to act on."""

    status, code = 400, "refused"

    def __init__(self, sentence: str = "") -> None:
        self.sentence = sentence or (type(self).__doc__ or "").split("\n", 1)[0]
        super().__init__(self.sentence)


class Invalid(Refused):
    """What was sent breaks a rule."""

    status, code = 400, "invalid"


class MalformedRequest(Refused):
    """The request could not be read: it is nested too deeply or is not valid UTF-8."""

    status, code = 400, "malformed_request"


class SignInRequired(Refused):
    """Please sign in first."""

    status, code = 401, "sign_in_required"


class Forbidden(Refused):
    """Your role in this consultation does not allow this."""

    status, code = 403, "forbidden"


class NotFound(Refused):
    """There is nothing here, or nothing that you may see."""

    status, code = 404, "not_found"


class Conflict(Refused):
    """The state has changed meanwhile, so this act no longer applies."""

    status, code = 409, "conflict"


class ConsultationClosed(Conflict):
    """The consultation's current phase does not allow this."""

    code = "consultation_closed"


class InvitationUnusable(Conflict):
    """This invitation has expired or was used already; ask the organizer for a new one."""

    code = "invitation_unusable"


class ReasonRequired(Invalid):
    """Please give a reason: it is shown to the author and kept in the log."""

    code = "reason_required"


class NotReady(Conflict):
    """This is not finished yet; try again once it is."""

    code = "not_ready"


Handler = Callable[[HttpRequest], HttpResponse]


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
            return JsonResponse(answer, status=error.status)
        return render(request, "errors/refused.html", {"refusal": error}, status=error.status)


class HeadersMiddleware:
    """Adds the one header Django has no setting for."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()"
        return response
