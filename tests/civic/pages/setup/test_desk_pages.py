"""The organizer's list of consultations, and deleting one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from civic.accounts.models import User
from civic.accounts.services import ensure_user
from civic.consultations.models import Consultation, Membership
from civic.consultations.services import create_consultation, grant_role

SignIn = Callable[[User | None], Client]


def test_the_list_costs_the_same_for_ten_and_for_a_thousand(
    sign_in: SignIn, alice: User, django_assert_num_queries: Any
) -> None:
    """It is read page by page, every card from the same queries."""
    browser = sign_in(alice)
    for number in range(10):
        create_consultation(title=f"C{number}", slug=f"c{number}", by=alice)
    browser.get("/o/")
    with django_assert_num_queries(4):
        assert browser.get("/o/").status_code == 200
    made = Consultation.objects.bulk_create(
        Consultation(title=f"M{number}", slug=f"m{number}") for number in range(990)
    )
    Membership.objects.bulk_create(
        Membership(consultation=one, user=alice, is_organizer=True) for one in made
    )
    with django_assert_num_queries(4):
        page = browser.get("/o/?page=2").content.decode()
    assert page.count("<article") == 24


def test_an_empty_list_offers_the_example(
    sign_in: SignIn, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker makes it for whoever asked; somebody without the right to create is refused."""
    asked: list[int] = []
    monkeypatch.setattr("civic.pages.tasks.load_example.delay_on_commit", asked.append)
    browser = sign_in(alice)
    assert "Load the example" in browser.get("/o/").content.decode()
    assert browser.post("/o/example/load/")["Location"] == "/o/"
    assert asked == [alice.pk]
    stranger = sign_in(ensure_user("stranger@example.org"))
    assert stranger.post("/o/example/load/").status_code == 403


def test_deleting_asks_for_the_title(
    alices: Client, draft: Consultation, sign_in: SignIn, bob: User
) -> None:
    """A wrong title deletes nothing; an organizer who does not own it cannot even ask."""
    grant_role(draft, user=bob, role="organizer")
    assert sign_in(bob).get("/o/robots/delete/").status_code == 403
    answer = alices.post("/o/robots/delete/", {"typed": "Robot"})
    assert answer.status_code == 400
    assert 'href="#id_typed"' in answer.content.decode()
    answer = alices.post("/o/robots/delete/", {"typed": "Robots"}, follow=True)
    assert "“Robots” is deleted." in answer.content.decode()
    assert not Consultation.objects.exists()


def test_a_deletion_tells_no_small_number(
    consultation: Consultation, member: Membership, sign_in: SignIn, alice: User
) -> None:
    """Below k it says “fewer than”."""
    page = sign_in(alice).get("/o/ai/delete/").content.decode()
    assert "fewer than 10" in page
