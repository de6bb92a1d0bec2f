"""Who may do what over the API: one row for every route and method that the URL conf holds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from api_world import ROLES, World, routes
from django.test import Client

from civic.api.resource import NothingHere, Resource
from civic.api.urls import v1

VERBS = ("get", "post", "put", "patch")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
# Outcomes for nobody, stranger, participant, moderator, auditor, organizer; "+" is let in.
ANYBODY = "+ + + + + +"
READERS = {"open": ANYBODY, "invite": "404 404 + + + +"}


def rule(outcomes: str, invite: str = "") -> dict[str, str]:
    """The same in both consultations, except that strangers find nothing where they are not in."""
    rest = outcomes.split()[2:]
    return {"open": outcomes, "invite": invite or " ".join(["404", "404", *rest])}


def hidden(outcomes: str) -> dict[str, str]:
    """What only some roles know of: the same in both, as for everybody else there is nothing."""
    return {"open": outcomes, "invite": outcomes}


PARTICIPANTS = rule("401 403 + 403 403 403")
MODERATORS = rule("401 403 403 + 403 +")
ORGANIZERS = rule("401 403 403 403 403 +")
EXPECTED: dict[tuple[str, str], dict[str, str]] = {
    ("session/", "GET"): {"open": ANYBODY, "invite": ANYBODY},
    ("session/erase/", "POST"): dict.fromkeys(("open", "invite"), "401 + + + + +"),
    **{
        (f"log/{name}/", "GET"): {"open": ANYBODY, "invite": ANYBODY}
        for name in (
            *("checkpoint", "checkpoints", "entries", "file", "inclusion", "consistency", "keys"),
        )
    },
    ("consultations/", "GET"): {"open": ANYBODY, "invite": ANYBODY},
    ("consultations/", "POST"): dict.fromkeys(("open", "invite"), "401 403 403 403 403 403"),
    ("consultations/{slug}/", "GET"): READERS,
    ("consultations/{slug}/", "PATCH"): ORGANIZERS,
    ("consultations/{slug}/phase/", "POST"): ORGANIZERS,
    ("consultations/{slug}/reply/", "PUT"): ORGANIZERS,
    ("consultations/{slug}/erase/", "POST"): PARTICIPANTS,
    ("consultations/{slug}/join/", "POST"): rule("401 + + + + +", "404 404 + 403 403 403"),
    ("consultations/{slug}/statements/", "GET"): READERS,
    ("consultations/{slug}/statements/", "POST"): PARTICIPANTS,
    ("consultations/{slug}/statements/mine/", "GET"): PARTICIPANTS,
    ("consultations/{slug}/statements/queue/", "GET"): MODERATORS,
    ("consultations/{slug}/claims/", "GET"): READERS,
    ("consultations/{slug}/claims/next/", "POST"): PARTICIPANTS,
    ("consultations/{slug}/reactions/mine/", "GET"): PARTICIPANTS,
    ("consultations/{slug}/decisions/", "GET"): READERS,
    ("consultations/{slug}/decisions/", "POST"): ORGANIZERS,
    ("consultations/{slug}/suggestions/", "GET"): rule("401 404 404 404 + +"),
    ("consultations/{slug}/questions/next/", "POST"): PARTICIPANTS,
    ("consultations/{slug}/questions/mine/", "GET"): PARTICIPANTS,
    ("decisions/{decision}/undo/", "POST"): ORGANIZERS,
    ("questions/{question}/answer/", "PUT"): hidden("404 404 + 404 404 404"),
    ("consultations/{slug}/answers/", "GET"): READERS,
    ("consultations/{slug}/answers/next/", "POST"): PARTICIPANTS,
    ("consultations/{slug}/answers/judged/", "GET"): PARTICIPANTS,
    ("answers/{machine_answer}/judgement/", "PUT"): PARTICIPANTS,
    ("answers/{machine_answer}/judgement/undo/", "POST"): PARTICIPANTS,
    ("answers/{machine_answer}/withdraw/", "POST"): ORGANIZERS,
    ("consultations/{slug}/imports/", "GET"): rule("401 403 403 403 + +"),
    ("consultations/{slug}/imports/", "POST"): ORGANIZERS,
    ("consultations/{slug}/runs/", "GET"): rule("401 404 404 404 + +"),
    ("consultations/{slug}/runs/", "POST"): ORGANIZERS,
    ("consultations/{slug}/specs/", "GET"): READERS,
    ("consultations/{slug}/specs/", "POST"): ORGANIZERS,
    ("consultations/{slug}/webhooks/", "GET"): ORGANIZERS,
    ("consultations/{slug}/webhooks/", "POST"): ORGANIZERS,
    ("webhooks/{webhook}/", "GET"): hidden("404 404 404 404 404 +"),
    ("webhooks/{webhook}/deliveries/", "GET"): hidden("404 404 404 404 404 +"),
    ("webhooks/{webhook}/test/", "POST"): hidden("404 404 404 404 404 +"),
    ("webhooks/{webhook}/remove/", "POST"): hidden("404 404 404 404 404 +"),
    ("consultations/{slug}/audit/", "GET"): rule("401 403 403 403 + +"),
    ("statements/{shown}/", "GET"): READERS,
    ("statements/{hidden}/", "GET"): hidden("404 404 + + + +"),
    ("statements/{shown}/withdraw/", "POST"): PARTICIPANTS,
    ("statements/{hidden}/withdraw/", "POST"): hidden("404 404 + 403 403 403"),
    ("statements/{shown}/verdict/", "POST"): PARTICIPANTS,
    ("statements/{hidden}/verdict/", "POST"): hidden("404 404 + 403 403 403"),
    ("statements/{shown}/appeal/", "POST"): PARTICIPANTS,
    ("statements/{hidden}/appeal/", "POST"): hidden("404 404 + 403 403 403"),
    ("statements/{shown}/report/", "POST"): rule("401 403 403 403 403 403"),
    ("statements/{shown}/moderate/", "POST"): MODERATORS,
    ("statements/{hidden}/moderate/", "POST"): hidden("404 404 403 + 403 +"),
    ("claims/{claim}/", "GET"): READERS,
    ("claims/{claim}/reaction/", "PUT"): PARTICIPANTS,
    ("claims/{claim}/reaction/undo/", "POST"): PARTICIPANTS,
    ("imports/{job}/", "GET"): hidden("404 404 404 404 + +"),
    ("imports/{job}/confirm/", "POST"): hidden("404 404 404 404 403 +"),
    ("runs/{run}/", "GET"): hidden("404 404 404 404 + +"),
    ("runs/{run}/what-if/", "POST"): hidden("404 404 404 404 + +"),
    ("runs/{run}/cancel/", "POST"): hidden("404 404 404 404 403 +"),
    ("specs/{published}/", "GET"): READERS,
    ("specs/{withdrawn}/", "GET"): READERS,
    ("specs/{draft}/", "GET"): hidden("404 404 404 404 + +"),
    ("specs/{published}/clauses/", "GET"): READERS,
    ("specs/{draft}/clauses/", "GET"): hidden("404 404 404 404 + +"),
    ("specs/{published}/diff/{published}/", "GET"): READERS,
    ("specs/{published}/diff/{draft}/", "GET"): hidden("404 404 404 404 + +"),
    ("specs/{published}/document/", "GET"): READERS,
    ("specs/{draft}/document/", "GET"): hidden("404 404 404 404 + +"),
    ("specs/{published}/exports/spec.json/", "GET"): READERS,
    ("specs/{draft}/exports/spec.json/", "GET"): hidden("404 404 404 404 + +"),
    ("specs/{draft}/publish/", "POST"): hidden("404 404 404 404 403 +"),
    ("specs/{published}/publish/", "POST"): ORGANIZERS,
    ("specs/{published}/withdraw/", "POST"): ORGANIZERS,
    ("specs/{draft}/withdraw/", "POST"): hidden("404 404 404 404 403 +"),
}
KINDS = {
    "statements": ("shown", "hidden"),
    "claims": ("claim",),
    "decisions": ("decision",),
    "questions": ("question",),
    "answers": ("machine_answer",),
    "imports": ("job",),
    "runs": ("run",),
    "specs": ("published", "draft", "withdrawn"),
    "webhooks": ("webhook",),
}


ROUTES = list(routes(v1))


def fill(address: str, world: World) -> str:
    """The address with the ids of this world."""
    named = {kind: getattr(world, kind).uuid for kinds in KINDS.values() for kind in kinds}
    return "/api/v1/" + address.format(slug=world.consultation.slug, **named)


def send(client: Client, method: str, address: str) -> Any:
    return client.generic(method, address, data="{}", content_type="application/json")


def test_every_route_and_method_has_its_row() -> None:
    """A route that nobody thought about fails here, and so does a row without a route."""
    declared = {(route(address), method) for address, view in ROUTES for method in view.acts}
    assert {(route(address), method) for address, method in EXPECTED} == declared


def route(address: str) -> str:
    """An address of the URL conf or of a row, whichever thing it names."""
    return re.sub(r"<[^>]*>|\{[^}]*\}", "*", address.replace("spec.json", "*"))


@pytest.mark.parametrize("access", ["open", "invite"])
@pytest.mark.parametrize(("address", "method"), EXPECTED)
def test_each_role_gets_what_the_table_says(
    address: str, method: str, access: str, new_world: Callable[[str], World]
) -> None:
    """Strangers, members and organizers are told exactly what their role allows."""
    world = new_world(access)
    expected = dict(zip(ROLES, EXPECTED[address, method][access].split(), strict=True))
    outcomes = {}
    # Whoever may act goes last: a withdrawn statement is its author's alone from then on.
    for role in sorted(ROLES, key=lambda role: expected[role] == "+"):
        answer = send(world.client(role), method, fill(address, world))
        refused = answer.status_code in (401, 403, 404)
        outcomes[role] = str(answer.status_code) if refused else "+"
        assert answer.status_code < 500
        assert not refused or is_refusal(answer)
    assert outcomes == expected


def is_refusal(answer: Any) -> bool:
    """A code for programs and a sentence for people."""
    body = json.loads(answer.content)
    return {"code", "message"} <= body.keys() and all(body.values())


@pytest.mark.parametrize(("address", "view"), ROUTES)
def test_other_methods_are_closed(address: str, view: type[Resource], world: World) -> None:
    """What a view does not declare answers 405, even to the organizer."""
    for method in set(METHODS) - view.acts.keys():
        known = re.sub(r"<uuid:\w+>", str(uuid4()), address.replace("<slug:slug>", "x"))
        answer = send(world.client("organizer"), method, f"/api/v1/{known}")
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
        assert answer["Allow"] == ", ".join(sorted(view.acts))


def test_every_view_is_a_resource() -> None:
    """No view of the API can be open by forgetting something."""
    for _, view in ROUTES:
        assert issubclass(view, Resource)
        handlers = {name.upper() for name in VERBS if hasattr(view, name)}
        assert handlers == view.acts.keys()
    assert NothingHere.acts.keys() == set(METHODS)


@pytest.mark.parametrize("role", ["nobody", "stranger"])
@pytest.mark.parametrize(("address", "method"), [key for key in EXPECTED if "{" in key[0]])
def test_a_private_thing_answers_like_no_thing(
    address: str, method: str, role: str, private: World
) -> None:
    """A stranger can't tell a consultation by invitation from one that doesn't exist."""
    client = private.client(role)
    there = send(client, method, fill(address, private))
    unknown = fill(address, private)
    for kind in (kind for kinds in KINDS.values() for kind in kinds):
        unknown = unknown.replace(
            str(getattr(private, kind).uuid), "00000000-0000-4000-8000-000000000000"
        )
    unknown = unknown.replace(private.consultation.slug, "no-such-slug")
    nothing = send(client, method, unknown)
    assert there.status_code == nothing.status_code == 404
    assert there.content == nothing.content
    assert there.headers == nothing.headers


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("address", ["/api/", "/api/v1/", "/api/v2/x/", "/api/v1/statements/1/"])
def test_an_unknown_address_is_told_in_json(method: str, address: str, db: None) -> None:
    """Programs get JSON also where there is no resource at all."""
    answer = send(Client(), method, address)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_acts_need_the_token(private: World) -> None:
    """A page elsewhere can't act in a signed-in person's name; with the token she can."""
    organizer = private.people["organizer"]
    assert organizer is not None
    client = Client(enforce_csrf_checks=True)
    client.force_login(organizer)
    address = f"/api/v1/consultations/{private.consultation.slug}/phase/"
    body = {"data": json.dumps({"phase": "react"}), "content_type": "application/json"}
    assert client.post(address, **body).status_code == 403
    private.consultation.refresh_from_db()
    assert private.consultation.phase == "collect"
    token = client.get("/api/v1/session/").json()["csrf_token"]
    assert client.post(address, **body, headers={"X-CSRFToken": token}).status_code == 200


def test_no_answer_holds_an_address_but_ones_own(world: World) -> None:
    """E-mail addresses, names and account ids of others never leave."""
    others = [user for role, user in world.people.items() if user and role != "organizer"]
    secrets = {
        str(value) for user in others for value in (user.email, user.display_name, user.uuid)
    }
    client = world.client("organizer")
    seen = ""
    for address, method in EXPECTED:
        if method == "GET":
            seen += client.get(fill(address, world)).content.decode()
    assert not {secret for secret in secrets if secret in seen}
    assert "organizer-open@example.org" in client.get("/api/v1/session/").content.decode()
    assert seen.count("@") == 1
