"""Openings of the journey's pages are counted, never who opened them."""

from __future__ import annotations

from typing import Any

import pytest
from crowd import at_once
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse

from civic.accounts.models import User
from civic.consultations import counting
from civic.consultations.models import Consultation, Membership, PageCount
from civic.consultations.services import grant_role
from civic.pages.live.activity import openings_of

START = "/c/ai/"


def count(page: str = "pages:consultation") -> int:
    return sum(PageCount.objects.filter(page=page).values_list("count", flat=True))


def test_each_opening_counts_once(consultation: Consultation, client: Client) -> None:
    """Every visitor counts, whoever she is; a page that is not of the journey does not."""
    for _ in range(3):
        client.get(START)
    client.get("/c/ai/decisions/")
    client.head(START)
    assert count() == 3
    assert PageCount.objects.count() == 1


def test_the_pages_that_are_counted_exist() -> None:
    """The names are those of the URL conf."""
    for name in counting.PAGES:
        assert reverse(name, args=["ai"]).startswith("/c/ai/")


def test_the_team_does_not_count(
    consultation: Consultation, alice: User, member: Membership, client: Client
) -> None:
    """Nor does a participant who moderates besides."""
    client.force_login(alice)
    client.get(START)
    client.force_login(member.user)
    client.get(START)
    assert count() == 1
    grant_role(consultation, user=member.user, role=Membership.Role.MODERATOR)
    client.get(START)
    assert count() == 1


def test_what_is_refused_or_led_elsewhere_does_not_count(
    consultation: Consultation, client: Client
) -> None:
    """A page that somebody did not see was not opened."""
    assert client.get("/c/ai/mine/").status_code != 200
    client.get("/c/nowhere/")
    assert not PageCount.objects.exists()


def test_answering_on_a_page_opens_it_once(
    consultation: Consultation, member: Membership, client: Client
) -> None:
    """Whoever comes from the page itself has not come by anew: ten answers are one opening."""
    client.force_login(member.user)
    client.get("/c/ai/react/")
    client.get("/c/ai/react/", headers={"referer": "http://testserver/c/ai/react/"})
    client.get("/c/ai/react/", headers={"referer": "http://testserver/c/ai/"})
    assert count("reactions:react") == 2


def test_an_opening_costs_one_query(
    consultation: Consultation, django_assert_num_queries: Any
) -> None:
    """But for the first of a day, which makes the row."""
    counting.count_opening(consultation, page="pages:consultation")
    with django_assert_num_queries(1):
        counting.count_opening(consultation, page="pages:consultation")
    assert count() == 2


def test_a_page_is_shown_even_if_it_cannot_be_counted(
    consultation: Consultation, client: Client, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    """A full disk takes the count, not the page; whoever runs the platform reads of it."""

    def fail(*_: object, **__: object) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr(counting, "count_opening", fail)
    assert client.get(START).status_code == 200
    assert "was not counted" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_no_opening_is_lost_when_many_come_at_once(consultation: Consultation) -> None:
    """The first twelve visitors of a day arrive together."""
    at_once(lambda _: counting.count_opening(consultation, page="statements:write"), times=12)
    assert count("statements:write") == 12


def test_the_cockpit_tells_how_many_remain(consultation: Consultation, client: Client) -> None:
    """In the order of the journey, with the share of the page that was opened most."""
    assert openings_of(consultation) == []
    for page, times in (("pages:consultation", 4), ("statements:write", 1)):
        for _ in range(times):
            counting.count_opening(consultation, page=page)
    found = {one.label: (one.count, one.share) for one in openings_of(consultation)}
    assert found["Start"] == (4, 1.0)
    assert found["Write"] == (1, 0.25)
    assert found["React"] == (0, 0.0)
