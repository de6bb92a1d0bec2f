"""One case: `python -m tests.bench.preparation COUNT WORKERS` prepares recombined statements.

Wall and processor seconds of every stage, themes included, and the peak memory of this process and
of its largest worker. Processor seconds of workers are known when these end, after the stages, so
stages are told apart with one worker. Done as `python -m aggregation prepare` does it.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from aggregation import prepare
from aggregation.types import Corpus, Settings
from tests.bench.machine import peak_megabytes
from tests.bench.recombined import recombined
from tests.conftest import ROOT

DATA = Path(os.environ.get("CONCORDANCE_DATA", ROOT.parent / "shared" / "data"))


def measure(count: int, workers: int) -> dict[str, object]:
    """What preparing `count` statements took on so many processes."""
    statements = recombined(DATA, count)
    marks: dict[str, tuple[float, float]] = {}

    def note(stage: str, _done: int = 0, _total: int = 0) -> None:
        marks.setdefault(stage, (time.perf_counter(), _processor()))

    note("start")
    with tempfile.TemporaryDirectory() as folder:
        found = prepare.preparation(
            Corpus("Recombined", statements, ()),
            Settings(),
            folder=Path(folder),
            progress=note,
            workers=workers,
        )
    note("themes")
    tables = prepare.Tables(found, Settings())
    themes = int(tables.theme.max()) + 1
    note("tables")
    written = len(tables.json()) + len(tables.csv())
    note("end")
    stages = {
        stage: {"wall": after[0] - begin[0], "processor": after[1] - begin[1]}
        for (stage, begin), after in zip(marks.items(), [*marks.values()][1:], strict=False)
    }
    (start, before), (end, after) = marks["start"], marks["end"]
    return {
        "statements": count,
        "characters": sum(len(one.text) for one in statements) / count,
        "workers": workers,
        "counts": found.counts,
        "seconds": stages,
        "wall": end - start,
        "processor": after - before,
        "peak": peak_megabytes(),
        "peak_worker": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
        "themes": themes,
        "written": written,
    }


def _processor() -> float:
    """Processor seconds of this process and of those it started that ended."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in both)


if __name__ == "__main__":
    json.dump(measure(*map(int, sys.argv[1:])), sys.stdout)
