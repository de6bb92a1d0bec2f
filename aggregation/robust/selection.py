"""Which clauses would be chosen had other people of the same crowd come?"""

from __future__ import annotations

import numpy as np

from aggregation.errors import AggregationInputError
from aggregation.types import FloatArray
from aggregation.welfare.model import voter_types
from aggregation.welfare.problem import ClauseProblem
from aggregation.welfare.rounding import round_and_swap
from aggregation.welfare.solve import Inclusion, Unproved, inclusion

LARGE = 10_000  # people; above it voter types stand for them
TOLERANCE = 1e-4  # of each resample's programme: rounding and swaps settle what it leaves open


def selection_frequency(
    utilities: FloatArray,
    weights: FloatArray,
    problem: ClauseProblem,
    *,
    resamples: int = 100,
    seed: int = 0,
) -> FloatArray:
    """(m,) share of bootstrap resamples in which each candidate is among the chosen clauses.

    utilities (n, m) in [0, 1]; weights (n,) at least 0

    As many people as there are get drawn with replacement, by their weights, and clauses are chosen
    by Nash welfare and harmonic swaps as ever. Utilities stay as they are, so this tells about who
    came, not about what was estimated. A crowd of more than 10 000 is drawn as members of at most
    64 voter types, which makes clauses look somewhat steadier. Without people or candidates: zeros.
    """
    if isinstance(resamples, bool) or not isinstance(resamples, int) or resamples < 1:
        raise AggregationInputError(f"resamples {resamples!r}: give a whole number of at least 1.")
    people = int(np.count_nonzero(weights > 0))
    if people == 0 or problem.m == 0:
        return np.zeros(problem.m)
    crowd, mass = utilities, weights
    if people > LARGE:
        crowd, mass = voter_types(utilities, weights, seed=seed)
    chosen = np.zeros(problem.m, dtype=np.int64)
    start = _shares(crowd, mass, problem)
    rng = np.random.default_rng(seed)
    for drawn in rng.multinomial(people, mass / mass.sum(), size=resamples):
        came = np.flatnonzero(drawn)
        times = drawn[came].astype(np.float64)
        shares = _shares(crowd[came], times, problem, warm=start.x)
        chosen[list(round_and_swap(shares, crowd[came], times, problem).members)] += 1
    return chosen / resamples


def _shares(
    utilities: FloatArray,
    weights: FloatArray,
    problem: ClauseProblem,
    *,
    warm: FloatArray | None = None,
) -> Inclusion:
    try:
        return inclusion(utilities, weights, problem, tol=TOLERANCE, warm=warm)
    except Unproved as refused:
        return refused.best
