"""One case: `python -m tests.bench.log [ENTRIES]` seals so many entries (a million) into the log.

Then what grows with the log and what must not: a small batch at its end, proofs, and answers given
while another process seals every second. Prints JSON. Expects an empty CONCORDANCE_HOME, or a
DATABASE_URL.
"""

from __future__ import annotations

import json
import os
import secrets
import statistics
import subprocess
import sys
import time
import uuid
from typing import Any

import django

from tests.bench.machine import peak_megabytes, processor_seconds

CHUNK = 20_000
ANSWERS, BLOCKS = 100, 12  # in a block, by people in turn; blocks with and without a sealer
SEALER = (
    "import os, time, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'civic.settings';"
    "django.setup(); from civic.audit.pipeline import seal\n"
    "while True: seal(); time.sleep(1)"
)


def fill(count: int) -> None:
    """Entries as answers leave them."""
    from civic.audit.models import Entry
    from civic.audit.services import HIDDEN

    asked = uuid.uuid4()
    for start in range(0, count, CHUNK):
        Entry.objects.bulk_create(
            Entry(
                action="reaction.cast",
                subject_type="statements.claim",
                subject_id=str(uuid.uuid4()),
                public_id=HIDDEN + secrets.token_hex(32),
                consultation=asked,
                actor=secrets.token_hex(32),
                commitment=secrets.token_hex(32),
                row_key=secrets.token_bytes(32),
            )
            for _ in range(min(CHUNK, count - start))
        )


def sealing(count: int) -> dict[str, float]:
    """Seal them all, then a thousand more; then proofs."""
    from civic.audit.models import Tile
    from civic.audit.pipeline import seal
    from civic.audit.selectors import consistency_proof, inclusion_proof

    fill(count)
    wall, processor = time.perf_counter(), processor_seconds()
    sealed = seal()
    found: dict[str, float] = {
        "entries": sealed,
        "seal": time.perf_counter() - wall,
        "seal_processor": processor_seconds() - processor,
        "tiles": Tile.objects.count(),
        "tile_megabytes": sum(len(t) for t in Tile.objects.values_list("hashes", flat=True)) / 1e6,
    }
    fill(1000)
    wall = time.perf_counter()
    seal()
    found["seal_1000_more"] = time.perf_counter() - wall
    for name, proof in (
        ("inclusion", lambda n: inclusion_proof(n, size=sealed)),
        ("consistency", lambda n: consistency_proof(n + 1, sealed)),
    ):
        wall = time.perf_counter()
        for place in range(0, sealed, max(1, sealed // 100)):
            proof(place)
        found[name] = (time.perf_counter() - wall) / 100
    return found


def answering() -> dict[str, Any]:
    """Answers a second with and without a sealer at work, in turns."""
    from civic.pages import sample
    from civic.pages.demo import load_sample
    from civic.reactions.services import cast_reaction

    consultation = load_sample(sample.load())
    consultation.phase = "react"
    consultation.save(update_fields=["phase"])
    claims = list(consultation.claims.select_related("statement__consultation")[:ANSWERS])
    people = consultation.memberships.select_related("consultation", "user")
    answerers = list(people.filter(is_participant=True)[:100])
    rates: dict[bool, list[float]] = {True: [], False: []}
    work: dict[bool, list[float]] = {True: [], False: []}
    for block in range(-2, 2 * BLOCKS):  # the first two for warming up
        is_sealed = block % 2 == 1
        sealer = subprocess.Popen([sys.executable, "-c", SEALER]) if is_sealed else None
        try:
            if sealer:
                time.sleep(5)  # until it has started
            wall, processor = time.perf_counter(), processor_seconds()
            for number, claim in enumerate(claims):
                person = answerers[number % len(answerers)]
                value = ("agree", "disagree")[block % 2]  # another than in the block before
                cast_reaction(claim, participant=person, value=value)
            if block < 0:
                continue
            rates[is_sealed].append(len(claims) / (time.perf_counter() - wall))
            work[is_sealed].append(processor_seconds() - processor)
        finally:
            if sealer:
                sealer.kill()
                sealer.wait()
    with_it, without = (statistics.median(rates[which]) for which in (True, False))
    return {
        "answers_with": with_it,
        "answers_without": without,
        "ratio": with_it / without,
        # Of this process alone: what other work on the machine does not touch.
        "processor_ratio": statistics.median(work[False]) / statistics.median(work[True]),
    }


def main(count: int) -> dict[str, Any]:
    """The whole case."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "civic.settings")
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    found = sealing(count)
    peak = peak_megabytes()
    return found | {"peak": peak} | answering()


if __name__ == "__main__":
    json.dump(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000), sys.stdout)
