"""The pages on which an analysis is looked at, and a crowd to analyse."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from civic.accounts.models import User
from civic.analysis.models import Run
from civic.consultations.models import Consultation, Membership

SignIn = Callable[[User | None], Client]
PAGES = (
    *("explore", "explore_sentences", "explore_groups", "explore_table"),
    *("explore_map", "explore_rules", "what_if"),
)
HOSTILE = "<script>alert(1)</script>"


def address(name: str, of: Run, **query: object) -> str:
    return reverse(f"pages:{name}", args=[of.consultation.slug], query=query or None)


def texts(page: str) -> str:
    """The page without line breaks and runs of space."""
    return " ".join(page.split())


def crowd(consultation: Consultation, number: int) -> list[Membership]:
    return Membership.objects.bulk_create(
        Membership(consultation=consultation, key=uuid.uuid4().hex[:12], is_participant=True)
        for _ in range(number)
    )
