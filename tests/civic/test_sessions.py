"""Whose session it is stands beside it, so that nobody else's is opened to find hers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.contrib.sessions.backends.db import SessionStore as Earlier
from django.contrib.sessions.models import Session as EarlierRow
from django.test import Client
from django.utils import timezone

from civic.accounts import sessions
from civic.accounts.models import Session, User


@pytest.fixture
def browsers(alice: User, bob: User, charlie: User) -> dict[str, list[Client]]:
    """Bob signed in twice, Alice and Charlie once each; somebody just looks."""
    found: dict[str, list[Client]] = {}
    for name, user, times in (("bob", bob, 2), ("alice", alice, 1), ("charlie", charlie, 1)):
        found[name] = [Client() for _each in range(times)]
        for browser in found[name]:
            browser.force_login(user)
    Client().session.save()
    return found


def is_in(browser: Client) -> bool:
    return browser.get("/me/").status_code == 200


def test_ending_sessions_signs_one_person_out_everywhere(
    browsers: dict[str, list[Client]], bob: User
) -> None:
    """Both browsers of Bob's; owner and stranger stay signed in."""
    assert sessions.end_sessions(bob.pk) == 2
    assert [is_in(one) for one in browsers["bob"]] == [False, False]
    assert is_in(browsers["alice"][0])
    assert is_in(browsers["charlie"][0])


def test_nobody_elses_session_is_opened(
    browsers: dict[str, list[Client]],
    bob: User,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: Callable[[int], Any],
) -> None:
    """However many there are: one look for what expired, one for hers."""
    Session.objects.bulk_create(
        Session(session_key=f"s{n}", session_data="", expire_date=_later(), user_id=10_000 + n)
        for n in range(50)
    )
    monkeypatch.setattr(sessions.SessionStore, "decode", None)
    with django_assert_num_queries(2):
        sessions.end_sessions(bob.pk)
    assert Session.objects.count() == 53


def test_one_entry_goes_and_she_stays_signed_in(
    browsers: dict[str, list[Client]], bob: User
) -> None:
    """A draft is forgotten in every browser of hers and in nobody else's."""
    for browser in (*browsers["bob"], *browsers["alice"]):
        held = browser.session
        held["draft-x"] = "words"
        held.save()
    sessions.forget_in_sessions(bob.pk, name="draft-x")
    assert ["draft-x" in one.session for one in browsers["bob"]] == [False, False]
    assert "draft-x" in browsers["alice"][0].session
    assert all(is_in(one) for one in browsers["bob"])


def test_expired_sessions_go_whosever_they_are(
    browsers: dict[str, list[Client]], bob: User, alice: User
) -> None:
    """They may hold drafts of people who do not come back."""
    Session.objects.filter(user_id=alice.pk).update(expire_date=timezone.now() - timedelta(days=1))
    sessions.end_sessions(bob.pk)
    assert not Session.objects.filter(user_id=alice.pk).exists()


def test_whoever_signs_out_leaves_no_session_of_hers(
    browsers: dict[str, list[Client]], charlie: User
) -> None:
    """What the browser holds afterwards is nobody's."""
    browsers["charlie"][0].post("/accounts/logout/")
    assert not Session.objects.filter(user_id=charlie.pk).exists()


def test_everybody_stays_signed_in_through_the_change(bob: User) -> None:
    """Sessions of Django's own table are taken over with their account; expired ones are not."""
    browser = Client()
    browser.force_login(bob)
    row = Session.objects.get(user_id=bob.pk)
    for key, expires in ((row.session_key, _later()), ("old", timezone.now())):
        EarlierRow.objects.create(
            session_key=key, session_data=row.session_data, expire_date=expires
        )
    EarlierRow.objects.create(
        session_key="bare", session_data=Earlier().encode({"a": 1}), expire_date=_later()
    )
    Session.objects.all().delete()
    import_module("civic.accounts.migrations.0003_sessions_by_account").move(apps, None)
    assert is_in(browser)
    assert set(Session.objects.values_list("session_key", "user_id")) == {
        (row.session_key, bob.pk),
        ("bare", None),
    }
    assert not EarlierRow.objects.exists()


def _later() -> Any:
    return timezone.now() + timedelta(days=1)
