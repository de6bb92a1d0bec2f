"""What every answer carries, and how a refusal is told."""

from __future__ import annotations

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory

from civic.errors import Conflict, MalformedRequest, RefusalMiddleware, Refused


@pytest.mark.django_db
def test_every_page_forbids_foreign_scripts_frames_and_sensors(client: Client) -> None:
    """The strict policy holds on the front page and on an address that leads nowhere."""
    for path in ("/", "/no/such/page/"):
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"]
        for rule in ("default-src 'self'", "script-src 'self'", "frame-ancestors 'none'"):
            assert rule in policy
        assert "unsafe" not in policy
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "camera=()" in headers["Permissions-Policy"]


def told(error: Exception, *, path: str) -> tuple[int, bytes] | None:
    """What the middleware makes of an error raised at this address."""

    def never(_: HttpRequest) -> None:
        raise AssertionError

    request = RequestFactory().get(path)
    answer = RefusalMiddleware(never).process_exception(request, error)
    return None if answer is None else (answer.status_code, answer.content)


def test_programs_are_told_a_code_and_a_sentence() -> None:
    """Under /api/ a refusal is JSON with a stable code."""
    told_status, content = told(Conflict("Somebody was faster."), path="/api/x/")
    assert told_status == 409
    assert content == b'{"code": "conflict", "detail": "Somebody was faster."}'


@pytest.mark.parametrize(
    "error", [RecursionError(), UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad")]
)
def test_what_cannot_be_read_is_the_senders_mistake(error: Exception) -> None:
    """Deep nesting and broken UTF-8 are refused, not crashed over."""
    assert told(error, path="/api/x/")[0] == MalformedRequest.status


def test_what_nobody_foresaw_is_not_swallowed() -> None:
    """A mistake of ours stays visible."""
    assert told(ZeroDivisionError(), path="/api/x/") is None


def test_every_refusal_has_a_sentence_a_status_and_a_code_of_its_own() -> None:
    """No two kinds can be mistaken for each other by a program."""

    def family(kind: type[Refused]) -> list[type[Refused]]:
        return [kind, *(one for child in kind.__subclasses__() for one in family(child))]

    kinds = [kind for kind in family(Refused) if kind.__module__ == "civic.errors"]
    assert all(kind().sentence for kind in kinds)
    assert all(400 <= kind.status < 500 for kind in kinds)
    assert len({kind.code for kind in kinds}) == len(kinds)
