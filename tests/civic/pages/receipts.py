"""Somebody who wrote what is in every state, and what an auditor says of her receipt."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from civic.accounts.models import User
from civic.audit.pipeline import seal
from civic.consultations.models import Membership
from civic.reactions.services import cast_reaction, undo_reaction
from civic.specs.models import SpecVersion
from civic.specs.sealing import sign_waiting
from civic.statements.models import Claim, Statement
from civic.statements.pipeline import prepare_statement
from civic.statements.ruling import moderate_statement
from civic.statements.services import submit_statement, withdraw_statement
from verifier.citizen import check_citizen
from verifier.notes import read_keys

SignIn = Callable[[User | None], Client]
Document = dict[str, Any]


@pytest.fixture(autouse=True)
def _log(settings: LazySettings, tmp_path: Path) -> None:
    """A log with a key of the test's own."""
    settings.LOG_KEY, settings.LOG_KEY_FILE = "", str(tmp_path / "log-key")
    settings.MAKES_LOG_KEY, settings.LOG_ORIGIN = True, "example.org/log"


def sent(author: Membership, text: str) -> Statement:
    """A statement that was sent and read."""
    statement = submit_statement(author=author, text=text)
    prepare_statement(statement.pk)
    statement.refresh_from_db()
    return statement


@pytest.fixture
def spoken(
    member: Membership, alice: User, asked: list[Claim], published: SpecVersion
) -> Membership:
    """Bob wrote what is in every state, answered, changed and took back; all of it is sealed."""
    words = (
        "AI should say where its numbers come from. I count money for a living.",
        "AI should never laugh at people.",
        "AI should ask before it acts.",
        "AI should wait.",
    )
    shown, hidden, gone, _waits = (sent(member, text) for text in words)
    moderate_statement(shown, by=alice, decision="accepted", reason="Fine.")
    moderate_statement(hidden, by=alice, decision="rejected", reason="", rule="insult")
    withdraw_statement(gone, by=member.user)
    cast_reaction(asked[1], participant=member, value="agree")
    cast_reaction(asked[1], participant=member, value="disagree", importance=4)
    cast_reaction(asked[2], participant=member, value="depends", condition="If I may say no.")
    cast_reaction(asked[0], participant=member, value="agree")
    undo_reaction(asked[0], participant=member)
    Statement.objects.filter(pk=asked[0].statement_id).update(is_imported=True)
    seal()
    sign_waiting()
    return member


def checked(document: Document, *, spec: str | None = None) -> list[str]:
    """What the auditor's program says of a file; raises Fault."""
    keys = read_keys("keys", json.dumps(document["keys"]), trusted=None)
    return list(check_citizen(document, keys, spec=spec, where="receipt.json"))
