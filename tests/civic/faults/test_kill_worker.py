"""kill -9 of the worker: the run is taken up again and ends with the same bytes."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.slow


def run_state(platform: Any) -> tuple[str, int, int, str]:
    """Status, attempts, steps done, outcome digest of the newest run."""
    query = """
        SELECT r.status, r.attempts, r.outcome_digest,
               (SELECT count(*) FROM analysis_runstep s WHERE s.run_id = r.id AND s.status = 'done')
        FROM analysis_run r ORDER BY r.id DESC LIMIT 1
    """
    [(status, attempts, digest, steps)] = platform.rows(query)
    return status, attempts, steps, digest


def test_a_run_survives_the_death_of_its_workers(
    new_platform: Callable[[str], Any],
) -> None:
    """Three workers are shot in mid-run, each at another moment; the fourth finishes the run, and
    its answer is byte for byte that of a run nobody disturbed."""
    calm = new_platform("calm")
    calm.manage("run_analysis", "x", "--inline")
    undisturbed = run_state(calm)[3]

    chance = random.Random(11)
    shot = new_platform("shot")
    shot.manage("run_analysis", "x")
    for attempt in range(1, 4):
        worker = shot.start_worker()
        reached = chance.randrange(4)

        def in_the_middle(attempt: int = attempt, reached: int = reached) -> bool:
            status, attempts, steps, _ = run_state(shot)
            assert status != "done", "the run was over before it could be disturbed"
            return status == "running" and attempts == attempt and steps >= reached

        shot.wait_for(in_the_middle, seconds=60)
        shot.kill(worker)
        assert run_state(shot)[0] == "running"
    shot.start_worker()
    shot.wait_for(lambda: run_state(shot)[0] == "done", seconds=60)
    _, attempts, _, digest = run_state(shot)
    assert attempts == 4
    assert digest == undisturbed
