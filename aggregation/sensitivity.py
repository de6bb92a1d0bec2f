"""The same reactions under other rules: which clauses any fair-minded rule would choose.

A rule is a political choice. Whoever doubts ours can see here what the others would have done with
the same votes, the same budget, and the same constraints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from aggregation.certify import ejr_plus
from aggregation.errors import AggregationInputError
from aggregation.types import BoolArray, FloatArray, IntArray
from aggregation.welfare import committee
from aggregation.welfare.problem import ClauseProblem
from aggregation.welfare.rounding import round_and_swap
from aggregation.welfare.rules import choose_by
from aggregation.welfare.solve import inclusion

DEFAULT = "default"  # what was chosen: Nash welfare, whole clauses by harmonic swaps
CONVEX = ("utilitarian", "p_half", "nash", "harmonic_mean", "maximin_groups", "cvar")
COMMITTEES: Mapping[str, Callable[..., tuple[int, ...]]] = {
    "seq_pav": committee.seq_pav,
    "equal_shares": committee.equal_shares,
    "seq_phragmen": committee.seq_phragmen,
    "approval_voting": committee.approval_voting,
}
RULES = (*CONVEX, *COMMITTEES)
APPROVED = 0.5  # a utility above it is an approval
LEVELS = 1 / 6, 1 / 2, 5 / 6  # of utility, for the approval rules: a ballot for each


@dataclass(frozen=True)
class RuleOutcome:
    """What one rule chooses, and how people fare: t_i = the utilities of i in the chosen clauses.

    chosen : columns in canonical order; shared : how many of them the default chose too
    mean : weighted mean of t_i / chosen; p10 : its tenth percentile; least_group : the least mean
        in any opinion group, None without groups
    unheard : share of people who approve no chosen clause (utility above 1/2 for none)
    ejr_plus : the greatest ratio over clauses left out; from 1 on, a group was denied its due
    """

    rule: str
    chosen: tuple[int, ...]
    shared: int
    mean: float
    p10: float
    least_group: float | None
    unheard: float
    ejr_plus: float


@dataclass(frozen=True)
class Report:
    """The default and every other rule on the same votes; survivors: chosen by all of them."""

    rules: tuple[RuleOutcome, ...]
    survivors: tuple[int, ...]

    def of(self, rule: str) -> RuleOutcome:
        """The outcome of the rule with this name; KeyError where there is none."""
        return {one.rule: one for one in self.rules}[rule]


@dataclass(frozen=True)
class Contested:
    """The rules on claims that divide people, where they differ most.

    seats : how many claims each rule could choose
    people : who approve at least one of the claims; all figures of the report are about them
    """

    seats: int
    people: int
    report: Report


def report(
    utilities: FloatArray,
    weights: FloatArray,
    labels: IntArray,
    problem: ClauseProblem,
    *,
    default: Iterable[int],
    rules: Sequence[str] = RULES,
    scores: Mapping[str, FloatArray] | None = None,
    choosers: IntArray | None = None,
) -> Report:
    """Choose by each rule under the same constraints, and compare with what was chosen.

    utilities (n, m) in [0, 1]; weights (n,); labels (n,): opinion group, -1 for none
    default : the clauses chosen by this project's own rule; they come first in the report
    rules : names out of RULES. The first six weigh utilities. The rest count approvals: everybody
        casts three ballots, which approve what she sides with by more than 1/6, 1/2 and 5/6 (the
        transform of Kotze and Pereira), since at 1/2 alone whoever gave no answer would approve of
        all that is widely supported, and claims that fewer people answered would win. Ties go to
        the greater mean utility, then to canonical order.
    scores : further rules by name, each (m,): the best clauses that fit, ties in canonical order
    choosers : the people, by row, by whom rules choose for everybody; everybody by default

    Raises AggregationInputError naming what is wrong, NotCertified if a programme is not solved.
    """
    chosen = {DEFAULT: tuple(sorted(set(default)))}
    _require(utilities, weights, labels, problem, default=chosen[DEFAULT], rules=rules)
    measure = _Measure(utilities, weights, labels, set(chosen[DEFAULT]))
    rows = slice(None) if choosers is None else choosers
    heard = utilities[rows], weights[rows], labels[rows]
    for name in rules:
        chosen[name] = _chosen(name, *heard, problem)
    for name, score in (scores or {}).items():
        if name in chosen or np.shape(score) != (problem.m,) or np.isnan(score).any():
            raise AggregationInputError(
                f"scores {name!r}: give {problem.m} numbers under a name that is not yet taken."
            )
        chosen[name] = _best(np.asarray(score, dtype=np.float64), problem)
    survivors = set.intersection(*(set(members) for members in chosen.values()))
    outcomes = tuple(measure.outcome(name, members) for name, members in chosen.items())
    return Report(outcomes, tuple(sorted(survivors)))


def contested(
    support: FloatArray, weights: FloatArray, labels: IntArray, *, seats: int = 15
) -> Contested:
    """A test under stress: every rule on claims that divide people, by approvals of 0 or 1.

    support (n, m): how surely each person agrees with each of these claims, in [0, 1], against
        disagreeing or being unsure; above 1/2 it is an approval
    seats : how many claims each rule may choose, but at most half of them: where nearly everything
        can be chosen, no rule differs from another

    The rule to compare with is the default's: Nash welfare on the approvals, then harmonic swaps.
    Whoever approves none of the claims is left out, as no rule could choose anything for them.
    """
    if isinstance(seats, bool) or not isinstance(seats, int) or seats < 1:
        raise AggregationInputError(f"seats {seats!r}: give a whole number of at least 1.")
    approvals = support > APPROVED
    rows = np.flatnonzero(approvals.any(axis=1))
    utilities, shares = approvals[rows].astype(np.float64), weights[rows]
    seats = min(seats, support.shape[1] // 2)
    problem = ClauseProblem.of(support.shape[1], budget=float(seats))
    default: tuple[int, ...] = ()
    if seats and rows.size:
        relaxed = inclusion(utilities, shares, problem)
        default = round_and_swap(relaxed, utilities, shares, problem).members
    found = report(utilities, shares, labels[rows], problem, default=default)
    return Contested(seats, rows.size, found)


class _Measure:
    """How people fare under a set of clauses; a set that two rules choose is measured once."""

    def __init__(
        self, utilities: FloatArray, weights: FloatArray, labels: IntArray, default: set[int]
    ) -> None:
        self.utilities, self.weights, self.labels = utilities, weights, labels
        self.default, self.approvals = default, utilities > APPROVED
        self.known: dict[tuple[int, ...], tuple[float, float, float | None, float, float]] = {}

    def outcome(self, rule: str, members: tuple[int, ...]) -> RuleOutcome:
        if members not in self.known:
            self.known[members] = self._figures(members)
        return RuleOutcome(
            rule, members, len(self.default.intersection(members)), *self.known[members]
        )

    def _figures(self, members: tuple[int, ...]) -> tuple[float, float, float | None, float, float]:
        columns, n = list(members), len(self.utilities)
        k = int(self.labels.max(initial=-1)) + 1
        if n == 0:
            return 0.0, 0.0, None, 0.0, 0.0
        share = self.utilities[:, columns].sum(axis=1) / max(len(columns), 1)
        groups = [share[self.labels == group] for group in range(k)]
        means = [float(group.mean()) for group in groups if group.size]
        _, ratios = ejr_plus(self.approvals, members, seats=len(columns))
        return (
            float(_mean(share, self.weights)),
            float(np.quantile(share, 0.1)),
            min(means) if means else None,
            float(np.mean(~self.approvals[:, columns].any(axis=1))),
            float(ratios.max(initial=0.0)),
        )


def _mean(values: FloatArray, weights: FloatArray) -> FloatArray:
    return np.asarray(np.average(values, axis=0, weights=weights), dtype=np.float64)


def _chosen(
    name: str,
    utilities: FloatArray,
    weights: FloatArray,
    labels: IntArray,
    problem: ClauseProblem,
) -> tuple[int, ...]:
    if utilities.size == 0:
        return tuple(np.flatnonzero(problem.low > 0).tolist())
    if name in COMMITTEES:
        order = np.argsort(-np.round(_mean(utilities, weights), 9), kind="stable")
        ballots = _ballots(utilities)
        return COMMITTEES[name](ballots, _seats(problem), problem=problem, order=order.tolist())
    return choose_by(name, utilities, weights, labels, problem)


def _ballots(utilities: FloatArray) -> BoolArray:
    """(n or 3 n, m) approvals; where everybody is sure of everything the three would be alike."""
    if np.all((utilities == 0) | (utilities == 1)):
        return utilities > APPROVED
    return np.vstack([utilities > level for level in LEVELS])


def _seats(problem: ClauseProblem) -> int:
    """How many clauses the budget could buy at most."""
    return min(problem.m, int(problem.budget / problem.costs.min(initial=np.inf) + 1e-9))


def _best(score: FloatArray, problem: ClauseProblem) -> tuple[int, ...]:
    """By falling score whatever still fits, after the clauses that are fixed in."""
    matrix, limits, _ = problem.rows
    limiting = np.flatnonzero(limits >= 0)  # the rest ask for additions
    table = matrix[limiting].toarray()
    x = (problem.low > 0).astype(np.float64)
    left = limits[limiting] - table @ x
    for j in np.argsort(-score, kind="stable").tolist():
        if not x[j] and problem.high[j] >= 1 and np.all(table[:, j] <= left + 1e-9):
            x[j], left = 1.0, left - table[:, j]
    return tuple(np.flatnonzero(x).tolist())


def _require(
    utilities: FloatArray,
    weights: FloatArray,
    labels: IntArray,
    problem: ClauseProblem,
    *,
    default: tuple[int, ...],
    rules: Sequence[str],
) -> None:
    n = len(utilities)
    if utilities.shape != (n, problem.m):
        raise AggregationInputError(
            f"utilities: the shape is {utilities.shape}, not (citizens, {problem.m})."
        )
    for name, given in (("weights", weights), ("labels", labels)):
        if np.shape(given) != (n,):
            raise AggregationInputError(f"{name}: give one for each of {n} citizens.")
    for clause in default:
        if not 0 <= clause < problem.m:
            raise AggregationInputError(f"default: there is no clause {clause}.")
    for rule in rules:
        if rule not in RULES:
            raise AggregationInputError(f"rule {rule!r} is none of {', '.join(RULES)}.")
