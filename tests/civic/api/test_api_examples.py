"""The examples of the schema: each is run, as somebody without an account would run it."""

from __future__ import annotations

import re
import shlex
from typing import Any

import jsonschema
import pytest
import yaml
from django.test import Client
from test_api_schema import KEPT
from test_api_schema import draft as as_schema

from civic.accounts.models import User
from civic.specs.models import SpecVersion
from civic.specs.services import publish_spec
from tests.civic.pages.conftest import asked, draft, published, run

__all__ = ["asked", "draft", "published", "run"]
DOCUMENT = yaml.safe_load(KEPT.read_text())
SHARED = ("consultations", "statements", "claims", "specs")  # what programs read without an account


def examples() -> list[tuple[str, str, dict[str, Any]]]:
    """(path, command, operation) for every example of the schema."""
    return [
        (path, sample["source"], operation)
        for path, methods in DOCUMENT["paths"].items()
        for operation in methods.values()
        for sample in operation.get("x-codeSamples", ())
    ]


def test_what_exporters_read_has_an_example() -> None:
    """Every address of specs, and the lists that lead to them."""
    shown = {path for path, _, _ in examples()}
    specs = {
        path
        for path, methods in DOCUMENT["paths"].items()
        if "get" in methods and "/specs/" in path
    }
    assert specs <= shown


def test_every_example_gives_what_the_schema_says(
    published: SpecVersion, draft: SpecVersion, alice: User
) -> None:
    """200 and an answer of the described shape, at an address of the described form."""
    publish_spec(draft, by=alice)
    names = {"SLUG": "ai", "SPEC": str(draft.uuid), "OLD": str(published.uuid), "SITE": ""}
    for path, command, operation in examples():
        *options, address = shlex.split(command)
        assert options == ["curl", "-sSf"]
        url = re.sub(r"\$(\w+)", lambda name: names[name[1]], address)
        assert re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), url.partition("?")[0])
        answer = Client().get(url)
        assert answer.status_code == 200, url
        media = answer["Content-Type"].split(";")[0]
        described = operation["responses"]["200"]["content"][media]["schema"]
        if media == "application/json" and described.get("format") != "binary":
            jsonschema.validate(answer.json(), as_schema(described, DOCUMENT))


@pytest.mark.parametrize("name", ["limit", "offset"])
def test_a_diff_comes_in_pages(
    name: str, published: SpecVersion, draft: SpecVersion, alice: User
) -> None:
    """As every list does: the counts are of the whole, the changes of the page."""
    publish_spec(draft, by=alice)
    address = f"/api/v1/specs/{published.uuid}/diff/{draft.uuid}/"
    whole = Client().get(address).json()
    assert whole["count"] == len(whole["results"]) == sum(whole["counts"].values()) > 0
    assert {one["code"] for change in whole["results"] for one in change["causes"]} == {"held"}
    part = Client().get(address, {name: 1}).json()
    assert part["counts"] == whole["counts"]
    assert len(part["results"]) == (1 if name == "limit" else whole["count"] - 1)
    assert Client().get(address, {name: "x"}).status_code == 400
    assert Client().get(address, {"kind": "nonsense"}).status_code == 400


def test_a_withdrawn_version_is_compared_to_nothing(
    published: SpecVersion, draft: SpecVersion, alice: User
) -> None:
    """Its clauses are not shown any more, so neither is what differs from them."""
    SpecVersion.objects.filter(pk=published.pk).update(status="withdrawn")
    publish_spec(draft, by=alice)
    for a, b in ((published, draft), (draft, published)):
        assert Client().get(f"/api/v1/specs/{a.uuid}/diff/{b.uuid}/").status_code == 404
