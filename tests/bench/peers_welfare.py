"""The welfare programme over all citizens, beside the same programme in cvxpy with Clarabel."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import cvxpy as cp
import numpy as np

from aggregation.welfare.problem import ClauseProblem
from aggregation.welfare.rounding import round_and_swap
from aggregation.welfare.rules import RULES, choose_by
from aggregation.welfare.solve import inclusion, prove
from aggregation.welfare.value import Welfare
from tests.bench.machine import peak_megabytes

BUDGET = 20.0
AGREED = 1e-6  # the two optima differ by no more than this, in nats per citizen
SLOW = 5.0  # seconds: a peer slower than this is timed once
Row = dict[str, Any]


def utilities(people: int, clauses: int, *, stored: type = np.float64) -> np.ndarray:
    """(people, clauses) in 0..1: what a completion of rank 3 says, with popular clauses and not."""
    rng = np.random.default_rng(0)
    own = rng.normal(size=(people, 3)).astype(stored)
    u = own @ rng.normal(size=(3, clauses)).astype(stored)
    u += rng.normal(size=clauses).astype(stored)
    np.exp(np.negative(u, out=u), out=u)
    u += 1
    return np.reciprocal(u, out=u)


def votes(people: int, clauses: int, *, stored: type = np.float64) -> np.ndarray:
    """The same people with a yes or a no to everything."""
    drawn = np.random.default_rng(1).random((people, clauses), dtype=np.float32)
    return (drawn < utilities(people, clauses, stored=np.float32)).astype(stored)


def constrained(clauses: int) -> ClauseProblem:
    """Eight themes of at most four clauses, and every third clause contradicts the next."""
    return ClauseProblem.of(
        clauses,
        budget=BUDGET,
        conflicts=[(j, j + 1) for j in range(0, clauses - 1, 3)],
        themes=np.arange(clauses) % 8,
        caps=4.0,
    )


def timed(run: Callable[[], Any]) -> tuple[float, float, Any]:
    """Seconds by the clock and of the processor, and what came out."""
    clock, processor = time.perf_counter(), time.process_time()
    answer = run()
    return time.perf_counter() - clock, time.process_time() - processor, answer


def best(run: Callable[[], Any]) -> tuple[float, float]:
    """Least seconds by the clock and of the processor, of three runs after one to warm up."""
    run()
    runs = [timed(run) for _ in range(3)]
    return min(clock for clock, _, _ in runs), min(processor for _, processor, _ in runs)


def beside_cvxpy(case: str, u: np.ndarray, problem: ClauseProblem) -> Row:
    """Both optima are proved by our gap and are the same before anything is timed."""
    n, m = u.shape
    weights, nash = np.full(n, 1 / n), Welfare()
    matrix, limits, _ = problem.rows

    def theirs() -> np.ndarray:
        x = cp.Variable(m)
        rules = [x >= 0, x <= 1, matrix @ x <= limits]
        # A sum and not a mean: scaled to order 1 Clarabel stalls on some of these.
        cp.Problem(cp.Maximize(cp.sum(cp.log(0.5 + u @ x))), rules).solve(solver=cp.CLARABEL)
        return np.asarray(x.value)

    peer_s, peer_cpu, answer = timed(theirs)
    peer = prove(u, weights, problem, nash, problem.inside(answer))
    ours = inclusion(u, weights, problem)
    assert abs(ours.value - peer.value) <= AGREED, (case, ours.value, peer.value)
    assert ours.gap <= AGREED, (case, ours.gap)
    note = f"optima within {abs(ours.value - peer.value):.0e}; gaps {ours.gap:.0e}, {peer.gap:.0e}"
    if peer_s <= SLOW:
        peer_s, peer_cpu = best(theirs)
    else:
        note += "; peer timed once"
    ours_s, ours_cpu = best(lambda: inclusion(u, weights, problem))
    return row(
        "Nash optimum, all citizens",
        case,
        ours_s,
        f"{note}; {peer_cpu / ours_cpu:.0f}x by processor time",
        peer="cvxpy + Clarabel",
        peer_s=peer_s,
    )


def growth() -> list[Row]:
    """Ours alone, in order of size, so that each peak of memory is that of its own row."""
    rows = []
    for people, clauses, make in (
        (10_000, 200, utilities),
        (100_000, 200, utilities),
        (100_000, 300, votes),
    ):
        u = make(people, clauses, stored=np.float32)
        weights, problem = np.full(people, 1 / people), constrained(clauses)
        kind = "completed" if make is utilities else "yes and no"
        case = f"{people:,} x {clauses}, {kind}, float32, caps and contradictions"
        found = inclusion(u, weights, problem)
        ours_s, _ = best(partial(inclusion, u, weights, problem))
        note = (
            f"gap {found.gap:.0e}; peak {peak_megabytes():.0f} MB, utilities {u.nbytes / 1e6:.0f}"
        )
        rows.append(row("Nash optimum, all citizens", case, ours_s, note))
        ours_s, _ = best(partial(round_and_swap, found, u, weights, problem))
        whole = round_and_swap(found, u, weights, problem)
        note = f"within {whole.upper_bound - whole.score:.0e} of any set; swaps {whole.swaps}"
        rows.append(row("whole clauses", case, ours_s, note))
    return rows


def six_rules() -> Row:
    """All convex rules on a conversation of the usual size."""
    u, problem = utilities(1089, 150), constrained(150)
    weights, labels = np.full(1089, 1 / 1089), np.arange(1089) % 3

    def run() -> None:
        for rule in RULES:
            choose_by(rule, u, weights, labels, problem)

    return row("six convex rules, rounded", "1,089 x 150", best(run)[0], "")


def row(
    task: str,
    case: str,
    ours_s: float,
    note: str,
    *,
    peer: str | None = None,
    peer_s: float | None = None,
) -> Row:
    return {
        "task": task,
        "case": case,
        "peer": peer,
        "ours_s": ours_s,
        "peer_s": peer_s,
        "ratio": None if peer_s is None else peer_s / ours_s,
        "note": note,
    }


def main() -> None:
    """One JSON line: a list of rows."""
    rows = [*growth(), six_rules()]
    for people, clauses in ((200, 60), (1000, 200), (3000, 200), (10_000, 200)):
        budget = ClauseProblem.of(clauses, budget=BUDGET)
        rows.append(beside_cvxpy(f"{people:,} x {clauses}", utilities(people, clauses), budget))
    few = 1000, 200
    rows.append(beside_cvxpy("1,000 x 200, yes and no", votes(*few), budget))
    rows.append(
        beside_cvxpy("1,000 x 200, caps and contradictions", utilities(*few), constrained(200))
    )
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
