"""Writing as a person does it in a browser: send a text, have it read, find its sentences."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from aggregation import embed
from civic.accounts.models import User
from civic.consultations.models import Consultation, Membership
from civic.statements import pipeline
from civic.statements.models import Claim, Segment, Statement

SignIn = Callable[[User | None], Client]
NewClaim = Callable[..., Claim]
NewMember = Callable[[str], Membership]
WRITE = "/c/ai/write/"
SIMILAR = "/c/ai/write/similar/"
WISH = "AI should be honest with people."
TEXT = f"I am a nurse. {WISH} It should never lie to a patient."


def known(consultation: Consultation, *texts: str, author: Membership | None = None) -> list[Claim]:
    """Accepted one-sentence statements with claims and vectors."""
    backend = embed.load("hashing")
    vectors = backend.embed(texts, ["en"] * len(texts))
    space = backend.spec().space
    statements = Statement.objects.bulk_create(
        Statement(
            consultation=consultation,
            author=author,
            text=text,
            language="en",
            moderation="accepted",
        )
        for text in texts
    )
    Statement.objects.filter(pk__in=[one.pk for one in statements]).update(
        prepared_at=consultation.created_at
    )
    claims = Claim.objects.bulk_create(
        Claim(consultation=consultation, statement=one, start=0, end=len(one.text), language="en")
        for one in statements
    )
    Segment.objects.bulk_create(
        Segment(
            statement=claim.statement,
            claim=claim,
            start=0,
            end=claim.end,
            is_norm=True,
            vector=vector.astype("<f2").tobytes(),
            vector_spec=space,
        )
        for claim, vector in zip(claims, vectors, strict=True)
    )
    return claims


def token_of(page: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found is not None
    return found.group(1)


def sent(browser: Client, text: str = TEXT, **data: str) -> str:
    """Send a statement and have it prepared, as a worker does; the address of its receipt."""
    answer = browser.post(WRITE, {"text": text, **data})
    assert answer.status_code == 302
    for waiting in Statement.objects.filter(prepared_at=None):
        pipeline.prepare_statement(waiting.pk)
    return str(answer["Location"])


def sentence_at(receipt: str, start: int, *, act: str = "judge") -> str:
    return reverse(f"pages:{act}", args=["ai", receipt.rstrip("/").split("/")[-1], start])
