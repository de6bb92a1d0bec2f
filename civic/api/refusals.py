"""What a program is told when something is refused: {code, message}, and errors by field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http.multipartparser import MultiPartParserError
from rest_framework import exceptions, serializers
from rest_framework.response import Response

from aggregation.text import TextRefused
from civic.errors import Invalid, MalformedRequest, NotFound, Refused, SignInRequired

UNREADABLE = (RecursionError, UnicodeDecodeError, MultiPartParserError, SuspiciousOperation)
BODY = "(body)"  # the field named where the request as a whole breaks a rule
REMEDIES = {
    "required": "Add this field.",
    "null": "Give a value, or leave the field out where it is optional.",
    "blank": "Write something.",
    "empty": "Write something that can be read.",
    "invalid_choice": "Use one of the values that the schema lists.",
    "max_length": "Make it shorter.",
    "too_long": "Make it shorter.",
    "max_value": "Use a smaller number.",
    "min_value": "Use a larger number.",
    "unknown_field": "Remove this field, or check its spelling.",
    "not_text": "Put the value in quotation marks.",
    "not_whole": "Send a whole number without quotation marks.",
    "not_boolean": "Send true or false without quotation marks.",
    "forbidden_character": "Remove the character.",
    "too_many_marks": "Remove the extra accents.",
    "too_deep": "Send flatter data.",
    "policy": "Change this part of the policy, or leave it out.",
    "out_of_range": "Use a number in this range.",
}
SEE_SCHEMA = "Compare what you sent with the schema at /api/schema/."


class TooLarge(Refused):
    """What was sent is too large; send less at once."""

    status, code = 413, "too_large"


class LengthRequired(Refused):
    """Say how long the body is: send Content-Length, not chunks."""

    status, code = 411, "length_required"


class FieldError(serializers.Serializer):
    """One field, the rule it breaks, and what to do."""

    field = serializers.CharField(help_text=f"Dotted path, or {BODY} for the whole.")
    rule = serializers.CharField(help_text="A stable code.")
    message = serializers.CharField()
    remedy = serializers.CharField()


class Refusal(serializers.Serializer):
    """Why the request was refused, in a stable code and a sentence."""

    code = serializers.CharField()
    message = serializers.CharField()
    errors = FieldError(many=True, required=False)


def respond(error: Exception, context: dict[str, Any]) -> Response | None:
    """The answer to an exception; None for what nobody foresaw, which is then raised and seen."""
    if isinstance(error, exceptions.ValidationError):
        errors = list(field_errors(error.detail))
        return _answer(Invalid.status, Invalid.code, Invalid().sentence, errors=errors)
    error = _as_refused(error)
    if isinstance(error, Refused):
        errors = _cause(error)
        answer = _answer(error.status, error.code, error.sentence, errors=errors)
        return _with(answer, getattr(error, "headers", {}))
    if isinstance(error, exceptions.APIException):
        headers = {"Allow": ", ".join(context["view"].allowed_methods)}
        is_method = isinstance(error, exceptions.MethodNotAllowed)
        answer = _answer(error.status_code, str(error.get_codes()), str(error.detail))
        return _with(answer, headers if is_method else {})
    return None


def _as_refused(error: Exception) -> Exception:
    if isinstance(error, RequestDataTooBig):
        return TooLarge()
    if isinstance(error, UNREADABLE):
        return MalformedRequest()
    if isinstance(error, exceptions.ParseError):
        return MalformedRequest(str(error.detail))
    if isinstance(error, exceptions.NotAuthenticated):
        return SignInRequired()
    if isinstance(error, exceptions.NotFound):
        return NotFound()
    return error


def _cause(error: Refused) -> list[dict[str, str]]:
    """A text that a service refused breaks a rule with a name."""
    cause = error.__cause__
    if not isinstance(cause, TextRefused):
        return []
    return [_field_error("text", rule=cause.rule, message=str(cause))]


def field_errors(detail: Any, *, path: str = "") -> Iterator[dict[str, str]]:
    """DRF's nested errors, flat, in the order in which they were found."""
    if isinstance(detail, dict):
        for key, value in detail.items():
            name = "" if key == "non_field_errors" else str(key)
            yield from field_errors(value, path=".".join(filter(None, (path, name))))
    elif isinstance(detail, list):
        for value in detail:
            yield from field_errors(value, path=path)
    else:
        yield _field_error(path or BODY, rule=detail.code, message=str(detail))


def _field_error(field: str, *, rule: str, message: str) -> dict[str, str]:
    remedy = REMEDIES.get(rule, SEE_SCHEMA)
    return {"field": field, "rule": rule, "message": message, "remedy": remedy}


def _answer(
    status: int, code: str, message: str, *, errors: list[dict[str, str]] | None = None
) -> Response:
    body: dict[str, Any] = {"code": code, "message": message}
    return Response(body | ({"errors": errors} if errors else {}), status=status)


def _with(answer: Response, headers: dict[str, str]) -> Response:
    for name, value in headers.items():
        answer[name] = value
    return answer
