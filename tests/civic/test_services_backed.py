"""The same code on PostgreSQL and Redis, by environment variables alone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.services, pytest.mark.slow]


FILES = (
    "test_races.py",
    "test_intake.py",
    "test_preparation.py",
    "test_reactions.py",
    "test_curation_races.py",
    "audit/test_log_races.py",
    "audit/test_log_sealing.py",
)


@pytest.fixture(scope="module")
def environment(
    services_url: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """What a production process would be given."""
    database, redis = services_url
    return {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")} | {
        "CONCORDANCE_HOME": str(tmp_path_factory.mktemp("home")),
        "DATABASE_URL": f"{database}/concordance_{os.getpid()}",
        "REDIS_URL": redis,
        "OMP_NUM_THREADS": "1",
    }


@pytest.fixture(scope="module")
def outcomes(
    environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, Counter[str]], str]:
    """How many tests of each file passed, failed or were skipped there, and what pytest said.

    One process runs all of them, so that the database is made and migrated once.
    """
    report = tmp_path_factory.mktemp("report") / "junit.xml"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *("--junit-xml", str(report)),
            *(f"tests/civic/{file}" for file in FILES),
        ],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=1500,
        check=False,
    )
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for case in ElementTree.parse(report).iter("testcase") if report.exists() else ():
        file = f"{case.get('classname', '').rsplit('.', 1)[-1]}.py"
        found[file][next((part.tag for part in case), "passed")] += 1
    return found, done.stdout[-6000:] + done.stderr[-2000:]


@pytest.mark.parametrize("file", FILES)
def test_the_same_tests_pass_on_postgresql(
    outcomes: tuple[dict[str, Counter[str]], str], file: str
) -> None:
    """Locks, constraints and conditional updates hold there too."""
    found, told = outcomes
    counts = found[Path(file).name]
    assert counts["passed"], told
    assert not counts["failure"] + counts["error"], told
