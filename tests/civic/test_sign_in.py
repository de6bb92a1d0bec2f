"""Signing in by a code that comes by mail; no passwords anywhere."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from civic.accounts import locks
from civic.accounts.mail import QueuedBackend
from civic.accounts.models import User


def code_in(message: mail.EmailMessage) -> str:
    """The code that a message carries, alone on its line."""
    return re.search(r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", message.body, re.MULTILINE)[1]


def ask_for_code(client: Client, email: str) -> str:
    """Where the person is led after giving an address."""
    answer = client.post(reverse("account_request_login_code"), {"email": email})
    return f"{answer.status_code} {answer.headers.get('Location')}"


def test_the_mailed_code_signs_in(client: Client, alice: User) -> None:
    """Address, code, done."""
    ask_for_code(client, alice.email)
    client.post(reverse("account_confirm_login_code"), {"code": code_in(mail.outbox[0])})
    assert client.session["_auth_user_id"] == str(alice.pk)


def test_a_wrong_code_does_not_sign_in(client: Client, alice: User) -> None:
    """Somebody who only knows the address gets nowhere."""
    ask_for_code(client, alice.email)
    client.post(reverse("account_confirm_login_code"), {"code": "WRONG1"})
    assert "_auth_user_id" not in client.session


def test_known_and_unknown_addresses_get_the_same_answer(client: Client, alice: User) -> None:
    """Neither the page nor the mail tells who has an account."""
    known = ask_for_code(client, alice.email)
    stranger = Client()
    assert ask_for_code(stranger, "nobody@example.org") == known
    first, second = (
        one.get(reverse("account_confirm_login_code")).text for one in (client, stranger)
    )
    assert blank(first, alice.email) == blank(second, "nobody@example.org")
    assert mail.outbox[0].subject == mail.outbox[1].subject
    assert blank(mail.outbox[0].body) == blank(mail.outbox[1].body)


def blank(text: str, email: str = "") -> str:
    """A text without what differs from one person to the next in any case."""
    text = re.sub(r'value="[A-Za-z0-9]{64}"', "", text).replace(email or "\0", "")
    return re.sub(r"\d{6}", "", text)


def test_a_new_person_starts_with_the_same_code(client: Client, db: None) -> None:
    """An address and the code that reached it make an account without a password."""
    ask_for_code(client, "Dora@Example.org")
    assert "_auth_user_id" not in client.session
    client.post(reverse("account_confirm_login_code"), {"code": code_in(mail.outbox[0])})
    dora = User.objects.get(email="dora@example.org")
    assert client.session["_auth_user_id"] == str(dora.pk)
    assert not dora.has_usable_password()
    assert not dora.is_host
    assert dora.emailaddress_set.get().verified


def test_an_address_that_nobody_confirmed_is_forgotten(client: Client, db: None) -> None:
    """Two days later, somebody else's request finds no trace of it."""
    ask_for_code(client, "typo@example.org")
    ask_for_code(Client(), "fresh@example.org")
    User.objects.filter(email="typo@example.org").update(
        date_joined=timezone.now() - timedelta(days=3)
    )
    ask_for_code(Client(), "dora@example.org")
    assert set(User.objects.values_list("email", flat=True)) == {
        "fresh@example.org",
        "dora@example.org",
    }


@pytest.mark.parametrize("shape", ["{}", " {} ", "{0[0]}{0[1]}{0[2]} {0[3]}{0[4]}{0[5]}", "{}\n"])
def test_a_pasted_code_may_have_spaces(client: Client, alice: User, shape: str) -> None:
    """What a mail program copies along does no harm."""
    ask_for_code(client, alice.email)
    code = shape.format(code_in(mail.outbox[0]))
    client.post(reverse("account_confirm_login_code"), {"code": code})
    assert client.session["_auth_user_id"] == str(alice.pk)


def test_the_code_field_opens_the_keys_for_digits(client: Client, alice: User) -> None:
    """A phone offers the code from the message, and digits to type."""
    ask_for_code(client, alice.email)
    page = client.get(reverse("account_confirm_login_code")).text
    field = re.search(r'<input class="code"[^>]*>', page)[0]
    assert 'autocomplete="one-time-code"' in field
    assert 'inputmode="numeric"' in field


@pytest.mark.parametrize("email", ["alice@example.org", "nobody@example.org"])
def test_five_wrong_codes_lock_an_address_for_a_stated_time(
    client: Client, alice: User, email: str
) -> None:
    """Each page says how many tries are left, then until when; a new code is refused till then."""
    ask_for_code(client, email)
    page = reverse("account_confirm_login_code")
    for left in (4, 3, 2, 1):
        answer = client.post(page, {"code": "wrong"})
        assert answer.status_code == 400
        assert f"{left} tr" in answer.text
    answer = client.post(page, {"code": "wrong"}, follow=True)
    assert re.search(r"no code works for it until \d\d:\d\d UTC, 5 minutes from now", answer.text)
    answer = Client().post(reverse("account_request_login_code"), {"email": email.upper()})
    assert answer.status_code == 200
    assert "5 minutes from now" in answer.text
    sent = len(mail.outbox)
    cache.clear()
    ask_for_code(Client(), email)
    assert len(mail.outbox) == sent + 1


def test_wrong_codes_are_counted_by_address_and_not_by_browser(alice: User) -> None:
    """Five browsers with a try each lock it, also for the right code in a sixth."""
    page = reverse("account_confirm_login_code")
    alices, strangers = Client(), [Client() for _each in range(5)]
    for browser in (alices, *strangers):
        ask_for_code(browser, alice.email)
        cache.delete_many([key for key in _limits() if "request_login_code" in key])
    code = code_in(mail.outbox[0])
    for left, browser in zip((4, 3, 2, 1), strangers, strict=False):
        assert f"{left} tr" in browser.post(page, {"code": "wrong"}).text
    answer = strangers[-1].post(page, {"code": "wrong"}, follow=True)
    assert "5 minutes from now" in answer.text
    answer = alices.post(page, {"code": code}, follow=True)
    assert "5 minutes from now" in answer.text
    assert "_auth_user_id" not in alices.session
    cache.clear()
    alices.post(page, {"code": code})
    assert alices.session["_auth_user_id"] == str(alice.pk)


def test_the_right_code_begins_the_count_anew(alice: User) -> None:
    """Whoever mistyped four times and got in has five tries the next time."""
    browser, page = Client(), reverse("account_confirm_login_code")
    ask_for_code(browser, alice.email)
    for _each in range(4):
        browser.post(page, {"code": "wrong"})
    browser.post(page, {"code": code_in(mail.outbox[0])})
    again = Client()
    ask_for_code(again, alice.email)
    assert "4 tries are left" in again.post(page, {"code": "wrong"}).text


def test_a_crowd_pushes_no_lock_out(db: None) -> None:
    """Thousands of people are counted in the same cache; a locked address stays locked."""
    locks.lock("alice@example.org")
    for number in range(5_000):
        cache.set(f"limit-of-{number}", [1.0], 60)
    assert locks.locked("alice@example.org")


def _limits() -> list[str]:
    """What is counted in the cache of the test."""
    return [key.split(":", 2)[2] for key in cache._cache]


def test_a_new_code_is_sent_half_a_minute_after_the_last(
    client: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before that, the page says how long to wait; after it, the old code is void."""
    ask_for_code(client, alice.email)
    page = reverse("account_confirm_login_code")
    answer = client.post(page, {"action": "resend"}, follow=True)
    assert "A new code can be sent in" in answer.text
    assert len(mail.outbox) == 1
    later = time.time() + 31
    monkeypatch.setattr("civic.accounts.views.time.time", lambda: later)
    client.post(page, {"action": "resend"})
    old, new = (code_in(message) for message in mail.outbox)
    client.post(page, {"code": old})
    assert "_auth_user_id" not in client.session
    client.post(page, {"code": new})
    assert client.session["_auth_user_id"] == str(alice.pk)


def test_nobodys_mailbox_is_filled_with_codes(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many browsers ask, and ask for another one, for as long as somebody has patience."""
    start = time.time()
    for minute in range(55):
        now = start + 60 * minute
        monkeypatch.setattr("allauth.core.internal.ratelimit.time.time", lambda now=now: now)
        client = Client()
        ask_for_code(client, alice.email)
        monkeypatch.setattr("civic.accounts.views.time.time", lambda now=now: now + 40)
        client.post(reverse("account_confirm_login_code"), {"action": "resend"})
    assert 3 < len(mail.outbox) <= 12


@pytest.mark.parametrize("path", ["login/", "password/reset/", "reauthenticate/"])
def test_no_page_takes_a_password(client: Client, db: None, path: str) -> None:
    """Every other way in leads to the code."""
    answer = client.post(f"/accounts/{path}", {"login": "x", "password": "y"})
    assert answer["Location"] == reverse("account_request_login_code")
    assert client.post("/accounts/password/set/").status_code == 404


def test_the_demo_code_works_on_a_demo_machine(
    client: Client, alice: User, settings: LazySettings
) -> None:
    """For trying the platform without a mailbox; settings refuse it on a public address."""
    settings.DEMO_CODE = "DEMO42"
    ask_for_code(client, alice.email)
    client.post(reverse("account_confirm_login_code"), {"code": "DEMO42"})
    assert client.session["_auth_user_id"] == str(alice.pk)


@pytest.mark.django_db
def test_mail_is_delivered_by_the_worker(
    settings: LazySettings, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    """The page only queues it; the task hands it to the configured backend."""
    settings.DELIVERY_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    message = mail.EmailMultiAlternatives("Hello", "Text", "a@example.org", ["b@example.org"])
    with django_capture_on_commit_callbacks(execute=True):
        assert QueuedBackend().send_messages([message]) == 1
        assert mail.outbox == []
    assert [(m.subject, m.body, m.to) for m in mail.outbox] == [
        ("Hello", "Text", ["b@example.org"])
    ]
