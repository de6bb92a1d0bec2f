"""Every test of writing begins with a process that has looked up no sentence before."""

from __future__ import annotations

import pytest

from civic.statements import similar


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the vectors of another, and no model is loaded beside one."""
    similar.forget()
    monkeypatch.setattr(similar, "FRESH_SECONDS", 0.0)
    monkeypatch.setattr(similar, "warm_up", lambda: None)
