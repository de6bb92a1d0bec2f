"""All pictures of a run in one file, and where its people stand in another that nobody is shown."""

from __future__ import annotations

import functools
import hashlib
import io
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import rfc8785

from aggregation.run import Outcome
from aggregation.spec import least_cell
from aggregation.types import FloatArray, IntArray
from civic.analysis.models import Run
from civic.analysis.pictures.charts import CHARTS
from civic.analysis.pictures.crowd import opinion_map
from civic.analysis.pictures.figures import figures
from civic.consultations import files

Document = dict[str, Any]
FORMAT = 1
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Picture:
    """What a picture says, and the drawing of it; "" where there is none."""

    numbers: dict[str, Any]
    svg: str = ""


Album = dict[str, Picture]


def drawn(document: Document, *, places: FloatArray, labels: IntArray, k: int) -> bytes:
    """Every picture of an outcome as the bytes of one file; equal outcomes give equal bytes."""
    names = [group["id"] for group in document["groups"]]
    numbers: dict[str, Any] = {"map": opinion_map(places, labels, names, k=k)} if names else {}
    numbers |= figures(document)
    held = {
        name: {"numbers": one, "svg": _draw(name, one)}
        for name, one in numbers.items()
        if one is not None
    }
    return rfc8785.dumps({"format": FORMAT, "pictures": held})


def _draw(name: str, numbers: dict[str, Any]) -> str:
    """One drawing; "" where it fails, since the table beside it says the same."""
    try:
        return CHARTS[name](numbers)
    except Exception:
        logger.exception("The picture “%s” could not be drawn.", name)
        return ""


def keep(run: Run, outcome: Outcome) -> dict[str, str]:
    """Draw and store what pages show of an outcome: field of the run -> name of the file.

    A picture that cannot be drawn costs no run its result: pages then show the tables alone.
    """
    places = pack_places(outcome.participants, outcome.places)
    kept = {"positions_file": files.write(f"runs/{run.uuid}/places-{run.attempts}.npz", [places])}
    try:
        content = drawn(
            outcome.document,
            places=outcome.places,
            labels=outcome.labels,
            k=least_cell(outcome.document),
        )
        kept["pictures_file"] = write(run, content)
    except Exception:
        logger.exception("The pictures of run %s could not be drawn.", run.uuid)
    return kept


def write(run: Run, content: bytes) -> str:
    """Keep an album beside the run's other files, under the digest of its bytes."""
    digest = hashlib.sha256(content).hexdigest()[:16]
    return files.write(f"runs/{run.uuid}/pictures-{digest}.json", [content])


def pictures_of(run: Run | None, document: Document, *, k: int) -> Album:
    """The pictures of a run. Where its file is missing, the numbers alone: pages then show tables.

    A map drawn when smaller cells were allowed than are now is left out.
    """
    stored = _stored(run.pictures_file) if run is not None and run.pictures_file else None
    if stored is None:
        return {name: Picture(numbers) for name, numbers in figures(document).items()}
    if "map" in stored and stored["map"].numbers["k"] < k:
        return {name: one for name, one in stored.items() if name != "map"}
    return stored


@functools.lru_cache(maxsize=32)
def _read(name: str) -> Album:
    held = json.loads(files.read(name))
    if held["format"] != FORMAT:
        raise ValueError(f"{name} holds pictures of another format")
    return {name: Picture(**one) for name, one in held["pictures"].items()}


def _stored(name: str) -> Album | None:
    try:
        return _read(name)
    except (OSError, ValueError):
        return None


# --- Where each person stands: read for herself alone


def pack_places(keys: Sequence[str], places: FloatArray) -> bytes:
    """Keys in order with places, so that one person is found without reading through them all."""
    order = np.argsort(np.array(keys, dtype=np.str_), kind="stable")
    buffer = io.BytesIO()
    np.savez(
        buffer,
        allow_pickle=False,
        key=np.array(keys, dtype=np.str_)[order],
        place=places[order].astype(np.float32),
    )
    return buffer.getvalue()


def place_of(run: Run, key: str) -> tuple[float, float] | None:
    """Where one person stands on the map of a run; None where she was not placed."""
    if not run.positions_file:
        return None
    try:
        with np.load(io.BytesIO(files.read(run.positions_file)), allow_pickle=False) as held:
            keys = held["key"]
            row = int(np.searchsorted(keys, key))
            if row == len(keys) or keys[row] != key:
                return None
            x, y = held["place"][row].tolist()
    except (OSError, ValueError, KeyError):
        return None
    return x, y
