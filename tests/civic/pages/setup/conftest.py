"""Alice sets a consultation up: her browser and her draft."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from civic.accounts.models import User
from civic.consultations.models import Consultation

SignIn = Callable[[User | None], Client]


@pytest.fixture
def alices(sign_in: SignIn, alice: User) -> Client:
    """Alice's browser, with a draft of hers."""
    browser = sign_in(alice)
    browser.post("/o/new/", {"title": "Robots", "blueprint": "scenario"})
    return browser


@pytest.fixture
def draft(alices: Client) -> Consultation:
    """The draft that Alice made."""
    return Consultation.objects.get(slug="robots")
