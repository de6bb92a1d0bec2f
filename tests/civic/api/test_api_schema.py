"""The schema: served, kept in the repository, and the same bytes each time."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from api_world import World, routes
from django.core.management import call_command
from django.test import Client

from civic.api import schema
from civic.api.urls import v1

KEPT = Path(__file__).resolve().parents[3] / "docs" / "openapi.yaml"


@pytest.fixture(scope="module")
def document() -> dict:
    return yaml.safe_load(KEPT.read_text())


def test_the_kept_schema_is_the_one_the_views_make(tmp_path: Path) -> None:
    """`make schema` was run after the last change, and it has no warning."""
    made = tmp_path / "openapi.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(made))
    assert made.read_bytes() == KEPT.read_bytes(), "run `make schema` and commit docs/openapi.yaml"


def test_the_served_schema_is_the_kept_one() -> None:
    """What programs read from a running server is docs/openapi.yaml, byte for byte."""
    schema.document.cache_clear()
    answer = Client().get("/api/schema/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/yaml")
    assert answer.content == KEPT.read_bytes()


def test_every_method_is_described(document: dict) -> None:
    """Each method has an id of its own, a sentence, and its refusals."""
    operations = [one for methods in document["paths"].values() for one in methods.values()]
    names = [one["operationId"] for one in operations]
    declared = [method for _, view in routes(v1) for method in view.acts]
    assert len(names) == len(set(names)) == len(declared)
    assert all(one["description"].endswith(".") for one in operations)
    assert all({"400", "401", "403", "404"} <= one["responses"].keys() for one in operations)


def test_acts_need_a_sign_in(document: dict) -> None:
    """Every act takes a session; public reading does without."""
    for address, methods in document["paths"].items():
        for method, one in methods.items():
            assert {"session": []} in one["security"]
            is_open = {} in one["security"]
            assert not (is_open and method != "get"), address
    assert {} in document["paths"]["/api/v1/consultations/{slug}/claims/"]["get"]["security"]
    assert {} not in document["paths"]["/api/v1/consultations/{slug}/audit/"]["get"]["security"]


def test_only_the_session_holds_an_address(document: dict) -> None:
    """No schema but that of one's own account has an e-mail address."""
    parts = document["components"]["schemas"]
    with_email = {name for name, part in parts.items() if "email" in part.get("properties", {})}
    assert with_email == {"AccountOutput"}


def test_what_is_answered_is_what_is_described(document: dict, world: World) -> None:
    """Every JSON that reading gives, to the organizer and to strangers, fits its schema."""
    checked = 0
    for address, methods in document["paths"].items():
        if "get" not in methods:
            continue
        for role, name in itertools.product(("organizer", "participant", "nobody"), READ):
            ids = {"id": getattr(world, name).uuid, "slug": world.consultation.slug}
            ids["to"] = world.published.uuid
            url = address.format(**ids, name="spec.json")
            answer = world.client(role).get(url)
            described = methods["get"]["responses"][str(answer.status_code)]["content"]
            if "schema" in (part := described["application/json"]) and "export" not in url:
                jsonschema.validate(answer.json(), draft(part["schema"], document))
                checked += 1
    assert checked > 200


READ = ("shown", "hidden", "claim", "job", "run", "finished", "published", "draft", "withdrawn")


def draft(part: dict, document: dict) -> dict:
    """An OpenAPI 3.0 schema as JSON Schema, with everything that it refers to."""
    return as_json_schema(part) | {"components": as_json_schema(document["components"])}


def as_json_schema(part: Any) -> Any:
    """`nullable` becomes an alternative, and no field may be there that is not described."""
    if isinstance(part, list):
        return [as_json_schema(one) for one in part]
    if not isinstance(part, dict):
        return part
    made = {key: as_json_schema(value) for key, value in part.items() if key != "nullable"}
    if isinstance(part.get("properties"), dict) and part.get("type") == "object":
        made["additionalProperties"] = False
    return {"anyOf": [made, {"type": "null"}]} if part.get("nullable") is True else made
