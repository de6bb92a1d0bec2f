"""One case: `python -m tests.bench.pages [SLUG]` asks for every page of a consultation.

Server time, queries and size of each address in `tests/addresses.py`, as whoever may open it sees
it, in a platform that holds an analysed and published consultation already (CONCORDANCE_HOME).
Prints JSON: name -> {"status", "ms", "cpu_ms", "queries", "kilobytes"}.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Mapping
from typing import Any

import django

RENDERS = 5
READER, OWNER = "reader@bench.example", "owner@bench.example"


def things(slug: str, *, reader: Any) -> dict[str, object]:
    """What the variable parts of addresses name: a clause, a statement, a run and so on."""
    from civic.consultations.models import Consultation
    from civic.consultations.receipt_links import link_of, make_link
    from civic.specs.models import Clause
    from civic.specs.selectors import latest_public

    consultation = Consultation.objects.get(slug=slug)
    spec = latest_public(consultation)
    clause = Clause.objects.filter(spec=spec, status="adopted").first()
    claim = clause.claim if clause else consultation.claims.shown().first()
    own = reader.statements.first()
    link = link_of(reader) or make_link(reader)
    return {
        "slug": slug,
        "statement": claim.statement.uuid,
        "own_statement": own.uuid if own else None,
        "receipt_token": link.token,
        "claim": claim.uuid,
        "spec": spec.number if spec else None,
        "later_spec": spec.number if spec else None,
        "clause": clause.key if clause else None,
        "part": "not_adopted",
        "run": consultation.runs.first().uuid,
    }


def people(slug: str) -> tuple[Any, Any]:
    """Somebody who wrote and answered a middling lot, and an owner; both can sign in."""
    from django.db.models import Count
    from django.utils import timezone

    from civic.accounts.services import ensure_user
    from civic.consultations.models import Consultation, Membership

    consultation = Consultation.objects.get(slug=slug)
    reader = consultation.memberships.filter(user__email=READER).first()
    if reader is None:
        writers = consultation.memberships.filter(statements__isnull=False, user=None).distinct()
        ranked = writers.annotate(n=Count("reactions", distinct=True)).order_by("n", "pk")
        reader = ranked[ranked.count() // 2]
        reader.user = ensure_user(READER)
        reader.is_participant, reader.consented_at = True, timezone.now()
        reader.save(update_fields=["user", "is_participant", "consented_at"])
    owner, _ = Membership.objects.get_or_create(
        consultation=consultation,
        user=ensure_user(OWNER),
        defaults={"is_owner": True, "is_organizer": True},
    )
    owner.user.is_host = True
    owner.user.save(update_fields=["is_host"])
    return reader, owner


def measure(client: Any, address: str) -> dict[str, float]:
    """Median milliseconds of a page, its queries and its size."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(address)
    queries = len(asked)
    times, work = [], []
    for _ in range(RENDERS):
        start, worked = time.perf_counter(), time.thread_time()
        client.get(address)
        times.append(time.perf_counter() - start)
        work.append(time.thread_time() - worked)
    return {
        "status": answer.status_code,
        "ms": statistics.median(times) * 1000,
        "cpu_ms": statistics.median(work) * 1000,  # what a busy machine does not lengthen
        "queries": queries,
        "kilobytes": len(answer.content) / 1024,
    }


def all_pages(slug: str) -> Mapping[str, dict[str, float]]:
    """Every page, asked for by the least that may open it."""
    from django.test import Client

    from tests.addresses import PAGES, Reader, is_known, path

    reader, owner = people(slug)
    found = things(slug, reader=reader)
    clients = {who: Client(headers={"host": "localhost"}) for who in Reader}
    clients[Reader.CITIZEN].force_login(reader.user)
    clients[Reader.ORGANIZER].force_login(owner.user)
    return {
        name: measure(clients[page.reader], path(name, found))
        for name, page in PAGES.items()
        if is_known(page, found)
    }


def main(slug: str) -> Mapping[str, dict[str, float]]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "civic.settings")
    django.setup()
    from django.core.management import call_command

    call_command("collectstatic", verbosity=0, interactive=False)
    return all_pages(slug)


if __name__ == "__main__":
    json.dump(main(sys.argv[1] if len(sys.argv) > 1 else "bench"), sys.stdout)
