"""Opinion groups beside red-dwarf's Polis pipeline; `growth` measures ours alone, up to 5M votes.

    python -m tests.bench.peers_opinion [real | crowd | growth]

Prints one JSON line, a list of rows. Without an argument: real consultations and the crowd.
"""

from __future__ import annotations

import gc
import json
import operator
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from aggregation import opinion
from aggregation.votes import VoteTable
from tests.aggregation.tables import polis_matrix
from tests.bench.machine import peak_megabytes, processor_seconds
from tests.conftest import ROOT

DATA = Path(os.environ.get("CONCORDANCE_DATA", ROOT.parent / "shared" / "data"))
REAL = {
    "ccai": "ccai",
    "bowling-green": "polis/american-assembly.bowling-green",
    "vtaiwan": "polis/vtaiwan.uberx",
}
CROWD = (20_000, 1_000, 50)  # people, claims, votes of each person
GROWTH = (
    (1_000, 200, 50),
    (10_000, 200, 50),
    (10_000, 1_000, 50),
    (10_000, 2_000, 50),
    (100_000, 200, 50),
    (100_000, 1_000, 50),
    (100_000, 2_000, 50),
)
PEER = "red-dwarf"
FEW_VOTES = 25

Row = dict[str, Any]
Columns = tuple[np.ndarray, np.ndarray, np.ndarray]


def crowd(people: int, claims: int, each: int, *, seed: int = 0) -> Columns:
    """Three camps' votes in random order: participant, claim (int32) and value (int8)."""
    rng = np.random.default_rng(seed)
    camp = rng.choice(3, size=people, p=[0.5, 0.3, 0.2])
    lean = np.clip(rng.normal(0.55, 0.15, claims) + rng.normal(0, 0.25, (3, claims)), 0.02, 0.98)
    # A step that shares no factor with the number of claims never comes to the same claim twice.
    steps = np.array([7, 11, 13, 17, 19, 23, 29, 31])[rng.integers(0, 8, people)]
    claim = (rng.integers(0, claims, people)[:, None] + steps[:, None] * np.arange(each)) % claims
    draw = rng.random((people, each), dtype=np.float32)
    agrees = lean.astype(np.float32)[camp[:, None], claim]
    value = np.where(draw < 0.9 * agrees, 1, np.where(draw < 0.9, -1, 0)).astype(np.int8)
    order = rng.permutation(people * each)
    person = np.repeat(np.arange(people, dtype=np.int32), each)
    return person[order], claim.astype(np.int32).ravel()[order], value.ravel()[order]


def real(folder: Path) -> Columns:
    """The last votes of a Polis export, in random order."""
    votes, _ = polis_matrix(folder)
    order = np.random.default_rng(0).permutation(votes.count)
    people = np.array(votes.participants, dtype=np.int64)[votes.rows]
    claims = np.array(votes.statements, dtype=np.int64)[votes.columns]
    return people[order], claims[order], votes.values.data[order]


def records(columns: Columns) -> list[dict[str, int]]:
    """The same votes as red-dwarf takes them."""
    return [
        {"participant_id": person, "statement_id": claim, "vote": value}
        for person, claim, value in zip(*(column.tolist() for column in columns), strict=True)
    ]


def fastest(run: Callable[[], Any], *, rounds: int = 3) -> float:
    """Seconds of the fastest of `rounds` runs after one warm-up; rounds = 0 times the first.

    Of the processor, so that what else the machine does is not in it.
    """
    taken = []
    for _ in range(1 + rounds):
        gc.collect()
        start = processor_seconds()
        run()
        taken.append(processor_seconds() - start)
    return min(taken[1:] or taken)


def same_output(columns: Columns, matrix: Any) -> str:
    """Assert that both compute the same plane, statistics and selections; told in a note."""
    from reddwarf.utils import consensus, stats
    from reddwarf.utils.reducer.base import run_reducer

    table = VoteTable.from_arrays(*columns)
    ours = opinion.analyse(table)
    _, _, reducer = run_reducer(vote_matrix=matrix.values, random_state=0)
    cosines = np.linalg.svd(reducer.components_ @ ours.projection.loadings, compute_uv=False)
    assert cosines.min() > 0.999, cosines
    grouped = np.flatnonzero(ours.groups.labels >= 0)
    people = [int(table.participants[person]) for person in grouped]
    frame, shared = stats.calculate_comment_statistics_dataframes(
        vote_matrix=matrix.loc[people, :], cluster_labels=ours.groups.labels[grouped]
    )
    for direction, word, letter in ((1, "agree", "a"), (-1, "disagree", "d")):
        np.testing.assert_allclose(
            opinion.group_consensus(ours.support, direction=direction),
            shared[f"group-aware-consensus-{word}"],
            atol=1e-12,
        )
        theirs = frame[f"r{letter}t"].to_numpy().reshape(ours.groups.k, -1)
        ours_z = opinion.difference(ours.support, direction=direction)
        np.testing.assert_allclose(ours_z, theirs, atol=1e-9)
    told = opinion.representative(ours.support, agree_first=True)
    selected = stats.select_representative_statements(frame)
    for group, typical in enumerate(told):
        mine = {(table.statements[one.column], one.direction > 0) for one in typical}
        assert mine == {(str(x["tid"]), x["repful-for"] == "agree") for x in selected[group]}
    common = consensus.select_consensus_statements(matrix)
    for direction, word in ((1, "agree"), (-1, "disagree")):
        mine = {table.statements[x.column] for x in ours.consensus if x.direction == direction}
        assert mine == {str(x["tid"]) for x in common[word]}
    return (
        f"same plane (least cosine {cosines.min():.6f}; theirs may be randomised); same labels: "
        "group-informed consensus to 1e-12, representativeness z to 1e-9, same representative "
        "and consensus claims"
    )


def beside(case: str, columns: Columns, *, rounds: int = 3) -> list[Row]:
    """Three ways to compare: the analysis alone, from columns, and from red-dwarf's own records."""
    task = "opinion groups"
    try:
        from reddwarf.implementations import base
    except ImportError:
        note = "skipped: red-dwarf cannot be imported"
        return [row(task, case, ours_s=None, peer_s=None, note=note)]
    given = records(columns)
    matrix = base.generate_raw_matrix(votes=given)
    note = same_output(columns, matrix)
    if not rounds:
        note += "; peer timed once"
    table = VoteTable.from_arrays(*columns)
    people, claims = table.shape
    size = f"{case} ({people} x {claims}, {table.count} votes)"

    def theirs(votes: list[dict[str, int]]) -> None:
        base.run_pipeline(votes=votes, random_state=0)

    def from_records() -> None:
        fields = map(operator.itemgetter, ("participant_id", "statement_id", "vote"))
        read = (np.fromiter(map(field, given), dtype=np.int64) for field in fields)
        opinion.analyse(VoteTable.from_arrays(*read))

    whole = fastest(lambda: theirs(given), rounds=rounds)
    building = fastest(lambda: records(columns))
    pivoting = fastest(lambda: base.generate_raw_matrix(votes=given))
    analysing = fastest(lambda: opinion.analyse(table))
    columns_too = fastest(lambda: opinion.analyse(VoteTable.from_arrays(*columns)))
    records_too = fastest(from_records)
    return [
        row(f"{task}, table given", size, ours_s=analysing, peer_s=whole - pivoting, note=note),
        row(
            *(f"{task}, from columns", size),
            **{"ours_s": columns_too, "peer_s": building + whole, "note": "as above"},
        ),
        row(
            *(f"{task}, from a list of dicts", size),
            **{"ours_s": records_too, "peer_s": whole, "note": "as above"},
        ),
    ]


def row(task: str, case: str, *, ours_s: float | None, peer_s: float | None, note: str = "") -> Row:
    ratio = peer_s / ours_s if peer_s and ours_s else None
    return {
        **{"task": task, "case": case, "peer": PEER, "ours_s": ours_s, "peer_s": peer_s},
        **{"ratio": ratio, "note": note},
    }


def grown(people: int, claims: int, each: int) -> Row:
    """One size, in a process of its own so that its peak memory is its own."""
    columns = crowd(people, claims, each)
    before = peak_megabytes()
    start = processor_seconds()
    table = VoteTable.from_arrays(*columns)
    read = processor_seconds()
    found = opinion.analyse(table)
    done = processor_seconds()
    note = (
        f"from_arrays {read - start:.3f} s, analyse {done - read:.3f} s, k = {found.groups.k}; "
        f"peak {peak_megabytes():.0f} MB, {before:.0f} MB of it to invent the votes"
    )
    case = f"{people} x {claims}, {table.count} votes"
    return row("opinion growth", case, ours_s=done - start, peer_s=None, note=note) | {
        "peer": None,
        "peak_mb": peak_megabytes(),
    }


def growth() -> list[Row]:
    rows = []
    for size in GROWTH:
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.peers_opinion", "grown", *map(str, size)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        rows += json.loads(done.stdout.splitlines()[-1])
    return rows


def everything_real() -> list[Row]:
    rows = []
    for name, place in REAL.items():
        if (DATA / place).is_dir():
            columns = real(DATA / place)
            rows += beside(name, columns)
            if name == "ccai":  # most of its claims were asked of hardly anybody
                often = np.bincount(columns[1])[columns[1]] > FEW_VOTES
                person, claim, value = (column[often] for column in columns)
                case = f"{name}, claims with more than {FEW_VOTES} votes"
                rows += beside(case, (person, claim, value))
        else:
            note = f"skipped: no folder {place} in CONCORDANCE_DATA"
            rows.append(row("opinion groups", name, ours_s=None, peer_s=None, note=note))
    return rows


def main(what: str = "", *size: str) -> None:
    if what == "growth":
        rows = growth()
    elif what == "grown":
        rows = [grown(*map(int, size))]
    else:
        rows = everything_real() if what != "crowd" else []
        rows += beside("synthetic crowd", crowd(*CROWD), rounds=0) if what != "real" else []
    print(json.dumps(rows))


if __name__ == "__main__":
    main(*sys.argv[1:])
