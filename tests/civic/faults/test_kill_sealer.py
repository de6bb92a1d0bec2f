"""kill -9 of the sealer: no entry is lost, none is sealed twice, and the tree only grows."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import ROOT
from verifier.tree import Tree

pytestmark = pytest.mark.slow
KILLS = 10
BEGIN = "import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'civic.settings'; django.setup()"
# Small batches, so that a sealer is nearly always in the middle of one.
SEALER = f"""{BEGIN}
from civic.audit import pipeline
pipeline.BATCH = 60
print("ready", flush=True)
while True:
    pipeline.seal()
"""
WRITER = f"""{BEGIN}
import time
from tests.bench.log import fill
written = 0
while True:
    fill(40)
    written += 40
    print(written, flush=True)
    time.sleep(0.02)
"""
LAST = f"""{BEGIN}
import json
from civic.audit import selectors
from civic.audit.models import Checkpoint, Entry, Log
from civic.audit.pipeline import seal
seal()
leaves = [(one.index, one.content.decode()) for one in selectors.leaves(0, 10**9)]
points = list(Checkpoint.objects.order_by("size").values_list("size", "root", "note"))
print(json.dumps({{"entries": Entry.objects.count(), "size": Log.objects.get().size,
                  "leaves": leaves, "points": points}}))
"""


def started(platform: Any, script: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=platform.environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    platform.workers.append(process)
    return process


@pytest.mark.parametrize("served", [False, pytest.param(True, marks=pytest.mark.services)])
def test_a_sealer_may_die_at_any_moment(
    served: bool, request: pytest.FixtureRequest, new_platform: Callable[..., Any]
) -> None:
    """Ten of them are shot while somebody writes without a pause, in a file and in PostgreSQL.

    What the last one seals is computed again with the code of auditors.
    """
    extra = request.getfixturevalue("services") if served else {}
    platform = new_platform("shot", **extra)
    chance, seen = random.Random(7), {}
    writer = started(platform, WRITER)
    assert writer.stdout is not None
    assert writer.stdout.readline() == "40\n"
    for _ in range(KILLS):
        sealer = started(platform, SEALER)
        assert sealer.stdout is not None
        assert sealer.stdout.readline() == "ready\n"
        time.sleep(chance.random())
        platform.kill(sealer)
        sealer.stdout.close()
        seen |= dict(platform.rows("SELECT size, root FROM audit_checkpoint"))
    platform.kill(writer)
    with writer.stdout as told_in_time:
        acknowledged = int(told_in_time.read().split()[-1])
    done = subprocess.run(
        [sys.executable, "-c", LAST],
        cwd=ROOT,
        env=platform.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout)
    leaves = [content for _, content in told["leaves"]]
    assert [index for index, _ in told["leaves"]] == list(range(told["entries"]))
    assert told["size"] == len(set(leaves)) == told["entries"] >= acknowledged > 1000
    tree, roots = Tree(), {}
    for content in leaves:
        tree.add(content.encode())
        roots[tree.size] = tree.root().hex()
    points = {size: root for size, root, _ in told["points"]}
    assert len(seen) > KILLS
    assert seen.items() <= points.items() <= roots.items()
