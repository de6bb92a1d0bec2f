"""`manage.py create_host`: the first organizer of an installation."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from civic.accounts.models import User
from civic.accounts.permissions import can
from civic.audit.models import Entry
from civic.consultations.models import Consultation


def test_a_known_address_becomes_a_hosts_once(bob: User) -> None:
    """Whoever had an account keeps it; saying it twice leaves one trace."""
    assert not can(bob, "consultations.create")
    for _ in range(2):
        call_command("create_host", "BOB@example.org", verbosity=0)
    bob.refresh_from_db()
    assert can(bob, "consultations.create")
    assert Entry.objects.filter(action="account.made_host").count() == 1


def test_a_new_address_may_create_and_organize(consultation: Consultation) -> None:
    """An imported consultation has nobody until somebody is named."""
    call_command("create_host", "dora@example.org", name="Dora", organize=[consultation.slug])
    dora = User.objects.get(email="dora@example.org")
    assert can(dora, "consultations.create")
    assert can(dora, "consultations.manage", consultation)


@pytest.mark.parametrize(
    ("email", "slugs", "named"),
    [("dora", [], "dora"), ("dora@example.org", ["ai", "nowhere"], "nowhere")],
)
def test_a_mistake_is_named_and_changes_nothing(
    consultation: Consultation, email: str, slugs: list[str], named: str
) -> None:
    """Neither an account nor half of the roles is left behind."""
    with pytest.raises(CommandError, match=named):
        call_command("create_host", email, organize=slugs)
    assert not User.objects.filter(email__startswith="dora").exists()
