"""What comes in: strict JSON, strict fields. Nothing is coerced, nothing unknown is passed over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any, NoReturn

from django.conf import settings
from django.core.validators import RegexValidator
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ParseError, ValidationError
from rest_framework.parsers import JSONParser

from aggregation.text import TextRefused, clean_text
from civic.api.refusals import BODY, TooLarge
from civic.errors import MalformedRequest

MAX_DEPTH = 20
JSON_LIMIT = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
LANGUAGE_CODE = RegexValidator(
    r"\A[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z", "This is not a language code such as de or pt-BR."
)


class StrictJSON(JSONParser):
    """JSON in UTF-8, of bounded size and depth, without NUL and lone surrogates."""

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: dict[str, Any] | None = None,
    ) -> Any:
        raw = stream.read(JSON_LIMIT + 1)
        if len(raw) > JSON_LIMIT:
            raise TooLarge
        try:
            value = json.loads(raw.decode(), parse_constant=_refuse_constant)
        except UnicodeDecodeError as error:
            raise MalformedRequest("The body is not valid UTF-8.") from error
        except ValueError as error:
            raise ParseError(f"The body is not JSON: {error}") from error
        refuse_unstorable(value)
        return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")


def refuse_unstorable(value: Any) -> None:
    """Go on, or raise ValidationError with the path of the first string or nesting at fault."""
    for path, depth, found in _walk(value):
        if depth > MAX_DEPTH:
            message = f"This is nested more than {MAX_DEPTH} levels deep."
            raise _error(path, message=message, rule="too_deep")
        if isinstance(found, str) and not is_storable(found):
            message = "This holds NUL or half of a surrogate pair."
            raise _error(path, message=message, rule="forbidden_character")


def is_storable(text: str) -> bool:
    """Whether databases and UTF-8 can hold the text."""
    return "\0" not in text and not any("\ud800" <= one <= "\udfff" for one in text)


def _walk(value: Any) -> Iterator[tuple[str, int, Any]]:
    """Every string and container with its path and depth; no recursion, so no limit but ours."""
    waiting = [("", 0, value)]
    while waiting:
        path, depth, found = waiting.pop()
        yield path, depth, found
        if depth > MAX_DEPTH:
            return
        if isinstance(found, dict):
            yield from ((path, depth, key) for key in found)
            waiting += ((f"{path}.{key}".strip("."), depth + 1, one) for key, one in found.items())
        elif isinstance(found, list):
            waiting += ((f"{path}.{i}".strip("."), depth + 1, one) for i, one in enumerate(found))


def _error(path: str, *, message: str, rule: str) -> ValidationError:
    return ValidationError({path or BODY: [ErrorDetail(message, code=rule)]})


class Input(serializers.Serializer):
    """What an act takes. A field that it does not know is refused: it may be a slip."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = sorted(map(str, data.keys() - self.fields.keys()))
            if unknown:
                known = ", ".join(self.fields)
                message = f"There is no such field; the fields are {known}."
                raise _error(unknown[0], message=message, rule="unknown_field")
        return super().to_internal_value(data)


class Text(serializers.CharField):
    """Text as citizens write it: a string, never a number; cleaned as everywhere else."""

    default_error_messages = {"not_text": "This must be text in quotation marks."}

    def __init__(self, **options: Any) -> None:
        super().__init__(trim_whitespace=False, **options)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data is not serializers.empty and data is not None and not isinstance(data, str):
            self.fail("not_text")
        return super().run_validation(data)

    def to_internal_value(self, data: str) -> str:
        if self.allow_blank and not data.strip():
            return ""
        try:
            return clean_text(data)
        except TextRefused as error:
            raise ValidationError(str(error), code=error.rule) from error


class WholeNumber(serializers.IntegerField):
    """A JSON integer; neither "5" nor 5.0 nor true."""

    default_error_messages = {"not_whole": "This must be a whole number."}

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("not_whole")
        return data


class YesNo(serializers.BooleanField):
    """true or false; neither "true" nor 1."""

    default_error_messages = {"not_boolean": "This must be true or false."}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("not_boolean")
        return data


class Identifier(serializers.UUIDField):
    """A UUID in text."""

    default_error_messages = {"not_text": "This must be text in quotation marks."}

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("not_text")
        return super().to_internal_value(data)


class Choice(serializers.ChoiceField):
    """One of the listed strings."""

    default_error_messages = {
        "invalid_choice": "This is none of the values allowed here.",
        "not_text": "This must be text in quotation marks.",
    }

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("not_text")
        return super().to_internal_value(data)
