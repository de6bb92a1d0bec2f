"""The organizer's whole way over the API alone: from a Polis export to a published spec."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from aggregation.exports import CONTENT_TYPES, NAMES
from civic.accounts.services import ensure_user
from civic.statements.models import Statement

TEXTS = [
    "The AI should always tell people when it is not sure.",
    "The AI should never pretend to be a human being.",
    "The AI should refuse to help anybody build weapons.",
    "The AI should follow the laws of the country it works in.",
    "The AI should choose what is best for society over what one person wants.",
    "The AI should keep private conversations secret.",
]


def comments() -> bytes:
    rows = [f'1,x,{i},0,0,0,1,"{text}"' for i, text in enumerate(TEXTS)]
    head = "timestamp,datetime,comment-id,author-id,agrees,disagrees,moderated,comment-body"
    return "\n".join([head, *rows]).encode()


def votes() -> bytes:
    """Forty people in two camps: agreed on all but the fifth statement."""
    rows = [
        f"{1000 + person},x,{i},{person},{-1 if i == 4 and person % 2 else 1}"
        for person in range(40)
        for i in range(len(TEXTS))
    ]
    return "\n".join(["timestamp,datetime,comment-id,voter-id,vote", *rows]).encode()


def post(client: Client, address: str, **body: Any) -> Any:
    data = json.dumps(body)
    answer = client.post(f"/api/v1/{address}", data=data, content_type="application/json")
    assert answer.status_code in (200, 201), answer.content
    return answer.json()


@pytest.mark.django_db(transaction=True)
def test_an_export_of_polis_becomes_a_spec() -> None:
    """Import, confirm, run, draft, publish; then anybody reads every export."""
    organizer = Client()
    organizer.force_login(ensure_user("olga@example.org", is_host=True))
    post(organizer, "consultations/", title="How should AI behave?", slug="journey")
    post(organizer, "consultations/journey/phase/", phase="review")
    files = {
        "comments": SimpleUploadedFile("comments.csv", comments()),
        "votes": SimpleUploadedFile("votes.csv", votes()),
    }
    address = "/api/v1/consultations/journey/imports/"
    checked = organizer.post(address, {"kind": "polis", **files}).json()
    assert (checked["status"], checked["problems"]) == ("checked", [])
    assert checked["report"]["counts"]
    assert not Statement.objects.exists()
    post(organizer, f"imports/{checked['id']}/confirm/")
    job = organizer.get(f"/api/v1/imports/{checked['id']}/").json()
    assert (job["status"], job["error"]) == ("done", "")
    assert Client().get("/api/v1/consultations/journey/claims/").json()["count"] == len(TEXTS)

    run = post(organizer, "consultations/journey/runs/", seed=1)
    run = organizer.get(f"/api/v1/runs/{run['id']}/").json()
    assert (run["status"], run["error"]) == ("done", "")
    assert {step["status"] for step in run["steps"]} == {"done"}
    spec = post(organizer, "consultations/journey/specs/", run=run["id"])
    assert Client().get(f"/api/v1/specs/{spec['id']}/").status_code == 404
    post(organizer, f"specs/{spec['id']}/publish/")

    published = Client().get("/api/v1/consultations/journey/specs/").json()["results"]
    assert [one["name"] for one in published[0]["exports"]] == list(NAMES)
    for name in NAMES:
        answer = Client().get(f"/api/v1/specs/{spec['id']}/exports/{name}/")
        assert (answer.status_code, answer["Content-Type"]) == (200, CONTENT_TYPES[name])
    document = Client().get(f"/api/v1/specs/{spec['id']}/document/").json()
    page = Client().get(f"/api/v1/specs/{spec['id']}/clauses/?limit=200").json()
    assert [one["id"] for one in page["results"]] == [one["id"] for one in document["clauses"]]
    adopted = Client().get(f"/api/v1/specs/{spec['id']}/clauses/?status=adopted").json()["results"]
    assert adopted
    assert {one["text"] for one in adopted} <= set(TEXTS) - {TEXTS[4]}
    quote = adopted[0]["evidence"][0]
    words = Client().get(f"/api/v1/statements/{quote['statement']}/").json()["text"]
    assert words[quote["start"] : quote["end"]] == quote["quote"]
