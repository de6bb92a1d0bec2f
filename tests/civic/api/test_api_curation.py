"""Decisions and either/or questions over the API: what each act leaves, and what is refused."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from api_world import World, new_statement
from django.test import Client

from civic.analysis.models import Theme
from civic.audit.models import Entry
from civic.curation.models import Answer, Decision, Question, Suggestion
from civic.reactions.models import Reaction
from civic.statements.models import Claim, Segment

WHY = "Both say the same."


def send(client: Client, address: str, method: str = "POST", **body: Any) -> tuple[int, Any]:
    """An act with a JSON body: the status and what it answered."""
    data = json.dumps(body)
    answer = client.generic(
        method, f"/api/v1/{address}", data=data, content_type="application/json"
    )
    return answer.status_code, answer.json()


def below(world: World) -> str:
    return f"consultations/{world.consultation.slug}"


@pytest.fixture
def pair(world: World) -> tuple[Claim, Claim]:
    """Two claims of nobody in particular, suggested as a contradiction."""
    first, second = (
        new_statement(world.consultation, author=None, text=text).claims.get()
        for text in ("AI should keep secrets.", "AI should keep no secrets.")
    )
    evidence = {"similarity": 0.7, "both": 0, "association": None, "lo": None, "hi": None}
    evidence |= {"agree_both": 0, "source": "text", "score": 0.5, "why": "Opposed."}
    Suggestion.objects.create(
        consultation=world.consultation,
        kind="contradiction",
        first=first,
        second=second,
        position=0,
        evidence=evidence,
        run=world.finished.uuid,
    )
    return first, second


@pytest.fixture
def passage(world: World, pair: tuple[Claim, Claim]) -> Segment:
    """Somebody's sentence that was merged into the first claim."""
    statement = new_statement(world.consultation, author=None, text="Never tell. Ever.").claims
    claim = statement.get()
    segment = claim.segments.get()
    segment.claim = pair[0]
    segment.save()
    claim.delete()
    return segment


def test_two_claims_are_joined_and_the_joining_undone(
    world: World, pair: tuple[Claim, Claim]
) -> None:
    """The folded claim leaves the list of what can be reacted to, and comes back."""
    organizer, anybody = world.client("organizer"), Client()
    fields = {"kind": "together", "first": str(pair[0].uuid), "second": str(pair[1].uuid)}
    status, made = send(organizer, f"{below(world)}/decisions/", **fields, reason=WHY)
    assert (status, made["kind"], made["reason"]) == (201, "together", WHY)
    again = send(organizer, f"{below(world)}/decisions/", **fields, reason=WHY)
    assert (again[0], again[1]["id"]) == (201, made["id"])
    listed = anybody.get(f"/api/v1/{below(world)}/claims/").json()["results"]
    assert str(pair[1].uuid) not in {one["id"] for one in listed}
    assert anybody.get(f"/api/v1/claims/{pair[1].uuid}/").status_code == 200
    undone = send(organizer, f"decisions/{made['id']}/undo/", reason="They differ.")[1]
    assert undone["undone_reason"] == "They differ."
    listed = anybody.get(f"/api/v1/{below(world)}/claims/").json()["results"]
    assert str(pair[1].uuid) in {one["id"] for one in listed}
    record = anybody.get(f"/api/v1/{below(world)}/decisions/").json()["results"]
    assert record[0]["id"] == made["id"]
    assert Entry.objects.filter(action__in=("claims.joined", "decision.undone")).count() == 2


def test_a_passage_leaves_its_claim(
    world: World, pair: tuple[Claim, Claim], passage: Segment
) -> None:
    """Named by statement and offset; one that is not there is told as such."""
    organizer = world.client("organizer")
    named = {"statement": str(passage.statement.uuid), "start": passage.start}
    fields = {"kind": "split", "first": str(pair[0].uuid), "reason": "It says more."}
    status, made = send(organizer, f"{below(world)}/decisions/", **fields, passages=[named])
    assert status == 201
    assert Claim.objects.get(uuid=made["second"]).text == "Never tell. Ever."
    wrong = [named | {"start": 99}]
    assert send(organizer, f"{below(world)}/decisions/", **fields, passages=wrong)[0] == 404


def test_themes_of_the_newest_run_are_renamed_joined_and_filled(
    world: World, pair: tuple[Claim, Claim]
) -> None:
    """By their ids there; others are not found."""
    for key in ("t1", "t2"):
        Theme.objects.create(run=world.finished, key=key, title=key.upper())
    organizer, address = world.client("organizer"), f"{below(world)}/decisions/"
    for fields in (
        {"kind": "renamed", "theme": "t1", "target": "Secrets"},
        {"kind": "placed", "first": str(pair[0].uuid), "target": "t1"},
        {"kind": "theme_merged", "theme": "t1", "target": "t2"},
    ):
        status, made = send(organizer, address, **fields, reason="Clearer.")
        assert (status, made["target"]) == (201, fields["target"])
    status, refusal = send(
        organizer, address, kind="renamed", theme="t9", target="X", reason="Clearer."
    )
    assert (status, refusal["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("fields", "field", "rule"),
    [
        ({}, "kind", "required"),
        ({"kind": "separated", "reason": WHY}, "kind", "invalid_choice"),
        ({"kind": "together", "reason": WHY}, "first", "required"),
        ({"kind": "renamed", "theme": "t1", "target": "", "reason": WHY}, "target", None),
        ({"kind": "split", "first": "CLAIM", "passages": [], "reason": WHY}, "passages", None),
        ({"kind": "split", "first": "CLAIM", "passages": [1], "reason": WHY}, "passages.0", None),
        ({"kind": "apart", "first": 7, "second": "CLAIM", "reason": WHY}, "first", "not_text"),
        (
            {"kind": "apart", "first": "CLAIM", "second": "CLAIM", "theme": "t", "reason": WHY},
            "theme",
            "unknown_field",
        ),
        ({"kind": "apart", "first": "CLAIM", "second": "CLAIM", "reason": ""}, "reason", None),
    ],
)
def test_a_decision_that_makes_no_sense_names_its_field(
    world: World, pair: tuple[Claim, Claim], fields: dict[str, Any], field: str, rule: str | None
) -> None:
    """Nothing is written; the field, the rule and a remedy are told."""
    fields = {k: str(pair[0].uuid) if v == "CLAIM" else v for k, v in fields.items()}
    before = Decision.objects.count()
    status, refusal = send(world.client("organizer"), f"{below(world)}/decisions/", **fields)
    assert status == 400
    told = {one["field"]: one for one in refusal["errors"]}
    assert any(name.startswith(field) for name in told)
    if rule:
        assert told[field]["rule"] == rule
        assert told[field]["remedy"]
    assert Decision.objects.count() == before


def test_claims_of_other_consultations_are_not_there(
    world: World, private: World, pair: tuple[Claim, Claim]
) -> None:
    """An organizer decides about her own consultation only."""
    elsewhere = str(private.claim.uuid)
    for first, second in ((elsewhere, str(pair[0].uuid)), (str(pair[0].uuid), str(uuid.uuid4()))):
        status, _ = send(
            world.client("organizer"),
            f"{below(world)}/decisions/",
            kind="apart",
            first=first,
            second=second,
            reason=WHY,
        )
        assert status == 404


def test_suggestions_come_with_their_evidence(world: World, pair: tuple[Claim, Claim]) -> None:
    """Both claims in their words, and why."""
    (one,) = world.client("auditor").get(f"/api/v1/{below(world)}/suggestions/").json()["results"]
    assert (one["kind"], one["why"], one["evidence"]["score"]) == (
        "contradiction",
        "Opposed.",
        0.5,
    )
    assert one["first"]["text"] == "AI should keep secrets."


def test_a_question_is_asked_answered_and_changed(world: World, pair: tuple[Claim, Claim]) -> None:
    """The same question until it is answered; the latest answer is one's own list; no vote."""
    Question.objects.all().delete()
    client = world.client("participant")
    _, offer = send(client, f"{below(world)}/questions/next/")
    question = offer["question"]
    assert question["probability"] == 1.0
    assert send(client, f"{below(world)}/questions/next/")[1]["question"]["id"] == question["id"]
    for value in ("first", "both"):
        status, given = send(client, f"questions/{question['id']}/answer/", "PUT", answer=value)
        assert (status, given["answer"], given["served"]) == (200, value, True)
    assert send(client, f"{below(world)}/questions/next/")[1] == {"question": None}
    mine = client.get(f"/api/v1/{below(world)}/questions/mine/").json()["results"]
    assert [one["answer"] for one in mine] == ["both"]
    assert Answer.objects.count() == 2
    assert not Reaction.objects.exists()
    status, refusal = send(client, f"questions/{question['id']}/answer/", "PUT", answer="agree")
    assert (status, refusal["errors"][0]["rule"]) == (400, "invalid_choice")
