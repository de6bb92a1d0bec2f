"""`python -m tests.bench`: every measurement, as tables in Markdown."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aggregation.run import STAGES
from tests.bench.machine import description
from tests.conftest import ROOT

DATA = Path(os.environ.get("CONCORDANCE_DATA", ROOT.parent / "shared" / "data"))
EXPORTS = {"ccai": "ccai", "bowling-green": "polis/american-assembly.bowling-green"}


def case(module: str, *arguments: str) -> dict[str, Any]:
    """Run one case in a process and a folder of its own; what it found."""
    ours = ("CONCORDANCE_", "DATABASE_URL", "REDIS_URL")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [sys.executable, "-m", f"tests.bench.{module}", *arguments],
            cwd=ROOT,
            env=clean | {"CONCORDANCE_HOME": home},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    return json.loads(done.stdout.splitlines()[-1])


def table(head: list[str], rows: list[list[str]]) -> None:
    print()
    for row in (head, ["---", *["---:"] * (len(head) - 1)], *rows):
        print(f"| {' | '.join(row)} |")
    sys.stdout.flush()


def folders() -> dict[str, Path]:
    """The real consultations that are here; says which are not."""
    found = {}
    for name, place in EXPORTS.items():
        if (DATA / place).is_dir():
            found[name] = DATA / place
        else:
            print(f"\nSkipped {name}: no folder {place} in CONCORDANCE_DATA")
    return found


def show_library(name: str, found: dict[str, Any]) -> list[str]:
    seconds = found["seconds"]
    cells = [f"{seconds[stage]:.2f}" for stage in ("intake", *STAGES)]
    return [
        f"{name} ({found['people']:,} people, {found['statements']:,} statements, "
        f"{found['votes']:,} votes)",
        *cells,
        f"{sum(seconds.values()):.1f}",
        f"{found['processor']:.1f}",
        f"{found['peak']:.0f}",
    ]


def main() -> None:
    """Library first, then the platform, then its pages."""
    print(f"Measured {datetime.now(UTC):%Y-%m-%d} on {description()}.")
    real = folders()
    library = [show_library(name, case("stages", str(folder))) for name, folder in real.items()]
    if library:
        head = ["library: seconds", "intake", *STAGES, "sum", "CPU", "peak MB"]
        table(head, library)
    platform = {"sample": case("platform")}
    platform |= {name: case("platform", str(folder)) for name, folder in real.items()}
    table(
        ["platform: seconds", "load", *STAGES, "run", "publish", "CPU", "peak MB"],
        [
            [
                name,
                f"{found['seconds']['load']:.1f}",
                *(f"{found['stages'][stage]:.2f}" for stage in STAGES),
                *(f"{found['seconds'][step]:.1f}" for step in ("run", "publish")),
                f"{found['processor']:.1f}",
                f"{found['peak']:.0f}",
            ]
            for name, found in platform.items()
        ],
    )
    table(
        ["pages", "median ms", "queries", "KB"],
        [
            [f"{name}: {page}", f"{x['ms']:.0f}", f"{x['queries']:.0f}", f"{x['kilobytes']:.0f}"]
            for name, found in platform.items()
            for page, x in found["pages"].items()
        ],
    )


if __name__ == "__main__":
    main()
