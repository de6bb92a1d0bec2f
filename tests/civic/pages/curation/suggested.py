"""What an analysis suggests about claims, and the pages that show it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client
from django.urls import reverse

from civic.accounts.models import User
from civic.statements.models import Claim

SignIn = Callable[[User | None], Client]
NewClaim = Callable[..., Claim]
HOSTILE = "<script>alert(1)</script> AI & “you”\u202e"
EVIDENCE = {
    "similarity": 0.7,
    "both": 0,
    "association": None,
    "lo": None,
    "hi": None,
    "agree_both": 0,
    "source": "text",
    "score": 0.5,
    "why": "One asks for what the other speaks against. <b>Nobody</b> answered both.",
}


def address(name: str, *values: object) -> str:
    return reverse(f"pages:{name}", args=["ai", *values])


def page(client: Client, path: str, **data: Any) -> str:
    answer = client.get(path, data)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()
