"""Who is not of the team sees nothing of what lies behind the scenes.

Every address × every role × every method, pages and programs, is asked in
tests/civic/pages/test_route_matrix.py; here the platform that runs is asked for each page.
"""

from __future__ import annotations

import pytest

from tests.addresses import Reader, paths
from tests.journey.conftest import Cast, NewVisitor

pytestmark = pytest.mark.browser

FOR_HOSTS = ("/o/", "/o/new/")  # not about any one consultation


# check 21
@pytest.mark.parametrize("who", [None, "guest", "citizen", "elsewhere"])
def test_organizers_pages_are_closed_to_others(
    new_visitor: NewVisitor, cast: Cast, who: str | None
) -> None:
    """Refused or led to signing in, never an error, and no word of the consultation."""
    visitor = new_visitor(storage_state=cast.state(who) if who else None)
    platform = visitor.platform
    (quote,) = platform.rows("select text from statements_statement order by id limit 1")[0]
    secrets = (quote[:40], "Moderation", "Behind the scenes")
    desks = f"/o/{platform.slug}/"
    told = []
    for address in [
        one for one in paths(cast.things, reader=Reader.ORGANIZER) if one not in FOR_HOSTS
    ]:
        assert address.startswith(desks)
        answer = visitor.get(platform.url + address, max_redirects=0)
        leads = answer.headers.get("location", "")
        is_closed = answer.status in (401, 403, 404) or leads.startswith("/accounts/")
        if not is_closed or any(secret in answer.text() for secret in secrets):
            told.append(f"{answer.status} {leads}: {address}")
    assert told == []
    for kind in ("runs", "imports", "statements/queue", "audit", "suggestions"):
        address = f"{platform.url}/api/v1/consultations/{platform.slug}/{kind}/"
        assert visitor.get(address).status in (401, 403, 404), kind
