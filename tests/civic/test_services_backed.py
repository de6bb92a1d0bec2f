"""The same code on PostgreSQL and Redis, by environment variables alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.services, pytest.mark.slow]


@pytest.fixture
def environment(services_url: tuple[str, str], tmp_path: Path) -> dict[str, str]:
    """What a production process would be given."""
    database, redis = services_url
    return {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")} | {
        "CONCORDANCE_HOME": str(tmp_path / "home"),
        "DATABASE_URL": f"{database}/concordance_{os.getpid()}",
        "REDIS_URL": redis,
        "OMP_NUM_THREADS": "2",
    }


@pytest.mark.parametrize(
    "file",
    [
        "test_races.py",
        "test_intake.py",
        "test_preparation.py",
        "test_reactions.py",
        "test_curation_races.py",
    ],
)
def test_the_same_tests_pass_on_postgresql(environment: dict[str, str], file: str) -> None:
    """Locks, constraints and conditional updates hold there too."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", f"tests/civic/{file}", "-p", "no:cacheprovider"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
