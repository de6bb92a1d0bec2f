"""One case: `python -m tests.bench.cockpit [PEOPLE CLAIMS ANSWERS]` fills a consultation, opens it.

Server time of what its organizer looks at while people answer, just counted and counted within
the last minute, in an empty platform (CONCORDANCE_HOME). Prints JSON: address -> {"cold_ms",
"warm_ms", "queries", "kilobytes"}.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from typing import Any

import django

RENDERS = 5
SIZE = (3_000, 1_400, 100_000)
ADDRESSES = ("", "live/", "patterns/", "moderation/?state=accepted", "log/")


def organizer(people: int, claims: int, answers: int) -> Any:
    """A browser of whoever organizes a consultation with so much in it."""
    from django.test import Client

    from civic.accounts.services import ensure_user
    from civic.consultations.models import Membership
    from civic.consultations.services import create_consultation, grant_role
    from tests.civic import crowded

    owner = ensure_user("owner@bench.example", is_host=True)
    consultation = create_consultation(title="Crowded", slug="crowded", by=owner)
    grant_role(consultation, user=owner, role=Membership.Role.OWNER)
    crowded.fill(consultation, people=people, claims=claims, answers=answers)
    client = Client(headers={"host": "localhost"})
    client.force_login(owner)
    return client


def measure(client: Any, address: str) -> dict[str, float]:
    """Median milliseconds with nothing kept and with all kept, queries and size."""
    from django.core.cache import cache
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    times: dict[str, list[float]] = {"cold_ms": [], "warm_ms": []}
    for _ in range(RENDERS):
        cache.clear()
        for kept in times:
            start = time.perf_counter()
            client.get(address)
            times[kept].append(1000 * (time.perf_counter() - start))
    cache.clear()
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(address)
    assert answer.status_code == 200, address
    medians = {kept: statistics.median(taken) for kept, taken in times.items()}
    return medians | {"queries": len(asked), "kilobytes": len(answer.content) / 1024}


def main(people: int, claims: int, answers: int) -> dict[str, dict[str, float]]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "civic.settings")
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    client = organizer(people, claims, answers)
    return {address: measure(client, f"/o/crowded/{address}") for address in ADDRESSES}


if __name__ == "__main__":
    sizes = [int(one) for one in sys.argv[1:]]
    json.dump(main(*sizes) if sizes else main(*SIZE), sys.stdout, indent=1)
