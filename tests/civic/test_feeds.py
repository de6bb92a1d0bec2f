"""Atom feeds of versions: valid, with ids that last, of public consultations only."""

from __future__ import annotations

import uuid
from datetime import datetime
from xml.etree import ElementTree as ET

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from civic.accounts.models import User
from civic.consultations.models import Consultation, Membership
from civic.specs.erasing import erase_part
from civic.specs.models import SpecVersion
from civic.specs.services import withdraw_spec
from tests.civic.pages.conftest import asked, draft, published, run

__all__ = ["asked", "draft", "published", "run"]
ATOM = "{http://www.w3.org/2005/Atom}"
FEEDS = ("/versions.atom", "/c/ai/versions.atom")


def read(address: str) -> ET.Element:
    """The feed at an address, with everything that RFC 4287 requires."""
    answer = Client().get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ET.fromstring(answer.content)
    assert feed.tag == f"{ATOM}feed"
    for element in (feed, *feed.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(ATOM + name)) == 1
        assert uuid.UUID(element.findtext(f"{ATOM}id", "").removeprefix("urn:uuid:"))
        assert datetime.fromisoformat(element.findtext(f"{ATOM}updated", "")).tzinfo
        for link in element.findall(f"{ATOM}link"):
            assert link.get("href", "").startswith("http://localhost:8000/")
    (own,) = [one for one in feed.findall(f"{ATOM}link") if one.get("rel") == "self"]
    assert own.get("href") == f"http://localhost:8000{address}"
    assert all(entry.find(f"{ATOM}author") is not None for entry in feed.findall(f"{ATOM}entry"))
    ids = [one.text for one in feed.iter(f"{ATOM}id")]
    assert len(ids) == len(set(ids))
    return feed


def titles(address: str) -> list[str]:
    return [one.findtext(f"{ATOM}title", "") for one in read(address).findall(f"{ATOM}entry")]


@pytest.mark.parametrize("address", FEEDS)
def test_published_redacted_and_withdrawn_are_entries(
    address: str,
    published: SpecVersion,
    draft: SpecVersion,
    member: Membership,
    bob: User,
    alice: User,
) -> None:
    """Each event is an entry and stays one, under the same id; drafts are none."""
    assert titles(address) == ["Version 1 was published: How should AI behave?"]
    first = read(address).find(f"{ATOM}entry")
    erase_part(member, by=bob)
    published.refresh_from_db()
    withdraw_spec(published, by=alice, reason="The <counts> were wrong.")
    assert titles(address) == [
        "Version 1 was withdrawn: How should AI behave?",
        "Words were removed from version 1: How should AI behave?",
        "Version 1 was published: How should AI behave?",
    ]
    withdrawn, redacted, still = read(address).findall(f"{ATOM}entry")
    assert withdrawn.findtext(f"{ATOM}summary") == "The <counts> were wrong."
    assert published.sha256 in redacted.findtext(f"{ATOM}summary", "")
    assert still.findtext(f"{ATOM}id") == first.findtext(f"{ATOM}id")
    assert still.findtext(f"{ATOM}updated") == first.findtext(f"{ATOM}updated")


@pytest.mark.parametrize("address", FEEDS)
def test_a_feed_without_entries_is_valid_and_stays_the_same(
    address: str, consultation: Consultation
) -> None:
    """Its date is not that of whoever asks."""
    assert read(address).findall(f"{ATOM}entry") == []
    assert Client().get(address).content == Client().get(address).content


@pytest.mark.parametrize("address", FEEDS)
def test_a_reader_with_the_digest_gets_nothing_again(address: str, published: SpecVersion) -> None:
    """Feed readers ask every hour; the bytes do not depend on who asks in which language."""
    answer = Client().get(address)
    again = Client().get(
        address, headers={"If-None-Match": answer["ETag"], "Accept-Language": "de"}
    )
    assert (again.status_code, again.content) == (304, b"")
    assert answer["Cache-Control"] == "public, no-cache"
    assert Client().head(address).status_code == 200


def test_a_consultation_by_invitation_has_no_feed(published: SpecVersion, alice: User) -> None:
    """Not for strangers, not for its own organizer, and the platform's does not name it."""
    Consultation.objects.update(access="invite")
    client = Client()
    client.force_login(alice)
    assert Client().get(FEEDS[1]).status_code == client.get(FEEDS[1]).status_code == 404
    assert titles(FEEDS[0]) == []
    assert FEEDS[1] not in client.get("/c/ai/spec/").content.decode()


def test_pages_lead_to_their_feeds(published: SpecVersion) -> None:
    """A reader finds both in the head of a page."""
    page = Client().get("/c/ai/spec/").content.decode()
    for address in FEEDS:
        assert f'<link rel="alternate" type="application/atom+xml" href="{address}"' in page


def test_words_that_xml_cannot_hold_are_left_out(
    published: SpecVersion, settings: LazySettings
) -> None:
    """A feed is read or it is not: one bad character must not take all entries away."""
    SpecVersion.objects.update(announcement="Read\x0b this\ufffe.", published_at=timezone.now())
    entry = read(FEEDS[1]).find(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}summary") == "Read this."
