"""Choosing whole clauses from approvals: the rules of approval-based committee voting, exactly.

Every rule takes approvals (n, m) and gives the chosen columns in ascending order. Scores are
compared as whole numbers or fractions, so a tie is a real tie; it goes to the lowest column, or to
the one that comes first in `order`, a permutation of the columns that the caller records. A column
that nobody approves is never chosen: with fewer approved columns than seats the result is shorter.

With `problem` (a ClauseProblem) columns fixed in come first, whoever approves them, and a column is
passed over from the moment it no longer fits: fixed out, over the budget, in conflict with a chosen
one, or in a theme that is full. Covers and floors ask for additions and are not looked at here.

Sources: Lackner and Skowron, Multi-Winner Voting with Approval Preferences (2023); for equal shares
with costs Peters, Pierczynski and Skowron, Proportional Participatory Budgeting (2021).
"""

from __future__ import annotations

import heapq
import math
import operator
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from aggregation.errors import AggregationInputError
from aggregation.types import BoolArray, FloatArray, IntArray

if TYPE_CHECKING:
    from aggregation.welfare.problem import ClauseProblem

Members = tuple[int, ...]

# Floats this close are compared again as fractions: far above rounding error.
NEAR = 1e-7
SAFE = 2**62  # whole numbers below it add up in 64 bits


def approval_voting(
    approvals: BoolArray,
    k: int,
    *,
    problem: ClauseProblem | None = None,
    order: Sequence[int] | None = None,
) -> Members:
    """The k columns with the most approvals."""
    checked = _approvals(approvals)
    room = _Room(checked, k, problem, order)
    support = checked.sum(axis=0)
    for column in room.fixed:
        room.take(column)
    while room.vacant:
        room.take(room.first(support, at=support[room.open].max()))
    return room.members


def seq_pav(
    approvals: BoolArray,
    k: int,
    *,
    problem: ClauseProblem | None = None,
    order: Sequence[int] | None = None,
) -> Members:
    """Sequential proportional approval voting (Thiele 1895).

    Adds the column with the greatest sum of 1 / (1 + chosen so far) over its approvers; the sums
    are kept as whole numbers of 1 / lcm(1..k).
    """
    checked = _approvals(approvals)
    room = _Room(checked, k, problem, order)
    tally = _Tally(checked, k)
    shares = _harmonic_shares(k, people=len(checked))
    score = tally.counts[0].astype(shares.dtype) * shares[0]

    def add(column: int) -> None:
        nonlocal score
        room.take(column)
        for level, moved in tally.lift(column, lambda level: level + 1):
            score = score - moved.astype(shares.dtype) * (shares[level] - shares[level + 1])

    for column in room.fixed:
        add(column)
    while room.vacant:
        add(room.first(score, at=score[room.open].max()))
    return room.members


def seq_phragmen(
    approvals: BoolArray,
    k: int,
    *,
    problem: ClauseProblem | None = None,
    order: Sequence[int] | None = None,
) -> Members:
    """Phragmen's sequential rule (1894).

    A chosen column is a load of 1, borne by its approvers so that they all end with the same total;
    next comes the column whose approvers would end lowest: (1 + their loads) / their number. All
    approvers of a chosen column then bear the same load, so there are never more than k + 1 loads.
    """
    checked = _approvals(approvals)
    room = _Room(checked, k, problem, order)
    tally = _Tally(checked, k)
    size = tally.counts[0].copy()
    loads, unit = [0], 1  # whole numbers over a common denominator

    def load(column: int) -> Fraction:
        """The load that approvers would end with, times the unit."""
        people = tally.counts[: len(loads), column].tolist()
        return Fraction(unit + sum(map(operator.mul, loads, people)), int(size[column]))

    def add(column: int) -> None:
        nonlocal loads, unit
        after = load(column) if size[column] else Fraction(loads[-1])
        loads = [*(one * after.denominator for one in loads), after.numerator]
        unit *= after.denominator
        room.take(column)
        for _ in tally.lift(column, lambda _: len(loads) - 1):
            pass

    for column in room.fixed:
        add(column)
    while room.vacant:
        total = np.array([one / unit for one in loads]) @ tally.counts[: len(loads)]
        after = np.where(room.open, (1 + total) / np.maximum(size, 1), np.inf)
        near = np.flatnonzero(after <= after.min() * (1 + NEAR)).tolist()
        add(_least(near, load, room.rank))
    return room.members


def equal_shares(
    approvals: BoolArray,
    k: int,
    *,
    problem: ClauseProblem | None = None,
    order: Sequence[int] | None = None,
) -> Members:
    """The method of equal shares for k seats, without a completion phase.

    Everybody holds k / n; a column costs 1, and its approvers pay the same each, or all they have
    left. Next comes the column with the lowest price per head. Ends when no column's approvers can
    pay for it, so the result may have fewer than k columns. A column fixed in is paid for as far
    as its approvers can.
    """
    checked = _approvals(approvals)
    room = _Room(checked, k, problem, order)
    return _buy(checked, [Fraction(1)] * checked.shape[1], Fraction(k), room=room)


def equal_shares_pb(
    approvals: BoolArray,
    costs: ArrayLike,
    budget: float,
    utility: Literal["cardinality", "cost"] = "cardinality",
    *,
    order: Sequence[int] | None = None,
) -> Members:
    """The method of equal shares for participatory budgeting, without a completion phase.

    costs (m,) above 0 and budget: taken as the decimal numbers they are written as, so 0.1 + 0.2
    is 0.3. What an approver gains by a column is 1 ("cardinality") or its cost ("cost"); next
    comes the column with the lowest price per head and per gain.
    """
    checked = _approvals(approvals)
    m = checked.shape[1]
    prices = _costs(costs, m)
    if isinstance(budget, bool) or not math.isfinite(budget) or budget < 0:
        raise AggregationInputError(f"budget {budget}: give a finite number of at least 0.")
    if utility not in ("cardinality", "cost"):
        raise AggregationInputError(f"utility {utility!r}: give 'cardinality' or 'cost'.")
    room = _Room(checked, m, None, order)
    return _buy(checked, prices, _decimal(budget), room=room, per_cost=utility == "cost")


def pav_exact(approvals: BoolArray, k: int, *, order: Sequence[int] | None = None) -> Members:
    """The k columns with the greatest harmonic score sum_i H(chosen columns i approves).

    Branch and bound over whole numbers, exponential in the worst case: for small instances. Among
    tied sets the one that is first by columns (or by `order`) wins.
    """
    checked = _approvals(approvals)
    room = _Room(checked, k, None, order)
    columns = np.array(sorted(np.flatnonzero(room.open), key=lambda j: int(room.rank[j])), np.int64)
    seats = min(k, len(columns))
    if seats == 0:
        return ()
    types, people = np.unique(checked[:, columns], axis=0, return_counts=True)
    shares = _harmonic_shares(seats, people=len(checked) * seats)
    search = _Search(types.astype(shares.dtype), people, shares, seats)
    greedy = [int(np.flatnonzero(columns == j)[0]) for j in seq_pav(checked, k, order=order)]
    search.best = search.score(greedy) - 1
    search.explore([], 0, 0)
    return tuple(sorted(columns[list(search.found)].tolist()))


class _Room:
    """Which columns may still be chosen; `open` (m,) only ever closes."""

    def __init__(
        self,
        approvals: BoolArray,
        k: int,
        problem: ClauseProblem | None,
        order: Sequence[int] | None,
    ) -> None:
        m = approvals.shape[1]
        if isinstance(k, bool) or not isinstance(k, int | np.integer) or not 0 <= k <= m:
            raise AggregationInputError(f"k {k!r}: give a whole number from 0 to {m}, the columns.")
        self.k, self.rank, self.problem = int(k), _ranks(order, m), problem
        self.chosen: list[int] = []
        self.open: BoolArray = np.asarray(approvals.any(axis=0))
        self.fixed: list[int] = []
        self.spent = 0.0
        if problem is None:
            return
        if problem.m != m:
            raise AggregationInputError(
                f"problem: it has {problem.m} columns, the approvals have {m}."
            )
        low, high = problem.low, problem.high
        self.fixed = sorted(np.flatnonzero(low >= 1).tolist(), key=lambda j: int(self.rank[j]))
        if len(self.fixed) > k:
            raise AggregationInputError(
                f"k {k}: {len(self.fixed)} columns are fixed in; give at least as many seats."
            )
        self.open &= (high >= 1) & (low < 1)
        self._close_unaffordable(problem)
        for theme in range(len(problem.caps)):
            self._close_full(problem, theme)

    @property
    def members(self) -> Members:
        return tuple(sorted(self.chosen))

    @property
    def vacant(self) -> bool:
        """Whether a seat and a column for it are left."""
        return len(self.chosen) < self.k and bool(self.open.any())

    def first(self, score: NDArray[Any], *, at: Any) -> int:
        """Among open columns with this score, the one that comes first."""
        tied = np.flatnonzero(self.open & (score == at))
        return int(tied[np.argmin(self.rank[tied])])

    def take(self, column: int) -> None:
        """Choose a column and close it with all that no longer fit."""
        self.chosen.append(column)
        self.open[column] = False
        if self.problem is None:
            return
        problem = self.problem
        pairs = problem.conflicts[(problem.conflicts == column).any(axis=1)]
        self.open[pairs.ravel()] = False
        self.spent += float(problem.costs[column])
        self._close_unaffordable(problem)
        if problem.themes[column] >= 0:
            self._close_full(problem, int(problem.themes[column]))

    def _close_unaffordable(self, problem: ClauseProblem) -> None:
        self.open &= self.spent + problem.costs <= problem.budget + 1e-9

    def _close_full(self, problem: ClauseProblem, theme: int) -> None:
        members = problem.themes == theme
        if members[self.chosen].sum() + 1 > problem.caps[theme]:
            self.open &= ~members


class _Tally:
    """How many approvers of each column stand on each level: counts (levels + 1, m).

    Everybody starts on level 0. People are bits, 64 to a word, so a count is a population count.
    """

    def __init__(self, approvals: BoolArray, levels: int) -> None:
        n, m = approvals.shape
        packed = np.zeros((m, -(-n // 64) * 8), dtype=np.uint8)
        packed[:, : -(-n // 8)] = np.packbits(approvals, axis=0).T
        self.columns = packed.view(np.uint64)
        self.standing = np.zeros((levels + 1, self.columns.shape[1]), dtype=np.uint64)
        self.standing[0] = ~np.uint64(0)
        self.counts = np.zeros((levels + 1, m), dtype=np.int64)
        self.counts[0] = _ones(self.columns)

    def lift(self, column: int, to: Callable[[int], int]) -> Iterator[tuple[int, IntArray]]:
        """Move the column's approvers from each level up to `to(level)`; gives (level, moved).

        moved (m,): how many approvers of each column left that level.
        """
        for level in range(len(self.standing) - 2, -1, -1):
            movers = self.standing[level] & self.columns[column]
            if not movers.any():
                continue
            moved = _ones(self.columns & movers)
            self.standing[level] ^= movers
            self.standing[to(level)] |= movers
            self.counts[level] -= moved
            self.counts[to(level)] += moved
            yield level, moved


class _Purses:
    """What is left of everybody's equal share: floats `left`, and the same exactly when asked.

    Amounts are in shares of one person at the start. Exact ones are whole numbers of 1 / unit and
    lag behind: purchases are settled when an exact answer is needed.
    """

    def __init__(self, approvals: BoolArray, prices: list[Fraction]) -> None:
        n, m = approvals.shape
        self.approvals = np.ascontiguousarray(approvals.T)
        self.people: list[IntArray | None] = [None] * m
        self.prices = prices
        self.price = [float(one) for one in prices]
        self.left = np.ones(n)
        self.unit = math.lcm(*(one.denominator for one in prices))
        self.exact: NDArray[Any] = np.full(n, self.unit, dtype=object)
        self.unsettled: list[tuple[int, BoolArray]] = []

    def approvers(self, column: int) -> IntArray:
        found = self.people[column]
        if found is None:
            found = self.people[column] = np.flatnonzero(self.approvals[column])
        return found

    def rate(self, column: int, *, start: float) -> float | None:
        """The most that an approver pays if they buy the column now; None if they cannot.

        start : a lower bound; Newton's steps for sum_i min(left_i, rate) = price rise from there.
        """
        left, price = self.left[self.approvers(column)], self.price[column]
        total = float(left.sum())
        if total < price * (1 - NEAR):
            return None
        if total < price * (1 + NEAR):
            exact = self.exact_rate(column, near=math.inf)
            return None if exact is None else float(exact)
        rate = start
        while True:
            poor = left < rate
            rich = len(left) - int(np.count_nonzero(poor))
            above = (price - float(left[poor].sum())) / rich if rich else rate
            if above <= rate:
                return rate
            rate = above

    def exact_rate(self, column: int, *, near: float) -> Fraction | None:
        """`rate` as a fraction; near: what it is nearly."""
        self._settle()
        return self._solve(column, self.left[self.approvers(column)] < near)

    def buy(self, column: int, rate: float | None) -> None:
        """Take the payments; None: all that the approvers have."""
        people = self.approvers(column)
        left = self.left[people]
        most = np.inf if rate is None else rate
        self.unsettled.append((column, left < most))
        self.left[people] = np.maximum(left - most, 0.0)

    def _settle(self) -> None:
        for column, poor in self.unsettled:
            people = self.approvers(column)
            rate = self._solve(column, poor)
            if rate is None:
                self.exact[people] = 0
                continue
            rate *= self.unit
            if rate.denominator > 1:
                self.exact *= rate.denominator
                self.unit *= rate.denominator
            self.exact[people] = np.maximum(self.exact[people] - rate.numerator, 0)
        self.unsettled.clear()

    def _solve(self, column: int, poor: BoolArray) -> Fraction | None:
        """The exact rate; `poor`: a guess who pays all they have left, best if nearly right."""
        left = self.exact[self.approvers(column)]
        price = self.prices[column].numerator * (self.unit // self.prices[column].denominator)
        rich = len(left) - int(np.count_nonzero(poor))
        if rich:
            low, high = left[poor], left[~poor]
            rest = price - sum(low.tolist())
            if max(low.tolist(), default=0) * rich <= rest <= min(high.tolist()) * rich:
                return Fraction(rest, rich * self.unit)
        rest, rich = price, len(left)
        for amount in sorted(left.tolist()):
            if amount * rich >= rest:
                return Fraction(rest, rich * self.unit)
            rest, rich = rest - amount, rich - 1
        return None


def _buy(
    approvals: BoolArray,
    costs: list[Fraction],
    budget: Fraction,
    *,
    room: _Room,
    per_cost: bool = False,
) -> Members:
    """Equal shares: buy the cheapest column per head until none can be paid for.

    Prices only rise, so a price of an earlier round is a lower bound: the heap looks again at a
    column only when its old price is the lowest.
    """
    if len(approvals) == 0 or budget == 0:
        for column in room.fixed:
            room.take(column)
        return room.members
    share = budget / len(approvals)
    priced = {cost: cost / share for cost in set(costs)}
    purses = _Purses(approvals, [priced[cost] for cost in costs])
    gain = [float(cost) if per_cost else 1.0 for cost in costs]
    for column in room.fixed:
        purses.buy(column, purses.rate(column, start=0.0))
        room.take(column)
    size = np.maximum(approvals.sum(axis=0), 1)
    rates = (np.array(purses.price) / size).tolist()
    seen = [-1] * len(costs)  # the round in which a column's rate was worked out
    heap = [(rates[j] / gain[j], int(room.rank[j]), j) for j in np.flatnonzero(room.open).tolist()]
    heapq.heapify(heap)

    def exact_price(column: int) -> Fraction:
        rate = purses.exact_rate(column, near=rates[column])
        known = purses.prices[column] if rate is None else rate
        return known / costs[column] if per_cost else known

    while room.vacant:
        near: list[int] = []
        limit = math.inf
        while heap and heap[0][0] <= limit:
            price, _, column = heapq.heappop(heap)
            if not room.open[column]:
                continue
            if seen[column] == len(room.chosen):
                near.append(column)
                limit = min(limit, price * (1 + NEAR))
                continue
            rate = purses.rate(column, start=rates[column])
            if rate is not None:
                rates[column], seen[column] = rate, len(room.chosen)
                heapq.heappush(heap, (rate / gain[column], int(room.rank[column]), column))
        if not near:
            break
        winner = _least(near, exact_price, room.rank)
        purses.buy(winner, rates[winner])
        room.take(winner)
        for column in near:
            heapq.heappush(heap, (rates[column] / gain[column], int(room.rank[column]), column))
    return room.members


class _Search:
    """Branch and bound for the harmonic score; columns are tried in their order.

    types (types, m) of zeros and ones, people (types,), shares: lcm / (level + 1).
    """

    def __init__(
        self, types: NDArray[Any], people: IntArray, shares: NDArray[Any], seats: int
    ) -> None:
        self.types, self.people, self.shares, self.seats = types, people, shares, seats
        self.best: int = -1
        self.found: tuple[int, ...] = ()

    def score(self, columns: Sequence[int]) -> int:
        held = self.types[:, list(columns)].sum(axis=1).astype(np.int64)
        worth = np.append(0 * self.shares[:1], np.cumsum(self.shares))
        return int(self.people @ worth[held])

    def explore(self, chosen: list[int], start: int, score: int) -> None:
        """Try every way to complete `chosen` with columns from `start` on that may beat `best`."""
        missing = self.seats - len(chosen)
        if missing == 0:
            if score > self.best:
                self.best, self.found = score, tuple(chosen)
            return
        held = self.types[:, chosen].sum(axis=1).astype(np.int64)
        rest = (self.people * self.shares[held]) @ self.types[:, start:]
        for step in range(len(rest) - missing + 1):
            # No set adds more than the sum of what its columns would add alone.
            if score + int(np.sort(rest[step:])[-missing:].sum()) <= self.best:
                return
            self.explore([*chosen, start + step], start + step + 1, score + int(rest[step]))


def _least(columns: Sequence[int], exact: Callable[[int], Fraction], rank: IntArray) -> int:
    """The column with the least exact value; on a tie, the first."""
    if len(columns) == 1:
        return columns[0]
    return min(columns, key=lambda column: (exact(column), int(rank[column])))


def _harmonic_shares(k: int, *, people: int) -> NDArray[Any]:
    """lcm(1..k) / (level + 1) for levels 0..k-1, then 0; Python integers beyond 64 bits."""
    common = math.lcm(*range(1, k + 1))
    shares = [common // level for level in range(1, k + 1)] + [0]
    return np.array(shares, dtype=np.int64 if common * max(people, 1) < SAFE else object)


def _ones(words: NDArray[np.uint64]) -> IntArray:
    counted: IntArray = np.bitwise_count(words).sum(axis=1, dtype=np.int64)
    return counted


def _decimal(number: float) -> Fraction:
    return Fraction(repr(float(number)))


def _costs(costs: ArrayLike, m: int) -> list[Fraction]:
    given: FloatArray = np.asarray(costs, dtype=np.float64)
    if given.shape != (m,):
        raise AggregationInputError(f"costs: give {m} numbers, one for each column.")
    for column in np.flatnonzero(~(np.isfinite(given) & (given > 0))).tolist():
        raise AggregationInputError(
            f"costs[{column}]: {given[column]} is not a finite number above 0."
        )
    return [_decimal(one) for one in given.tolist()]


def _ranks(order: Sequence[int] | None, m: int) -> IntArray:
    if order is None:
        return np.arange(m)
    if sorted(order) != list(range(m)):
        raise AggregationInputError(f"order: give every column from 0 to {m - 1} once.")
    rank = np.empty(m, dtype=np.int64)
    rank[list(order)] = np.arange(m)
    return rank


def _approvals(approvals: ArrayLike) -> BoolArray:
    """Approvals (n, m) as booleans; zeros and ones of another type are taken too."""
    given = np.asarray(approvals)
    if given.ndim != 2:
        raise AggregationInputError(
            f"approvals: give a table of people by columns, not {given.ndim} dimensions."
        )
    if given.dtype == np.bool_:
        return given
    for row, column in np.argwhere(~((given == 0) | (given == 1)))[:1].tolist():
        raise AggregationInputError(
            f"approvals[{row}, {column}]: {given[row, column]} is neither true nor false."
        )
    return given.astype(np.bool_)
