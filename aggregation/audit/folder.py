"""The folder that a run leaves behind: the spec, what it follows from, and every export of it."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import Any

from aggregation import exports, intake
from aggregation.errors import AggregationError
from aggregation.exports.bundle import to_bundle
from aggregation.exports.inputs import Inputs, read_inputs
from aggregation.run import Outcome
from aggregation.spec import Document, validate
from aggregation.votes import VoteTable

SPEC, VOTES, ATTACK = "spec.json", "votes.csv", "attack.json"
INPUTS, JUDGEMENTS, BUNDLE = "inputs.json", "judgements.csv", "bundle.zip"


def write_outcome(outcome: Outcome, folder: Path, *, inputs: Inputs | None = None) -> list[Path]:
    """Write the spec and what it follows from; each file appears whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {name: exports.render(name, outcome.document) for name in (SPEC, "spec.md")}
    files[VOTES] = intake.write_votes(outcome.ballots)
    if inputs is not None:
        files[INPUTS] = inputs.run_json()
        if inputs.judgements is not None:
            files[JUDGEMENTS] = intake.write_votes(inputs.judgements)
    for name, content in files.items():
        save(folder / name, content)
    return [folder / name for name in files]


def exported(
    spec: Path, *, votes: Path | None = None, only: Collection[str] = ()
) -> dict[str, bytes]:
    """Every export of a spec by its path, or those with the names in `only`.

    votes : default: those beside the spec. Without votes the files of votes are left out, and
        without the run's inputs beside it the bundle is.
    """
    document = json_object(spec, remedy="Give the spec.json that `run` wrote.")
    validate(document)
    held = votes or spec.parent / VOTES
    table = intake.read_votes(held) if votes or held.is_file() else None
    files = exports.whole(document, table)
    if not only or BUNDLE in only:
        files |= _bundle(document, table, spec.parent)
    if exports.FOLDED in only:
        files[exports.FOLDED] = exports.render(exports.FOLDED, document)
    if not only:
        return files
    wanted = {path: one for path, one in files.items() if _name(path) in only}
    missing = sorted(set(only) - {_name(path) for path in wanted})
    if missing:
        needed = f"{VOTES} and {INPUTS}" if BUNDLE in missing else VOTES
        raise AggregationError(f"{missing[0]} needs {needed} beside the spec, as `run` writes it.")
    return wanted


def published(folder: Path, votes: Path | None) -> tuple[Document, VoteTable]:
    """The spec and the votes of a folder."""
    document = json_object(folder / SPEC, remedy="Give the folder that `run` wrote.")
    return document, intake.read_votes(votes or folder / VOTES)


def json_object(path: Path, *, remedy: str) -> dict[str, Any]:
    """The object in a JSON file; AggregationError with the remedy where there is none."""
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise AggregationError(f"{path} is not a JSON file: {error}. {remedy}") from error
    if not isinstance(loaded, dict):
        raise AggregationError(f"{path} does not hold one JSON object. {remedy}")
    return loaded


def save(path: Path, content: bytes) -> None:
    """Write a file that appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(temporary).chmod(0o644)
    Path(temporary).replace(path)


def _bundle(document: Document, votes: VoteTable | None, folder: Path) -> dict[str, bytes]:
    beside = folder / INPUTS
    if votes is None or not beside.is_file():
        return {}
    judged = folder / JUDGEMENTS
    judgements = intake.read_votes(judged) if judged.is_file() else None
    try:
        inputs = read_inputs(beside.read_bytes(), votes, judgements)
    except (ValueError, KeyError, TypeError) as error:
        raise AggregationError(
            f"{beside} is not what `run` wrote: {error}. Run the aggregation again."
        ) from error
    return {BUNDLE: to_bundle(document, inputs)}


def _name(path: str) -> str:
    return path.removeprefix(f"{exports.POLIS}/")
