"""Committee rules beside abcvoting and pabutools, on approvals made from real votes."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from aggregation import certify, completion
from aggregation.welfare import committee
from tests.aggregation.tables import polis_matrix
from tests.conftest import ROOT

DATA = Path(os.environ.get("CONCORDANCE_DATA", ROOT.parent / "shared" / "data"))
REAL = {
    "ccai": "ccai",
    "bowling-green": "polis/american-assembly.bowling-green",
    "vtaiwan": "polis/vtaiwan.uberx",
}
SEATS = 20
LEAST_VOTES = 7  # of a person
LEAST_ANSWERS = 25  # to a claim
ENOUGH = 0.5
SLOW = 5.0  # seconds: a peer slower than this is timed once

Row = dict[str, Any]


def real_approvals(folder: Path) -> np.ndarray:
    """(n, m): whether each active person is estimated to agree, with every claim widely seen."""
    votes, _ = polis_matrix(folder)
    active = np.bincount(votes.rows, minlength=votes.shape[0]) >= LEAST_VOTES
    seen = np.bincount(votes.columns, minlength=votes.shape[1]) >= LEAST_ANSWERS
    return (completion.fit(votes).probability() > 0.5)[np.ix_(active, seen)]


def synthetic_approvals(people: int, columns: int, *, seed: int = 0) -> np.ndarray:
    """(people, columns): three camps that approve their own claims, and some that all approve."""
    rng = np.random.default_rng(seed)
    camp = rng.choice(3, size=people, p=[0.5, 0.3, 0.2])
    rate = rng.beta(1, 3, size=(3, columns))
    return rng.random((people, columns)) < rate[camp]


def best(run: Callable[[], Any]) -> tuple[float, str]:
    """Seconds of the fastest run after one warm-up: of three, or of half a second's worth.

    What takes milliseconds is repeated more often, or the other processes of a busy machine would
    be measured. Slow ones are run once.
    """
    taken: list[float] = []
    while len(taken) < 4 or sum(taken) < ENOUGH:
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
        if taken[0] > SLOW:
            return taken[0], "; peer timed once"
    return min(taken[1:]), ""


def row(task: str, case: str, peer: str | None, ours: Callable[[], Any], **given: Any) -> Row:
    """Time ours, and the peer's where one is given as `theirs`."""
    ours_s, _ = best(ours)
    theirs, note = given.get("theirs"), given.get("note", "")
    peer_s, once = best(theirs) if theirs else (None, "")
    return {
        "task": task,
        "case": case,
        "peer": peer,
        "ours_s": ours_s,
        "peer_s": peer_s,
        "ratio": None if peer_s is None else peer_s / ours_s,
        "note": note + once,
    }


def beside_abcvoting(case: str, profile: np.ndarray) -> list[Row]:
    try:
        from abcvoting import abcrules, properties
        from abcvoting.preferences import Profile
    except ImportError:
        return [skipped("committee rules", case, "abcvoting")]
    voters = Profile(profile.shape[1])
    voters.add_voters([np.flatnonzero(person).tolist() for person in profile])
    rules = [
        ("seqpav", committee.seq_pav, {"algorithm": "standard"}),
        ("equal-shares", committee.equal_shares, {"algorithm": "float-fractions"}),
        ("seqphragmen", committee.seq_phragmen, {"algorithm": "float-fractions"}),
    ]
    rules[1][2]["completion"] = None
    rows = []
    for name, ours, options in rules:

        def theirs(name: str = name, options: dict[str, Any] = options) -> tuple[int, ...]:
            found = abcrules.compute(name, voters, SEATS, resolute=True, **options)
            return tuple(sorted(found[0]))

        def mine(rule: Callable[..., tuple[int, ...]] = ours) -> tuple[int, ...]:
            return rule(profile, SEATS)

        note = same_committee(mine(), theirs())
        rows.append(row(name, case, "abcvoting", mine, theirs=theirs, note=note))
    chosen = committee.approval_voting(profile, SEATS), committee.seq_pav(profile, SEATS)
    for members in chosen:
        assert certify.ejr_plus(profile, members)[0] == properties.check_EJR_plus(voters, members)
    rows.append(
        row(
            *("EJR+ check", case, "abcvoting", lambda: certify.ejr_plus(profile, chosen[1])),
            theirs=lambda: properties.check_EJR_plus(voters, chosen[1]),
            note="same verdict on the seqPAV and the most approved committee",
        )
    )
    return rows


def beside_pabutools(case: str, profile: np.ndarray) -> list[Row]:
    try:
        import pabutools.fractions
        from pabutools.election import (
            ApprovalBallot,
            ApprovalProfile,
            Cardinality_Sat,
            Instance,
            Project,
        )
        from pabutools.rules import method_of_equal_shares
    except ImportError:
        return [skipped("equal shares, costs", case, "pabutools")]
    pabutools.fractions.FRACTION = "float"
    projects = [Project(f"{j:05d}", 1) for j in range(profile.shape[1])]
    instance = Instance(projects, budget_limit=SEATS)
    ballots = ApprovalProfile(
        [ApprovalBallot(projects[j] for j in np.flatnonzero(person)) for person in profile],
        instance=instance,
    )
    costs = np.ones(len(projects))

    def theirs() -> tuple[int, ...]:
        found = method_of_equal_shares(instance, ballots, sat_class=Cardinality_Sat)
        return tuple(sorted(int(project.name) for project in found))

    def mine() -> tuple[int, ...]:
        return committee.equal_shares_pb(profile, costs, SEATS)

    note = same_committee(mine(), theirs())
    return [row("equal shares, costs", case, "pabutools", mine, theirs=theirs, note=note)]


def same_committee(ours: tuple[int, ...], theirs: tuple[int, ...]) -> str:
    """What to say of two results: the same, or how many members they share.

    A peer that adds up floats may break an exact tie differently; more than that is an error.
    """
    shared = len(set(ours) & set(theirs))
    assert shared >= 0.9 * len(ours), f"{ours} and {theirs} are not one committee"
    return "same committee" if ours == theirs else f"overlap {shared} of {len(ours)} (float ties)"


def skipped(task: str, case: str, peer: str) -> Row:
    empty = dict.fromkeys(("ours_s", "peer_s", "ratio"))
    return {"task": task, "case": case, "peer": peer, **empty, "note": f"{peer} is not installed"}


def growth() -> list[Row]:
    """Ours alone, on as many people as a city has."""
    profile = synthetic_approvals(100_000, 300)
    case = "100,000 x 300"
    chosen = committee.seq_pav(profile, SEATS)
    runs: dict[str, Callable[[], Any]] = {
        "seqpav": lambda: committee.seq_pav(profile, SEATS),
        "equal-shares": lambda: committee.equal_shares(profile, SEATS),
        "seqphragmen": lambda: committee.seq_phragmen(profile, SEATS),
        "EJR+ check": lambda: certify.ejr_plus(profile, chosen),
        "swap margins": lambda: certify.swap_margins(profile, chosen),
    }
    return [row(task, case, None, ours) for task, ours in runs.items()]


def main() -> None:
    """One JSON line: a list of rows."""
    cases = {"synthetic 2,000 x 300": synthetic_approvals(2000, 300)}
    for name, place in REAL.items():
        if (DATA / place).is_dir():
            profile = real_approvals(DATA / place)
            cases[f"{name} {profile.shape[0]:,} x {profile.shape[1]}"] = profile
    rows = []
    for case, profile in cases.items():
        rows += beside_abcvoting(case, profile) + beside_pabutools(case, profile)
    print(json.dumps(rows + growth()))


if __name__ == "__main__":
    main()
