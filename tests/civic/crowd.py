"""Many people who press the same button at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connections

from civic.errors import Refused


def at_once(act: Callable[[int], object], *, times: int) -> list[object]:
    """Call `act` from many threads that all start together; refusals are results too."""
    gate = threading.Barrier(times)

    def one(number: int) -> object:
        try:
            gate.wait()
            return act(number)
        except Refused as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))
