"""The broker is only a doorbell: without it nothing is lost, only late."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.slow


def silent_port() -> int:
    """A port of this machine at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def test_what_was_asked_for_while_the_broker_was_away_is_done_once_it_is_back(
    new_platform: Callable[..., Any],
) -> None:
    """Asking succeeds and leaves a queued row; a worker finds the row without any message."""
    platform = new_platform("x")
    platform.extra["CONCORDANCE_BROKER_URL"] = f"redis://127.0.0.1:{silent_port()}/0"
    platform.manage("run_analysis", "x")
    del platform.extra["CONCORDANCE_BROKER_URL"]
    platform.start_worker()
    query = "SELECT status FROM analysis_run"
    platform.wait_for(lambda: platform.rows(query) == [("done",)], seconds=90)
