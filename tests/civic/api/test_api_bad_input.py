"""Hostile and mistaken input to the API: refused with field, rule and remedy, never an error."""

from __future__ import annotations

import json
from typing import Any

import pytest
from api_world import World
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from civic.statements.models import Statement

DEEP = "[" * 100_000 + "]" * 100_000
JSON = {"content_type": "application/json"}


@pytest.fixture
def participant(world: World) -> Client:
    return world.client("participant")


@pytest.fixture
def statements(world: World) -> str:
    return f"/api/v1/consultations/{world.consultation.slug}/statements/"


def addresses(world: World) -> dict[str, tuple[str, str]]:
    """Every act that reads a JSON body: who may send it where."""
    below = f"/api/v1/consultations/{world.consultation.slug}"
    return {
        "consultation": ("organizer", "/api/v1/consultations/"),
        "phase": ("organizer", f"{below}/phase/"),
        "statement": ("participant", f"{below}/statements/"),
        "moderation": ("moderator", f"/api/v1/statements/{world.shown.uuid}/moderate/"),
        "reaction": ("participant", f"/api/v1/claims/{world.claim.uuid}/reaction/"),
        "run": ("organizer", f"{below}/runs/"),
        "draft": ("organizer", f"{below}/specs/"),
        "withdrawal": ("organizer", f"/api/v1/specs/{world.published.uuid}/withdraw/"),
    }


VALID: dict[str, dict[str, Any]] = {
    "consultation": {"title": "T", "slug": "t", "languages": ["de"], "k": 10, "is_synthetic": True},
    "phase": {"phase": "react"},
    "statement": {"text": "AI should be patient.", "language": "en"},
    "moderation": {"decision": "rejected", "reason": "Advertising."},
    "reaction": {"value": "agree", "importance": 3},
    "run": {"seed": 1, "policy": {"voice_budget": 5}},
    "draft": {"run": "00000000-0000-4000-8000-000000000000"},
    "withdrawal": {"reason": "A number was wrong."},
}


def send(world: World, act: str, body: str | bytes, **headers: Any) -> Any:
    """What an act answers to a raw body, sent by somebody who may do it."""
    organizer = world.people["organizer"]
    assert organizer is not None
    organizer.is_host = True
    organizer.save()
    role, address = addresses(world)[act]
    method = "PUT" if act == "reaction" else "POST"
    options = JSON | headers
    return world.client(role).generic(method, address, data=body, **options)


BODIES: dict[str, str | bytes] = {
    "nothing": b"",
    "no JSON": b"{",
    "NaN": b'{"seed": NaN, "text": NaN}',
    "not UTF-8": b'{"text": "\xff\xfe"}',
    "UTF-16": '{"text": "x"}'.encode("utf-16"),
    "a list": b"[]",
    "null": b"null",
    "a string": b'"text"',
    "a number": b"7",
    "NUL in a key": b'{"te\\u0000xt": 1}',
    "surrogate in a key": b'{"\\ud800": 1}',
    "100,000 levels": DEEP,
    "100,000 levels in a field": f'{{"text": {DEEP}, "policy": {DEEP}}}',
    "100 levels": '{"policy": ' + '{"a":' * 100 + "1" + "}" * 101,
    "a number of 100,000 digits": f'{{"seed": {"9" * 100_000}}}',
    "an unknown field": b'{"no_such_field": 1}',
}


@pytest.mark.parametrize(
    ("act", "body"),
    # A run needs no field, so nothing is a right body for it.
    sorted({(act, body) for act in VALID for body in BODIES} - {("run", "nothing")}),
)
def test_a_hostile_body_is_refused_in_words(act: str, body: str, world: World) -> None:
    """Whatever arrives where an act is expected, the answer is a sentence and 400."""
    answer = send(world, act, BODIES[body])
    assert answer.status_code == 400, answer.content
    assert {"code", "message"} <= answer.json().keys()


@pytest.mark.parametrize("act", VALID)
def test_five_megabytes_are_too_large(act: str, world: World) -> None:
    """A body of 5 MB is refused before it is read."""
    answer = send(world, act, b'{"text": "' + b"a" * 5_000_000 + b'"}')
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


HOSTILE_VALUES = [
    "\0", "a\0b", "\ud800", "a\udfffb", "​", " ", "e" + "́" * 5000, "x" * 100_001, "",
    None, 5, 5.0, -1, 10**30, 1e308, True, False, [], {}, [[]], {"a": 1}, ["\ud800"],
]  # fmt: skip


@pytest.mark.parametrize(
    ("act", "field"), [(act, field) for act, fields in VALID.items() for field in fields]
)
def test_wrong_values_name_their_field(act: str, field: str, world: World) -> None:
    """A wrong value is refused with its field, a rule and a remedy; nothing is coerced."""
    for value in HOSTILE_VALUES:
        if is_right(act, field, value):
            continue
        answer = send(world, act, json.dumps(VALID[act] | {field: value}))
        assert answer.status_code == 400, (value, answer.content)
        body = answer.json()
        if body["code"] != "invalid":
            assert (body["code"], value) in {("reason_required", ""), ("reason_required", " ")}
            continue
        assert body["errors"][0]["field"].split(".")[0] == field
        assert all(body["errors"][0].values())


def is_right(act: str, field: str, value: Any) -> bool:
    """The few values of the list that are right somewhere."""
    whole = type(value) is int
    return (
        (field == "policy" and value == {})
        or (field == "languages" and value == [])
        or (field == "language" and value in ("", " "))
        or (field == "is_synthetic" and isinstance(value, bool))
        or (field == "importance" and (value is None or (whole and value == 5)))
        or (field == "seed" and whole and value == 5)
        or (field == "k" and whole and value == 5)
    )


def test_a_number_is_not_text(participant: Client, statements: str) -> None:
    """123 is not quietly taken as the statement “123”."""
    answer = participant.post(statements, data='{"text": 123}', **JSON)
    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {
            "field": "text",
            "rule": "not_text",
            "message": "This must be text in quotation marks.",
            "remedy": "Put the value in quotation marks.",
        }
    ]


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_only_json_is_read(content_type: str, participant: Client, statements: str) -> None:
    """A form that another site could send is no act."""
    answer = participant.generic("POST", statements, data=b"text=x", content_type=content_type)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("length", ["-1", "²", "9" * 5000, "x"])
def test_a_wrong_length_is_refused(length: str, participant: Client, statements: str) -> None:
    """A length that is no number, or too large a number, is refused before reading."""
    answer = participant.generic("POST", statements, data=b"{}", CONTENT_LENGTH=length, **JSON)
    assert answer.status_code == 413


def test_chunks_are_refused(participant: Client, statements: str) -> None:
    """A body that comes in chunks is not taken for an empty one."""
    answer = participant.generic("POST", statements, data=b"{}", HTTP_TRANSFER_ENCODING="chunked")
    assert (answer.status_code, answer.json()["code"]) == (411, "length_required")


@pytest.fixture
def unlimited(settings: LazySettings) -> None:
    """One person may send as much as she likes."""
    settings.LIMITS = {act: [] for act in settings.LIMITS}


@pytest.mark.usefixtures("unlimited")
@settings(
    max_examples=60,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(text=st.text(alphabet=st.characters(), max_size=60))
def test_any_text_is_kept_or_refused(text: str, participant: Client, statements: str) -> None:
    """Whatever is written comes back as it is stored, or is refused with its rule."""
    answer = participant.post(statements, data=json.dumps({"text": text}), **JSON)
    if answer.status_code == 201:
        stored = Statement.objects.get(uuid=answer.json()["id"])
        assert stored.text == answer.json()["text"]
    else:
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"] == "text"


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=-1", "limit=x", "limit=٣",
                                   "limit=", "offset=-1", "offset=x", f"offset={'9' * 5000}",
                                   "limit=%00", "offset=1e3"])  # fmt: skip
def test_pages_have_bounds(query: str, participant: Client, statements: str) -> None:
    """A page has 1 to 200 rows; what asks for anything else is refused, not guessed at."""
    answer = participant.get(f"{statements}?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == query.split("=")[0]


@pytest.mark.parametrize("status", ["%00", "%ED%A0%80", "'; --", "x" * 5000])
def test_a_hostile_filter_is_refused(status: str, world: World) -> None:
    """A status that no clause can have is refused with its name."""
    answer = Client().get(f"/api/v1/specs/{world.published.uuid}/clauses/?status={status}")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "status")


@pytest.mark.parametrize(
    "content", [b"", b"\0", b"\xff\xfe\xfa", b"comment-id\n\xff", b"<html>", b'"' * 1000]
)
def test_a_hostile_file_is_reported(content: bytes, world: World) -> None:
    """A file that is no export is named in the report; nothing is written."""
    before = Statement.objects.count()
    file = SimpleUploadedFile("../../x\x01.csv", content)
    answer = world.client("organizer").post(
        f"/api/v1/consultations/{world.consultation.slug}/imports/",
        {"kind": "polis", "comments": file},
    )
    assert answer.status_code == 201, answer.content
    assert answer.json()["status"] == "rejected"
    assert all(
        {"file", "field", "rule", "remedy"} <= one.keys() for one in answer.json()["problems"]
    )
    assert answer.json()["problems"]
    assert Statement.objects.count() == before


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 400),
        ({"kind": "x"}, 400),
        ({"kind": "polis", "comments": "no file"}, 400),
        ({"kind": "polis", "nothing": "x"}, 400),
        ({"kind": "statements"}, 400),
    ],
)
def test_an_incomplete_import_is_refused(fields: dict[str, str], status: int, world: World) -> None:
    """An import without its kind or its files says so."""
    address = f"/api/v1/consultations/{world.consultation.slug}/imports/"
    answer = world.client("organizer").post(address, fields)
    assert (answer.status_code, answer.json()["code"]) == (status, "invalid")


def test_a_broken_form_is_refused(world: World) -> None:
    """A multipart body without a boundary is no form."""
    address = f"/api/v1/consultations/{world.consultation.slug}/imports/"
    for content_type in ("multipart/form-data", "multipart/form-data; boundary=x"):
        answer = world.client("organizer").generic(
            "POST", address, data=b"--y\r\n\xff", content_type=content_type
        )
        assert answer.status_code == 400, answer.content
