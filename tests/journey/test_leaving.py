"""Somebody quoted in a published spec has everything deleted that she gave."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect

from aggregation.exports import NAMES
from tests.journey.conftest import Cast, NewVisitor
from tests.journey.things import dashed
from tests.journey.visitor import Visitor

pytestmark = pytest.mark.browser

A_MINUTE = 60  # seconds until nothing of hers is left anywhere
# The author of the last clause of the first version gets an account, as if she had signed in.
GIVE_AN_ACCOUNT = """
from django.conf import settings
from django.test import Client
from django.utils import timezone
from civic.accounts.services import ensure_user
from civic.specs.models import Clause
clause = Clause.objects.filter(
    spec__number=1, spec__consultation__slug="SLUG", status="adopted"
).order_by("pk").last()
author = clause.claim.statement.author
author.user, author.consented_at = ensure_user("leaving@example.org"), timezone.now()
author.is_participant = True
author.save()
client = Client()
client.force_login(author.user)
print("session", client.cookies[settings.SESSION_COOKIE_NAME].value, author.pk)
"""


# check 25
def test_deleted_words_are_gone_from_everywhere_within_a_minute(
    new_visitor: NewVisitor, cast: Cast
) -> None:
    """Pages, search, files and the record of the whole text; a tombstone stands in the spec."""
    stranger = new_visitor()
    platform = stranger.platform
    told = platform.shell(GIVE_AN_ACCOUNT.replace("SLUG", platform.slug))
    _, session, member = told[told.index("session") :].split()[:3]
    cookie = cast.cookies["citizen"] | {"value": session, "url": platform.url}
    leaving = new_visitor()
    leaving.page.context.add_cookies([cookie])
    query = "select uuid, text from statements_statement where author_id = ? order by id"
    hers = platform.rows(query, int(member))
    sentences = [one for _, text in hers for one in re.split(r"(?<=[.!?؟。])\s*", text) if one]
    assert sentences
    before = platform.count("select count(*) from audit_entry")
    assert any(shown(stranger, text) for text in sentences)

    leaving.go("mine/delete/")
    leaving.page.get_by_role("main").locator("input[name=word]").fill("delete")
    started = time.monotonic()
    leaving.press("Delete my part for good", patience=120_000)
    expect(leaving.page.get_by_role("main")).to_contain_text(
        "Your part is deleted.", timeout=A_MINUTE * 1000
    )
    assert [text for text in sentences if shown(stranger, text)] == []
    assert [text for _, text in platform.rows(query, int(member)) if text] == []
    for uuid, _ in hers:
        stranger.go(f"statements/{dashed(uuid)}/")
        assert_nowhere(stranger.page.content(), sentences)
    assert time.monotonic() - started < A_MINUTE * 2  # the machine may be busy with other things
    stranger.go("spec/1/parts/adopted/")
    tombstones = stranger.page.locator(".tombstone")
    stranger.go("spec/1/")
    expect(tombstones.or_(stranger.page.get_by_text("removed at")).first).to_be_attached()
    assert platform.count("select count(*) from audit_entry") > before
    assert (
        platform.count("select count(*) from audit_entry where action = 'membership.erased'") == 1
    )


def assert_nowhere(content: str, sentences: list[str]) -> None:
    assert [text for text in sentences if text in content] == []


def shown(stranger: Visitor, text: str) -> bool:
    """Whether a page, the search or a file of the spec still holds these words."""
    platform, found = stranger.platform, False
    addresses = ["results/", "spec/", "joined/", "decisions/"]
    addresses += [f"spec/1/parts/{part}/" for part in ("adopted", "provisional", "contested")]
    addresses += [f"spec/1/parts/{part}/?q={text[:60]}" for part in ("adopted", "not_adopted")]
    addresses += [f"spec/1/files/{name}" for name in (*NAMES, "report.html")]
    for address in addresses:
        answer = stranger.get(platform.consultation + address)
        assert answer.status == 200, address
        found |= text.rstrip(".") in answer.text().replace("&#x27;", "'")
    return found
