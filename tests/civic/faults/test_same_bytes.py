"""SQLite or PostgreSQL, folder or Redis, platform or command line: the same spec, byte for byte."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aggregation.spec import from_bytes, to_bytes

pytestmark = pytest.mark.slow


def exported(platform: Any, folder: Path) -> bytes:
    """spec.json as the platform exports it, without the root of the log of this installation."""
    platform.manage("export_spec", "x", "--out", str(folder), "--name", "spec.json")
    content = (folder / "spec.json").read_bytes()
    document = from_bytes(content)
    assert to_bytes(document) == content
    document["provenance"]["audit_root"] = None
    return to_bytes(document)


def input_digest(platform: Any) -> str:
    """What the newest run was given."""
    code = "from civic.analysis.models import Run; print(Run.objects.first().input_digest)"
    return str(platform.manage("shell", "-v", "0", "-c", code)).strip()


@pytest.mark.services
def test_postgresql_and_redis_give_the_same_bytes(
    new_platform: Callable[..., Any],
    services: dict[str, str],
    data_dir: Path,
    tmp_path: Path,
) -> None:
    """A real consultation, imported twice; one run inline on SQLite, one by a worker that heard
    of it through Redis and found it in PostgreSQL."""
    ccai = data_dir / "ccai"
    embedded = new_platform("embedded", folder=ccai)
    embedded.manage("run_analysis", "x", "--inline", "--publish")
    served = new_platform("served", folder=ccai, **services)
    served.start_worker()
    served.manage("run_analysis", "x", "--wait", "--publish")
    assert input_digest(served) == input_digest(embedded)
    assert exported(served, tmp_path / "b") == exported(embedded, tmp_path / "a")


def test_platform_and_command_line_give_the_same_bytes(
    new_platform: Callable[..., Any], export: Path, tmp_path: Path
) -> None:
    """Whoever distrusts the platform can run the library on the export and compare."""
    platform = new_platform("platform")
    platform.manage("run_analysis", "x", "--inline", "--publish")
    arguments = ["--title", "Invented", "--id", "x", "--out", str(tmp_path / "cli")]
    for option in ("comments", "votes"):
        arguments += [f"--{option}", str(export / f"{option}.csv")]
    command = [sys.executable, "-m", "aggregation", "run", *arguments]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    ours = exported(platform, tmp_path / "platform-out")
    assert json.loads(ours)["clauses"]
    assert ours == (tmp_path / "cli" / "spec.json").read_bytes()
