"""What a process holds of the claims of its consultations: bounded, and safe among threads."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from civic.statements import similar
from civic.statements.similar import Table


@pytest.fixture(autouse=True)
def _busy() -> Iterator[None]:
    """Threads that take turns as often as they can, and nothing held before or after."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    similar.forget()
    yield
    similar.forget()
    sys.setswitchinterval(usual)


def test_many_people_ask_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight threads with sixteen consultations: none stumbles, and the bound holds."""
    monkeypatch.setattr(similar, "MOST_ROWS", 8)
    table = Table(np.zeros(1, np.int64), np.zeros((1, 1), np.float16), 0.0, 0.0)

    def ask(number: int) -> None:
        for turn in range(500):
            key = ((number + turn) % 16, "space")
            if similar._held(key) is None:
                similar._hold(key, table)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(8)))
    assert len(similar._tables) == 8
