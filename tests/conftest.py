"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pytest

# A slow machine is no failure: tests here state facts, and none of them is about time.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real consultations; a test that needs it is skipped where it is missing."""
    folder = Path(os.environ.get("CONCORDANCE_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        if os.environ.get("CI"):
            pytest.fail(f"CI requires the real consultations; none at {folder}")
        pytest.skip(f"no real consultations at {folder}; set CONCORDANCE_DATA to their folder")
    return folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With `-n`, tests that share something run in one process, one after the other.

    Journeys share a running platform, tests of the services one Redis that they empty; the tests of
    any other file share what its fixtures have computed.
    """
    for item in items:
        folder = item.path.relative_to(ROOT / "tests").parts[0]
        if folder == "journey":
            group = folder
        elif "services_url" in getattr(item, "fixturenames", ()):
            group = "services"
        else:
            group = item.path.as_posix()
        item.add_marker(pytest.mark.xdist_group(group))
