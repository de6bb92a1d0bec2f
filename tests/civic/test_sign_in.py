"""Signing in by a code that comes by mail; no passwords anywhere."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.core import mail
from django.test import Client
from django.urls import reverse

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
    """Nobody learns from the page who has an account."""
    known = ask_for_code(client, alice.email)
    assert ask_for_code(Client(), "nobody@example.org") == known


def test_a_new_person_signs_up_by_code(client: Client, db: None) -> None:
    """An address and the code that reached it make an account without a password."""
    client.post(reverse("account_signup"), {"email": "Dora@Example.org"})
    client.post(reverse("account_email_verification_sent"), {"code": code_in(mail.outbox[0])})
    dora = User.objects.get(email__iexact="dora@example.org")
    assert client.session["_auth_user_id"] == str(dora.pk)
    assert not dora.has_usable_password()
    assert not dora.is_host


def test_signing_up_twice_is_told_by_mail_alone(client: Client, alice: User) -> None:
    """The page answers as for a new address; the mail says where to sign in."""
    answer = client.post(reverse("account_signup"), {"email": alice.email})
    new = Client().post(reverse("account_signup"), {"email": "dora@example.org"})
    assert (answer.status_code, answer["Location"]) == (new.status_code, new["Location"])
    assert reverse("account_request_login_code") in mail.outbox[0].body


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
