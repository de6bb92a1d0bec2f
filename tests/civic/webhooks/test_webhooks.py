"""Webhooks: announced with the act, sent by the worker, tried again, turned off, seen on a page."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from conftest import Receiver
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from civic.accounts.models import User
from civic.audit.models import Entry
from civic.consultations.models import Consultation, Membership
from civic.errors import Conflict, Invalid
from civic.specs import announcing
from civic.specs.erasing import erase_part
from civic.specs.models import SpecVersion
from civic.specs.services import draft_spec, publish_spec, withdraw_spec
from civic.specs.webhooks import pipeline, sending, services
from civic.specs.webhooks.models import Delivery, Webhook
from civic.statements.models import Claim
from tests.civic.pages.conftest import SENTENCES, analysed, asked

__all__ = ["asked"]
Captured = Callable[..., Any]


def due_again() -> None:
    """Let the wait before the next try be over."""
    Delivery.objects.update(due_at=timezone.now() - timedelta(seconds=1))


@pytest.fixture
def captured(django_capture_on_commit_callbacks: Captured) -> Captured:
    """Runs what was to happen after the commit, as the worker would."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def test_a_message_is_signed_and_delivered_once(
    webhook: Webhook, alice: User, receiver: Receiver, captured: Captured
) -> None:
    """Whoever holds the secret can check it; the same job twice sends nothing twice."""
    with captured():
        delivery = services.send_test(webhook, by=alice)
    pipeline.deliver(delivery.pk)
    ((headers, body),) = receiver.messages
    key = base64.b64decode(webhook.secret.removeprefix("whsec_"))
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["content-type"] == "application/json"
    message = json.loads(body)
    assert message["type"] == "webhook.test"
    assert message["timestamp"].endswith("Z")
    delivery.refresh_from_db()
    assert delivery.status == Delivery.Status.DELIVERED
    assert [one["status"] for one in delivery.attempts] == [204]


def test_what_happens_to_a_version_is_told(
    webhook: Webhook,
    consultation: Consultation,
    asked: list[Claim],
    member: Membership,
    bob: User,
    alice: User,
    receiver: Receiver,
    captured: Captured,
) -> None:
    """Published, redacted, withdrawn: each with the digest of its bytes, and no citizen's word."""
    draft = draft_spec(analysed(consultation, by=alice), by=alice)
    assert receiver.messages == []
    with captured():
        publish_spec(draft, by=alice)
    with captured():
        erase_part(member, by=bob)
    spec = SpecVersion.objects.get()
    with captured():
        withdraw_spec(spec, by=alice, reason="A mistake.")
    assert receiver.events == [announcing.PUBLISHED, announcing.REDACTED, announcing.WITHDRAWN]
    told = [json.loads(body)["data"] for _, body in receiver.messages]
    assert told[0]["sha256"] == told[1]["sha256_before"] == draft.sha256
    assert told[1]["sha256"] == told[2]["sha256"] == spec.sha256
    assert told[2]["reason"] == "A mistake."
    assert all(one["document"].endswith(f"/api/v1/specs/{spec.uuid}/document/") for one in told)
    everything = b"".join(body for _, body in receiver.messages).decode()
    assert not [sentence for sentence in SENTENCES if sentence in everything]


def test_an_act_that_is_taken_back_is_not_told(webhook: Webhook) -> None:
    """The rows are written with the act, so they go with it."""

    @transaction.atomic
    def fail() -> None:
        services.announce(webhook.consultation, event="spec.published", data={})
        raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert not Delivery.objects.exists()


def test_a_failure_is_tried_again_later_and_later_with_the_same_message(
    webhook: Webhook, receiver: Receiver
) -> None:
    """The id and the bytes stay; the waits grow up to a day; then it succeeds."""
    receiver.answers = [500, 503, 302, 204]
    services.announce(webhook.consultation, event="spec.published", data={})
    delivery = Delivery.objects.get()
    for tries in range(1, 5):
        pipeline.deliver(delivery.pk)
        pipeline.deliver(delivery.pk)  # Too early: nothing is sent.
        assert len(receiver.messages) == tries
        delivery.refresh_from_db()
        if tries < 4:
            assert delivery.status == Delivery.Status.WAITING
            wait = delivery.due_at - timezone.now()
            assert pipeline.WAITS[tries - 1] - timedelta(minutes=1) < wait
            due_again()
            assert pipeline.waiting() == [delivery.pk]
    assert delivery.status == Delivery.Status.DELIVERED
    assert [one["status"] for one in delivery.attempts] == [500, 503, 302, 204]
    assert len({headers["webhook-id"] for headers, _ in receiver.messages}) == 1
    assert len({body for _, body in receiver.messages}) == 1
    assert list(pipeline.WAITS) == sorted(pipeline.WAITS)
    assert pipeline.WAITS[-1] == timedelta(days=1)


def test_a_webhook_that_fails_for_long_is_turned_off_and_its_owner_told(
    webhook: Webhook, receiver: Receiver, alice: User, captured: Captured
) -> None:
    """Nothing more is sent; a person turns it on again and sends what failed, under its id."""
    receiver.answers = [500]
    for event in ("spec.published", "spec.withdrawn"):
        services.announce(webhook.consultation, event=event, data={})
    first, second = Delivery.objects.order_by("pk")
    with captured():
        for _ in range(len(pipeline.WAITS) + 1):
            due_again()
            pipeline.deliver(first.pk)
    webhook.refresh_from_db()
    first.refresh_from_db()
    second.refresh_from_db()
    assert not webhook.is_on
    assert (first.status, second.status) == ("failed", "failed")
    assert len(first.attempts) == len(receiver.messages) == len(pipeline.WAITS) + 1
    (letter,) = mail.outbox
    assert letter.to == [alice.email]
    assert receiver.url in letter.body
    assert Entry.objects.filter(action="webhook.turned_off").count() == 1
    services.announce(webhook.consultation, event="spec.published", data={})
    assert Delivery.objects.count() == 2
    with pytest.raises(Conflict):
        services.send_test(webhook, by=alice)
    services.turn_on(webhook, by=alice)
    webhook.refresh_from_db()
    receiver.answers = [200]
    with captured():
        services.send_again(Delivery.objects.select_related("webhook").get(pk=first.pk), by=alice)
    first.refresh_from_db()
    assert first.status == Delivery.Status.DELIVERED
    assert {h["webhook-id"] for h, _ in receiver.messages} == {first.message_id}
    with pytest.raises(Conflict):
        services.send_again(first, by=alice)


def test_a_receiver_that_is_gone_is_asked_no_more(webhook: Webhook, receiver: Receiver) -> None:
    """410 means: never again."""
    receiver.answers = [410]
    services.announce(webhook.consultation, event="spec.published", data={})
    pipeline.deliver(Delivery.objects.get().pk)
    webhook.refresh_from_db()
    assert not webhook.is_on


def test_a_worker_that_died_leaves_its_message_to_another(
    webhook: Webhook, receiver: Receiver
) -> None:
    """A claim runs out; until then nobody else sends."""
    services.announce(webhook.consultation, event="spec.published", data={})
    delivery = Delivery.objects.get()
    Delivery.objects.update(lease_until=timezone.now() + timedelta(minutes=1))
    pipeline.deliver(delivery.pk)
    assert (receiver.messages, pipeline.waiting()) == ([], [])
    Delivery.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    pipeline.deliver(delivery.pk)
    assert len(receiver.messages) == 1


def test_old_messages_leave_the_log(webhook: Webhook) -> None:
    """What is over for three months is not kept."""
    for status in Delivery.Status.values:
        Delivery.objects.create(webhook=webhook, event="x", body="{}", status=status)
    Delivery.objects.update(created_at=timezone.now() - timedelta(days=91))
    pipeline.waiting()
    assert [one.status for one in Delivery.objects.all()] == ["waiting"]


def test_only_public_addresses_are_registered(consultation: Consultation, alice: User) -> None:
    """Unless the house says otherwise."""
    for url in (
        "https://127.0.0.1/",
        "https://localhost/",
        "http://example.org/",
        "https://[::1]/",
    ):
        with pytest.raises(Invalid):
            services.register(consultation, url=url, by=alice)
    assert not Webhook.objects.exists()


def test_an_address_is_registered_once_and_few_are(
    webhook: Webhook, receiver: Receiver, alice: User
) -> None:
    """Twice the same, or more than ten, is refused."""
    with pytest.raises(Conflict):
        services.register(webhook.consultation, url=receiver.url, by=alice)
    for number in range(services.MOST - 1):
        services.register(webhook.consultation, url=f"{receiver.url}&n={number}", by=alice)
    with pytest.raises(Conflict):
        services.register(webhook.consultation, url=f"{receiver.url}&n=x", by=alice)


# --- On pages and over the API


@pytest.fixture
def alices(alice: User) -> Client:
    client = Client()
    client.force_login(alice)
    return client


def test_the_secret_is_shown_once(
    alices: Client, consultation: Consultation, receiver: Receiver, may_be_private: None
) -> None:
    """After registering, and after renewing; on no other page and in no cache."""
    page = alices.post("/o/ai/webhooks/", {"url": receiver.url})
    made = Webhook.objects.get()
    assert made.secret in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    here = f"/o/ai/webhooks/{made.uuid}/"
    for address in ("/o/ai/webhooks/", here):
        assert made.secret not in alices.get(address).content.decode()
    page = alices.post(f"{here}act/", {"act": "renew"}).content.decode()
    renewed = Webhook.objects.get().secret
    assert renewed != made.secret
    assert renewed in page
    assert made.secret not in page


def test_the_page_says_what_is_wrong_with_an_address(
    alices: Client, consultation: Consultation
) -> None:
    """At the field, in a sentence."""
    page = alices.post("/o/ai/webhooks/", {"url": "https://127.0.0.1/"})
    assert page.status_code == 400
    assert "not of the public internet" in page.content.decode()


def test_a_test_message_is_sent_and_stands_in_the_log(
    alices: Client, webhook: Webhook, receiver: Receiver, captured: Captured
) -> None:
    """The button sends it; the log shows the answer; a failure can be sent again."""
    receiver.answers = [418]
    here = f"/o/ai/webhooks/{webhook.uuid}/"
    with captured():
        assert alices.post(f"{here}act/", {"act": "test"}).status_code == 302
    page = alices.get(here).content.decode()
    assert "418" in page
    assert Delivery.objects.get().message_id in page
    receiver.answers = [204]
    with captured():
        alices.post(f"{here}act/", {"act": "again", "delivery": Delivery.objects.get().uuid})
    assert Delivery.objects.get().status == "delivered"
    assert alices.post(f"{here}act/", {"act": "again", "delivery": "x"}).status_code == 404
    assert alices.post(f"{here}act/", {"act": "nonsense"}).status_code == 400


def test_the_log_tells_each_try_in_the_readers_language(
    alices: Client, webhook: Webhook, receiver: Receiver
) -> None:
    """What the receiver answered, or why it could not be reached."""
    receiver.answers = [503]
    services.announce(webhook.consultation, event="spec.published", data={})
    delivery = Delivery.objects.get()
    pipeline.deliver(delivery.pk)
    Webhook.objects.update(url="https://nobody.invalid/")
    due_again()
    pipeline.deliver(delivery.pk)
    address = f"/o/ai/webhooks/{webhook.uuid}/"
    page = alices.get(address, headers={"Accept-Language": "de"}).content.decode()
    tries = re.findall(r"<li><time[^>]+>[^<]+</time> · ([^·]+) ·", page)
    assert tries == ["503", "Der Name des Rechners ließ sich nicht auflösen."]


def test_a_webhook_is_turned_on_and_removed_on_its_page(alices: Client, webhook: Webhook) -> None:
    """Both say what they did; the list then is empty."""
    Webhook.objects.update(disabled_at=timezone.now())
    here = f"/o/ai/webhooks/{webhook.uuid}/"
    assert "Turn it on" in alices.get(here).content.decode()
    alices.post(f"{here}act/", {"act": "on"})
    assert Webhook.objects.get().is_on
    alices.post(f"{here}act/", {"act": "remove"})
    assert "No program is told yet." in alices.get("/o/ai/webhooks/").content.decode()
    assert alices.get(here).status_code == 404


def test_programs_register_test_read_and_remove(
    alices: Client,
    consultation: Consultation,
    receiver: Receiver,
    may_be_private: None,
    captured: Captured,
) -> None:
    """The same acts over the API; the secret is in the first answer alone."""
    below = "/api/v1/consultations/ai/webhooks/"
    made = alices.post(below, {"url": receiver.url}, content_type="application/json")
    assert made.status_code == 201
    assert made.json()["secret"] == Webhook.objects.get().secret
    here = f"/api/v1/webhooks/{made.json()['id']}/"
    assert [one["url"] for one in alices.get(below).json()["results"]] == [receiver.url]
    assert "secret" not in alices.get(here).json()
    with captured():
        sent = alices.post(f"{here}test/", content_type="application/json")
    assert sent.status_code == 201
    (logged,) = alices.get(f"{here}deliveries/").json()["results"]
    assert (logged["id"], logged["status"]) == (sent.json()["id"], "delivered")
    assert alices.post(f"{here}remove/", content_type="application/json").status_code == 204
    assert alices.get(here).status_code == 404
    refused = alices.post(below, {"url": "ftp://x"}, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid")


@pytest.mark.django_db(transaction=True)
def test_a_slow_name_server_holds_nobody_up(
    consultation: Consultation, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is resolved before a transaction begins: on SQLite it would stop every writer."""
    held: list[bool] = []

    def resolved(host: str, port: int) -> list[str]:
        held.append(connection.in_atomic_block)
        return ["93.184.215.14"]

    monkeypatch.setattr(sending, "resolved", resolved)
    services.register(consultation, url="https://example.org/hooks", by=alice)
    assert held == [False]
