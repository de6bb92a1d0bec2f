"""`python -m tests.bench`: every measurement, as tables in Markdown."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from aggregation.run import STAGES
from tests.bench import embedders
from tests.bench.machine import description
from tests.conftest import ROOT

DATA = Path(os.environ.get("CONCORDANCE_DATA", ROOT.parent / "shared" / "data"))
PEERS = ("peers_opinion", "peers_completion", "peers_welfare", "peers_committee")
COLUMNS = ("task", "case", "peer", "ours_s", "peer_s", "ratio", "note")
SIZES = (  # people, claims, reactions
    (1_000, 200, 30_000),
    (10_000, 500, 400_000),
    (30_000, 1_000, 1_500_000),
    (100_000, 2_000, 5_000_000),
)
PREPARED = ((1_000, 1), (10_000, 1), (100_000, 2))  # statements, processes
PEERS_PREPARED = (1_000, 10_000)
EXPORTS = {"ccai": "ccai", "bowling-green": "polis/american-assembly.bowling-green"}


def case(module: str, *arguments: str, **environment: str) -> dict[str, Any]:
    """Run one case in a process and a folder of its own; what it found."""
    ours = ("CONCORDANCE_", "DATABASE_URL", "REDIS_URL")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [sys.executable, "-m", f"tests.bench.{module}", *arguments],
            cwd=ROOT,
            env=clean | {"CONCORDANCE_HOME": home} | environment,
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


def peers() -> None:
    """Our functions beside those of other libraries on the same arrays, outputs held equal."""
    head = ["task", "case", "peer", "ours, s", "peer, s", "ratio", "note"]
    for module in PEERS:
        # One thread: a second one that only waits counts as processor time, which flatters us.
        rows: Any = case(module, OMP_NUM_THREADS="1")
        cells = [[_cell(row.get(key)) for key in COLUMNS] for row in rows]
        table(head, cells)


def growth() -> None:
    """Seconds and peak memory as people, claims and reactions grow; each size in a process."""
    found: list[dict[str, Any]] = [case("growth", *map(str, size)) for size in SIZES]
    head = ["people", "claims", "reactions", *found[0]["seconds"], "sum", "peak MB"]
    rows = [
        [
            *(f"{number:,}" for number in size),
            *(f"{seconds:.2f}" for seconds in one["seconds"].values()),
            f"{sum(one['seconds'].values()):.1f}",
            f"{one['peak']:.0f}",
        ]
        for size, one in zip(SIZES, found, strict=True)
    ]
    table(head, rows)


def preparation() -> None:
    """From free text to claims and themes, as statements grow; then two peers on the same texts."""
    texts = {"CONCORDANCE_DATA": str(DATA)}
    found: list[Any] = [
        case("preparation", str(count), str(workers), **texts) for count, workers in PREPARED
    ]
    head = ["statements", "workers", "norms", "claims", *found[0]["seconds"], "CPU", "wall"]
    rows = [
        [
            *(f"{one[key]:,}" for key in ("statements", "workers")),
            *(f"{one['counts'][key]:,}" for key in ("norms", "claims")),
            *(f"{stage['wall']:.1f}" for stage in one["seconds"].values()),
            *(f"{one[key]:.0f}" for key in ("processor", "wall")),
            f"{one['peak']:.0f} + {one['workers'] if one['peak_worker'] else 0} x "
            f"{one['peak_worker']:.0f}",
        ]
        for one in found
    ]
    table([*head, "peak MB: process + workers"], rows)
    if find_spec("sentence_transformers") and find_spec("bertopic"):
        peers: list[Any] = [
            case("peers_preparation", str(count), "bertopic", OMP_NUM_THREADS="1", **texts)
            for count in PEERS_PREPARED
        ]
        keys = list(peers[0])
        table(keys, [[_cell(one[key]) for key in keys] for one in peers])
    else:
        print("\nSkipped sentence-transformers and BERTopic: they are not installed")


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def main() -> None:
    """Library first, then the platform, its pages, growth, and peers side by side."""
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
        ["pages", "median ms", "CPU ms", "queries", "KB"],
        [
            [
                f"{name}: {page}",
                *(f"{x[kind]:.0f}" for kind in ("ms", "cpu_ms", "queries", "kilobytes")),
            ]
            for name, found in platform.items()
            for page, x in found["pages"].items()
        ],
    )
    growth()
    if folders():
        preparation()
    print()
    embedders.main()
    peers()


if __name__ == "__main__":
    main()
