"""One case: `python -m tests.bench.stages FOLDER` aggregates a Polis export and prints JSON."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from aggregation import intake
from aggregation.run import aggregate
from tests.bench.machine import peak_megabytes, processor_seconds


def measure(folder: Path) -> dict[str, object]:
    """Seconds by the clock and of the processor, peak memory in MB, size of the input."""
    start = time.perf_counter()
    taken = intake.read_polis_folder(folder)
    reading = time.perf_counter() - start
    votes = taken.table()
    outcome = aggregate(taken.corpus, votes)
    return {
        "people": len(outcome.participants),
        "statements": len(taken.corpus.statements),
        "votes": votes.count,
        "seconds": {"intake": reading} | outcome.seconds,
        "processor": processor_seconds(),
        "peak": peak_megabytes(),
    }


if __name__ == "__main__":
    json.dump(measure(Path(sys.argv[1])), sys.stdout)
