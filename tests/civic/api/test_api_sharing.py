"""What caches and other sites may have: public specs with a digest to ask again with."""

from __future__ import annotations

import hashlib

import pytest
from api_world import World
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client
from redis.exceptions import RedisError

from civic.api import pace
from civic.specs.services import withdraw_spec

ORIGIN = {"Origin": "https://elsewhere.example"}
ASKS = ORIGIN | {
    "Access-Control-Request-Method": "GET",
    "Access-Control-Request-Headers": "if-none-match",
}


def addresses(world: World) -> list[str]:
    """Everything of a published version that programs read."""
    spec = f"/api/v1/specs/{world.published.uuid}/"
    below = ("", "clauses/", "document/", "exports/spec.md/", f"diff/{world.published.uuid}/")
    return [f"/api/v1/consultations/{world.consultation.slug}/specs/", *(spec + b for b in below)]


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """The world's document is too small for exports that need a whole one."""
    monkeypatch.setattr("civic.specs.exports.exports.render", lambda name, _: name.encode())


def test_a_public_answer_is_asked_for_again_by_its_digest(world: World, plain: None) -> None:
    """The digest is that of the bytes; who has them gets 304; HEAD tells the same without a body.

    A cache asks each time: whatever was withdrawn or erased must not be served from memory.
    """
    client = Client()
    for address in addresses(world):
        answer = client.get(address)
        assert answer.status_code == 200
        assert answer["ETag"] == f'"{hashlib.sha256(answer.content).hexdigest()}"'
        assert answer["Cache-Control"] == "public, no-cache"
        assert "Cookie" in answer["Vary"]
        again = client.get(address, headers={"If-None-Match": answer["ETag"]} | ORIGIN)
        assert (again.status_code, again.content) == (304, b"")
        assert again["ETag"] == answer["ETag"]
        assert again["Access-Control-Allow-Origin"] == "*"
        head = client.head(address)
        assert (head.status_code, head.content) == (200, b"")
        assert head["ETag"] == answer["ETag"]


def test_a_withdrawn_version_is_not_served_from_memory(world: World) -> None:
    """Whoever asks with the digest of what was withdrawn hears that it is gone."""
    client, address = Client(), f"/api/v1/specs/{world.published.uuid}/document/"
    known = client.get(address)["ETag"]
    withdraw_spec(world.published, by=world.people["organizer"], reason="A mistake.")
    answer = client.get(address, headers={"If-None-Match": known})
    assert (answer.status_code, answer["Cache-Control"]) == (404, "private, no-store")


def test_scripts_of_other_sites_read_public_specs_without_credentials(
    world: World, plain: None
) -> None:
    """Every site is let in, nobody's cookies are; a preflight says the same."""
    for address in addresses(world):
        answer = Client().get(address, headers=ORIGIN)
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer
        asked = Client().options(address, headers=ASKS)
        assert (asked.status_code, asked["Access-Control-Allow-Methods"]) == (204, "GET, HEAD")
        assert asked["Access-Control-Allow-Headers"] == "If-None-Match"
        assert "Access-Control-Allow-Credentials" not in asked


@pytest.mark.parametrize("role", ["nobody", "participant", "organizer"])
def test_nothing_private_is_open_to_other_sites(private: World, role: str, plain: None) -> None:
    """Not even to whoever may read it here; a preflight can't tell it from nothing."""
    client = private.client(role)
    nothing = client.options(
        f"/api/v1/specs/{'0' * 8}-0000-4000-8000-{'0' * 12}/document/", headers=ASKS
    )
    for address in addresses(private):
        answer = client.get(address, headers=ORIGIN)
        asked = client.options(address, headers=ASKS)
        for one in (answer, asked):
            assert "Access-Control-Allow-Origin" not in one
        assert (asked.status_code, asked.content) == (nothing.status_code, nothing.content)
        assert "public" not in answer.get("Cache-Control", "")


def test_drafts_acts_and_the_signed_in_are_not_open_to_other_sites(world: World) -> None:
    """Neither what only the team sees nor what changes something nor what a session reads."""
    organizer = world.client("organizer")
    draft = f"/api/v1/specs/{world.draft.uuid}/"
    published = f"/api/v1/specs/{world.published.uuid}/"
    answers = [
        organizer.get(draft, headers=ORIGIN),
        organizer.get(published, headers=ORIGIN),
        organizer.post(f"{published}withdraw/", headers=ORIGIN),
        Client().options(draft, headers=ASKS),
        Client().get(f"/api/v1/consultations/{world.consultation.slug}/claims/", headers=ORIGIN),
        Client().get("/api/v1/session/", headers=ORIGIN),
    ]
    assert [one for one in answers if "Access-Control-Allow-Origin" in one] == []


def test_reading_without_signing_in_has_a_limit(world: World, settings: LazySettings) -> None:
    """Beyond it: 429 with the seconds to wait; the signed-in and other networks read on."""
    settings.API_READS = 3
    address = f"/api/v1/consultations/{world.consultation.slug}/specs/"
    client = Client()
    assert [client.get(address).status_code for _ in range(3)] == [200] * 3
    refused = client.get(address)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many")
    assert 1 <= int(refused["Retry-After"]) <= pace.WINDOW
    assert "Retry-After" in refused["Access-Control-Expose-Headers"]
    assert client.head(address).status_code == 429
    assert Client(REMOTE_ADDR="198.51.100.7").get(address).status_code == 200
    assert world.client("organizer").get(address).status_code == 200


def test_a_network_at_home_is_one_reader(world: World, settings: LazySettings) -> None:
    """With IPv6 a single machine has more addresses than there are people."""
    settings.API_READS = 1
    first, second = (Client(REMOTE_ADDR=f"2001:db8:1:2::{n}") for n in (1, 2))
    assert first.get("/api/v1/consultations/").status_code == 200
    assert second.get("/api/v1/consultations/").status_code == 429
    other = Client(REMOTE_ADDR="2001:db8:1:3::1")
    assert other.get("/api/v1/consultations/").status_code == 200


def test_a_cache_that_is_away_does_not_close_the_house(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading goes on uncounted."""

    def away(*_: object) -> None:
        raise RedisError

    monkeypatch.setattr(cache, "add", away)
    assert Client().get("/api/v1/consultations/").status_code == 200
