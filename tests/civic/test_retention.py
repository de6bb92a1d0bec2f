"""What is over is deleted, recorded and gone; what results need stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from civic.accounts.models import Session, User
from civic.accounts.services import newcomer
from civic.analysis.models import Run, RunEvent
from civic.audit.models import Entry
from civic.consultations.models import Consultation, Invitation, Membership
from civic.consultations.phases import Phase
from civic.consultations.services import accept_invitation, invite, open_phase
from civic.pages import retention
from civic.pages.tasks import sweep
from civic.reactions.models import Reaction, Serving
from civic.specs.webhooks.models import Delivery, Webhook
from civic.statements.models import Claim

DAY = timedelta(days=1)
LATER = timedelta(days=181)


@pytest.fixture
def shown(
    consultation: Consultation, member: Membership, alice: User, new_claim: Callable[..., Claim]
) -> Consultation:
    """Two sentences were shown to Bob; he answered one. Then it was closed."""
    open_phase(consultation, phase=Phase.REACT, by=alice)
    for number in range(2):
        claim = new_claim(f"AI should be kind {number}.")
        Serving.objects.create(claim=claim, participant=member, probability=0.5)
        if number:
            Reaction.objects.create(
                claim=claim, participant=member, value="agree", served=True, probability=0.5
            )
    open_phase(consultation, phase=Phase.CLOSED, by=alice)
    return consultation


def swept() -> int:
    return Entry.objects.filter(action="retention.swept").count()


def test_ended_sessions_go_with_their_drafts_and_others_stay(db: None) -> None:
    """Each sweep leaves one entry; one that finds nothing leaves none."""
    now = timezone.now()
    Session.objects.create(session_key="over", session_data="draft", expire_date=now - DAY)
    Session.objects.create(session_key="open", session_data="draft", expire_date=now + DAY)
    sweep()
    assert list(Session.objects.values_list("pk", flat=True)) == ["open"]
    assert swept() == 1
    sweep()
    assert swept() == 1


def test_what_was_shown_goes_once_it_was_closed_for_long(shown: Consultation, alice: User) -> None:
    """Not before, and not while it is open again; answers keep how they were asked."""
    now = timezone.now()
    assert retention.sweep(now=now + LATER - 2 * DAY)["servings"] == 0
    open_phase(shown, phase=Phase.REVIEW, by=alice)
    assert retention.sweep(now=now + LATER)["servings"] == 0
    open_phase(shown, phase=Phase.CLOSED, by=alice)
    assert retention.sweep(now=timezone.now() + LATER)["servings"] == 2
    assert not Serving.objects.exists()
    assert list(Reaction.objects.values_list("served", "probability")) == [(True, 0.5)]


def test_messages_to_webhooks_go_and_those_that_wait_stay(consultation: Consultation) -> None:
    """A message that waits is still to be sent, however old."""
    hook = Webhook.objects.create(consultation=consultation, url="https://x.example/", secret="s")
    old = timezone.now() - timedelta(days=settings.KEEP_DELIVERIES_DAYS + 1)
    for status in Delivery.Status.values:
        Delivery.objects.create(webhook=hook, event="e", body="{}", status=status, created_at=old)
    Delivery.objects.create(webhook=hook, event="e", body="{}", status="delivered")
    assert retention.sweep()["webhook_messages"] == 2
    left = Delivery.objects.order_by("pk").values_list("status", flat=True)
    assert list(left) == ["waiting", "delivered"]


def test_invitations_go_long_after_they_were_used_or_ran_out(
    consultation: Consultation, alice: User, charlie: User
) -> None:
    """Whoever came in by one stays in, and one that may still be used stays."""
    now = timezone.now()
    used, token = invite(consultation, by=alice, role="participant")
    expired, _ = invite(consultation, by=alice, role="participant")
    accept_invitation(token, user=charlie)
    invite(consultation, by=alice, role="moderator")
    Invitation.objects.filter(pk=used.pk).update(expires_at=now + 999 * DAY)
    Invitation.objects.filter(pk=expired.pk).update(expires_at=now - DAY)
    days = settings.KEEP_INVITATIONS_DAYS
    assert retention.sweep(now=now + (days - 2) * DAY)["invitations"] == 0
    assert retention.sweep(now=now + (days + 1) * DAY)["invitations"] == 2
    assert Invitation.objects.get().role == "moderator"
    assert consultation.memberships.filter(user=charlie, is_participant=True).exists()


def test_log_lines_go_long_after_an_analysis_ended(consultation: Consultation) -> None:
    """Those of one under way stay, and so does every run."""
    old = timezone.now() - (settings.KEEP_RUN_LOGS_DAYS + 1) * DAY
    for finished in (old, timezone.now(), None):
        run = Run.objects.create(consultation=consultation, finished_at=finished, created_at=old)
        RunEvent.objects.create(run=run, text="Cancelled.", at=old)
    assert retention.sweep()["run_logs"] == 1
    assert RunEvent.objects.count() == 2
    assert Run.objects.count() == 3


def test_addresses_that_nobody_confirmed_are_forgotten(db: None, bob: User) -> None:
    """After two days, whether or not somebody else asks for a code."""
    late = newcomer("late@example.org")
    User.objects.update(date_joined=timezone.now() - 3 * DAY)
    assert retention.sweep()["unconfirmed_addresses"] == 1
    assert not User.objects.filter(pk=late.pk).exists()
    assert User.objects.filter(pk=bob.pk).exists()


def test_a_sweep_takes_so_many_and_the_next_the_rest(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In batches, so that no other work waits for long."""
    monkeypatch.setattr(retention, "BATCH", 2)
    monkeypatch.setattr(retention, "MOST", 5)
    over = timezone.now() - DAY
    Session.objects.bulk_create(
        Session(session_key=f"s{number}", session_data="", expire_date=over) for number in range(7)
    )
    assert [retention.sweep()["sessions"] for _ in range(3)] == [5, 2, 0]
    assert swept() == 2


def test_a_sweep_that_fails_deletes_nothing(
    shown: Consultation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deletions and their entry are one act."""

    def fail() -> int:
        raise OSError("gone")

    monkeypatch.setattr(retention, "forget_newcomers", fail)
    with pytest.raises(OSError, match="gone"):
        retention.sweep(now=timezone.now() + LATER)
    assert Serving.objects.count() == 2
    assert swept() == 0
