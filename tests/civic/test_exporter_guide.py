"""docs/exporter-guide.md: every command in it is run, and every piece of Python."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import types
from pathlib import Path
from typing import Any

import pytest

from civic.accounts.models import User
from civic.specs.models import SpecVersion
from civic.specs.services import publish_spec
from civic.specs.webhooks import signing
from tests.civic.pages.conftest import asked, draft, published, run
from tests.conftest import ROOT

# The live server begins before the folder of static files is a test's own.
pytestmark = pytest.mark.filterwarnings("ignore:No directory at")
__all__ = ["asked", "draft", "published", "run"]
GUIDE = (ROOT / "docs" / "exporter-guide.md").read_text("utf-8")
PROMPT, RECEIVER = re.findall(r"```python\n(.*?)```", GUIDE, flags=re.DOTALL)


def blocks() -> list[str]:
    """What stands between the fences for the shell."""
    return re.findall(r"```sh\n(.*?)```", GUIDE, flags=re.DOTALL)


@pytest.fixture
def followed(
    transactional_db: None, live_server: Any, draft: SpecVersion, alice: User, tmp_path: Path
) -> tuple[Path, str]:
    """The folder of somebody who followed the guide to its end, and what was printed."""
    publish_spec(draft, by=alice)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    given = {"SITE": live_server.url, "SLUG": "ai", "PATH": path, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(blocks())],
        cwd=tmp_path,
        env=os.environ | given,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return tmp_path, done.stdout


def test_every_command_of_the_guide_works(
    followed: tuple[Path, str], draft: SpecVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From an address to a prompt, an eval, pairs and news; each file says what the guide says."""
    folder, printed = followed
    assert (folder / "spec.json").read_bytes() == bytes(draft.document)
    for line in ("the bytes are the published ones", "samples:", "pairs", "principles", "the same"):
        assert line in printed
    request = json.loads((folder / "request.json").read_text())
    assert [one["role"] for one in request["messages"]] == ["system", "user"]
    assert (folder / "versions.atom").read_bytes().startswith(b"<?xml")
    monkeypatch.chdir(folder)
    assert task_of_the_guide() == ["keeps_to_the_spec", "exports/evals.jsonl", 2, "graded"]


def task_of_the_guide() -> list[Any]:
    """What the guide's task asks of Inspect AI, told by stand-ins for what it imports."""
    found: list[Any] = []
    standing: dict[str, dict[str, Any]] = {
        "inspect_ai": {
            "Task": lambda **parts: found.extend(
                (parts["dataset"], len(parts["solver"]), parts["scorer"])
            ),
            "task": lambda function: (found.append(function.__name__), function)[1],
        },
        "inspect_ai.dataset": {"json_dataset": lambda path: Path(path).exists() and path},
        "inspect_ai.scorer": {"model_graded_qa": lambda: "graded"},
        "inspect_ai.solver": {"generate": lambda: "asks", "system_message": lambda text: text},
    }
    for name, parts in standing.items():
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].__dict__.update(parts)
    try:
        space: dict[str, Any] = {}
        exec(compile(PROMPT, "exporter-guide.md", "exec"), space)
        space["keeps_to_the_spec"]()
    finally:
        for name in standing:
            del sys.modules[name]
    return found


def test_the_receiver_of_the_guide_believes_us_and_nobody_else() -> None:
    """The very code of the guide against the very code that signs."""
    space: dict[str, Any] = {}
    exec(compile(RECEIVER, "exporter-guide.md", "exec"), space)
    is_ours, secret, now = space["is_ours"], signing.new_secret(), int(time.time())
    message = {"secret": secret, "message_id": "msg_1", "timestamp": now}
    headers = signing.signed(b"{}", **message)
    assert is_ours(headers, b"{}", secret)
    assert not is_ours(headers, b"{ }", secret)
    assert not is_ours(headers, b"{}", signing.new_secret())
    assert not is_ours(headers | {"webhook-id": "msg_2"}, b"{}", secret)
    old = signing.signed(b"{}", **message | {"timestamp": now - 600})
    assert not is_ours(old, b"{}", secret)
